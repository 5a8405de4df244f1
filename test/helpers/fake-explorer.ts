/** An explorer without a chain: the blocks that a test adds, a fork beside every fifth one, and the same contents in each. */
import { Emitter } from '../../node-core/base/events.ts'
import type { Hash } from '../../node-core/base/bytes.ts'
import type { BlockDetails, ChainBlock, ChainPart, ExplorerReader, SearchResult } from '../../node-core/chain/explorer/types.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'

const FORK_EVERY = 5
const KEPT = 300
const BOB = { address: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty', publicKey: `0x${'8e'.repeat(32)}`, name: 'Bob' } as const

export class FakeExplorer implements ExplorerReader {
  readonly events = new Emitter<{ changed: undefined }>()
  readonly #blocks: ChainBlock[] = []
  #best: BlockRef
  #finalized: BlockRef
  #cursor = 0

  constructor(genesis: BlockRef) {
    this.#best = genesis
    this.#finalized = genesis
    this.#keep({ ...genesis, parentHash: `0x${'00'.repeat(32)}`, author: undefined, extrinsics: 0, time: undefined })
  }

  add(block: ChainBlock, finalized: BlockRef): void {
    this.#keep(block)
    if (block.number % FORK_EVERY === 0) this.#keep({ ...block, hash: `0x${block.hash.slice(2).replace(/^aa/, 'bb')}`, author: 'Charlie' })
    this.#best = { hash: block.hash, number: block.number }
    this.#finalized = finalized
    this.events.emit('changed', undefined)
  }

  async chain(cursor = 0): Promise<ChainPart> {
    const fresh = this.#blocks.slice(Math.max(0, this.#blocks.length - (this.#cursor - cursor)))
    return { blocks: this.#cursor === cursor ? [] : fresh, best: this.#best, finalized: this.#finalized, cursor: this.#cursor }
  }

  hashByNumber(number: number): Hash | undefined {
    return this.#blocks.find((block) => block.number === number && block.author !== 'Charlie')?.hash
  }

  async block(hash: Hash): Promise<BlockDetails | undefined> {
    const block = this.#blocks.find((known) => known.hash === hash)
    if (block === undefined) return undefined
    const isFork = block.author === 'Charlie'
    const isFinal = block.number <= this.#finalized.number
    const root: Hash = `0x${'5e'.repeat(32)}`
    const call = {
      pallet: 'Balances',
      name: 'transfer_keep_alive',
      docs: 'Transfer some balance to another account.',
      args: [
        { name: 'dest', value: { kind: 'account', account: BOB } },
        { name: 'value', value: { kind: 'balance', text: '1500000000000' } },
      ],
    } as const
    return {
      hash, number: block.number, parentHash: block.parentHash, stateRoot: root, extrinsicsRoot: root,
      place: isFork ? (isFinal ? 'retracted' : 'fork') : isFinal ? 'final' : 'best',
      author: { ...BOB, name: block.author },
      slotTime: block.time,
      runtime: { name: 'fake', version: 1 },
      undecodable: undefined,
      hasBody: true,
      extrinsics: [{
        index: 0, hash: root, size: 142, hex: `0x${'84'.repeat(142)}`, call,
        signed: { account: { kind: 'account', account: BOB }, nonce: '7', tip: '0', mortality: undefined },
        problem: undefined, succeeded: false, fee: '125000000',
        failure: { pallet: 'Balances', name: 'InsufficientBalance', docs: 'Balance too low to send value' },
        events: [],
      }],
      events: [],
      eventsProblem: undefined,
      digest: [{ kind: 'slot', claim: 'primary', slot: 283_333_333, authorityIndex: 0 }],
      justifications: [],
      token: { symbol: 'UNIT', decimals: 12 },
    }
  }

  async search(text: string): Promise<SearchResult> {
    const hash = /^\d+$/.test(text) ? this.hashByNumber(Number(text)) : this.#blocks.find((block) => block.hash === text)?.hash
    const block = this.#blocks.find((known) => known.hash === hash)
    if (block === undefined) return { kind: 'nothing', reason: /^\d+$/.test(text) ? 'noSuchBlock' : 'notUnderstood', searched: 0 }
    return { kind: 'block', block: { hash: block.hash, number: block.number } }
  }

  #keep(block: ChainBlock): void {
    this.#blocks.push(block)
    this.#cursor++
    if (this.#blocks.length > KEPT) this.#blocks.shift()
  }
}
