/** What a session offers of the node itself: how it stands, its peers, events of connections, and figures. */
import { VERSION } from '../../../base/version.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { MetricsReader } from '../../../metrics/registry.ts'
import { invalidRequest } from '../errors.ts'
import type { StreamDoor } from '../../../network/streams.ts'
import type { NetEventSource } from '../../events/net-events.ts'
import { WAITING_EVENTS } from '../../events/event-queue.ts'
import { Node } from '../proto/nodestead/net/v1/ipc_pb.ts'
import { whileCalled } from '../methods/lasting.ts'
import { PATHS } from '../words.ts'
import { eventOf, mayHear } from './events.ts'
import type { Methods } from './methods.ts'

const MAX_ADDRESSES = 64

/** Registers the methods of the service Node. */
export function registerNodeMethods(methods: Methods, { streams, events, metrics }: { readonly streams: StreamDoor; readonly events: NetEventSource; readonly metrics: Pick<MetricsReader, 'read'> }): Disposer {
  const { status, peers, connect, disconnect, events: happenings, metrics: figures } = Node.method
  const disposers = [
    methods.register(status, { scopes: [] }, () => ({
      peerId: streams.peerId,
      addresses: [...streams.addresses()],
      connectedPeers: new Set(streams.connections().map(({ peer }) => peer)).size,
      nodeVersion: VERSION,
    })),

    methods.register(peers, { scopes: ['peers', 'streams'] }, () => ({
      connections: streams.connections().map(({ peer, address, path, direction }) => ({ peer, address, path: PATHS.number(path), inbound: direction === 'inbound' })),
    })),

    methods.register(connect, { scopes: ['peers', 'streams'] }, async ({ peer, addresses, relayed }, { signal }) => {
      if (addresses.length > MAX_ADDRESSES) throw invalidRequest(`The request has more than ${MAX_ADDRESSES} addresses.`)
      return { path: PATHS.number(await streams.reach(peer, addresses, { signal, relayed })) }
    }),

    methods.register(disconnect, { scopes: ['peers'] }, async ({ peer }) => {
      await streams.disconnect(peer)
      return {}
    }),

    methods.registerStream(happenings, { scopes: ['events'], queueItems: WAITING_EVENTS, whenSlow: 'drop' }, async (_request, { program, signal }, sink) => {
      const stop = events.listen((event) => {
        if (mayHear(program.may, event)) void sink.send({ event: eventOf(event) })
      })
      void sink.send({ event: { case: 'ready', value: {} } })
      await whileCalled(signal, stop)
    }),

    methods.register(figures, { scopes: ['metrics'] }, ({ prefix }) => ({
      families: metrics
        .read()
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name, help, type, samples }) => ({ name, help, counter: type === 'counter', samples: samples.map(({ labels, value }) => ({ labels: { ...labels }, value })) })),
    })),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}
