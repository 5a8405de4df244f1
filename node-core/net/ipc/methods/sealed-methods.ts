/**
 * Sealed messages for programs: for a service that the program's scopes name, and never another. A message counts as delivered when the program has acknowledged it; until
 * then it is told no other, and where its call ends before, the message comes again.
 */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Disposer } from '../../../base/disposers.ts'
import type { Mailbox, Receipt } from '../../sealed/mailbox.ts'
import { IpcError } from '../errors.ts'
import { Sealed, type SealedReceiptSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { Methods } from '../session/methods.ts'
import { Allowance } from './allowances.ts'
import { whileCalled } from './lasting.ts'

export function registerSealedMethods(methods: Methods, mailbox: Pick<Mailbox, 'send' | 'serve'>): Disposer {
  const services = new Allowance('services')
  const waiting = new Acknowledgements()
  const { send, serve, acknowledge } = Sealed.method
  const disposers = [
    methods.register(send, { scopes: ['sealed'] }, async ({ peer, service, data }, { program }) => {
      program.may.requireNamed('sealed', service)
      return receiptOf(await mailbox.send(peer, service, data))
    }),

    methods.registerStream(serve, { scopes: ['sealed'], queueItems: 1, whenSlow: 'hold' }, async ({ service }, { program, session, signal }, sink) => {
      program.may.requireNamed('sealed', service)
      const free = services.take(program.name)
      let before: Promise<void> = Promise.resolve()
      try {
        const stop = mailbox.serve(
          service,
          ({ sender, service: name, time, payload, kept }) => {
            const handing = before.then(async () => {
              signal.throwIfAborted()
              const { number, acknowledged } = waiting.expect(session.id, signal)
              void sink.send({ event: { case: 'message', value: { sender, service: name, time: BigInt(time), data: payload, kept, number: BigInt(number) } } })
              await acknowledged
            })
            before = handing.catch(() => undefined)
            return handing
          },
          { acknowledges: true },
        )
        void sink.send({ event: { case: 'ready', value: {} } })
        await whileCalled(signal, stop)
      } finally {
        free()
      }
    }),

    methods.register(acknowledge, { scopes: ['sealed'] }, ({ number }, { session }) => {
      waiting.acknowledge(session.id, Number(number))
      return {}
    }),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}

/** Messages that were told to programs, by the session on which and a number. */
class Acknowledgements {
  readonly #waiting = new Map<number, { readonly session: number; readonly resolve: () => void }>()
  #last = 0

  /** The promise rejects where the signal aborts first. */
  expect(session: number, signal: AbortSignal): { readonly number: number; readonly acknowledged: Promise<void> } {
    const number = ++this.#last
    const { promise: acknowledged, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => {
      this.#waiting.delete(number)
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#waiting.set(number, {
      session,
      resolve: () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      },
    })
    return { number, acknowledged }
  }

  /** Throws NET_NOT_FOUND. */
  acknowledge(session: number, number: number): void {
    const found = this.#waiting.get(number)
    if (found?.session !== session) throw new IpcError('NET_NOT_FOUND', `No sealed message ${number} waits for an acknowledgement on this connection.`, { data: { number } })
    this.#waiting.delete(number)
    found.resolve()
  }
}

export function receiptOf({ id, state, relays }: Receipt): MessageInitShape<typeof SealedReceiptSchema> {
  return { id, state, relays: [...relays] }
}
