/** Discovery for programs: that this node offers a service, as long as the call lasts, and who else does. */
import type { Disposer } from '../../../base/disposers.ts'
import type { Discovery } from '../../discovery/discovery.ts'
import { Discovery as DiscoveryService } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { Methods } from '../session/methods.ts'
import { Allowance } from './allowances.ts'
import { whileCalled } from './lasting.ts'

/** The most that one search finds: nothing is dropped, and no search waits for a program. */
const QUEUE = 100

export function registerDiscoveryMethods(methods: Methods, discovery: Pick<Discovery, 'advertise' | 'find'>): Disposer {
  const advertised = new Allowance('advertised')
  const searches = new Allowance('searches')
  const { advertise, find } = DiscoveryService.method
  const disposers = [
    methods.registerStream(advertise, { scopes: ['discovery'], queueItems: 1, whenSlow: 'hold' }, async ({ service }, { program, signal }, sink) => {
      program.may.requireNamed('discovery', service)
      const free = advertised.take(program.name)
      try {
        const withdraw = discovery.advertise(service)
        void sink.send({})
        await whileCalled(signal, withdraw)
      } finally {
        free()
      }
    }),

    methods.registerStream(find, { scopes: ['discovery'], queueItems: QUEUE, whenSlow: 'drop' }, async ({ service, limit }, { program, signal }, sink) => {
      program.may.requireNamed('discovery', service)
      const free = searches.take(program.name)
      try {
        for await (const { peer, addresses } of discovery.find(service, { signal, ...(limit === 0 ? {} : { limit }) })) void sink.send({ peer, addresses: [...addresses] })
      } finally {
        free()
      }
    }),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}
