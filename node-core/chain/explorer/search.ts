/**
 * What a person types, found: a block by its number or hash, a recent extrinsic by its hash, an account by its address or key.
 *
 * Nothing is indexed. Extrinsics and what an account did are looked for in the recent blocks alone, first by their bytes and
 * only where those match by decoding.
 */
import { fromHex, isHex, toHex, type Hash } from '../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { decodeSs58 } from '../../crypto/keys/ss58.ts'
import type { Header } from '../scale/header.ts'
import type { BlockRuntime } from './block-runtime.ts'
import type { ExplorerBlocks, ExplorerStorage } from './chain.ts'
import type { ChainMemory } from './chain-memory.ts'
import type { DecoderThread } from './decoder-thread.ts'
import type { AccountActivity, AccountDetails, AccountState, BlockDetails, EventDetails, ExtrinsicDetails, NamedValue, SearchResult, Token, Undecodable, Value } from './types.ts'

/** Blocks that are looked through. */
const RECENT = 200
/** Longest list of what an account did. */
const MAX_ACTIVITY = 25
/** Blocks between two pauses, so that a search never holds up the node. */
const SLICE = 16

export interface SearchDependencies {
  readonly blocks: ExplorerBlocks
  readonly storage: ExplorerStorage
  readonly decoder: DecoderThread
  readonly memory: ChainMemory
  readonly describe: (hash: Hash) => Promise<BlockDetails | undefined>
  readonly runtimeOf: (header: Header) => Promise<BlockRuntime>
}

export class Search {
  readonly #dependencies: SearchDependencies
  readonly #token: Token

  constructor(dependencies: SearchDependencies, token: Token) {
    this.#dependencies = dependencies
    this.#token = token
  }

  async find(text: string): Promise<SearchResult> {
    const wanted = text.trim()
    const { blocks } = this.#dependencies
    if (/^#?\d[\d.,\s' ]*$/.test(wanted)) {
      const number = Number(wanted.replace(/\D/g, ''))
      const hash = Number.isSafeInteger(number) ? blocks.hashByNumber(number) : undefined
      if (hash !== undefined) return { kind: 'block', block: { hash, number } }
      return { kind: 'nothing', reason: number < blocks.finalized().number ? 'notStored' : 'noSuchBlock', searched: 0 }
    }
    if (isHex(wanted) && wanted.length === 66) return this.#findHash(wanted.toLowerCase() as Hash)
    try {
      return { kind: 'account', account: await this.#account(decodeSs58(wanted).publicKey) }
    } catch (error) {
      if (isNodeError(error) && error.code.startsWith('SS58_')) return { kind: 'nothing', reason: 'notUnderstood', searched: 0 }
      throw error
    }
  }

  async #findHash(hash: Hash): Promise<SearchResult> {
    const { blocks, memory } = this.#dependencies
    const header = blocks.header(hash)
    if (header !== undefined) return { kind: 'block', block: { hash, number: header.number } }
    const recent = [...new Set([...memory.newest(RECENT), ...memory.hashes()])]
    for (const [at, block] of recent.entries()) {
      if (at % SLICE === SLICE - 1) await pause()
      const index = (await blocks.body(block))?.findIndex((extrinsic) => blake2Hash(extrinsic) === hash) ?? -1
      if (index >= 0) return { kind: 'extrinsic', block: { hash: block, number: blocks.header(block)?.number ?? 0 }, index }
    }
    const account = await this.#account(fromHex(hash))
    return account.exists || account.activity.length > 0 ? { kind: 'account', account } : { kind: 'nothing', reason: 'unknownHash', searched: recent.length }
  }

