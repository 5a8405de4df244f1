/**
 * Files for programs: shared by their paths, fetched by their roots, within the program's folders (program-folders.ts). They are the node's and not the program's, so they
 * stay when it is gone, and a program sees all that lies in its folders, whoever shared or fetched it.
 */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Disposer } from '../../../base/disposers.ts'
import { NodeError } from '../../../base/errors.ts'
import type { CatalogueEntry } from '../../resources/catalogue/catalogue.ts'
import { fetchState, requestOf, type FetchState, type ResourcesUsed } from '../../resources/net-resources.ts'
import type { FetchStatus } from '../../resources/resources.ts'
import { Resources as ResourcesService, type FetchStatusSchema, type ResourceSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { Program } from '../programs.ts'
import { ALL_FOLDERS } from '../scopes.ts'
import { failureOf } from '../session/frames.ts'
import type { Methods } from '../session/methods.ts'
import { whileCalled } from './lasting.ts'
import { requirePath, type ProgramFolders } from './program-folders.ts'

/** Steps of a fetch that wait for a program. */
const QUEUE = 8

export function registerResourceMethods(methods: Methods, { resources, folders }: { readonly resources: ResourcesUsed; readonly folders: ProgramFolders }): Disposer {
  const { catalogue } = resources
  const { folders: own, rates, add, list, remove, fetch, fetches, progress, pause, resume, discard } = ResourcesService.method
  const scopes = ['resources'] as const

  /** A fetch in the program's folders, by the path that it gave or was told. */
  const find = async (program: Program, path: string): Promise<FetchStatus> => {
    requirePath(path)
    const granted = await folders.of(program)
    const place = (await folders.holds(granted, path)) ? path : await folders.placeOf(granted, path)
    const found = resources.fetches().find(({ request }) => request.path === place) ?? resources.fetches().find(({ request }) => request.path === path)
    if (found === undefined || !(await folders.holds(granted, found.request.path))) throw new NodeError('NET_RESOURCE_UNKNOWN', `Nothing is being fetched to this path: ${path.slice(0, 512)}.`)
    return found
  }
  const now = ({ request }: FetchStatus): MessageInitShape<typeof FetchStatusSchema> => {
    const status = resources.fetches().find((each) => each.request === request)
    return statusOf(fetchState(status ?? { request, isPaused: false, progress: undefined, outcome: undefined }, status !== undefined))
  }
  const within = async <T>(program: Program, all: readonly T[], pathOf: (each: T) => string): Promise<readonly T[]> => {
    const granted = await folders.of(program)
    const held = await Promise.all(all.map((each) => folders.holds(granted, pathOf(each))))
    return all.filter((_, i) => held[i])
  }

  const disposers = [
    methods.register(own, { scopes }, async (_request, { program }) => {
      const granted = await folders.of(program)
      return { folders: [granted.own, ...granted.others, ...(granted.isAll ? [ALL_FOLDERS] : [])] }
    }),

    methods.register(rates, { scopes }, () => {
      const { bytesPerSecond, peerBytesPerSecond, fetchBytesPerSecond } = resources.rates
      return { served: BigInt(Math.round(bytesPerSecond)), servedToPeer: BigInt(Math.round(peerBytesPerSecond)), fetched: BigInt(Math.round(fetchBytesPerSecond)) }
    }),

    methods.register(add, { scopes }, async ({ path }, { program, signal }) => {
      const real = await folders.placeOf(await folders.of(program), path)
      return resourceOf(await catalogue.add(real, { isReal: true, signal }))
    }),

    methods.register(list, { scopes }, async (_request, { program }) => ({ resources: (await within(program, catalogue.list(), ({ path }) => path)).map(resourceOf) })),

    methods.register(remove, { scopes }, async ({ root }, { program }) => {
      const entry = catalogue.get(root)
      const [mine] = entry === undefined ? [] : await within(program, [entry], ({ path }) => path)
      return { removed: mine !== undefined && (await catalogue.remove(root)) }
    }),

    methods.register(fetch, { scopes }, async ({ root, path, length, range, peers }, { program }) => {
      const place = await folders.placeOf(await folders.of(program), path)
      await resources.fetch({
        ...requestOf(root, place, {
          peers,
          ...(length === undefined ? {} : { length: Number(length) }),
          ...(range === undefined ? {} : { range: { from: Number(range.from), to: Number(range.to) } }),
        }),
        isReal: true,
      })
      return now(await find(program, place))
    }),

    methods.register(fetches, { scopes }, async (_request, { program }) => ({ fetches: (await within(program, resources.fetches(), ({ request }) => request.path)).map(now) })),

    methods.registerStream(progress, { scopes, queueItems: QUEUE, whenSlow: 'drop' }, async ({ path }, { program, signal }, sink) => {
      const { request } = await find(program, path)
      const over = new AbortController()
      const tell = (status: FetchStatus): void => {
        const state = fetchState(status, resources.fetches().some((each) => each.request === request))
        void sink.send(statusOf(state))
        if (state.state === 'done' || state.state === 'failed' || state.state === 'cancelled') over.abort()
      }
      const stop = resources.events.on('fetch', (status) => {
        if (status.request === request) tell(status)
      })
      tell(resources.fetches().find((each) => each.request === request) ?? { request, isPaused: false, progress: undefined, outcome: undefined })
      await whileCalled(AbortSignal.any([signal, over.signal]), stop)
    }),

    methods.register(pause, { scopes }, async ({ path }, { program }) => {
      const found = await find(program, path)
      await resources.pause(found.request.path)
      return now(found)
    }),

    methods.register(resume, { scopes }, async ({ path }, { program }) => {
      const found = await find(program, path)
      await resources.resume(found.request.path)
      return now(found)
    }),

    methods.register(discard, { scopes }, async ({ path }, { program }) => {
      await resources.discard((await find(program, path)).request.path)
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

function statusOf({ root, path, state, length, wantedBytes, hadBytes, bytesPerSecond, secondsLeft, sources, file = '', error }: FetchState): MessageInitShape<typeof FetchStatusSchema> {
  return {
    root,
    path,
    state,
    ...(length === undefined ? {} : { length: BigInt(length) }),
    ...(wantedBytes === undefined ? {} : { wantedBytes: BigInt(wantedBytes) }),
    hadBytes: BigInt(hadBytes),
    bytesPerSecond,
    peers: sources.length,
    ...(error === undefined ? {} : { failure: failureOf(error) }),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    sources: sources.map(({ peer, bytes, bytesPerSecond: speed, hasAll }) => ({ peer, bytes: BigInt(bytes), bytesPerSecond: speed, hasAll })),
    file,
  }
}
