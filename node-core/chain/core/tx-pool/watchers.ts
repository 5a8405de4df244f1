/**
 * Who wants to hear what becomes of a transaction. A watcher hears every status in order; its queue is bounded by what
 * can happen to one transaction, and it ends with a final status or with its signal.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { TransactionStatus } from '../types.ts'

/** Statuses after which nothing more can happen. */
const FINAL: readonly TransactionStatus['kind'][] = ['finalized', 'finalityTimeout', 'usurped', 'dropped', 'invalid']

export function isFinalStatus(status: TransactionStatus): boolean {
  return FINAL.includes(status.kind)
}

/** One subscription to one transaction. */
class Watcher implements AsyncIterable<TransactionStatus> {
  readonly #queue: TransactionStatus[] = []
  #wake: (() => void) | undefined
  #ended = false

  push(status: TransactionStatus): void {
    if (this.#ended) return
    this.#queue.push(status)
    if (isFinalStatus(status)) this.#ended = true
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TransactionStatus> {
    for (;;) {
      const status = this.#queue.shift()
      if (status !== undefined) {
        yield status
        continue
      }
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
  }
}

export class Watchers {
  readonly #byHash = new Map<Hash, Set<Watcher>>()

  watch(hash: Hash, signal: AbortSignal): AsyncIterable<TransactionStatus> {
    const watcher = new Watcher()
    let set = this.#byHash.get(hash)
    if (set === undefined) this.#byHash.set(hash, (set = new Set()))
    set.add(watcher)
    const stop = () => {
      watcher.end()
      this.#forget(hash, watcher)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    return watcher
  }

  notify(hash: Hash, status: TransactionStatus): void {
    for (const watcher of this.#byHash.get(hash) ?? []) watcher.push(status)
    if (isFinalStatus(status)) this.#byHash.delete(hash)
  }

  /** Ends every watcher. */
  close(): void {
    for (const set of this.#byHash.values()) for (const watcher of set) watcher.end()
    this.#byHash.clear()
  }

  get size(): number {
    return this.#byHash.size
  }

  #forget(hash: Hash, watcher: Watcher): void {
    const set = this.#byHash.get(hash)
    set?.delete(watcher)
    if (set?.size === 0) this.#byHash.delete(hash)
  }
}
