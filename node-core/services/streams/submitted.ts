/**
 * Transactions that were submitted here, and what became of them, so that a client which lost its connection can ask again. Each is a feed of its statuses;
 * the newest thousand are remembered.
 */
import type { Hash } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import { ServiceError } from '../errors.ts'
import { Feed } from './feed.ts'

type Submitted = Awaited<ReturnType<ChainNode['queries']['submit']>>
type Status = Submitted['statuses'] extends AsyncIterable<infer One> ? One : never
/** Why nothing more is known. */
export type TransactionEvent = Status | { readonly kind: 'lost'; readonly reason: string }

const REMEMBERED = 1024
const STATUSES = { keptEvents: 128, waitingEvents: 128 }

export class SubmittedTransactions {
  readonly #end = new AbortController()
  readonly #feeds = new Map<string, Feed<TransactionEvent>>()

  /** Resolves once it is in the pool; throws what the pool refuses it with. */
  async submit(network: string, node: Pick<ChainNode, 'queries'>, transaction: Uint8Array): Promise<Hash> {
    const { hash, statuses } = await node.queries.submit(transaction, this.#end.signal)
    const feed = new Feed<TransactionEvent>(STATUSES)
    this.#feeds.set(nameOf(network, hash), feed)
    if (this.#feeds.size > REMEMBERED) this.#feeds.delete(this.#feeds.keys().next().value as string)
    void record(feed, statuses)
    return hash
  }

  /** Throws SERVICE_TRANSACTION_UNKNOWN. */
  feed(network: string, hash: string): Feed<TransactionEvent> {
    const feed = this.#feeds.get(nameOf(network, hash))
    if (feed !== undefined) return feed
    throw new ServiceError('SERVICE_TRANSACTION_UNKNOWN', 'No transaction of this hash was submitted here lately.', { hint: 'Only those that were handed in by Transaction.Submit since the start are watched.' })
  }

  dispose(): void {
    this.#end.abort()
    this.#feeds.clear()
  }
}

async function record(feed: Feed<TransactionEvent>, statuses: AsyncIterable<Status>): Promise<void> {
  let reason = 'the node stopped watching it'
  try {
    for await (const status of statuses) feed.push(status)
  } catch (error) {
    reason = errorMessage(error)
  }
  feed.push({ kind: 'lost', reason })
}

function nameOf(network: string, hash: string): string {
  return `${network} ${hash.toLowerCase()}`
}
