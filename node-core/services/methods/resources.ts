/** `nodestead.v1.Resources`: files that nodes offer each other by the roots of their hash trees. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import type { NetView } from '../../manager/kinds/net-view.ts'
import { fetchState, type FetchState } from '../../net/resources/net-resources.ts'
import { providerOf } from '../../net/resources/provider.ts'
import type { FetchRequest as Wanted, FetchStatus } from '../../net/resources/resources.ts'
import { endOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { FetchRequest, FileFetchSchema, Resources, SharedFileSchema } from '../proto/nodestead/v1/resources_pb.ts'
import { openNet, type OfNetwork } from './open-net.ts'

type Shared = ReturnType<NetView['resources']['catalogue']['list']>[number]

export function resourcesMethods(ctx: ServiceContext): ServiceImpl<typeof Resources> {
  const resources = (request: OfNetwork): NetView['resources'] => openNet(ctx, request).resources
  return {
    listShared: (request) => {
      const { catalogue } = resources(request)
      const { adding } = catalogue
      return {
        files: catalogue.list().map(sharedFile),
        ...(adding === undefined ? {} : { hashing: { path: adding.path, bytesDone: BigInt(adding.bytes), bytesTotal: BigInt(adding.of) } }),
      }
    },
    listFetches: (request) => ({ fetches: resources(request).fetches().map((status) => fileFetch(fetchState(status, true))) }),
    watchFetch: async function* (request, context) {
      for await (const state of stepsOf(resources(request), request.path, endOf(context))) yield { fetch: fileFetch(state) }
    },
    share: async (request, { signal }) => ({ file: sharedFile(await resources(request).catalogue.add(request.path, { signal })) }),
    unshare: async (request) => ({ wasShared: await resources(request).catalogue.remove(plainRoot(request.root)) }),
    fetch: async (request) => {
      await resources(request).fetch(wantedBy(request))
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

/** A fetch as it is now, then as it is whenever the client takes the next step, until it is over. Throws SERVICE_FETCH_UNKNOWN, or the signal's reason. */
async function* stepsOf(resources: Pick<NetView['resources'], 'fetches' | 'events'>, path: string, signal: AbortSignal): AsyncGenerator<FetchState, void, undefined> {
  const listed = (): FetchStatus | undefined => resources.fetches().find(({ request }) => request.path === path)
  let last = listed()
  if (last === undefined) throw new ServiceError('SERVICE_FETCH_UNKNOWN', 'Nothing is fetched to this path.', { hint: 'See what is fetched by Resources.ListFetches.' })
  const { request } = last
  let changed = true
  let wake = (): void => undefined
  const onChange = (): void => {
    changed = true
    wake()
  }
  const stop = resources.events.on('fetch', (status) => {
    if (status.request.path === path) onChange()
  })
  signal.addEventListener('abort', onChange)
  try {
    for (;;) {
      signal.throwIfAborted()
      if (!changed) await new Promise<void>((resolve) => (wake = resolve))
      signal.throwIfAborted()
      changed = false
      // Another fetch to the same path is not this one.
      const now = listed()
      const isListed = now?.request === request
      if (now !== undefined && isListed) last = now
      const state = fetchState(last, isListed)
      yield state
      if (state.state === 'done' || state.state === 'failed' || state.state === 'cancelled') return
    }
  } finally {
    stop()
    signal.removeEventListener('abort', onChange)
  }
}

function wantedBy({ root, path, peers, size, range }: FetchRequest): Wanted {
  return {
    root: plainRoot(root), path, peers: peers.map(providerOf),
    ...(size === undefined ? {} : { length: Number(size) }),
    ...(range === undefined ? {} : { range: { from: Number(range.from), to: Number(range.to) } }),
  }
}

function fileFetch({ root, path, state, length, wantedBytes, hadBytes, bytesPerSecond, secondsLeft, sources, file, error }: FetchState): MessageInitShape<typeof FileFetchSchema> {
  return {
    root, path, state, bytesDone: BigInt(hadBytes), bytesTotal: BigInt(wantedBytes ?? length ?? 0), bytesPerSecond, file: file ?? '',
    problem: error?.message ?? '', problemCode: error?.code ?? '',
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    sources: sources.map(({ peer, bytes, bytesPerSecond: rate, hasAll }) => ({ peerId: peer, bytes: BigInt(bytes), bytesPerSecond: rate, hasAll })),
  }
}

function sharedFile({ root, path, length, withdrawn }: Shared): MessageInitShape<typeof SharedFileSchema> {
  return { root, path, size: BigInt(length), withdrawn: withdrawn ?? '' }
}

function plainRoot(root: string): string {
  return root.toLowerCase().replace(/^0x/, '')
}