  async #account(publicKey: Uint8Array): Promise<AccountDetails> {
    const { eventsKey, ...state } = await this.#state(publicKey)
    return { ...state, ...(await this.#activity(publicKey, eventsKey)) }
  }

  /** What the runtime keeps of an account, at the best block. */
  async account(publicKey: Uint8Array): Promise<AccountState> {
    const { eventsKey: _, ...state } = await this.#state(publicKey)
    return state
  }

  async #state(publicKey: Uint8Array): Promise<AccountState & { readonly eventsKey: Uint8Array | undefined }> {
    const { blocks, decoder, storage } = this.#dependencies
    const at = blocks.best()
    const header = blocks.header(at.hash)
    const runtime = header === undefined ? undefined : await this.#dependencies.runtimeOf(header)
    const { account, storageKey } = await decoder.run<'accountKey'>({ kind: 'accountKey', runtime: runtime?.key, publicKey })
    const value = header === undefined || storageKey === undefined || !storage.has(header.stateRoot) ? undefined : storage.get(header.stateRoot, fromHex(storageKey))
    let fields: readonly NamedValue[] = []
    let undecodable: Undecodable | undefined = runtime?.undecodable
    if (value !== undefined && runtime?.key !== undefined) {
      try {
        fields = await decoder.run<'account'>({ kind: 'account', runtime: runtime.key, value })
      } catch (error) {
        undecodable = { reason: 'failed', message: errorMessage(error) }
      }
    }
    return { ...account, at, exists: value !== undefined, fields, undecodable, token: this.#token, eventsKey: runtime?.eventsKey }
  }

  async #activity(publicKey: Uint8Array, eventsKey: Uint8Array | undefined): Promise<{ activity: AccountActivity[]; searched: number }> {
    const { blocks, memory, storage } = this.#dependencies
    const recent = memory.newest(RECENT)
    const needle = Buffer.from(publicKey)
    const activity: AccountActivity[] = []
    for (const [at, hash] of recent.entries()) {
      if (activity.length >= MAX_ACTIVITY) return { activity: activity.slice(0, MAX_ACTIVITY), searched: at }
      if (at % SLICE === SLICE - 1) await pause()
      const header = blocks.header(hash)
      if (header === undefined) continue
      const events = eventsKey !== undefined && storage.has(header.stateRoot) ? storage.get(header.stateRoot, eventsKey) : undefined
      const parts = [...((await blocks.body(hash)) ?? []), ...(events === undefined ? [] : [events])]
      if (!parts.some((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength).includes(needle))) continue
      const block = await this.#dependencies.describe(hash)
      if (block !== undefined) activity.push(...activityIn(block, toHex(publicKey)))
    }
    return { activity, searched: recent.length }
  }
}

/** Newest first, as blocks are listed. */
function activityIn(block: BlockDetails, key: string): AccountActivity[] {
  const ref = { hash: block.hash, number: block.number }
  const ofExtrinsics = block.extrinsics.flatMap((extrinsic) => {
    const isSigner = extrinsic.signed !== undefined && names(extrinsic.signed.account, key)
    const events = eventsOf(extrinsic.events, key)
    if (!isSigner && events.length === 0 && !names(callOf(extrinsic), key)) return []
    const call = extrinsic.call === undefined ? undefined : `${extrinsic.call.pallet}.${extrinsic.call.name}`
    return [{ block: ref, extrinsic: extrinsic.index, call, isSigner, succeeded: extrinsic.succeeded, events }]
  })
  const events = eventsOf(block.events, key)
  const ofBlock = events.length === 0 ? [] : [{ block: ref, extrinsic: undefined, call: undefined, isSigner: false, succeeded: undefined, events }]
  return [...ofExtrinsics, ...ofBlock].reverse()
}

function callOf({ call }: ExtrinsicDetails): Value {
  return call === undefined ? { kind: 'none' } : { kind: 'call', call }
}

function eventsOf(events: readonly EventDetails[], key: string): string[] {
  return events.filter(({ fields }) => fields.some(({ value }) => names(value, key))).map(({ pallet, name }) => `${pallet}.${name}`)
}

/** Whether an account is somewhere in a value. */
function names(value: Value, key: string): boolean {
  switch (value.kind) {
    case 'account':
      return value.account.publicKey === key
    case 'bytes':
      return value.hex === key
    case 'list':
      return value.items.some((item) => names(item, key))
    case 'fields':
    case 'variant':
      return value.fields.some((field) => names(field.value, key))
    case 'call':
      return value.call.args.some((field) => names(field.value, key))
    default:
      return false
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
