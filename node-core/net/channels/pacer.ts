/**
 * How much may be under way, so that the queue below us stays short.
 *
 * Below a session there are buffers that take whatever they are given: the multiplexer's, the kernel's, a router's. What is urgent waits
 * behind what lies in them, and nobody above can overtake there. So the pacer lets only so much out that the line is just kept busy:
 *
 *     window = delivery rate × (base round trip + 10 ms)
 *
 * The other side tells how much it took (acknowledgements of the session); from that the rate, as the greatest of late, and from the
 * quickest answer the base. A window above rate × base stands in a queue, here for about 10 ms: enough to find out when the
 * line got faster (more comes through, so the window grows by the ratio of the two times with each round trip), and little
 * enough for whoever is urgent. TCP's own control below is not replaced; it merely is given no more than it can send at once.
 *
 * - The beginning: the window grows by what is acknowledged, so it doubles with each round trip, until answers take 10 ms longer than the base.
 * - A base is believed for ten seconds. Since a queue of our own stands in every measurement, the window is then halved for
 *   a round trip or two, and what is measured at its end is the new base (as BBR does it).
 * - What was sent while there was too little to send says nothing about the line, unless it came through quicker than ever.
 *
 * Pure: told what was sent and acknowledged and when, in milliseconds with fractions. It trusts the other side: one that acknowledges
 * too early makes us fill the buffers of its own line.
 */

/** Aim for the queue below us. */
export const QUEUE_MS = 10
/** The window before anything is known. */
export const FIRST_WINDOW = 32 * 1024
const MAX_WINDOW = 8 * 1024 * 1024
/** Control goes beyond the window by as much. */
export const CONTROL_RESERVE = 64 * 1024
const MIN_FRAME = 1024
const MAX_FRAME = 64 * 1024
const FIRST_FRAME = 8 * 1024
/** What it may take to put one frame on the line. */
const FRAME_MS = 3
const BASE_BELIEVED_MS = 10_000
/** A rate is the greatest of so many round trips, and of no less time. */
const RATE_ROUNDS = 8
const RATE_MIN_MS = 200

/** What is remembered of a frame that was sent, until it is acknowledged. */
export interface SendMark {
  readonly sentAt: number
  /** Bytes that had been acknowledged when it was sent, and when the last of them was. */
  readonly delivered: number
  readonly deliveredAt: number
}

interface Rate {
  /** Bytes per millisecond. */
  readonly value: number
  readonly at: number
}

interface Probe {
  until: number | undefined
  quickest: number
}

export class Pacer {
  #inFlight = 0
  #delivered = 0
  #deliveredAt = 0
  /** Up to here deliveries are of a time when there was too little to send. */
  #dryUntil = 0
  #window = FIRST_WINDOW
  #starting = true
  #base = Number.POSITIVE_INFINITY
  #baseAt = 0
  #rtt: number | undefined
  /** Falling values, each later than the one before. */
  #rates: Rate[] = []
  /** While the base is measured anew: when that ends, once the window is small; and the quickest answer. */
  #probe: Probe | undefined

  get inFlight(): number {
    return this.#inFlight
  }

  /** Bytes that may be under way. */
  get window(): number {
    return this.#window
  }

  /** Milliseconds, smoothed; undefined before the first answer. */
  get rttMs(): number | undefined {
    return this.#rtt
  }

