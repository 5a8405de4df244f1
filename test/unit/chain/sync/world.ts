/** A simulated network around one syncer: chains, peers that behave in several ways, an importer that takes its time. */
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../../../node-core/chain/scale/header.ts'
import type { BlockRef, Justification } from '../../../../node-core/chain/scale/block.ts'
import { NO_KNOWLEDGE, type SyncKnowledge } from '../../../../node-core/chain/sync/peers/knowledge.ts'
import { DEFAULT_SYNC_OPTIONS, type SyncOptions } from '../../../../node-core/chain/sync/options.ts'
import { Syncer } from '../../../../node-core/chain/sync/syncer.ts'
import type { BlockData, BlockRequest, ImportResult, SyncAction, SyncStatus } from '../../../../node-core/chain/sync/types.ts'
import { refused } from '../../../helpers/refused.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`

export interface TestBlock extends BlockData {
  readonly header: Header
  readonly body: readonly Uint8Array[]
}

function makeBlock(header: Header, justifications?: readonly Justification[]): TestBlock {
  return { hash: blake2Hash(encodeHeader(header)), header, body: [Uint8Array.of(4, header.number & 0xff)], justifications }
}

export const GENESIS = makeBlock({ parentHash: ZERO, number: 0, stateRoot: ZERO, extrinsicsRoot: ZERO, digest: [] })

/** `base` up to `from` and `count` blocks more; another `salt` is another fork. The index is the height. */
export function extend(base: readonly TestBlock[], from: number, count: number, salt = 0): TestBlock[] {
  const chain = base.slice(0, from + 1)
  for (let i = 0; i < count; i++) {
    const parent = chain.at(-1) as TestBlock
    const number = parent.header.number + 1
    chain.push(makeBlock({ parentHash: parent.hash, number, stateRoot: `0x${salt.toString(16).padStart(64, '0')}`, extrinsicsRoot: ZERO, digest: [] }))
  }
  return chain
}

export function tipOf(chain: readonly TestBlock[]): BlockRef {
  const tip = chain.at(-1) as TestBlock
  return { hash: tip.hash, number: tip.header.number }
}

/** What a peer does with a request; undefined: it never answers. */
export type Behaviour = (request: BlockRequest, honest: readonly TestBlock[], random: () => number) => readonly BlockData[] | undefined

export const honest: Behaviour = (_request, blocks) => blocks
export const silent: Behaviour = () => undefined
/** Leaves a block out, or turns them round, or sends another chain's. */
export const garbled: Behaviour = (_request, blocks, random) => {
  if (blocks.length < 3) return extend([GENESIS], 0, 2, 99).slice(1)
  return random() < 0.5 ? [...blocks].reverse() : blocks.filter((_, i) => i !== 1)
}
/** Right headers over bodies that the importer refuses. */
export const badBodies: Behaviour = (_request, blocks) => blocks.map((block) => ({ ...block, body: [Uint8Array.of(0)] }))
export const empty: Behaviour = () => []

export interface PeerOptions {
  readonly behaviour?: Behaviour
  /** Milliseconds for a round trip and for each block. */
  readonly delayMs?: number
  readonly msPerBlock?: number
  readonly claims?: BlockRef
}

interface Peer extends PeerOptions {
  chain: readonly TestBlock[]
  served: number
}

export function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

/** The longest chain is best, the first of equals. */
class OwnChain {
  readonly blocks = new Map<Hash, TestBlock>([[GENESIS.hash, GENESIS]])
  finalizedRef: BlockRef = { hash: GENESIS.hash, number: 0 }
  #best: TestBlock[] = [GENESIS]

