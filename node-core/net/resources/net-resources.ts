/**
 * Resources as services and programs have them (surface.ts): files that are shared by their paths and fetched by their roots. Here for services in the node's process;
 * programs at the socket have the same (bindings/typescript/resources.ts).
 */
import type { Disposer } from '../../base/disposers.ts'
import { Emitter } from '../../base/events.ts'
import type { NodeError } from '../../base/errors.ts'
import type { Awaitable } from '../awaitable.ts'
import type { CatalogueEntry } from './catalogue/catalogue.ts'
import type { ByteRange } from './fetch/types.ts'
import type { FetchRequest, FetchStatus, ResourceRates, Resources } from './resources.ts'
import type { Provider } from './types.ts'

export interface SharedFile {
  /** 64 hexadecimal digits. */
  readonly root: string
  /** Absolute, links followed. */
  readonly path: string
  /** Bytes. */
  readonly length: number
  /** Why it is no longer offered; undefined where it is. */
  readonly withdrawn: string | undefined
}

export interface FetchOptions {
  /** Of the whole file in bytes, where it is known. */
  readonly length?: number | undefined
  /** The part that is wanted; the whole where nothing is said. */
  readonly range?: ByteRange | undefined
  /** Whom to ask, besides those that are found. */
  readonly peers?: readonly Provider[]
  /** Cancels the fetch. */
  readonly signal?: AbortSignal | undefined
}

export interface FetchSource {
  readonly peer: string
  /** Verified, that came from it. */
  readonly bytes: number
  readonly bytesPerSecond: number
  /** It has the whole file; otherwise it fetches itself, and gives what it has. */
  readonly hasAll: boolean
}

export interface FetchState {
  readonly root: string
  /** Where the file is to lie. */
  readonly path: string
  /** `waiting`: it has not begun since the start. `cancelled`: it was discarded, by whomever. */
  readonly state: 'waiting' | 'fetching' | 'finishing' | 'paused' | 'done' | 'failed' | 'cancelled'
  /** Of the whole file in bytes; undefined until it is proven. */
  readonly length: number | undefined
  /** Of whole leaves of 16 KiB, so a part may count a little more than was asked for. */
  readonly wantedBytes: number | undefined
  /** Verified and written. */
  readonly hadBytes: number
  readonly bytesPerSecond: number
  readonly secondsLeft: number | undefined
  /** Peers that are asked. */
  readonly sources: readonly FetchSource[]
  /** When it is done: where the bytes are. Those of a range lie at their places in a file beside `path`. */
  readonly file: string | undefined
  /** Why it failed: NET_RESOURCE_NOBODY where nobody who can be reached has what is missing. */
  readonly error: NodeError | undefined
}

/** How a fetch ended. */
export type FetchEnd =
  | { readonly kind: 'done'; readonly file: string }
  | { readonly kind: 'failed'; readonly error: NodeError }
  | { readonly kind: 'cancelled' }

/** A fetch of the node: it goes on when nobody looks, after a start of the node too. */
export interface NetFetch {
  readonly root: string
  readonly path: string
  readonly state: Awaitable<FetchState>
  /** Resolves with its first end, and never rejects. One that failed may be taken up again. */
  readonly ended: Promise<FetchEnd>
  /** Calls a few times a second while it goes on; who is slow sees fewer steps. */
  onProgress(handler: (state: FetchState) => void): Disposer
  /** What is here stays. Rejects NET_RESOURCE_UNKNOWN where it is over. */
  pause(): Promise<void>
  /** Goes on with one that is paused or has failed. */
  resume(): Promise<void>
  /** Takes it out of the list, and what is here of a file that is not whole from the disk. */
  cancel(): Promise<void>
}

export interface NetResources {
  /** In which files may be shared and fetched, absolute, one's own first; `*` for all. */
  folders(): Awaitable<readonly string[]>
  /** What the user of the node has set for all that is shared and fetched; 0 for no limit. */
  rates(): Awaitable<ResourceRates>
  /** Hashes a file and offers it. Rejects NET_RESOURCE_{FOLDER,UNREADABLE,TOO_LONG,CHANGED,CATALOGUE_FULL}. */
  share(path: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<SharedFile>
  shared(): Awaitable<readonly SharedFile[]>
  /** Offers it no longer; the file stays. Whether it was there. */
  withdraw(root: string): Promise<boolean>
  /** Begins to fetch a file to a path, in a folder that is there. Rejects NET_RESOURCE_{FOLDER,REQUEST,TWICE,TOO_MANY}. */
  fetch(root: string, path: string, options?: FetchOptions): Promise<NetFetch>
  /** Those that are not done, and those that ended of late. */
  fetches(): Awaitable<readonly NetFetch[]>
}

export type ResourcesUsed = Pick<Resources, 'catalogue' | 'fetch' | 'fetches' | 'pause' | 'resume' | 'discard' | 'events' | 'rates'>

export class NodeResources implements NetResources {
  readonly #resources: ResourcesUsed

  constructor(resources: ResourcesUsed) {
    this.#resources = resources
  }

  folders(): readonly string[] {
    return ['*']
  }

  rates(): ResourceRates {
    return this.#resources.rates
  }