  /** Milliseconds of a round trip without a queue. */
  get baseMs(): number | undefined {
    return Number.isFinite(this.#base) ? this.#base : undefined
  }

  /** Bytes per second that come through; undefined before the first answer. */
  get bytesPerSecond(): number | undefined {
    const rate = this.#rates[0]
    return rate === undefined ? undefined : rate.value * 1000
  }

  /** The longest payload of a frame: on a slow line a long one would keep what is urgent waiting. */
  get frameBytes(): number {
    const rate = this.#rates[0]
    return rate === undefined ? FIRST_FRAME : Math.floor(clamp(rate.value * FRAME_MS, MIN_FRAME, MAX_FRAME))
  }

  /** Bytes that may still be sent; for control also beyond the window. */
  room(isControl: boolean): number {
    return this.#window + (isControl ? CONTROL_RESERVE : 0) - this.#inFlight
  }

  onSent(bytes: number, now: number): SendMark {
    if (this.#inFlight === 0) this.#deliveredAt = now
    this.#inFlight += bytes
    return { sentAt: now, delivered: this.#delivered, deliveredAt: this.#deliveredAt }
  }

  /** There is room, and nothing to send. */
  onDry(): void {
    this.#dryUntil = this.#delivered + this.#inFlight
  }

  /** So many bytes were acknowledged, the last of them sent at `mark`. */
  onAcked(bytes: number, mark: SendMark, now: number): void {
    this.#inFlight -= bytes
    this.#delivered += bytes
    this.#deliveredAt = now
    const rate = (this.#delivered - mark.delivered) / Math.max(now - mark.deliveredAt, 0.05)
    this.#rate(rate, mark.delivered < this.#dryUntil, now)
    if (this.#starting) this.#window = Math.min(this.#window + bytes, MAX_WINDOW)
    else this.#aim(now)
  }

  /** An answer that was asked for took so long. */
  onRoundTrip(ms: number, now: number): void {
    this.#rtt = this.#rtt === undefined ? ms : this.#rtt + (ms - this.#rtt) / 8
    if (ms <= this.#base) {
      this.#base = ms
      this.#baseAt = now
      this.#probe = undefined
    } else if (this.#probe === undefined && now - this.#baseAt > BASE_BELIEVED_MS) {
      this.#probe = { until: undefined, quickest: ms }
    }
    if (this.#probe !== undefined) this.#look(this.#probe, ms, now)
    if (this.#starting && ms > this.#base + QUEUE_MS) this.#starting = false
  }

  /** Another line: what is known of the former one does not count. Nothing is under way. */
  reset(): void {
    this.#inFlight = 0
    this.#delivered = 0
    this.#deliveredAt = 0
    this.#dryUntil = 0
    this.#window = FIRST_WINDOW
    this.#starting = true
    this.#base = Number.POSITIVE_INFINITY
    this.#rtt = undefined
    this.#rates = []
    this.#probe = undefined
  }

  #rate(value: number, isDry: boolean, now: number): void {
    const oldest = now - Math.max(RATE_MIN_MS, RATE_ROUNDS * (this.#rtt ?? 0))
    const known = this.#rates[0]?.value ?? 0
    if (isDry && value < known) return
    // One stays: better an old rate than none.
    while (this.#rates.length > 1 && (this.#rates[0] as Rate).at < oldest) this.#rates.shift()
    if (this.#rates.length === 1 && (this.#rates[0] as Rate).at < oldest) this.#rates = []
    while (this.#rates.length > 0 && (this.#rates.at(-1) as Rate).value <= value) this.#rates.pop()
    this.#rates.push({ value, at: now })
  }

  #aim(now: number): void {
    const rate = this.#rates[0]?.value
    if (rate === undefined || this.baseMs === undefined) return
    const { frameBytes } = this
    const least = 2 * Math.min(frameBytes, FIRST_FRAME)
    const full = clamp(rate * (this.#base + QUEUE_MS), least, MAX_WINDOW)
    if (this.#probe === undefined) {
      this.#window = full
      return
    }
    this.#window = clamp((rate * this.#base) / 2, frameBytes, MAX_WINDOW)
    if (this.#inFlight <= this.#window) this.#probe.until ??= now + this.#base
  }

  #look(probe: Probe, ms: number, now: number): void {
    if (probe.until === undefined) {
      probe.quickest = ms
      return
    }
    probe.quickest = Math.min(probe.quickest, ms)
    if (now < probe.until) return
    this.#base = probe.quickest
    this.#baseAt = now
    this.#probe = undefined
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
