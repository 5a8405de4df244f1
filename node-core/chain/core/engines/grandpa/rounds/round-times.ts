/**
 * The times of one round (Polkadot Host spec, section 6.3 "Process"): two gossip durations after its begin a voter prevotes, four after
 * it precommits, unless the votes of others let it do so earlier. What it said is said again where ten pass without progress.
 */
const PREVOTE_AFTER = 2
const PRECOMMIT_AFTER = 4
const REPEAT_AFTER = 10

export class RoundTimes {
  readonly #gossipDuration: number
  #startedAt = 0
  #repeatAt = 0

  /** `gossipDuration`: how long a message takes to reach (nearly) everybody, in milliseconds. */
  constructor(gossipDuration: number) {
    this.#gossipDuration = gossipDuration
  }

  begin(now: number): void {
    this.#startedAt = now
    this.repeated(now)
  }

  /** What was said is said again, as of now. */
  repeated(now: number): void {
    this.#repeatAt = now + this.patience
  }

  /** So long nothing may happen. */
  get patience(): number {
    return this.#gossipDuration * REPEAT_AFTER
  }

  isForPrevote(now: number): boolean {
    return now >= this.#startedAt + PREVOTE_AFTER * this.#gossipDuration
  }

  isForPrecommit(now: number): boolean {
    return now >= this.#startedAt + PRECOMMIT_AFTER * this.#gossipDuration
  }

  isForRepeat(now: number): boolean {
    return now >= this.#repeatAt
  }

  /** The next of these times, or `other` where that is earlier; the times of voting pass without leave. */
  next(now: number, other = Number.POSITIVE_INFINITY): number {
    const votes = [PREVOTE_AFTER, PRECOMMIT_AFTER].map((durations) => this.#startedAt + durations * this.#gossipDuration)
    return Math.min(...[...votes, this.#repeatAt, other].filter((time) => time > now), now + this.patience)
  }
}