  async share(path: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<SharedFile> {
    return sharedFile(await this.#resources.catalogue.add(path, signal === undefined ? {} : { signal }))
  }

  shared(): readonly SharedFile[] {
    return this.#resources.catalogue.list().map(sharedFile)
  }

  withdraw(root: string): Promise<boolean> {
    return this.#resources.catalogue.remove(root)
  }

  async fetch(root: string, path: string, { length, range, peers = [], signal }: FetchOptions = {}): Promise<NetFetch> {
    signal?.throwIfAborted()
    const request = requestOf(root, path, { length, range, peers })
    await this.#resources.fetch(request)
    const fetch = new NodeFetch(this.#resources, findFetch(this.#resources, path))
    // It may be out of the list when somebody asks.
    void fetch.ended
    cancelWith(fetch, signal)
    return fetch
  }

  fetches(): readonly NetFetch[] {
    return this.#resources.fetches().map((status) => new NodeFetch(this.#resources, status))
  }
}

class NodeFetch implements NetFetch {
  readonly root: string
  readonly path: string
  readonly #resources: ResourcesUsed
  readonly #request: FetchRequest
  readonly #progress = new Emitter<{ progress: FetchState }>()
  #last: FetchStatus
  #ended: Promise<FetchEnd> | undefined

  constructor(resources: ResourcesUsed, status: FetchStatus) {
    this.#resources = resources
    this.#request = status.request
    this.#last = status
    this.root = status.request.root
    this.path = status.request.path
  }

  /** It is watched from the first time that somebody asks. */
  get ended(): Promise<FetchEnd> {
    this.#ended ??= this.#watch()
    return this.#ended
  }

  get state(): FetchState {
    const now = this.#resources.fetches().find(({ request }) => request === this.#request)
    return fetchState(now ?? this.#last, now !== undefined)
  }

  onProgress(handler: (state: FetchState) => void): Disposer {
    void this.ended
    return this.#progress.on('progress', handler)
  }

  pause(): Promise<void> {
    return this.#resources.pause(this.path)
  }

  resume(): Promise<void> {
    return this.#resources.resume(this.path)
  }

  cancel(): Promise<void> {
    return this.#resources.discard(this.path)
  }

  #watch(): Promise<FetchEnd> {
    const { promise, resolve } = Promise.withResolvers<FetchEnd>()
    const look = (): 'over' | 'on' => {
      const state = this.state
      const end = endOf(state)
      if (end !== undefined) resolve(end)
      return state.state === 'done' || state.state === 'cancelled' ? 'over' : 'on'
    }
    if (look() === 'over') return promise
    const off = watchFetch(this.#resources, this.#request, (next) => {
      this.#last = next
      this.#progress.emit('progress', this.state)
      if (look() === 'over') off()
    })
    return promise
  }
}

export function requestOf(root: string, path: string, { length, range, peers = [] }: FetchOptions): FetchRequest {
  return {
    root,
    path,
    ...(length === undefined ? {} : { length }),
    ...(range === undefined ? {} : { range: { from: range.from, to: range.to } }),
    peers: peers.map(({ peer, addresses }) => ({ peer, addresses: [...addresses] })),
  }
}

/** The signal cancels the fetch; one that is over is not. */
export function cancelWith(fetch: Pick<NetFetch, 'cancel' | 'ended'>, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const cancel = (): void => void fetch.cancel().catch(() => undefined)
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  void fetch.ended.then(() => signal.removeEventListener('abort', cancel))
}

/** Of this request and of no other that goes to the same path. */
export function watchFetch(resources: Pick<ResourcesUsed, 'events'>, wanted: FetchRequest, listener: (status: FetchStatus) => void): Disposer {
  return resources.events.on('fetch', (status) => {
    if (status.request === wanted) listener(status)
  })
}

/** `isListed`: nobody has discarded it. */
export function fetchState({ request, isPaused, progress, outcome }: FetchStatus, isListed: boolean): FetchState {
  const running = progress?.state === 'fetching' || progress?.state === 'finishing' ? progress.state : 'waiting'
  const ended = outcome?.kind === 'done' || outcome?.kind === 'failed' ? outcome.kind : undefined
  return {
    root: request.root,
    path: request.path,
    state: ended === 'done' ? 'done' : !isListed ? 'cancelled' : (ended ?? (isPaused ? 'paused' : running)),
    length: progress?.length,
    wantedBytes: progress?.wantedBytes,
    hadBytes: progress?.hadBytes ?? 0,
    bytesPerSecond: progress?.bytesPerSecond ?? 0,
    secondsLeft: progress?.secondsLeft,
    sources: progress?.peers.map(({ peer, bytes, bytesPerSecond, hasAll }) => ({ peer, bytes, bytesPerSecond, hasAll })) ?? [],
    file: outcome?.kind === 'done' ? outcome.path : undefined,
    error: outcome?.kind === 'failed' ? outcome.error : undefined,
  }
}

export function endOf({ state, file = '', error }: FetchState): FetchEnd | undefined {
  if (state === 'done') return { kind: 'done', file }
  if (state === 'failed' && error !== undefined) return { kind: 'failed', error }
  return state === 'cancelled' ? { kind: 'cancelled' } : undefined
}

function findFetch(resources: Pick<ResourcesUsed, 'fetches'>, path: string): FetchStatus {
  const found = resources.fetches().find(({ request }) => request.path === path)
  if (found === undefined) throw new Error('a fetch that begins is listed')
  return found
}

function sharedFile({ root, path, length, withdrawn }: CatalogueEntry): SharedFile {
  return { root, path, length, withdrawn }
}
