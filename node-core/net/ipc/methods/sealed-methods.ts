/**
 * Sealed messages for programs: for a service that the program's scopes name, and never another. The sender is told that a message was delivered when it was written to
 * the program's connection; one that dies with it has had it.
 */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Disposer } from '../../../base/disposers.ts'
import type { Mailbox, Receipt } from '../../sealed/mailbox.ts'
import { Sealed, type SealedReceiptSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { Methods } from '../session/methods.ts'
import { Allowance } from './allowances.ts'
import { whileCalled } from './lasting.ts'

export function registerSealedMethods(methods: Methods, mailbox: Pick<Mailbox, 'send' | 'serve'>): Disposer {
  const services = new Allowance('services')
  const { send, serve } = Sealed.method
  const disposers = [
    methods.register(send, { scopes: ['sealed'] }, async ({ peer, service, data }, { program }) => {
      program.may.requireNamed('sealed', service)
      return receiptOf(await mailbox.send(peer, service, data))
    }),

    // With a queue of one there is room when the message was written.
    methods.registerStream(serve, { scopes: ['sealed'], queueItems: 1, whenSlow: 'hold' }, async ({ service }, { program, signal }, sink) => {
      program.may.requireNamed('sealed', service)
      const free = services.take(program.name)
      try {
        const stop = mailbox.serve(service, async ({ sender, service: name, time, payload, kept }) => {
          await sink.send({ event: { case: 'message', value: { sender, service: name, time: BigInt(time), data: payload, kept } } })
          signal.throwIfAborted()
        })
        void sink.send({ event: { case: 'ready', value: {} } })
        await whileCalled(signal, stop)
      } finally {
        free()
      }
    }),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}

export function receiptOf({ id, state, relays }: Receipt): MessageInitShape<typeof SealedReceiptSchema> {
  return { id, state, relays: [...relays] }
}
