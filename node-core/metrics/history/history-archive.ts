/**
 * A round-robin archive: a ring of slots, one per step of time, each in a record of fixed size that says whose time it
 * holds and carries a checksum. A slot is at the place that its time gives it, so the ring needs no pointer: what holds
 * another time is out of date, and a time that nothing holds is a gap.
 *
 * Record: start of the slot (u32, seconds since the Unix epoch, 0 for none), min, avg and max of each series (f32, NaN
 * for none), CRC-32 of all that. Little-endian.
 */
import { crc32 } from 'node:zlib'
import { SERIES, type Bounds, type HistoryColumns, type HistoryPoint, type HistoryTable, type SeriesId, type Span, type SpanId } from './history-series.ts'

const STATS = ['min', 'avg', 'max'] as const
const START_BYTES = 4
const FLOAT_BYTES = 4
const CHECK_BYTES = 4
const WIDTH = SERIES.length * STATS.length

export const RECORD_BYTES = START_BYTES + WIDTH * FLOAT_BYTES + CHECK_BYTES

export class Archive {
  readonly id: SpanId
  readonly span: Span
  readonly #starts: Uint32Array
  readonly #values: Float32Array

  constructor(id: SpanId, span: Span) {
    this.id = id
    this.span = span
    this.#starts = new Uint32Array(span.slots)
    this.#values = new Float32Array(span.slots * WIDTH).fill(NaN)
  }

  get byteLength(): number {
    return this.span.slots * RECORD_BYTES
  }

  /** Where the slot of a time begins. */
  slotOf(seconds: number): number {
    return seconds - (seconds % this.span.stepSeconds)
  }

  /** Where in the archive's bytes the slot's record is. */
  offsetOf(start: number): number {
    return this.#placeOf(start) * RECORD_BYTES
  }

  set(start: number, values: Readonly<Partial<Record<SeriesId, Bounds>>>): void {
    const place = this.#placeOf(start)
    this.#starts[place] = start
    SERIES.forEach((series, column) => STATS.forEach((stat, i) => (this.#values[place * WIDTH + column * STATS.length + i] = values[series]?.[stat] ?? NaN)))
  }

  get(start: number, series: SeriesId): Bounds | undefined {
    const place = this.#placeOf(start)
    if (this.#starts[place] !== start) return undefined
    const at = place * WIDTH + SERIES.indexOf(series) * STATS.length
    const [min, avg, max] = this.#values.subarray(at, at + STATS.length) as unknown as [number, number, number]
    return Number.isNaN(avg) ? undefined : { min: plain(min), avg: plain(avg), max: plain(max) }
  }

  point(start: number): HistoryPoint {
    const values: Partial<Record<SeriesId, Bounds>> = {}
    for (const series of SERIES) {
      const bounds = this.get(start, series)
      if (bounds !== undefined) values[series] = bounds
    }
    return { time: start, values }
  }

  /** Every slot up to that of `seconds`, the newest last. */
  table(seconds: number): HistoryTable {
    const { stepSeconds, slots } = this.span
    const last = this.slotOf(seconds)
    const times = Array.from({ length: slots }, (_, i) => last - (slots - 1 - i) * stepSeconds)
    const columns = (series: SeriesId): HistoryColumns => {
      const bounds = times.map((time) => this.get(time, series))
      const column = (stat: keyof Bounds): (number | null)[] => bounds.map((one) => one?.[stat] ?? null)
      return { avg: column('avg'), min: this.id === 'hour' ? undefined : column('min'), max: this.id === 'hour' ? undefined : column('max') }
    }
    return { span: this.id, stepSeconds, times, series: Object.fromEntries(SERIES.map((series) => [series, columns(series)])) as Record<SeriesId, HistoryColumns> }
  }

  /** Puts a slot together from the slots of a finer archive that it covers. */
  gather(start: number, finer: Archive): void {
    const step = finer.span.stepSeconds
    const values: Partial<Record<SeriesId, Bounds>> = {}
    for (const series of SERIES) {
      const all: Bounds[] = []
      for (let time = start; time < start + this.span.stepSeconds; time += step) {
        const bounds = finer.get(time, series)
        if (bounds !== undefined) all.push(bounds)
      }
      if (all.length === 0) continue
      values[series] = {
        min: Math.min(...all.map(({ min }) => min)),
        avg: all.reduce((sum, { avg }) => sum + avg, 0) / all.length,
        max: Math.max(...all.map(({ max }) => max)),
      }
    }
    this.set(start, values)
  }

  encode(start: number): Buffer {
    const place = this.#placeOf(start)
    const record = Buffer.alloc(RECORD_BYTES)
    record.writeUInt32LE(this.#starts[place] as number, 0)
    for (let i = 0; i < WIDTH; i++) record.writeFloatLE(this.#values[place * WIDTH + i] as number, START_BYTES + i * FLOAT_BYTES)
    record.writeUInt32LE(crc32(record.subarray(0, -CHECK_BYTES)), RECORD_BYTES - CHECK_BYTES)
    return record
  }

  /** All records in their order. */
  encodeAll(): Buffer {
    return Buffer.concat(Array.from({ length: this.span.slots }, (_, place) => this.encode(place * this.span.stepSeconds)))
  }

  /** Takes the records that are whole and in their place; returns how many were written and are not. */
  decode(bytes: Buffer): number {
    let damaged = 0
    for (let place = 0; place < this.span.slots; place++) {
      const record = bytes.subarray(place * RECORD_BYTES, (place + 1) * RECORD_BYTES)
      // A file that was cut short holds nothing there, and so does one that was never filled.
      if (record.length < RECORD_BYTES || record.every((byte) => byte === 0)) continue
      const start = record.readUInt32LE(0)
      const isWhole = record.readUInt32LE(RECORD_BYTES - CHECK_BYTES) === crc32(record.subarray(0, -CHECK_BYTES))
      if (!isWhole || this.slotOf(start) !== start || (start !== 0 && this.#placeOf(start) !== place)) {
        damaged++
        continue
      }
      this.#starts[place] = start
      for (let i = 0; i < WIDTH; i++) this.#values[place * WIDTH + i] = record.readFloatLE(START_BYTES + i * FLOAT_BYTES)
    }
    return damaged
  }

  #placeOf(start: number): number {
    return (start / this.span.stepSeconds) % this.span.slots
  }
}

/** Without the digits that 32 bits do not carry. */
function plain(value: number): number {
  return Number(value.toPrecision(6))
}
