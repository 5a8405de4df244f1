/**
 * The explorer: blocks as people read them. It reads the chain and its states, and has the decoder's thread (decoder.ts) put
 * extrinsics, events and accounts into words by the metadata of the runtime that made them. Nothing here knows a pallet.
 *
 * chain-memory.ts remembers the recent blocks with their forks; search.ts finds what a person types; metadata.ts, values.ts,
 * extrinsics.ts, block-events.ts and digest.ts decode.
 */
import { fromHex, type Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Header } from '../scale/header.ts'
import type { Service } from '../../base/service.ts'
import { runtimeOf, type BlockRuntime } from './block-runtime.ts'
import type { ExplorerBlocks, ExplorerEngine, ExplorerRuntime, ExplorerStorage } from './chain.ts'
import { ChainMemory } from './chain-memory.ts'
import { DecoderThread } from './decoder-thread.ts'
import { describeDigest, describeJustification } from './digest.ts'
import { Search } from './search.ts'
import type { Extrinsic } from '../scale/block.ts'
import type { Account, AccountState, BlockDetails, ChainPart, ExplorerReader, ExtrinsicDetails, SearchResult, Token } from './types.ts'

export interface ExplorerDependencies {
  readonly blocks: ExplorerBlocks
  readonly storage: ExplorerStorage
  readonly runtime: ExplorerRuntime
  readonly clock: Clock
  readonly logger: Logger
  readonly consensus: {
    /** Public key of who wrote a block, where this node has verified it. */
    authorOf(hash: Hash): Hash | undefined
    /** Throws while core is not running. */
    engine(): ExplorerEngine
  }
  /** Who wrote a block as a name or an address, where this node has verified it. */
  readonly authorOf: (hash: Hash) => string | undefined
  /** The same; asks the block's own state where it must. */
  readonly lookUpAuthor: (hash: Hash) => Promise<string | undefined>
  /** When a block was made. */
  readonly timeOf: (header: Header) => number | undefined
}

export interface ExplorerOptions {
  /** SS58 prefix of the chain's addresses. */
  readonly addressPrefix: number
  readonly token: Token
  readonly isPublic: boolean
  readonly workerUrl?: URL
}

export class Explorer implements Service, ExplorerReader {
  readonly #dependencies: ExplorerDependencies
  readonly #decoder: DecoderThread
  readonly #memory: ChainMemory
  readonly #search: Search
  readonly #token: Token

  constructor(dependencies: ExplorerDependencies, { addressPrefix, token, isPublic, workerUrl }: ExplorerOptions) {
    this.#dependencies = dependencies
    this.#token = token
    this.#decoder = new DecoderThread(dependencies, {
      addressPrefix,
      isPublic,
      ...(workerUrl === undefined ? {} : { workerUrl }),
    })
    this.#memory = new ChainMemory(dependencies)
    this.#search = new Search(
      { ...dependencies, decoder: this.#decoder, memory: this.#memory, describe: (hash) => this.block(hash), runtimeOf: (header) => this.#runtimeOf(header) },
      this.#token,
    )
  }

  async start(): Promise<void> {
    this.#decoder.start()
    this.#memory.start()
  }

  async stop(): Promise<void> {
    this.#memory.stop()
    await this.#decoder.stop()
  }

  get events(): ExplorerReader['events'] {
    return this.#memory.events
  }

  chain(cursor?: number): Promise<ChainPart> {
    return this.#memory.part(cursor)
  }

  hashByNumber(number: number): Hash | undefined {
    return this.#dependencies.blocks.hashByNumber(number)
  }

  search(text: string): Promise<SearchResult> {
    return this.#search.find(text)
  }

  /** What the runtime keeps of an account, at the best block. */
  account(publicKey: Uint8Array): Promise<AccountState> {
    return this.#search.account(publicKey)
  }

  /** A transaction that is in no block yet, by the runtime of the best one. */
  async extrinsic(encoded: Extrinsic): Promise<ExtrinsicDetails> {
    const { blocks } = this.#dependencies
    const best = blocks.best()
    const header = blocks.header(best.hash)
    if (header === undefined) throw new Error('the best block has no header')
    // A block that takes it stands on the best one.
    const runtime = await this.#runtimeOf({ ...header, number: best.number + 1, parentHash: best.hash })
    const contents = await this.#decoder.run<'block'>({ kind: 'block', block: { runtime: runtime.key, body: [encoded], events: undefined, digest: [], justifications: [] } })
    const found = contents.extrinsics[0]
    if (found === undefined) throw new Error('the decoder described nothing')
    return found
  }

  async block(hash: Hash): Promise<BlockDetails | undefined> {
    const { blocks, consensus } = this.#dependencies
    const header = blocks.header(hash)
    if (header === undefined) return undefined
    const { digests, slotDuration } = consensus.engine()
    const [runtime, body, justifications] = await Promise.all([this.#runtimeOf(header), blocks.body(hash), blocks.justifications(hash)])
    const [contents, author] = await Promise.all([
      this.#decoder.run<'block'>({
        kind: 'block',
        block: {
          runtime: runtime.key,
          body: body ?? [],
          events: this.#eventsOf(header, runtime),
          digest: describeDigest(header, digests),
          justifications: (justifications ?? []).map((justification) => describeJustification(justification, digests)),
        },
      }),
      this.#authorOf(hash, header),
    ])
    const { number, parentHash, stateRoot, extrinsicsRoot } = header
    const slot = digests.slotOf(header)
    return {
      hash, number, parentHash, stateRoot, extrinsicsRoot,
      place: this.#memory.placeOf({ hash, number }),
      author,
      slotTime: slot === undefined ? undefined : slot * slotDuration,
      runtime: runtime.version === undefined ? undefined : { name: runtime.version.specName, version: runtime.version.specVersion },
      undecodable: runtime.undecodable,
      hasBody: body !== undefined,
      ...contents,
      token: this.#token,
    }
  }

  #runtimeOf(header: Header): Promise<BlockRuntime> {
    return runtimeOf(header, { ...this.#dependencies, decoder: this.#decoder })
  }

  #eventsOf(header: Header, { eventsKey }: BlockRuntime): Uint8Array | undefined {
    const { storage } = this.#dependencies
    return eventsKey === undefined || !storage.has(header.stateRoot) ? undefined : storage.get(header.stateRoot, eventsKey)
  }

  /** By the key that was verified, or else by the claim and what the block's own state says of the authorities. */
  async #authorOf(hash: Hash, header: Header): Promise<Account | undefined> {
    const { consensus, storage } = this.#dependencies
    let key = consensus.authorOf(hash)
    if (key === undefined && header.number > 0 && storage.has(header.stateRoot)) {
      // A runtime without that function, or one that fails in it: the author stays unknown.
      key = await consensus.engine().authorByState(header).catch(() => undefined)
    }
    if (key === undefined) return undefined
    return (await this.#decoder.run<'accountKey'>({ kind: 'accountKey', runtime: undefined, publicKey: fromHex(key) })).account
  }
}
