/**
 * An internet for simulations: nodes somewhere on earth, each with a line of its own, on a fake clock.
 *
 * Delay. A node lives in one of seven regions. One way between two regions takes the median below (half of the round trips that public
 * tables of inter-region latency show, in ms), plus what each end's last mile adds: log-normal with a median of 5 ms and sigma 0.7, drawn once for each node;
 * plus a jitter for each frame, exponential with a mean of 3 ms. Between two random nodes that is 71 ms in the mean and 150 ms for the 99th of a hundred.
 *
 * Bandwidth. A node has one of five lines. What it sends shares the uplink as TCP connections do: each peer to whom something is on
 * its way has a slice of 16 KiB (or an eighth of the frame, if that is more) in turn. What it is sent runs through its downlink in the order of arrival.
 *
 * What is heard is looked at 2 ms later, and a millisecond later for each 100 kB, for hash and signature.
 *
 * Not modelled: slow start (connections are warm), loss (it would be delay), routers' queues, a processor that is busy.
 */
import type { Clock } from '../../../node-core/base/clock.ts'
import type { Random } from '../../fuzz/random.ts'

/** Share of the nodes, and the one-way delays to the regions up to itself. */
const REGIONS = [
  { name: 'North America, east', share: 0.22, delays: [8] },
  { name: 'North America, west', share: 0.13, delays: [32, 8] },
  { name: 'Western Europe', share: 0.33, delays: [40, 70, 8] },
  { name: 'Eastern Europe', share: 0.1, delays: [55, 85, 15, 12] },
  { name: 'East Asia', share: 0.13, delays: [85, 55, 115, 110, 20] },
  { name: 'South-East Asia and Oceania', share: 0.06, delays: [110, 85, 85, 90, 35, 25] },
  { name: 'South America', share: 0.03, delays: [60, 90, 95, 110, 130, 160, 15] },
] as const

/** Mbit/s. */
const LINES = [
  { share: 0.15, up: 10, down: 50 },
  { share: 0.3, up: 20, down: 100 },
  { share: 0.3, up: 50, down: 250 },
  { share: 0.15, up: 100, down: 500 },
  { share: 0.1, up: 500, down: 500 },
] as const

const LAST_MILE = { medianMs: 5, sigma: 0.7 }
const JITTER_MS = 3
const SLICE = 16 * 1024
const BYTES_PER_MS = 1e6 / 8 / 1000
/** Encryption, multiplexing, TCP and IP: so many bytes for each frame and each packet. */
const FRAME_OVERHEAD = 40
const PACKET_OVERHEAD = { every: 1_400, bytes: 58 }
const PROCESSING = { ms: 2, bytesPerMs: 100_000 }

export interface Parcel {
  readonly to: Station
  readonly bytes: number
  left: number
  /** Drawn once, so that its slices stay in order; ms. */
  readonly delayMs: number
  /** Asked before its first slice goes: a frame that was taken back costs nothing. */
  readonly isWanted?: (() => boolean) | undefined
  readonly arrive: () => void
}

/** One node's place and line. */
export class Station {
  readonly region: number
  readonly lastMileMs: number
  readonly up: number
  readonly down: number
  isUp = true
  bytesSent = 0
  framesSent = 0
  /** Frames for each peer, in order; the peers in the order of their turns. */
  readonly queues = new Map<Station, Parcel[]>()
  isSending = false
  downFreeAt = 0

  constructor(random: Random) {
    this.region = drawn(REGIONS, random)
    const line = LINES[drawn(LINES, random)] as (typeof LINES)[number]
    this.up = line.up * BYTES_PER_MS
    this.down = line.down * BYTES_PER_MS
    this.lastMileMs = LAST_MILE.medianMs * Math.exp(LAST_MILE.sigma * normal(random))
  }
}

export class Internet {
  readonly #clock: Clock
  readonly #random: Random

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** One way, in ms, without jitter. */
  path(from: Station, to: Station): number {
    return regionDelay(from.region, to.region) + from.lastMileMs + to.lastMileMs
  }

  /** One way, in ms. */
  delay(from: Station, to: Station): number {
    return this.path(from, to) - JITTER_MS * Math.log(1 - unit(this.#random))
  }

  send(from: Station, parcel: Omit<Parcel, 'left' | 'bytes' | 'delayMs'> & { readonly payload: number }): void {
    if (!from.isUp) return
    const { payload, ...rest } = parcel
    const bytes = payload + FRAME_OVERHEAD + Math.ceil((payload + FRAME_OVERHEAD) / PACKET_OVERHEAD.every) * PACKET_OVERHEAD.bytes
    const whole = { ...rest, bytes, left: bytes, delayMs: this.delay(from, parcel.to) }
    const queue = from.queues.get(parcel.to)
    if (queue === undefined) from.queues.set(parcel.to, [whole])
    else queue.push(whole)
    if (!from.isSending) this.#sendSlice(from)
  }

  #sendSlice(from: Station): void {
    from.isSending = false
    if (!from.isUp) return from.queues.clear()
    const next = from.queues.entries().next().value
    if (next === undefined) return
    const [to, queue] = next
    const parcel = queue[0] as Parcel
    from.queues.delete(to)
    if (parcel.left === parcel.bytes && parcel.isWanted?.() === false) {
      queue.shift()
      if (queue.length > 0) from.queues.set(to, queue)
      return this.#sendSlice(from)
    }
    const slice = Math.min(parcel.left, Math.max(SLICE, Math.ceil(parcel.bytes / 8)))
    parcel.left -= slice
    if (parcel.left === 0) queue.shift()
    if (queue.length > 0) from.queues.set(to, queue)
    from.isSending = true
    from.bytesSent += slice
    const isLast = parcel.left === 0
    if (isLast) from.framesSent++
    this.#clock.schedule(slice / from.up, () => {
      this.#clock.schedule(parcel.delayMs, () => this.#receive(parcel, slice, isLast))
      this.#sendSlice(from)
    })
  }

  #receive({ to, bytes, arrive }: Parcel, slice: number, isLast: boolean): void {
    if (!to.isUp) return
    to.downFreeAt = Math.max(this.#clock.now(), to.downFreeAt) + slice / to.down
    if (!isLast) return
    const at = to.downFreeAt + PROCESSING.ms + bytes / PROCESSING.bytesPerMs
    this.#clock.schedule(at - this.#clock.now(), () => {
      if (to.isUp) arrive()
    })
  }
}

function regionDelay(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a]
  return (REGIONS[high] as (typeof REGIONS)[number]).delays[low] as number
}

/** Which one, by the shares. */
function drawn(from: readonly { readonly share: number }[], random: Random): number {
  let left = unit(random)
  for (const [i, { share }] of from.entries()) if ((left -= share) < 0) return i
  return from.length - 1
}

/** 0 to 1, without 1. */
export function unit(random: Random): number {
  return random.u32() / 2 ** 32
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - unit(random))) * Math.cos(2 * Math.PI * unit(random))
}
