/** A chain with a gap, peers that behave in several ways, and a store that takes its time, around one gap sync. */
import type { Hash } from '../../../../../node-core/base/bytes.ts'
import { toHex } from '../../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../../node-core/crypto/hashes/hashing.ts'
import { isBodyOf } from '../../../../../node-core/chain/core/import/extrinsics-root.ts'
import type { BlockRef } from '../../../../../node-core/chain/scale/block.ts'
import { encodeHeader, type Header } from '../../../../../node-core/chain/scale/header.ts'
import { GapSync } from '../../../../../node-core/chain/sync/gap/gap-sync.ts'
import { DEFAULT_GAP_OPTIONS, type GapAction, type GapBlocks, type GapOptions, type GapResult } from '../../../../../node-core/chain/sync/gap/types.ts'
import type { BlockData, BlockRequest, GapStatus, RequestFailure } from '../../../../../node-core/chain/sync/types.ts'
import { orderedTrieRoot } from '../../../../../node-core/chain/trie/build.ts'
import { randomFrom } from '../world.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`

export interface WholeBlock extends BlockData {
  readonly header: Header
  readonly body: readonly Uint8Array[]
}

/** From genesis to `height`; the index is the height. Bodies in the layout of either state version. */
export function wholeChain(height: number, salt = 0): WholeBlock[] {
  const chain: WholeBlock[] = []
  for (let number = 0; number <= height; number++) {
    const body = number === 0 ? [] : [Uint8Array.of(8, number & 0xff, number >> 8), new Uint8Array(40).fill(number)]
    const header: Header = {
      parentHash: chain.at(-1)?.hash ?? ZERO, number, stateRoot: `0x${salt.toString(16).padStart(64, '0')}`,
      extrinsicsRoot: toHex(orderedTrieRoot(body, number % 2 === 0 ? 1 : 0)), digest: [],
    }
    chain.push({ hash: blake2Hash(encodeHeader(header)), header, body, justifications: undefined })
  }
  return chain
}

/** Undefined: it never answers. */
export type GapBehaviour = (request: BlockRequest, honest: readonly WholeBlock[]) => readonly BlockData[] | RequestFailure | undefined

interface GapPeer {
  readonly chain: readonly WholeBlock[]
  readonly behaviour: GapBehaviour
}

/** What is here: a chain from its anchor on, and what was filled in below. */
export class GapStore implements GapBlocks {
  readonly byHash = new Map<Hash, WholeBlock>()
  readonly byNumber = new Map<number, Hash>()
  missing: { readonly from: number; readonly to: number } | undefined
  head: BlockRef
  /** Bodies that were stored, by height. */
  readonly bodies = new Set<number>()

  constructor(chain: readonly WholeBlock[], anchor: number) {
    for (const block of [chain[0] as WholeBlock, chain[anchor] as WholeBlock]) this.#put(block)
    this.missing = { from: 1, to: anchor - 1 }
    this.head = { hash: (chain[anchor] as WholeBlock).hash, number: anchor }
  }

  gap = (): GapStore['missing'] => this.missing
  finalized = (): BlockRef => this.head
  hashByNumber = (number: number): Hash | undefined => this.byNumber.get(number)
  header = (hash: Hash): Header | undefined => this.byHash.get(hash)?.header

  fill(blocks: readonly WholeBlock[]): GapResult {
    for (const block of blocks) if (!isBodyOf(block.header, block.body)) return { kind: 'wrong-body', block: { hash: block.hash, number: block.header.number } }
    for (const block of blocks) {
      const { number } = block.header
      this.bodies.add(number)
      if (number > (this.missing?.to ?? 0)) continue
      if (this.byHash.get(this.byNumber.get(number + 1) as Hash)?.header.parentHash !== block.hash) throw new Error(`block ${number} does not fit`)
      if (number === 1 && block.header.parentHash !== this.byNumber.get(0)) return { kind: 'foreign', message: 'another genesis' }
      this.#put(block)
      this.missing = number === 1 ? undefined : { from: 1, to: number - 1 }
    }
    return { kind: 'filled' }
  }

