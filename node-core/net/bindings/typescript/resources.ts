/** Files of the node, shared and fetched over the socket. What a program shares or fetches is the node's, and goes on when the program is gone. */
import type { Disposer } from '../../../base/disposers.ts'
import { Emitter } from '../../../base/events.ts'
import { isNodeError } from '../../../base/errors.ts'
import { Resources, type FetchStatus, type Resource } from '../../ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { cancelWith, endOf, type FetchEnd, type FetchOptions, type FetchState, type NetFetch, type NetResources, type SharedFile } from '../../resources/net-resources.ts'
import type { ResourceRates } from '../../resources/resources.ts'
import { errorOf, type Connection } from './connection.ts'

/** Steps of a fetch on their way from the node. */
const CREDIT = 4

export class SocketResources implements NetResources {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async folders(): Promise<readonly string[]> {
    return (await this.#connection.call(Resources.method.folders, {})).folders
  }

  async rates(): Promise<ResourceRates> {
    const { served, servedToPeer, fetched } = await this.#connection.call(Resources.method.rates, {})
    return { bytesPerSecond: Number(served), peerBytesPerSecond: Number(servedToPeer), fetchBytesPerSecond: Number(fetched) }
  }

  async share(path: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<SharedFile> {
    return sharedFile(await this.#connection.call(Resources.method.add, { path }, { signal }))
  }

  async shared(): Promise<readonly SharedFile[]> {
    return (await this.#connection.call(Resources.method.list, {})).resources.map(sharedFile)
  }

  async withdraw(root: string): Promise<boolean> {
    return (await this.#connection.call(Resources.method.remove, { root })).removed
  }

  async fetch(root: string, path: string, { length, range, peers = [], signal }: FetchOptions = {}): Promise<NetFetch> {
    signal?.throwIfAborted()
    const status = await this.#connection.call(Resources.method.fetch, {
      root,
      path,
      peers: peers.map(({ peer, addresses }) => ({ peer, addresses: [...addresses] })),
      ...(length === undefined ? {} : { length: BigInt(length) }),
      ...(range === undefined ? {} : { range: { from: BigInt(range.from), to: BigInt(range.to) } }),
    })
    const fetch = new SocketFetch(this.#connection, status)
    // It may be out of the list when somebody asks.
    void fetch.ended
    cancelWith(fetch, signal)
    return fetch
  }

  async fetches(): Promise<readonly NetFetch[]> {
    return (await this.#connection.call(Resources.method.fetches, {})).fetches.map((status) => new SocketFetch(this.#connection, status))
  }
}

class SocketFetch implements NetFetch {
  readonly root: string
  readonly path: string
  readonly #connection: Connection
  readonly #progress = new Emitter<{ progress: FetchState }>()
  readonly #end = Promise.withResolvers<FetchEnd>()
  #last: FetchState
  #isWatched = false

  constructor(connection: Connection, status: FetchStatus) {
    this.#connection = connection
    this.#last = stateOf(status)
    this.root = status.root
    this.path = status.path
  }

  get state(): Promise<FetchState> {
    return this.#connection.call(Resources.method.fetches, {}).then(({ fetches }) => {
      const now = fetches.find(({ path, root }) => path === this.path && root === this.root)
      if (now !== undefined) this.#last = stateOf(now)
      else if (this.#last.state !== 'done') this.#last = { ...this.#last, state: 'cancelled' }
      return this.#last
    })
  }

  get ended(): Promise<FetchEnd> {
    this.#watch()
    return this.#end.promise
  }

  onProgress(handler: (state: FetchState) => void): Disposer {
    this.#watch()
    return this.#progress.on('progress', handler)
  }

  async pause(): Promise<void> {
    await this.#connection.call(Resources.method.pause, { path: this.path })
  }

  async resume(): Promise<void> {
    await this.#connection.call(Resources.method.resume, { path: this.path })
    this.#watch()
  }

  async cancel(): Promise<void> {
    await this.#connection.call(Resources.method.discard, { path: this.path })
  }

  /** The node tells of it until it has ended. */
  #watch(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    const { done } = this.#connection.open(Resources.method.progress, { path: this.path }, {
      credit: CREDIT,
      onItem: (status) => {
        this.#last = stateOf(status)
        this.#progress.emit('progress', this.#last)
        const end = endOf(this.#last)
        if (end !== undefined) this.#end.resolve(end)
      },
    })
    done.then(() => (this.#isWatched = false)).catch((error: unknown) => {
      if (!isNodeError(error)) return
      this.#end.resolve(error.code === 'NET_RESOURCE_UNKNOWN' ? { kind: 'cancelled' } : { kind: 'failed', error })
    })
  }
}

function sharedFile({ root, path, length, withdrawn }: Resource): SharedFile {
  return { root, path, length: Number(length), withdrawn: withdrawn === '' ? undefined : withdrawn }
}

function stateOf({ root, path, state, length, wantedBytes, hadBytes, bytesPerSecond, secondsLeft, sources, file, failure }: FetchStatus): FetchState {
  return {
    root,
    path,
    state: state as FetchState['state'],
    length: length === undefined ? undefined : Number(length),
    wantedBytes: wantedBytes === undefined ? undefined : Number(wantedBytes),
    hadBytes: Number(hadBytes),
    bytesPerSecond,
    secondsLeft,
    sources: sources.map(({ peer, bytes, bytesPerSecond: speed, hasAll }) => ({ peer, bytes: Number(bytes), bytesPerSecond: speed, hasAll })),
    file: file === '' ? undefined : file,
    error: failure === undefined ? undefined : errorOf(failure),
  }
}