  add(block: TestBlock): void {
    this.blocks.set(block.hash, block)
    if (block.header.number < this.#best.length) return
    for (let at: TestBlock | undefined = block; at !== undefined && this.#best[at.header.number]?.hash !== at.hash; ) {
      this.#best[at.header.number] = at
      at = this.blocks.get(at.header.parentHash)
    }
  }

  best = (): BlockRef => tipOf(this.#best)
  finalized = (): BlockRef => this.finalizedRef
  hasBlock = (hash: Hash): boolean => this.blocks.has(hash)
  hashByNumber = (number: number): Hash | undefined => this.#best[number]?.hash
}

export class World {
  readonly own = new OwnChain()
  readonly syncer: Syncer
  readonly peers = new Map<string, Peer>()
  readonly points = new Map<string, number>()
  readonly reports: { readonly peer: string; readonly code: string }[] = []
  readonly banned = new Set<string>()
  readonly justified: number[] = []
  /** All requests, in order. */
  readonly asked: { readonly peer: string; readonly request: BlockRequest; readonly at: number }[] = []
  readonly statuses: SyncStatus[] = []
  maxQueuedBlocks = 0
  maxQueuedBytes = 0
  importMs = 1
  now = 0
  /** What the importer says of a block before it looks at it itself. */
  verdict: (block: TestBlock) => ImportResult | undefined = () => undefined
  /** Whether a justification proves its block. */
  proves: (block: BlockRef) => boolean = () => true
  readonly #random: () => number
  readonly #events: { at: number; run: () => void }[] = []
  readonly #cancelled = new Set<number>()
  #importerFreeAt = 0

  constructor(seed = 1, options: Partial<SyncOptions> = {}, knowledge: Partial<SyncKnowledge> = {}) {
    this.#random = randomFrom(seed)
    this.syncer = new Syncer(this.own, 0, { ...DEFAULT_SYNC_OPTIONS, ...options }, { ...NO_KNOWLEDGE, ...knowledge })
    this.#tick()
  }

  /** Questions that one peer was asked again within `ms`. */
  repeats(ms = 60_000): string[] {
    const last = new Map<string, number>()
    const found: string[] = []
    for (const { peer, request, at } of this.asked) {
      const key = `${peer} ${JSON.stringify(request)}`
      const before = last.get(key)
      if (before !== undefined && at - before < ms) found.push(`${key} after ${at - before} ms`)
      last.set(key, at)
    }
    return found
  }

  connect(id: string, chain: readonly TestBlock[], options: PeerOptions = {}): void {
    this.peers.set(id, { chain, served: 0, ...options })
    this.perform(this.syncer.peerConnected(id, options.claims ?? tipOf(chain), this.now))
  }

  disconnect(id: string): void {
    this.peers.delete(id)
    this.perform(this.syncer.peerDisconnected(id, this.now))
  }

  /** The peer goes over to `chain` and says so. */
  announce(id: string, chain: readonly TestBlock[]): void {
    const peer = this.peers.get(id)
    if (peer === undefined) return
    peer.chain = chain
    const tip = chain.at(-1) as TestBlock
    this.perform(this.syncer.announced(id, tip.header, tip.hash, true, this.now))
  }

  /** Runs until `done`, or for `ms`; tells whether it was done. */
  run(ms: number, done: () => boolean = () => false): boolean {
    const end = this.now + ms
    while (!done()) {
      let next = 0
      this.#events.forEach((event, i) => {
        if (event.at < (this.#events[next] as { at: number }).at) next = i
      })
      const [event] = this.#events.splice(next, 1)
      if (event === undefined || event.at > end) {
        if (event !== undefined) this.#events.push(event)
        this.now = end
        return done()
      }
      this.now = event.at
      event.run()
    }
    return true
  }

  syncs(chain: readonly TestBlock[], ms = 120_000): boolean {
    return this.run(ms, () => this.own.best().hash === tipOf(chain).hash)
  }

  status(): SyncStatus {
    return this.syncer.status(this.now)
  }

  perform(actions: readonly SyncAction[]): void {
    for (const action of actions) this.#do(action)
    const { queuedBlocks, queuedBytes } = this.status()
    this.maxQueuedBlocks = Math.max(this.maxQueuedBlocks, queuedBlocks)
    this.maxQueuedBytes = Math.max(this.maxQueuedBytes, queuedBytes)
  }

  #do(action: SyncAction): void {
    switch (action.kind) {
      case 'request':
        return this.#request(action.id, action.peer, action.request)
      case 'cancel':
        this.#cancelled.add(action.id)
        return
      case 'import': {
        const { ticket, block } = action
        this.#importerFreeAt = Math.max(this.now, this.#importerFreeAt) + this.importMs
        this.#at(this.#importerFreeAt, () => this.perform(this.syncer.imported(ticket, this.#import({ ...block.block, ...block.ref } as unknown as TestBlock), this.now)))
        return
      }
      case 'justify': {
        const { block, peer } = action
        const isGood = this.proves(block)
        if (isGood) {
          this.justified.push(block.number)
          this.own.finalizedRef = block
        }
        this.#at(this.now, () => this.perform(isGood ? this.syncer.justified(this.now) : this.syncer.justificationRefused(peer, block.hash, this.now)))
        return
      }
      case 'report': {
        const points = (this.points.get(action.peer) ?? 0) + action.fault.cost
        this.points.set(action.peer, points)
        this.reports.push({ peer: action.peer, code: action.fault.code })
        if (points > -1000 || this.banned.has(action.peer)) return
        this.banned.add(action.peer)
        this.#at(this.now, () => this.disconnect(action.peer))
      }
    }
  }

  #import(block: TestBlock): ImportResult {
    const { hash, header, body } = block
    const verdict = this.verdict(block)
    if (verdict !== undefined) return verdict
    if (this.own.hasBlock(hash)) return { kind: 'known' }
    if (!this.own.hasBlock(header.parentHash)) return { kind: 'unknown-parent' }
    if (body[0]?.[0] === 0) return refused('IMPORT_WRONG_EXTRINSICS_ROOT', 'bad body')
    this.own.add(block)
    return { kind: 'imported' }
  }

  #request(id: number, peerId: string, request: BlockRequest): void {
    const peer = this.peers.get(peerId)
    this.asked.push({ peer: peerId, request, at: this.now })
    if (peer === undefined) return
    const answer = (peer.behaviour ?? honest)(request, serve(peer.chain, request), this.#random)
    if (answer === undefined) return
    peer.served += answer.length
    const delay = (peer.delayMs ?? 20) * (0.5 + this.#random()) + (peer.msPerBlock ?? 0.1) * answer.length
    this.#at(this.now + delay, () => {
      if (!this.#cancelled.has(id)) this.perform(this.syncer.answered(id, answer, this.now))
    })
  }

  #tick(): void {
    this.#at(this.now + 500, () => {
      this.perform(this.syncer.tick(this.now))
      this.statuses.push(this.status())
      this.#tick()
    })
  }

  #at(at: number, run: () => void): void {
    this.#events.push({ at, run })
  }
}

function serve(chain: readonly TestBlock[], { from, direction, maxBlocks }: BlockRequest): TestBlock[] {
  const start = typeof from === 'number' ? from : chain.findIndex(({ hash }) => hash === from)
  if (start < 0) return []
  return direction === 'ascending' ? chain.slice(start, start + maxBlocks) : chain.slice(Math.max(0, start + 1 - maxBlocks), start + 1).reverse()
}
