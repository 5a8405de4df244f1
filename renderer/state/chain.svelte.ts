/** The blocks screen: the recent chain, and what was chosen or searched for in it. */
import { whileVisible } from './visibility.ts'
import { joinNews, type ChainNews } from '../text/chain-layout.ts'
import { problemOf } from '../text/problem.ts'
import type { ChainBatch } from '../../node-core/api/network/explorer.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'
import type { Hash } from '../../node-core/base/bytes.ts'
import type { AccountDetails, BlockDetails, SearchResult } from '../../node-core/chain/explorer/types.ts'
import type { ApiClient } from '../trpc/client.ts'

/** Blocks remembered by the window. */
const KEPT = 300

export type Shown =
  | { readonly kind: 'block'; readonly block: BlockDetails; readonly extrinsic: number | undefined }
  | { readonly kind: 'account'; readonly account: AccountDetails }
  | { readonly kind: 'nothing'; readonly text: string; readonly result: Extract<SearchResult, { kind: 'nothing' }> }
  | { readonly kind: 'problem'; readonly problem: ApiProblem }

export class Chain {
  readonly #client: ApiClient
  readonly #network: string
  #news = $state.raw<ChainNews | undefined>()
  #shown = $state.raw<Shown | undefined>()
  #selected = $state<Hash | undefined>()
  #busy = $state(false)
  #asked = 0

  constructor(client: ApiClient, network: string) {
    this.#client = client
    this.#network = network
  }

  get news(): ChainNews | undefined {
    return this.#news
  }

  get shown(): Shown | undefined {
    return this.#shown
  }

  /** Hash of the block that is shown or being fetched. */
  get selected(): Hash | undefined {
    return this.#selected
  }

  /** A question is under way. */
  get busy(): boolean {
    return this.#busy
  }

  /** Follows the chain while the window is visible; the returned function ends that. */
  follow(onError: (error: unknown) => void): () => void {
    return whileVisible(() => this.#client.explorer.chain.subscribe({ network: this.#network }, { onData: (batch) => this.apply(batch), onError }))
  }

  apply(batch: ChainBatch): void {
    this.#news = joinNews(batch.reset ? undefined : this.#news, batch, KEPT)
    if (this.#shown?.kind === 'block') this.#refreshPlace(this.#shown)
  }

  open(hash: Hash, extrinsic?: number): Promise<void> {
    this.#selected = hash
    return this.#ask(async () => {
      const block = await this.#client.explorer.block.query({ network: this.#network, block: hash })
      return { kind: 'block', block, extrinsic }
    })
  }

  search(text: string): Promise<void> {
    return this.#ask(async () => {
      const result = await this.#client.explorer.search.query({ network: this.#network, text })
      if (result.kind === 'nothing') return { kind: 'nothing', text, result }
      if (result.kind === 'account') return result
      const block = await this.#client.explorer.block.query({ network: this.#network, block: result.block.hash })
      return { kind: 'block', block, extrinsic: result.kind === 'extrinsic' ? result.index : undefined }
    })
  }

  close(): void {
    this.#asked++
    this.#busy = false
    this.#shown = undefined
    this.#selected = undefined
  }

  /** The last question wins. */
  async #ask(question: () => Promise<Shown>): Promise<void> {
    const turn = ++this.#asked
    this.#busy = true
    let shown: Shown
    try {
      shown = await question()
    } catch (error) {
      shown = { kind: 'problem', problem: problemOf(error) }
    }
    if (turn !== this.#asked) return
    this.#busy = false
    this.#shown = shown
    this.#selected = shown.kind === 'block' ? shown.block.hash : shown.kind === 'problem' ? this.#selected : undefined
  }

  /** What was not final when it was opened may be so now. */
  #refreshPlace({ block, extrinsic }: Extract<Shown, { kind: 'block' }>): void {
    if (block.place === 'final' || block.place === 'retracted' || this.#news === undefined) return
    if (block.number > this.#news.finalized.number) return
    void this.open(block.hash, extrinsic)
  }
}
