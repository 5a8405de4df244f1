/** What a session offers of the node itself: how it stands, its peers, events of connections, and figures. */
import { VERSION } from '../../../base/version.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { MetricsReader } from '../../../metrics/registry.ts'
import { invalidRequest } from '../errors.ts'
import type { StreamDoor } from '../../../network/streams.ts'
import { Node } from '../proto/nodestead/net/v1/ipc_pb.ts'
import { PATHS } from '../words.ts'
import type { Methods } from './methods.ts'

const MAX_ADDRESSES = 64
/** Of connections that come and go; a program that is not looking has no use for older ones. */
const EVENT_QUEUE = 1024

/** Registers the methods of the service Node. */
export function registerNodeMethods(methods: Methods, { streams, metrics }: { readonly streams: StreamDoor; readonly metrics: Pick<MetricsReader, 'read'> }): Disposer {
  const { status, peers, connect, disconnect, events, metrics: figures } = Node.method
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

    methods.registerStream(events, { scopes: ['events'], queueItems: EVENT_QUEUE, whenSlow: 'drop' }, async (_request, { signal }, sink) => {
      const listening = [
        streams.events.on('connected', ({ peer, path }) => void sink.send({ event: { case: 'connected', value: { peer, path: PATHS.number(path) } } })),
        streams.events.on('path', ({ peer, path }) => void sink.send({ event: { case: 'pathChanged', value: { peer, path: PATHS.number(path) } } })),
        streams.events.on('disconnected', ({ peer }) => void sink.send({ event: { case: 'disconnected', value: { peer } } })),
      ]
      try {
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve()
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      } finally {
        for (const stop of listening) stop()
      }
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
