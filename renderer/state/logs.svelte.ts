/**
 * The log as this window knows it: the newest lines, which of them are shown, and what was missed. A hundred thousand lines
 * are kept in plain arrays that grow and are cut in place; what is drawn is asked for by number.
 */
import { matcher } from '../text/log-filter.ts'
import type { LogLine, LogsBatch } from '../../node-core/api/network/logs.ts'
import type { LogLevel } from '../../node-core/base/logger.ts'

/** Lines kept. */
export const KEPT = 100_000

export interface NumberedLine extends LogLine {
  /** Counts up; the key of its row. */
  readonly key: number
}

export class Logs {
  #lines: NumberedLine[] = []
  /** Those of them that pass the filters. */
  #shown: NumberedLine[] = []
  #matches = matcher('info', '', '')
  /** Counts what happened to the two. */
  #version = $state(0)
  #modules = $state.raw<readonly string[]>([])
  #missed = $state(0)
  #unseenErrors = $state(0)
  #leftShown = 0
  #nextKey = 0
  #watched = false
  #hidden = false
  #minimum = $state<LogLevel>('info')
  #module = $state('')
  #text = $state('')
  #network = $state('')

  get minimum(): LogLevel {
    return this.#minimum
  }

  set minimum(minimum: LogLevel) {
    this.#minimum = minimum
    this.#filter()
  }

  /** Its lines alone; the empty string for all. */
  get module(): string {
    return this.#module
  }

  set module(module: string) {
    this.#module = module
    this.#filter()
  }

  /** Its lines alone, and the app's own; the empty string for all. */
  get network(): string {
    return this.#network
  }

  set network(network: string) {
    this.#network = network
    this.#filter()
  }

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    this.#filter()
  }

  /** How many pass the filters. */
  get count(): number {
    return this.#version >= 0 ? this.#shown.length : 0
  }

  get total(): number {
    return this.#version >= 0 ? this.#lines.length : 0
  }

  /** Of those that pass the filters, oldest first. */
  slice(from: number, to: number): readonly NumberedLine[] {
    return this.#version >= 0 ? this.#shown.slice(from, to) : []
  }

  /** How many have left the beginning of what passes the filters: those after them have moved up. */
  get left(): number {
    return this.#version >= 0 ? this.#leftShown : 0
  }

  /** The modules that said something, sorted. */
  get modules(): readonly string[] {
    return this.#modules
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
    if (reset) this.#lines = []
    const modules = [...this.#modules]
    for (const line of lines) {
      const numbered = { ...line, key: this.#nextKey++ }
      if (!modules.includes(line.module)) modules.push(line.module)
      this.#lines.push(numbered)
      if (!reset && this.#matches(numbered)) this.#shown.push(numbered)
    }
    this.#cut()
    if (modules.length > this.#modules.length) this.#modules = modules.sort()
    this.#missed += dropped
    if (!reset && !this.#watched) this.#unseenErrors += lines.filter(({ level }) => level === 'error').length
    if (reset) this.#filter()
    else this.#changed()
  }

  /** What comes while the window is hidden is shown when it is back; the returned function ends that. */
  showWhileVisible(): () => void {
    const follow = (): void => {
      this.#hidden = document.hidden
      this.#changed()
    }
    document.addEventListener('visibilitychange', follow)
    return () => document.removeEventListener('visibilitychange', follow)
  }

  #changed(): void {
    if (!this.#hidden) this.#version += 1
  }

  /** The oldest go. */
  #cut(): void {
    this.#lines.splice(0, Math.max(0, this.#lines.length - KEPT))
    const oldest = this.#lines[0]?.key ?? Infinity
    const gone = this.#shown.findIndex(({ key }) => key >= oldest)
    const count = gone === -1 ? this.#shown.length : gone
    this.#shown.splice(0, count)
    this.#leftShown += count
  }

  #filter(): void {
    this.#matches = matcher(this.#minimum, this.#module, this.#text, this.#network)
    this.#shown = this.#lines.filter(this.#matches)
    this.#version += 1
  }
}
