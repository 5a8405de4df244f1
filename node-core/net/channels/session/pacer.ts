/**
 * How much may be under way, so that the queue below us stays short.
 *
 * Below a session there are buffers that take whatever they are given: the multiplexer's, the kernel's, a router's. What is urgent waits
 * behind what lies in them, and nobody above can overtake there. So the pacer lets only so much out that the line is just kept busy.
 *
 * The other side answers when it is asked how much it took. An answer takes the *base* (the quickest of late) and what stands in a queue on the way. The
 * *standing* round trip is the quickest within about two of them: a computer that was busy with something else makes an answer late and
 * never early, so the quickest tells the queue from that. Once a round trip the window follows:
 *
 *     window = window × (base + 10 ms) / standing
 *
 * So about 10 ms of bytes stand in a queue: enough to keep the line busy and to find out when it got faster (the queue goes, so the window
 * grows), and little enough for whoever is urgent. TCP's own control below is not replaced; it merely is given no more than it can send at once.
 *
 * - The beginning: the window grows by what is acknowledged, so it doubles with each round trip, until a queue of 10 ms stands.
 * - A base is believed for ten seconds. Since a queue of our own stands in every answer, the window is then small for a round trip or two, and what
 *   is measured at its end is the new base (as BBR does it).
 * - A window grows only while there is more to send than it lets out.
 * - On a computer that is always busy every answer is late, however little is under way, and by this rule alone the window would fall to nothing. So it
 *   never falls below half of what the line has carried of late: the best rate of two seconds (by answers, as BBR takes it) for base + 10 ms.
 *
 * Pure: told what was sent and acknowledged and when, in milliseconds with fractions. It trusts the other side: one that acknowledges
 * too early makes us fill the buffers of its own line.
 */

/** Aim for the queue below us. */
export const QUEUE_MS = 10
/** The window before anything is known. */
export const FIRST_WINDOW = 32 * 1024
const MAX_WINDOW = 8 * 1024 * 1024
const MIN_WINDOW = 2048
/** Control goes beyond the window by as much. */
export const CONTROL_RESERVE = 64 * 1024
const MIN_FRAME = 1024
const MAX_FRAME = 64 * 1024
/** What it may take to put one frame on the line. */
const FRAME_MS = 3
const BASE_BELIEVED_MS = 10_000
/** The standing round trip is the quickest of so many milliseconds, or of two round trips. */
const STANDING_MS = 40
/** The beginning is over when so many answers in a row say that a queue stands. */
const LATEST = 3
/** A window changes by these factors at a time. */
const [SHRINK, GROW] = [0.5, 1.25]
/** The best rate is that of this time and the one before. */
const BEST_MS = 1000
/** The part of it that the window keeps. */
const KEPT = 0.5
/** What comes through is counted over so long. */
const RATE_MS = 250

interface RoundTrip {
  readonly ms: number
  readonly at: number
}

/** Bytes that were acknowledged by a moment, all in all. */
interface Delivered {
  readonly bytes: number
  readonly at: number
}

/** While the base is measured anew. */
interface Probe {
  /** When that ends; known once as little is under way as should be. */
  until: number | undefined
  quickest: number
  readonly windowBefore: number
}

export class Pacer {
  #inFlight = 0
  #window = FIRST_WINDOW
  #starting = true
  /** The window kept something back since it was last looked at. */
  #isLimiting = false
  #base = Number.POSITIVE_INFINITY
  #baseAt = 0
  #rtt: number | undefined
  /** Rising round trips, each later than the one before: the first is the standing one. */
  #standing: RoundTrip[] = []
  /** The round trips measured last. */
  #latest: readonly number[] = []
  #aimedAt = 0
  #probe: Probe | undefined
  #delivered = 0
  /** As it was at each acknowledgement since the oldest question that may be open. */
  #deliveries: Delivered[] = []
  /** Bytes per millisecond. */
  #best = { rate: 0, before: 0, since: 0 }
  /** Bytes acknowledged since a moment, and the rate before that. */
  #counted = { bytes: 0, since: undefined as number | undefined, rate: undefined as number | undefined }

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

  /** Bytes per second that came through of late; undefined before that is known. */
  get bytesPerSecond(): number | undefined {
    const { rate } = this.#counted
    return rate === undefined ? undefined : rate * 1000
  }

