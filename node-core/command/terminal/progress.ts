/**
 * How far long work is. On a terminal a bar with speed and time left, drawn over itself; piped, a plain line now and then; for programs a
 * JSON object in place of the line.
 */
import type { Clock } from '../../base/clock.ts'
import type { Colours } from './colours.ts'
import { bytesText } from './quantities.ts'

export interface Progress {
  /** So many are done now. */
  at(done: number): void
  /** The last picture stays; a line break ends it. */
  end(): void
}

export interface ProgressOptions {
  /** What is done: `Exporting`. */
  readonly label: string
  /** What is counted: `blocks`. Of `bytes` people are told in megabytes and the like. */
  readonly unit: string
  /** Undefined where nobody knows. */
  readonly total: number | undefined
  /** Done before, by a run that was cut off: it does not count for the speed. */
  readonly from?: number
}

export type ProgressStyle = 'bar' | 'lines' | 'json'

export interface ProgressOutput {
  readonly style: ProgressStyle
  readonly columns: number
  readonly colours: Colours
  readonly write: (text: string) => void
}

const BAR_PAUSE_MS = 100
const LINE_PAUSE_MS = 5_000
const LEAST_BAR = 8

export class ProgressMeter implements Progress {
  readonly #options: ProgressOptions
  readonly #out: ProgressOutput
  readonly #clock: Clock
  readonly #began: number
  readonly #from: number
  #shown: number
  #done: number
  #isEnded = false

  constructor(clock: Clock, out: ProgressOutput, options: ProgressOptions) {
    this.#clock = clock
    this.#out = out
    this.#options = options
    this.#began = clock.now()
    this.#shown = out.style === 'bar' ? Number.NEGATIVE_INFINITY : this.#began
    this.#from = this.#done = options.from ?? 0
  }

  at(done: number): void {
    this.#done = done
    const now = this.#clock.now()
    if (now - this.#shown < (this.#out.style === 'bar' ? BAR_PAUSE_MS : LINE_PAUSE_MS)) return
    this.#shown = now
    this.#show()
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#show()
    if (this.#out.style === 'bar') this.#out.write('\n')
  }

  #show(): void {
    const { style, write } = this.#out
    if (style === 'json') write(`${JSON.stringify({ progress: { label: this.#options.label, unit: this.#options.unit, done: this.#done, ...(this.#options.total === undefined ? {} : { total: this.#options.total }), perSecond: Math.round(this.#speed() * 10) / 10 } })}\n`)
    else if (style === 'lines') write(`${this.#options.label}: ${this.#figures()}\n`)
    else write(`\r${this.#bar()}\x1b[K`)
  }

  #bar(): string {
    const { columns, colours } = this.#out
    const { label, total } = this.#options
    const text = this.#figures()
    // One column stays free: a terminal that wraps there would begin a new line.
    const room = Math.min(40, columns - label.length - text.length - 5)
    if (total === undefined || room < LEAST_BAR) return `${label} ${text}`.slice(0, columns - 1)
    const filled = total === 0 ? room : Math.min(room, Math.floor((this.#done / total) * room))
    return `${label} ${colours.accent('█'.repeat(filled))}${colours.dim('░'.repeat(room - filled))} ${text}`
  }

  #figures(): string {
    const { unit, total } = this.#options
    const speed = this.#speed()
    if (unit === 'bytes') return [total === undefined ? bytesText(this.#done) : `${bytesText(this.#done)} of ${bytesText(total)}`, ...this.#pace(speed, bytesText(speed))].join(', ')
    return [total === undefined ? `${this.#done} ${unit}` : `${this.#done} of ${total} ${unit}`, ...this.#pace(speed, speed < 10 ? speed.toFixed(1) : String(Math.round(speed)))].join(', ')
  }

  #pace(speed: number, text: string): string[] {
    const { total } = this.#options
    const parts = speed > 0 ? [`${text}/s`] : []
    if (speed > 0 && total !== undefined && this.#done < total) parts.push(`${durationOf((total - this.#done) / speed)} left`)
    return parts
  }

  /** Over all of this run: what a single second did says little about the rest. */
  #speed(): number {
    const seconds = (this.#clock.now() - this.#began) / 1000
    return seconds < 0.05 ? 0 : (this.#done - this.#from) / seconds
  }
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function durationOf(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const two = (value: number): string => String(value).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
}
