/**
 * Which peer to ask next, and which to leave alone for a while: what the stages of joining have in common.
 *
 * A peer that refused or did not answer rests; one that sent what is not true is reported, and is not asked again by this node. Time
 * passes by the clock that is handed in.
 */
import type { Clock } from '../../base/clock.ts'
import { isNodeError } from '../../base/errors.ts'
import type { PeerFault } from '../../network/contracts.ts'
import type { JoinNetwork, JoinPeer } from './types.ts'

/** After a refusal, and after no answer. */
const REFUSED_MS = 60_000
const FAILED_MS = 20_000

/** How often waiting looks up. */
const LOOK_MS = 500

/** What a false proof costs: no honest node sends one. */
const FALSE_PROOF: PeerFault = { code: 'false-proof', cost: -1_000, ban: true }

/** What became of a question. `ours`: nothing that the peer could help. */
export type Failing = 'fault' | 'refused' | 'unanswered' | 'ours'

export class Patience {
  readonly #network: JoinNetwork
  readonly #clock: Clock
  readonly #rest = new Map<string, number>()
  readonly #liars = new Set<string>()
  /** Who refused and was not heard to serve since. */
  readonly #refused = new Set<string>()

  constructor(network: JoinNetwork, clock: Clock) {
    this.#network = network
    this.#clock = clock
  }

  /** Peers that may be asked now, those with the highest chains first. */
  ready(): JoinPeer[] {
    const now = this.#clock.now()
    return this.#network.peers().filter(({ id }) => !this.#liars.has(id) && (this.#rest.get(id) ?? 0) <= now).sort((a, b) => b.best.number - a.best.number)
  }

  /** Everybody who is here has refused, and somebody is here. */
  get nobodyServes(): boolean {
    const peers = this.#network.peers().filter(({ id }) => !this.#liars.has(id))
    return peers.length > 0 && peers.every(({ id }) => this.#refused.has(id))
  }

  served(peer: string): void {
    this.#refused.delete(peer)
    this.#rest.delete(peer)
  }

  /** Draws the conclusions from what a question ended with. */
  failed(peer: string, error: unknown): Failing {
    const failing = failingOf(error)
    if (failing === 'fault') {
      this.#liars.add(peer)
      this.#network.judge.report(peer, FALSE_PROOF)
    } else if (failing !== 'ours') {
      if (failing === 'refused') this.#refused.add(peer)
      this.#rest.set(peer, this.#clock.now() + (failing === 'refused' ? REFUSED_MS : FAILED_MS))
    }
    return failing
  }

  /** Resolves after a moment; rejects with the signal's reason. */
  moment(signal: AbortSignal): Promise<void> {
    return wait(this.#clock, LOOK_MS, signal)
  }
}

/** Rejects with the signal's reason. */
export async function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const cancel = clock.schedule(ms, resolve)
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}

function failingOf(error: unknown): Failing {
  if (!isNodeError(error)) return 'ours'
  if ('fault' in error && error.fault !== undefined) return 'fault'
  if (error.code === 'NETWORK_REFUSED' || error.code === 'RESPONSE_EMPTY') return 'refused'
  return error.code.startsWith('NETWORK_') ? 'unanswered' : 'ours'
}
