/** Random states by seed, and peers who serve them. */
import { concatBytes, toHex, utf8, type Hash } from '../../../../../node-core/base/bytes.ts'
import { blake2b256, twox128 } from '../../../../../node-core/crypto/hashes/hashing.ts'
import { stateHandler } from '../../../../../node-core/chain/protocols/requests/state.ts'
import { encodeStateRequest } from '../../../../../node-core/chain/protocols/requests/state-messages.ts'
import { childRootKey } from '../../../../../node-core/chain/trie/child.ts'
import { NodeStore } from '../../../../../node-core/chain/trie/nodes/node-store.ts'
import { Trie } from '../../../../../node-core/chain/trie/trie.ts'
import type { Entry, StateVersion } from '../../../../../node-core/chain/trie/types.ts'
import { MapSource } from '../../trie/map-source.ts'

export const BLOCK: Hash = `0x${'b1'.repeat(32)}`
const ZERO: Hash = `0x${'00'.repeat(32)}`

export type Random = () => number

/** Numbers from 0 to 1, the same for the same seed. */
export function random(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number below `limit`. */
export const below = (next: Random, limit: number): number => Math.floor(next() * limit)

export interface MadeState {
  readonly root: Uint8Array
  readonly source: MapSource
  readonly main: readonly Entry[]
  /** By the keys of the children, without prefix. */
  readonly children: ReadonlyMap<string, readonly Entry[]>
}

export interface StateShape {
  readonly entries?: number
  readonly children?: number
  /** Which versions values are stored by; each value by one of them. */
  readonly versions?: readonly StateVersion[]
  /** Of the largest values. */
  readonly largest?: number
}

const SIZES = [0, 1, 4, 16, 31, 32, 33, 64, 80, 130]

/** Keys as FRAME makes them: most below a few prefixes of 16 and 32 bytes, and some that have nothing to do with them. */
function key(next: Random): Uint8Array {
  const bytes = Uint8Array.from({ length: 4 }, () => below(next, 256))
  const kind = next()
  if (kind < 0.1) return blake2b256(bytes).subarray(0, 1 + below(next, 5))
  if (kind < 0.15) return concatBytes(utf8(':'), bytes)
  const pallet = twox128(Uint8Array.of(kind < 0.7 ? 0 : below(next, 6)))
  const item = twox128(Uint8Array.of(9, kind < 0.7 ? 0 : below(next, 4)))
  return kind > 0.95 ? concatBytes(pallet, item) : concatBytes(pallet, item, blake2b256(bytes).subarray(0, 16), bytes)
}

function entriesOf(next: Random, count: number, largest: number): Entry[] {
  const entries = new Map<string, Entry>()
  for (let i = 0; i < count; i++) {
    const size = i % 50 === 49 ? below(next, largest) : (SIZES[below(next, SIZES.length)] as number)
    const own = key(next)
    entries.set(toHex(own), [own, new Uint8Array(size).fill(below(next, 256))])
  }
  if (next() < 0.3) entries.set('0x', [new Uint8Array(0), Uint8Array.of(1)])
  return [...entries.values()]
}

export function makeState(seed: number, { entries = 300, children = 3, versions = [1], largest = 20_000 }: StateShape = {}): MadeState {
  const next = random(seed)
  const source = new MapSource()
  const build = (list: readonly Entry[]): Uint8Array => {
    const trie = new Trie(new NodeStore(source))
    for (const [own, value] of list) trie.put(own, value, versions[below(next, versions.length)] as StateVersion)
    trie.collect(source.add)
    return trie.root()
  }
  const main = entriesOf(next, entries, largest)
  const kids = new Map<string, readonly Entry[]>()
  let last: { readonly list: readonly Entry[]; readonly root: Uint8Array } | undefined
  for (let i = 0; i < children; i++) {
    // Every third has the contents of the one before.
    if (last === undefined || i % 3 !== 2) {
      const list = entriesOf(next, 1 + below(next, Math.max(2, entries / 2)), largest)
      last = { list, root: build(list) }
    }
    const name = utf8(`child ${below(next, 1000)}${i % 4 === 3 ? '' : ` ${i}`}`)
    kids.set(toHex(name), last.list)
    main.push([childRootKey(name), last.root])
  }
  const root = build(main)
  return { root, source, main, children: kids }
}

/** An honest peer's answer; undefined where it refuses. */
export type Peer = (request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array | undefined>

export function honestPeer(state: Pick<MadeState, 'root' | 'source'>): Peer {
  const header = { parentHash: ZERO, number: 1, stateRoot: toHex(state.root), extrinsicsRoot: ZERO, digest: [] }
  const handler = stateHandler({ blocks: { header: (hash) => (hash === BLOCK ? header : undefined) }, proofs: { nodes: () => state.source } })
  return async (request, signal) => {
    const answer = await handler.onRequest('peer', request, signal)
    return answer.kind === 'response' ? answer.bytes : undefined
  }
}

export const requestFrom = (start: readonly Uint8Array[]): Uint8Array => encodeStateRequest({ block: BLOCK, start, noProof: false })
