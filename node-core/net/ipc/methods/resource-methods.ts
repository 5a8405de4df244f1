/**
 * Files for programs: shared by their paths, fetched by their roots. They are the node's and not the program's, so they stay when it is gone, and everybody with the scope
 * sees all of them. A program with it reads and writes files as the user of the node does: the scope is for programs that are trusted with that.
 */
import type { MessageInitShape } from '@bufbuild/protobuf'
import { isAbsolute } from 'node:path'
import type { Disposer } from '../../../base/disposers.ts'
import { NodeError } from '../../../base/errors.ts'
import type { CatalogueEntry } from '../../resources/catalogue/catalogue.ts'
import type { FetchStatus, Resources } from '../../resources/resources.ts'
import { invalidRequest } from '../errors.ts'
import { Resources as ResourcesService, type FetchStatusSchema, type ResourceSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import { failureOf } from '../session/frames.ts'
import type { Methods } from '../session/methods.ts'
import { whileCalled } from './lasting.ts'

/** Steps of a fetch that wait for a program. */
const QUEUE = 8

export function registerResourceMethods(methods: Methods, resources: Pick<Resources, 'catalogue' | 'fetch' | 'fetches' | 'pause' | 'resume' | 'discard' | 'events'>): Disposer {
  const { catalogue } = resources
  const { add, list, remove, fetch, fetches, progress, pause, resume, discard } = ResourcesService.method
  const scopes = ['resources'] as const
  const find = (path: string): FetchStatus => {
    const found = resources.fetches().find(({ request }) => request.path === path)
    if (found === undefined) throw new NodeError('NET_RESOURCE_UNKNOWN', `Nothing is being fetched to this path: ${path.slice(0, 512)}.`)
    return found
  }
  const disposers = [
    methods.register(add, { scopes }, async ({ path }, { signal }) => {
      if (!isAbsolute(path)) throw invalidRequest('The path of a file that is shared is absolute.')
      return resourceOf(await catalogue.add(path, { signal }))
    }),

    methods.register(list, { scopes }, () => ({ resources: catalogue.list().map(resourceOf) })),

    methods.register(remove, { scopes }, async ({ root }) => ({ removed: await catalogue.remove(root) })),

    methods.register(fetch, { scopes }, async ({ root, path, length, range, peers }) => {
      await resources.fetch({
        root,
        path,
        ...(length === undefined ? {} : { length: Number(length) }),
        ...(range === undefined ? {} : { range: { from: Number(range.from), to: Number(range.to) } }),
        peers: peers.map(({ peer, addresses }) => ({ peer, addresses })),
      })
      return statusOf(find(path))
    }),

    methods.register(fetches, { scopes }, () => ({ fetches: resources.fetches().map(statusOf) })),

    methods.registerStream(progress, { scopes, queueItems: QUEUE, whenSlow: 'drop' }, async ({ path }, { signal }, sink) => {
      const over = new AbortController()
      const tell = (status: FetchStatus): void => {
        void sink.send(statusOf(status))
        const isListed = resources.fetches().some(({ request }) => request.path === path)
        if (!isListed || status.outcome?.kind === 'done' || status.outcome?.kind === 'failed') over.abort()
      }
      const first = find(path)
      const stop = resources.events.on('fetch', (status) => {
        if (status.request.path === path) tell(status)
      })
      tell(first)
      await whileCalled(AbortSignal.any([signal, over.signal]), stop)
    }),

    methods.register(pause, { scopes }, async ({ path }) => {
      await resources.pause(path)
      return statusOf(find(path))
    }),

    methods.register(resume, { scopes }, async ({ path }) => {
      await resources.resume(path)
      return statusOf(find(path))
    }),

    methods.register(discard, { scopes }, async ({ path }) => {
      await resources.discard(path)
      return {}
    }),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}

function resourceOf({ root, length, path, withdrawn = '' }: CatalogueEntry): MessageInitShape<typeof ResourceSchema> {
  return { root, length: BigInt(length), path, withdrawn }
}

function statusOf({ request, isPaused, progress, outcome }: FetchStatus): MessageInitShape<typeof FetchStatusSchema> {
  const running = progress?.state === 'fetching' || progress?.state === 'finishing' ? progress.state : 'waiting'
  const state = outcome?.kind === 'done' || outcome?.kind === 'failed' ? outcome.kind : isPaused ? 'paused' : running
  return {
    root: request.root,
    path: request.path,
    state,
    ...(progress?.length === undefined ? {} : { length: BigInt(progress.length) }),
    ...(progress?.wantedBytes === undefined ? {} : { wantedBytes: BigInt(progress.wantedBytes) }),
    hadBytes: BigInt(progress?.hadBytes ?? 0),
    bytesPerSecond: progress?.bytesPerSecond ?? 0,
    peers: progress?.peers.length ?? 0,
    ...(outcome?.kind === 'failed' ? { failure: failureOf(outcome.error) } : {}),
  }
}
