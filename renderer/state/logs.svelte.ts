/** The log as this window knows it: the newest lines, what to show of them, and what was missed. */
import { matches } from '../text/log-filter.ts'
import type { LogLine, LogsBatch } from '../../node-core/api/logs.ts'
import type { LogLevel } from '../../node-core/base/logger.ts'

/** Lines kept; lines drawn. */
const KEPT = 2000
const DRAWN = 400

export interface NumberedLine extends LogLine {
  /** Counts up; the key of its row. */
  readonly key: number
}

export class Logs {
  #lines = $state.raw<readonly NumberedLine[]>([])
  #missed = $state(0)
  #unseenErrors = $state(0)
  #nextKey = 0
  #watched = false
  minimum = $state<LogLevel>('info')
  text = $state('')
  readonly #shown = $derived(this.#lines.filter((line) => matches(line, this.minimum, this.text)).slice(-DRAWN))

  /** Oldest first, after the filters. */
  get shown(): readonly NumberedLine[] {
    return this.#shown
  }

  get total(): number {
    return this.#lines.length
  }

  /** Lines that came faster than they could be taken. */
  get missed(): number {
    return this.#missed
  }

  /** Errors since the log was last looked at. */
  get unseenErrors(): number {
    return this.#unseenErrors
  }

  /** Tells whether somebody looks at the log. */
  setWatched(watched: boolean): void {
    this.#watched = watched
    if (watched) this.#unseenErrors = 0
  }

  apply({ reset, lines, dropped }: LogsBatch): void {
    const numbered = lines.map((line) => ({ ...line, key: this.#nextKey++ }))
    this.#lines = [...(reset ? [] : this.#lines), ...numbered].slice(-KEPT)
    this.#missed += dropped
    if (!reset && !this.#watched) this.#unseenErrors += lines.filter(({ level }) => level === 'error').length
  }
}
