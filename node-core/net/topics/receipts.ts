/**
 * Receipts: what became of a message at each peer of a list. A message to a list carries a *ticket*; the node of each peer answers with it and an
 * outcome, once its services have the message in their queues or will not get it. Whoever does not answer in time, or goes, is told as such.
 * State machine: what is sent is its owner's to send.
 */
import { toHex } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { NodeError } from '../../base/errors.ts'
import type { TopicErrorCode } from './descriptor.ts'

/** What a peer says: `taken` by one service or more, `no-service` there, `refused` by the topic's owner there. Numbers are never used again. */
export const OUTCOMES = { taken: 1, 'no-service': 2, refused: 3 } as const
/** `not-connected`: the topic was not open with it; `lost`: it went before it answered; `silent`: it did not answer in time. */
export type Outcome = keyof typeof OUTCOMES | 'not-connected' | 'lost' | 'silent'

export const TICKET_BYTES = 8
/** Messages that wait for receipts. */
const MOST_WAITING = 4096
const BY_NUMBER = new Map<number, keyof typeof OUTCOMES>(Object.entries(OUTCOMES).map(([outcome, number]) => [number, outcome as keyof typeof OUTCOMES]))

interface Waiting {
  /** Peers who have not answered. */
  readonly open: Set<string>
  readonly outcomes: Map<string, Outcome>
  readonly resolve: (outcomes: ReadonlyMap<string, Outcome>) => void
  readonly cancel: Disposer
}

export class Receipts {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #waiting = new Map<string, Waiting>()

  constructor(dependencies: { readonly clock: Clock }, options: { readonly patienceMs: number }) {
    this.#clock = dependencies.clock
    this.#patienceMs = options.patienceMs
  }

  get size(): number {
    return this.#waiting.size
  }

  /**
   * Resolves when each of these peers has an outcome. Throws NET_TOPIC_BUSY where too many messages wait already.
   * `ticket`: eight bytes, other ones each time.
   */
  expect(ticket: Uint8Array, peers: readonly string[]): Promise<ReadonlyMap<string, Outcome>> {
    if (this.#waiting.size >= MOST_WAITING) {
      throw new NodeError<TopicErrorCode>('NET_TOPIC_BUSY', `${MOST_WAITING} messages wait for receipts already.`, { hint: 'Send the next ones when some have come.' })
    }
    const name = toHex(ticket)
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(this.#patienceMs, () => this.#settle(name, [...(this.#waiting.get(name)?.open ?? [])], 'silent'))
      this.#waiting.set(name, { open: new Set(peers), outcomes: new Map(), resolve, cancel })
      this.#settle(name, [], 'silent')
    })
  }

  /** The message did not go out to these. */
  onUnsent(ticket: Uint8Array, peers: readonly string[]): void {
    this.#settle(toHex(ticket), peers, 'not-connected')
  }

  /** A receipt came. False where nothing of the kind is waited for, or it is none. */
  onReceipt(peer: string, ticket: Uint8Array, number: number): boolean {
    const outcome = BY_NUMBER.get(number)
    const name = toHex(ticket)
    if (outcome === undefined || this.#waiting.get(name)?.open.has(peer) !== true) return false
    this.#settle(name, [peer], outcome)
    return true
  }

  /** The topic closed with the peer. */
  onClosed(peer: string): void {
    for (const name of [...this.#waiting.keys()]) this.#settle(name, [peer], 'lost')
  }

  stop(): void {
    for (const [name, { open }] of [...this.#waiting]) this.#settle(name, [...open], 'lost')
  }

  #settle(name: string, peers: readonly string[], outcome: Outcome): void {
    const waiting = this.#waiting.get(name)
    if (waiting === undefined) return
    for (const peer of peers) if (waiting.open.delete(peer)) waiting.outcomes.set(peer, outcome)
    if (waiting.open.size > 0) return
    this.#waiting.delete(name)
    waiting.cancel()
    waiting.resolve(waiting.outcomes)
  }
}
