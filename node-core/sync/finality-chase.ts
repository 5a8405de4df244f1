/** What is final elsewhere and not here: the blocks are here, their justifications did not come with them and are asked for. */
import type { SyncContext } from './context.ts'
import type { FetchedBlock } from './types.ts'

/** Finality that lags by more blocks than this, for longer than that, is asked for. */
const FINALITY = { lag: 16, patienceMs: 30_000 }

export class FinalityChase {
  readonly #context: SyncContext
  /** What is final, and since when, or since when it was asked beyond. */
  #at: { readonly number: number; readonly since: number }

  constructor(context: SyncContext, now: number) {
    this.#context = context
    this.#at = { number: -1, since: now }
  }

  /** `isDownloading`: blocks are on their way, and may bring what is missing. */
  tick(now: number, isDownloading: boolean): void {
    const { blocks, peers, options, requests } = this.#context
    const { number } = blocks.finalized()
    if (number !== this.#at.number) this.#at = { number, since: now }
    if (now < this.#at.since + FINALITY.patienceMs || isDownloading) return
    if (blocks.best().number - number <= FINALITY.lag) return
    const ahead = peers.believed(now).filter(({ best }) => best.number > number)
    const peer = peers.fastestFree(ahead, now)
    if (peer === undefined) return
    this.#at = { number, since: now }
    const request = { from: number + 1, direction: 'ascending', maxBlocks: options.batch, body: false, justifications: true } as const
    requests.send(peer, request, { kind: 'finality', subject: this, use: (answer) => this.#use(answer), drop: () => undefined }, now)
  }

  #use(answer: readonly FetchedBlock[]): void {
    const { blocks } = this.#context
    for (const { ref, justifications, peer } of answer) {
      if (!blocks.hasBlock(ref.hash)) return
      for (const justification of justifications) this.#context.act({ kind: 'justify', block: ref, justification, peer })
    }
  }
}
