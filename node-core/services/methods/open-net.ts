/** `nodestead.v1.Topics`, `Channels` and `Resources`: a network that is open to services and programs. */
import type { ServiceImpl } from '@connectrpc/connect'
import { NodeError } from '../../base/errors.ts'
import { findNetwork, findRunning } from '../../manager/asking.ts'
import type { NetView } from '../../manager/kinds/net-view.ts'
import { providerOf } from '../../net/resources/provider.ts'
import { networkOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { Channels, Resources, Topics } from '../proto/nodestead/v1/open_net_pb.ts'

type Request = { readonly network: string }
type Shared = ReturnType<NetView['resources']['catalogue']['list']>[number]

/** Throws API_NODE_NOT_RUNNING, API_NET_OFF. */
function openNet(ctx: ServiceContext, request: Request): NetView {
  const { id } = networkOf(ctx, request)
  const { net } = findRunning(ctx.manager, id)
  if (net !== undefined) return net
  throw new NodeError('API_NET_OFF', `${findNetwork(ctx.manager, id).name} is not open to programs.`, { hint: 'Switch on "Open to programs" in its settings and restart the node, or start it with --net.' })
}

export function topicsMethods(ctx: ServiceContext): ServiceImpl<typeof Topics> {
  return {
    listTopics: (request) => ({ topics: openNet(ctx, request).topics.figures().map((topic) => ({ name: topic.name, subscribers: topic.peers.length, figuresJson: json(topic) })) }),
    publish: async (request) => {
      const { only, except } = request
      if (only.length > 0 && except.length > 0) throw new ServiceError('SERVICE_BAD_REQUEST', 'A message goes to a list of peers, or to all but a list, not both.', { hint: 'Leave one of the lists empty.' })
      const to = only.length > 0 ? { only } : except.length > 0 ? { except } : ('everybody' as const)
      return { deliveryJson: json(await openNet(ctx, request).topics.publish(request.topic, request.message, { to })) }
    },
  }
}

export function channelsMethods(ctx: ServiceContext): ServiceImpl<typeof Channels> {
  return {
    listChannels: (request) => ({
      channels: openNet(ctx, request).channels.channels().map(({ state, metrics }) => ({
        id: state.id, peerId: state.peer, service: state.service, bytesSent: BigInt(metrics.sent.bytes), bytesReceived: BigInt(metrics.received.bytes),
      })),
    }),
  }
}

export function resourcesMethods(ctx: ServiceContext): ServiceImpl<typeof Resources> {
  const resources = (request: Request): NetView['resources'] => openNet(ctx, request).resources
  return {
    listShared: (request) => ({ files: resources(request).catalogue.list().map(sharedFile) }),
    listFetches: (request) => ({
      fetches: resources(request).fetches().map(({ request: { root, path }, isPaused, progress, outcome }) => ({
        root, path,
        state: outcome !== undefined && outcome.kind !== 'stopped' ? outcome.kind : isPaused ? 'paused' : (progress?.state ?? 'stopped'),
        bytesDone: BigInt(progress?.hadBytes ?? 0), bytesTotal: BigInt(progress?.wantedBytes ?? progress?.length ?? 0),
        problem: outcome?.kind === 'failed' ? outcome.error.message : '',
      })),
    }),
    share: async (request) => ({ file: sharedFile(await resources(request).catalogue.add(request.path)) }),
    unshare: async (request) => {
      await resources(request).catalogue.remove(plainRoot(request.root))
      return {}
    },
    fetch: async (request) => {
      await resources(request).fetch({ root: plainRoot(request.root), path: request.path, peers: request.peers.map(providerOf) })
      return {}
    },
    pause: async (request) => {
      await resources(request).pause(request.path)
      return {}
    },
    resume: async (request) => {
      await resources(request).resume(request.path)
      return {}
    },
    discard: async (request) => {
      await resources(request).discard(request.path)
      return {}
    },
  }
}

function sharedFile({ root, path, length }: Shared): { root: string; path: string; size: bigint } {
  return { root, path, size: BigInt(length) }
}

function plainRoot(root: string): string {
  return root.toLowerCase().replace(/^0x/, '')
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown): unknown => (typeof inner === 'bigint' ? inner.toString() : inner instanceof Map ? Object.fromEntries(inner) : inner))
}