  /** The longest payload of a frame: on a slow line a long one would keep what is urgent waiting. */
  get frameBytes(): number {
    const window = this.#probe?.windowBefore ?? this.#window
    const rate = window / ((Number.isFinite(this.#base) ? this.#base : 0) + QUEUE_MS)
    return Math.floor(clamp(rate * FRAME_MS, MIN_FRAME, MAX_FRAME))
  }

  /** Bytes that may still be sent; for control also beyond the window. */
  room(isControl: boolean): number {
    return this.#window + (isControl ? CONTROL_RESERVE : 0) - this.#inFlight
  }

  onSent(bytes: number): void {
    this.#inFlight += bytes
  }

  /** There is more to send than the window lets out. */
  onLimiting(): void {
    this.#isLimiting = true
  }

  /** So many bytes were acknowledged. */
  onAcked(bytes: number, now: number): void {
    this.#inFlight -= bytes
    this.#count(bytes, now)
    this.#delivered += bytes
    this.#deliveries.push({ bytes: this.#delivered, at: now })
    if (this.#starting && this.#isLimiting) this.#window = Math.min(this.#window + bytes, MAX_WINDOW)
    const probe = this.#probe
    if (probe !== undefined && this.#inFlight <= this.#window) probe.until ??= now + this.#base
  }

  /** An answer that was asked for took so long. */
  onRoundTrip(ms: number, now: number): void {
    this.#rtt = this.#rtt === undefined ? ms : this.#rtt + (ms - this.#rtt) / 8
    if (ms <= this.#base) {
      this.#base = ms
      this.#baseAt = now
    }
    this.#measure(now - ms, now)
    if (this.#probe !== undefined) return this.#look(this.#probe, ms, now)
    this.#stand(ms, now)
    if (now - this.#baseAt > BASE_BELIEVED_MS) return this.#beginProbe(ms)
    this.#aim(now)
  }

  /** Another line: what is known of the former one does not count. Nothing is under way. */
  reset(): void {
    this.#inFlight = 0
    this.#window = FIRST_WINDOW
    this.#starting = true
    this.#isLimiting = false
    this.#base = Number.POSITIVE_INFINITY
    this.#rtt = undefined
    this.#standing = []
    this.#latest = []
    this.#aimedAt = 0
    this.#probe = undefined
    this.#delivered = 0
    this.#deliveries = []
    this.#best = { rate: 0, before: 0, since: 0 }
    this.#counted = { bytes: 0, since: undefined, rate: undefined }
  }

  #stand(ms: number, now: number): void {
    const oldest = now - Math.max(STANDING_MS, 2 * (this.#rtt ?? 0))
    while (this.#standing.length > 0 && (this.#standing[0] as RoundTrip).at < oldest) this.#standing.shift()
    this.#latest = [...this.#latest.slice(1 - LATEST), ms]
    while (this.#standing.length > 0 && (this.#standing.at(-1) as RoundTrip).ms >= ms) this.#standing.pop()
    this.#standing.push({ ms, at: now })
  }

  /** Once a round trip. */
  #aim(now: number): void {
    const standing = (this.#standing[0] as RoundTrip).ms
    if (Math.min(...this.#latest) > this.#base + QUEUE_MS) this.#starting = false
    if (this.#starting || now - this.#aimedAt < (this.#rtt ?? 0)) return
    this.#aimedAt = now
    const factor = clamp((this.#base + QUEUE_MS) / Math.max(standing, 0.1), SHRINK, GROW)
    const least = Math.max(this.#best.rate, this.#best.before) * (this.#base + QUEUE_MS) * KEPT
    if (factor <= 1 || this.#isLimiting) this.#window = clamp(this.#window * factor, Math.min(Math.max(least, MIN_WINDOW), MAX_WINDOW), MAX_WINDOW)
    this.#isLimiting = false
    // What stood before the window changed says nothing of the new one.
    if (factor < 1) this.#standing = []
  }

  /**
   * What came through since the last acknowledgement before a question that was asked at `asked`, and is answered now. The time begins with that
   * acknowledgement and not with the question: what came while this process did something else is not taken for the work of a moment.
   */
  #measure(asked: number, now: number): void {
    while (this.#deliveries.length > 1 && (this.#deliveries[1] as Delivered).at <= asked) this.#deliveries.shift()
    const [from] = this.#deliveries
    if (from === undefined || from.at > asked || from.at >= now) return
    const best = this.#best
    if (now - best.since >= BEST_MS) this.#best = { rate: 0, before: now - best.since < 2 * BEST_MS ? best.rate : 0, since: now }
    this.#best.rate = Math.max(this.#best.rate, (this.#delivered - from.bytes) / (now - from.at))
  }

  #beginProbe(ms: number): void {
    const part = this.#base / (this.#base + QUEUE_MS) / 2
    this.#probe = { until: undefined, quickest: ms, windowBefore: this.#window }
    this.#window = clamp(this.#window * part, Math.min(this.frameBytes, this.#window), MAX_WINDOW)
  }

  #look(probe: Probe, ms: number, now: number): void {
    if (probe.until === undefined) return
    probe.quickest = Math.min(probe.quickest, ms)
    if (now < probe.until) return
    this.#base = probe.quickest
    this.#baseAt = now
    this.#window = probe.windowBefore
    this.#standing = []
    this.#probe = undefined
  }

  #count(bytes: number, now: number): void {
    const counted = this.#counted
    counted.since ??= now
    counted.bytes += bytes
    const ms = now - counted.since
    if (ms >= RATE_MS) this.#counted = { bytes: 0, since: now, rate: counted.bytes / ms }
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
