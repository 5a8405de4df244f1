/**
 * What one peer may take of this node. Requests are counted before they get here; but one of them may cost a few bytes or
 * megabytes, and a microsecond or a runtime call.
 *
 * {@link Slots} bounds what is under way at the same time, for all and for each. {@link PeerBudget} bounds bytes over time:
 * whoever has had more than its share waits for the next answer, and is refused only where the wait would be too long.
 * Waiting costs nobody anything, and a node that fetches a whole state is slowed down instead of being turned away.
 */
import type { Clock } from '../../base/clock.ts'
import { Lru } from '../../base/lru.ts'
import type { RequestHandler } from '../contracts.ts'
import { REFUSED } from './errors.ts'

export interface SlotLimits {
  /** Where all peers together have so many under way, a further one is refused. */
  readonly total: number
  /** Where one peer has so many under way, its next one waits for them. (How many may wait is bounded by its streams.) */
  readonly perPeer: number
}

interface Share {
  running: number
  readonly waiting: (() => void)[]
}

export class Slots {
  readonly #limits: SlotLimits
  readonly #shares = new Map<string, Share>()
  #taken = 0

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /** Runs a task in a slot. Undefined where there is none, or `signal` aborted while it waited. */
  async run<T>(peer: string, signal: AbortSignal, task: () => Promise<T>): Promise<T | undefined> {
    const share = this.#shares.get(peer) ?? { running: 0, waiting: [] }
    this.#shares.set(peer, share)
    while (share.running >= this.#limits.perPeer) await new Promise<void>((resolve) => share.waiting.push(resolve))
    if (signal.aborted || this.#taken >= this.#limits.total) {
      this.#release(peer, share)
      return undefined
    }
    this.#taken++
    share.running++
    try {
      return await task()
    } finally {
      this.#taken--
      share.running--
      this.#release(peer, share)
    }
  }

  /** The peer's next one may run. */
  #release(peer: string, share: Share): void {
    const next = share.waiting.shift()
    if (next !== undefined) next()
    else if (share.running === 0 && this.#shares.get(peer) === share) this.#shares.delete(peer)
  }
}

export interface BudgetLimits {
  /** What a peer may take on average. */
  readonly bytesPerSecond: number
  /** What it may take at once, after a while in which it took nothing. */
  readonly burstBytes: number
  /** The longest wait, in milliseconds: well below what others wait for an answer. */
  readonly maxWaitMs: number
}

/** Peers that are remembered; all at once are far fewer. */
const REMEMBERED_PEERS = 2048

interface Account {
  /** Below zero where the last answers took more than there was. */
  bytes: number
  at: number
}

export class PeerBudget {
  readonly #clock: Clock
  readonly #limits: BudgetLimits
  readonly #accounts = new Lru<string, Account>(REMEMBERED_PEERS)

  constructor(clock: Clock, limits: BudgetLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** True as soon as the peer may have another answer; false where that takes too long, or `signal` aborts. */
  async admit(peer: string, signal: AbortSignal): Promise<boolean> {
    const until = this.#clock.now() + this.#limits.maxWaitMs
    for (;;) {
      if (signal.aborted) return false
      const { bytes } = this.#account(peer)
      if (bytes > 0) return true
      const waitMs = Math.ceil(((1 - bytes) / this.#limits.bytesPerSecond) * 1000)
      if (this.#clock.now() + waitMs > until) return false
      await this.#wait(waitMs, signal)
    }
  }

  /** After the fact: how large an answer becomes is known when it is there. */
  spend(peer: string, bytes: number): void {
    this.#account(peer).bytes -= bytes
  }

  #account(peer: string): Account {
    const { bytesPerSecond, burstBytes } = this.#limits
    const now = this.#clock.now()
    const account = this.#accounts.get(peer) ?? { bytes: burstBytes, at: now }
    account.bytes = Math.min(burstBytes, account.bytes + (Math.max(0, now - account.at) * bytesPerSecond) / 1000)
    account.at = now
    this.#accounts.set(peer, account)
    return account
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(ms, () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
      const onAbort = (): void => {
        cancel()
        resolve()
      }
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}

/** A handler whose answers come out of the budget of whoever asks. */
export function withinBudget(handler: RequestHandler, budget: PeerBudget): RequestHandler {
  return {
    spec: handler.spec,
    async onRequest(peer, request, signal) {
      if (!(await budget.admit(peer, signal))) return REFUSED
      const answer = await handler.onRequest(peer, request, signal)
      if (answer.kind === 'response') budget.spend(peer, answer.bytes.length)
      return answer
    },
  }
}
