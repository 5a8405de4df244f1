/** The runtimes that calls are made for and events read by: each is described once, which takes some ten milliseconds of the main thread. */
import type { Hash } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import { readMetadata } from '../explorer/metadata.ts'
import type { RuntimeTypes } from '../explorer/runtime-types.ts'
import type { RunningVersion, SenderRuntime } from './chain.ts'

export interface KnownRuntime {
  readonly version: RunningVersion
  readonly types: RuntimeTypes
}

/** The one that runs, and the one before an upgrade. */
const KEPT = 2
/** Newest first: those that say all that is asked here. */
const READ_VERSIONS = [16, 15, 14]

export class Runtimes {
  readonly #runtime: Pick<SenderRuntime, 'version' | 'metadata'>
  readonly #known = new Lru<string, Promise<RuntimeTypes>>(KEPT)

  constructor(runtime: Pick<SenderRuntime, 'version' | 'metadata'>) {
    this.#runtime = runtime
  }

  /** Throws an ExplorerError where its metadata does not read, and what the runtime calls throw. */
  async at(stateRoot: Hash): Promise<KnownRuntime> {
    const version = await this.#runtime.version(stateRoot)
    const key = `${version.specName}/${version.specVersion}/${version.implVersion}`
    let types = this.#known.get(key)
    if (types === undefined) {
      types = this.#read(stateRoot, version.specName)
      this.#known.set(key, types)
    }
    try {
      return { version, types: await types }
    } catch (error) {
      this.#known.delete(key)
      throw error
    }
  }

  async #read(stateRoot: Hash, specName: string): Promise<RuntimeTypes> {
    return readMetadata(await this.#runtime.metadata(stateRoot, READ_VERSIONS), specName)
  }
}
