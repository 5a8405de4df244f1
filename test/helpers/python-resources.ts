/** Files of a node by the binding in Python: see python-net.ts. */
import type { Disposer } from '../../node-core/base/disposers.ts'
import type { FetchEnd, FetchOptions, FetchState, NetFetch, NetResources, SharedFile } from '../../node-core/net/resources/net-resources.ts'
import type { ResourceRates } from '../../node-core/net/resources/resources.ts'
import type { PythonDriver, Remote } from './python-driver.ts'

export class PythonResources implements NetResources {
  readonly #driver: PythonDriver
  readonly #resources: Remote

  constructor(driver: PythonDriver, resources: Remote) {
    this.#driver = driver
    this.#resources = resources
  }

  folders(): Promise<readonly string[]> {
    return this.#driver.call(this.#resources, 'folders')
  }

  rates(): Promise<ResourceRates> {
    return this.#driver.call(this.#resources, 'rates')
  }

  share(path: string, { signal }: Parameters<NetResources['share']>[1] = {}): Promise<SharedFile> {
    return this.#driver.call(this.#resources, 'share', [path], {}, signal)
  }

  shared(): Promise<readonly SharedFile[]> {
    return this.#driver.call(this.#resources, 'shared')
  }

  withdraw(root: string): Promise<boolean> {
    return this.#driver.call(this.#resources, 'withdraw', [root])
  }

  async fetch(root: string, path: string, { length, range, peers = [], signal }: FetchOptions = {}): Promise<NetFetch> {
    const kwargs = { length, peers: peers.map((peer) => ({ $make: 'Provider', ...peer })), ...(range === undefined ? {} : { part: [range.from, range.to] }) }
    const fetch = new PythonFetch(this.#driver, await this.#driver.call(this.#resources, 'fetch', [root, path], kwargs, signal))
    // What has begun is cancelled by its own method there.
    signal?.addEventListener('abort', () => void fetch.cancel().catch(() => undefined), { once: true })
    return fetch
  }

  async fetches(): Promise<readonly NetFetch[]> {
    return (await this.#driver.call<readonly Remote[]>(this.#resources, 'fetches')).map((fetch) => new PythonFetch(this.#driver, fetch))
  }
}

class PythonFetch implements NetFetch {
  readonly root: string
  readonly path: string
  readonly #driver: PythonDriver
  readonly #fetch: Remote

  constructor(driver: PythonDriver, fetch: Remote) {
    this.root = fetch['root'] as string
    this.path = fetch['path'] as string
    this.#driver = driver
    this.#fetch = fetch
  }

  get state(): Promise<FetchState> {
    return this.#driver.call(this.#fetch, 'state')
  }

  get ended(): Promise<FetchEnd> {
    return this.#driver.call(this.#fetch, 'ended')
  }

  onProgress(handler: (state: FetchState) => void): Disposer {
    let isOver = false
    void this.#follow((state) => void (isOver || handler(state))).catch(() => undefined)
    return () => (isOver = true)
  }

  pause(): Promise<void> {
    return this.#driver.call(this.#fetch, 'pause')
  }

  resume(): Promise<void> {
    return this.#driver.call(this.#fetch, 'resume')
  }

  cancel(): Promise<void> {
    return this.#driver.call(this.#fetch, 'cancel')
  }

  async #follow(handler: (state: FetchState) => void): Promise<void> {
    for await (const state of this.#driver.items<FetchState>(await this.#driver.call(this.#fetch, 'progress'))) handler(state)
  }
}
