/**
 * `/state/2`: the entries of a state, for nodes that start from a recent block instead of from genesis.
 *
 * A response goes through the main trie in the order of its keys. Where it meets the root of a child trie, it goes through
 * that one as a level of its own and then on. Nothing in a response is proven by itself: whoever has all entries builds
 * the tries, and compares the root with the header's. Responses with proofs are not served: a request for one is refused.
 */
import { compareBytes, equalBytes, toHex, type Hash } from '../../base/bytes.ts'
import { isNodeError } from '../../base/errors.ts'
import type { BlockStateReader, StorageReader } from '../../state/types.ts'
import { CHILD_PREFIX } from '../../trie/child.ts'
import type { Entry } from '../../trie/types.ts'
import type { RequestAnswer, RequestHandler, RequestSender, RequestSpec } from '../contracts.ts'
import { REFUSED, decodeResponse, decodingHandler, mismatch, respond } from './errors.ts'
import {
  decodeStateRequest, decodeStateResponse, encodeStateRequest, encodeStateResponse, type StateLevel, type StateRequest,
} from './state-messages.ts'

export type { StateLevel } from './state-messages.ts'

const MIB = 1024 * 1024

export const STATE_SPEC: RequestSpec = {
  protocol: '/state/2',
  maxRequestBytes: 64 * 1024,
  maxResponseBytes: 16 * MIB,
  timeoutMs: 40_000,
  perMinute: 600,
}

/** Keys and values in a response; the last value may go beyond. */
const SOFT_RESPONSE_BYTES = 2 * MIB

/** What an entry takes beside its key and value: tags and lengths. */
const ENTRY_OVERHEAD = 12

/** Keys that are read in one go. */
const PAGE = 128

export interface StateDependencies {
  readonly blocks: Pick<BlockStateReader, 'header'>
  readonly storage: StorageReader
}

export function stateHandler({ blocks, storage }: StateDependencies): RequestHandler {
  return decodingHandler(STATE_SPEC, decodeStateRequest, async (request, signal): Promise<RequestAnswer> => {
    const stateRoot = blocks.header(request.block)?.stateRoot
    if (stateRoot === undefined || !request.noProof || !storage.has(stateRoot)) return REFUSED
    try {
      const levels = await new StateWalk(storage, stateRoot, signal).from(request.start)
      return signal.aborted || levels === undefined ? REFUSED : respond(encodeStateResponse(levels))
    } catch (error) {
      // The root is here and something below it is not: a state that was pruned while we read it.
      if (isNodeError(error) && error.code === 'TRIE_MISSING_NODE') return REFUSED
      throw error
    }
  })
}

interface OpenLevel {
  readonly childRoot: Hash | undefined
  readonly entries: Entry[]
  complete: boolean
}

/** One response under construction. */
class StateWalk {
  readonly #storage: StorageReader
  readonly #stateRoot: Hash
  readonly #signal: AbortSignal
  readonly #seenChildren = new Set<Hash>()
  #size = 0

  constructor(storage: StorageReader, stateRoot: Hash, signal: AbortSignal) {
    this.#storage = storage
    this.#stateRoot = stateRoot
    this.#signal = signal
  }