  #put(block: WholeBlock): void {
    this.byHash.set(block.hash, block)
    this.byNumber.set(block.header.number, block.hash)
  }
}

export class GapWorld {
  readonly store: GapStore
  gapSync: GapSync
  readonly peers = new Map<string, GapPeer>()
  readonly reports: { readonly peer: string; readonly code: string; readonly cost: number }[] = []
  readonly asked: { readonly peer: string; readonly request: BlockRequest; readonly at: number }[] = []
  /** What the store says before it looks. */
  verdict: () => GapResult | undefined = () => undefined
  isFree = true
  now = 0
  readonly #options: GapOptions
  readonly #random: () => number
  #events: { readonly at: number; readonly run: () => void }[] = []
  readonly #cancelled = new Set<number>()

  constructor(store: GapStore, options: Partial<GapOptions> = {}, seed = 1) {
    this.store = store
    this.#options = { ...DEFAULT_GAP_OPTIONS, keep: undefined, ...options }
    this.#random = randomFrom(seed)
    this.gapSync = new GapSync(store, 0, this.#options)
    this.#tick()
  }

  connect(id: string, chain: readonly WholeBlock[], behaviour: GapBehaviour = (_request, honest) => honest): void {
    this.peers.set(id, { chain, behaviour })
  }

  /** What was under way is gone; what was stored is there. */
  restart(): void {
    this.#events = []
    this.gapSync = new GapSync(this.store, this.now, this.#options)
    this.#tick()
  }

  /** Runs until `done`, or for `ms`; tells whether it was done. */
  run(ms: number, done: () => boolean = () => this.store.missing === undefined): boolean {
    const end = this.now + ms
    while (!done()) {
      const next = this.#events.reduce((least, event) => (event.at < least.at ? event : least), this.#events[0] as { at: number; run: () => void })
      if (next.at > end) {
        this.now = end
        return done()
      }
      this.#events.splice(this.#events.indexOf(next), 1)
      this.now = next.at
      next.run()
    }
    return true
  }

  status(): GapStatus | undefined {
    return this.gapSync.status(this.now)
  }

  #perform(actions: readonly GapAction[]): void {
    for (const action of actions) this.#do(action)
  }

  #advance(): void {
    this.#perform(this.gapSync.advance(this.isFree ? [...this.peers.keys()] : [], this.now))
  }

  #then(actions: readonly GapAction[]): void {
    this.#perform(actions)
    this.#advance()
  }

  #do(action: GapAction): void {
    switch (action.kind) {
      case 'request': {
        const { id, peer, request } = action
        this.asked.push({ peer, request, at: this.now })
        const { chain, behaviour } = this.peers.get(peer) as GapPeer
        const answer = behaviour(request, serve(chain, request))
        if (answer === undefined) return
        this.#at(this.now + 10 + this.#random() * 40, () => {
          if (this.#cancelled.has(id)) return
          this.#then('kind' in answer ? this.gapSync.failed(id, answer, this.now) : this.gapSync.answered(id, answer, this.now))
        })
        return
      }
      case 'cancel':
        this.#cancelled.add(action.id)
        return
      case 'fill': {
        const blocks = action.blocks.map(({ ref, block }) => ({ hash: ref.hash, ...block, justifications: undefined }))
        this.#at(this.now + 5 + this.#random() * 20, () => this.#then(this.gapSync.filled(this.verdict() ?? this.store.fill(blocks), this.now)))
        return
      }
      case 'report':
        this.reports.push({ peer: action.peer, code: action.fault.code, cost: action.fault.cost })
        return
    }
  }

  #tick(): void {
    this.#at(this.now + 500, () => {
      this.#advance()
      this.#tick()
    })
  }

  #at(at: number, run: () => void): void {
    this.#events.push({ at, run })
  }
}

function serve(chain: readonly WholeBlock[], { from, maxBlocks }: BlockRequest): WholeBlock[] {
  const start = chain.findIndex(({ hash }) => hash === from)
  return start < 0 ? [] : chain.slice(Math.max(0, start + 1 - maxBlocks), start + 1).reverse()
}