  /** Undefined where `start` names a child that is not there. */
  async from(start: readonly Uint8Array[]): Promise<StateLevel[] | undefined> {
    const main: OpenLevel = { childRoot: undefined, entries: [], complete: false }
    const levels: OpenLevel[] = [main]
    const [resumed, inChild] = start
    let after = resumed
    if (after !== undefined && inChild !== undefined) {
      const root = isChildKey(after) ? this.#storage.get(this.#stateRoot, after) : undefined
      if (root === undefined) return undefined
      if (!(await this.#child(levels, after, root, inChild))) return levels
    }
    for (;;) {
      const keys = this.#storage.keys(this.#stateRoot, new Uint8Array(0), PAGE, after)
      for (const key of keys) {
        const value = this.#storage.get(this.#stateRoot, key)
        if (value === undefined) continue
        if (!this.#add(main, key, value, this.#size === 0)) return levels
        after = key
        if (isChildKey(key) && !(await this.#child(levels, key, value, undefined))) return levels
      }
      if (keys.length < PAGE) break
      if (!(await this.#breathe())) return levels
    }
    main.complete = true
    return levels
  }

  /** Goes through a child trie as a level of its own; false where the response is full before its end. */
  async #child(levels: OpenLevel[], mainKey: Uint8Array, root: Uint8Array, start: Uint8Array | undefined): Promise<boolean> {
    const childRoot = toHex(root)
    // Children with the same root have the same contents.
    if (this.#seenChildren.has(childRoot)) return true
    this.#seenChildren.add(childRoot)
    const level: OpenLevel = { childRoot, entries: [], complete: false }
    levels.push(level)
    const childKey = mainKey.subarray(CHILD_PREFIX.length)
    for (let after = start; ; ) {
      const keys = this.#storage.childKeys(this.#stateRoot, childKey, new Uint8Array(0), PAGE, after)
      for (const key of keys) {
        const value = this.#storage.getChild(this.#stateRoot, childKey, key)
        // A child without an entry in the response could not be continued: it takes its first one in any case.
        if (value !== undefined && !this.#add(level, key, value, level.entries.length === 0)) return false
        after = key
      }
      if (keys.length < PAGE) break
      if (!(await this.#breathe())) return false
    }
    level.complete = true
    return true
  }

  /** False where the entry does not fit any more. */
  #add(level: OpenLevel, key: Uint8Array, value: Uint8Array, inAnyCase: boolean): boolean {
    const size = key.length + value.length + ENTRY_OVERHEAD
    if (!inAnyCase && this.#size + size > SOFT_RESPONSE_BYTES) return false
    this.#size += size
    level.entries.push([key, value])
    return true
  }

  /** Lets others run; false where nobody waits for this response any more. */
  async #breathe(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve))
    return !this.#signal.aborted
  }
}

function isChildKey(key: Uint8Array): boolean {
  return key.length > CHILD_PREFIX.length && equalBytes(key.subarray(0, CHILD_PREFIX.length), CHILD_PREFIX)
}

export interface StatePiece {
  readonly levels: readonly StateLevel[]
  /** What to ask for next; undefined at the end of the state. */
  readonly next: readonly Uint8Array[] | undefined
}

/**
 * Asks for the entries of a block's state from `start` on (nothing for the beginning, then what the last piece says).
 * Throws a ResponseError with the peer's fault where entries are out of order, or nothing moves on.
 */
export async function requestState(
  sender: RequestSender, peer: string, block: Hash, start: readonly Uint8Array[], signal?: AbortSignal,
): Promise<StatePiece> {
  const request: StateRequest = { block, start, noProof: true }
  const response = await sender.request(peer, STATE_SPEC, encodeStateRequest(request), signal)
  const levels = decodeResponse('state', () => decodeStateResponse(response))
  checkLevels(levels, start)
  return { levels, next: nextStart(levels, start) }
}

function checkLevels(levels: readonly StateLevel[], start: readonly Uint8Array[]): void {
  for (const [i, { childRoot, entries }] of levels.entries()) {
    if ((childRoot === undefined) !== (i === 0)) throw mismatch('The levels of the state response are in disorder.')
    const resumed = i === 0 ? start[0] : i === 1 ? start[1] : undefined
    for (const [j, [key]] of entries.entries()) {
      const before = j === 0 ? resumed : entries[j - 1]?.[0]
      if (before !== undefined && compareBytes(before, key) >= 0) throw mismatch('The keys of the state response are out of order.')
    }
  }
  const isEmpty = levels.every(({ entries }) => entries.length === 0)
  if (isEmpty && levels[0]?.complete !== true) throw mismatch('The state response is empty and not the end.')
}

/** Where the main trie stands, and in it the child that is not complete. */
function nextStart(levels: readonly StateLevel[], start: readonly Uint8Array[]): Uint8Array[] | undefined {
  const [main, ...children] = levels
  if (main?.complete === true) return undefined
  const last = main?.entries.at(-1)?.[0] ?? start[0]
  const open = children.find(({ complete }) => !complete)?.entries.at(-1)?.[0]
  return last === undefined ? [] : open === undefined ? [last] : [last, open]
}
