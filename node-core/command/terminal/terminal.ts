/**
 * What a command says, and to whom: results go to standard output, everything else to standard error. People get text, programs (`--json`)
 * one JSON value a line. Questions are asked where both a person's keyboard and screen are there, never piped.
 */
import type { Readable } from 'node:stream'
import { systemClock, type Clock } from '../../base/clock.ts'
import { CommandError } from '../definition/errors.ts'
import { coloursOf, wantsColours, type Colours } from './colours.ts'
import { ProgressMeter, type Progress, type ProgressOptions } from './progress.ts'
import { askHidden } from './hidden-input.ts'
import { askLine } from './line-input.ts'
import { pagerOf, showPaged } from './pager.ts'
import { canErase, onOwnScreen } from './screen.ts'
import type { Sheet } from './table.ts'

export interface Streams {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
  readonly output: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number; readonly writableNeedDrain?: boolean; write(text: string): unknown; once?(event: 'drain' | 'close', listener: () => void): unknown }
  readonly errors: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number; write(text: string): unknown }
}

const USUAL_COLUMNS = 80

export class Terminal {
  readonly json: boolean
  /** Of standard output. */
  readonly colours: Colours
  /** Of standard error. */
  readonly noteColours: Colours
  readonly clock: Clock
  readonly #streams: Streams
  readonly #canErase: boolean
  readonly #env: Readonly<Record<string, string | undefined>>

  constructor(streams: Streams, { json, env, clock = systemClock }: { readonly json: boolean; readonly env: Readonly<Record<string, string | undefined>>; readonly clock?: Clock }) {
    this.#streams = streams
    this.#env = env
    this.clock = clock
    this.json = json
    this.#canErase = canErase(env)
    this.colours = coloursOf(!json && wantsColours(streams.output, env))
    this.noteColours = coloursOf(!json && wantsColours(streams.errors, env))
  }

  /** Somebody can be asked. */
  get isInteractive(): boolean {
    return !this.json && this.#streams.input.isTTY === true && this.#streams.errors.isTTY === true
  }

  /** A person sits before it, and reads results, too: nothing is piped. */
  get isWholly(): boolean {
    return this.isInteractive && this.#streams.output.isTTY === true
  }

  /** Something can be shown that does not stay. */
  get canErase(): boolean {
    return this.#canErase
  }

  get columns(): number {
    return this.#streams.errors.columns ?? USUAL_COLUMNS
  }

  /** How results are laid out: for eyes, or for scripts. */
  get sheet(): Sheet {
    const { output } = this.#streams
    return { isScreen: output.isTTY === true, columns: output.columns ?? USUAL_COLUMNS, colours: this.colours }
  }

  /** Resolves when whoever reads the results has taken most of what was written. */
  async taken(): Promise<void> {
    const { output } = this.#streams
    if (output.writableNeedDrain !== true || output.once === undefined) return
    await new Promise<void>((resolve) => {
      output.once?.('drain', resolve)
      output.once?.('close', resolve)
    })
  }

  /** A result: `value` for programs, `text` for people. */
  result(value: unknown, text: string): void {
    this.#streams.output.write(this.json ? `${JSON.stringify(value)}\n` : text === '' || text.endsWith('\n') ? text : `${text}\n`)
  }

  /** The same; a person gets a text that is longer than the screen page by page. Resolves when it was read. */
  async pages(value: unknown, text: string): Promise<void> {
    const { output } = this.#streams
    const pager = this.json || output.isTTY !== true ? undefined : pagerOf(this.#env)
    const isLong = output.rows !== undefined && text.trimEnd().split('\n').length >= output.rows
    if (pager !== undefined && isLong && (await showPaged(pager, text, this.#env))) return
    this.result(value, text)
  }

  /** To standard output as it is, whoever reads it: a file in a format of its own. */
  raw(text: string): void {
    this.#streams.output.write(text)
  }

  /** To standard error, for people; programs are told by results. */
  note(text: string): void {
    if (!this.json) this.#streams.errors.write(`${text}\n`)
  }

  progress(options: ProgressOptions): Progress {
    const { errors } = this.#streams
    const style = this.json ? 'json' : errors.isTTY === true && this.#canErase ? 'bar' : 'lines'
    return new ProgressMeter(this.clock, { style, columns: this.columns, colours: this.noteColours, write: (text) => void errors.write(text) }, options)
  }

  /** Throws DECLINED where nobody can be asked or input ends, INTERRUPTED after Ctrl-C. `fallback` is what Enter alone means. */
  async ask(question: string, fallback?: string): Promise<string> {
    this.#requirePerson(question)
    const { input, errors } = this.#streams
    const hint = fallback === undefined || fallback === '' ? '' : this.noteColours.dim(` [${fallback}]`)
    const answer = await askLine(input, errors, `${this.noteColours.bold(question)}${hint} `)
    return answer === '' ? (fallback ?? '') : answer
  }

  /** The same; what is typed is not shown. */
  async askSecret(question: string): Promise<string> {
    this.#requirePerson(question)
    this.#streams.errors.write(`${this.noteColours.bold(question)} `)
    try {
      return await askHidden(this.#streams.input)
    } finally {
      this.#streams.errors.write('\n')
    }
  }

  /** Shows `text` while `work` goes on; afterwards the terminal has nothing of either. */
  shortly<T>(text: string, work: () => Promise<T>): Promise<T> {
    return onOwnScreen(this.#streams.errors, text, work)
  }

  async confirm(question: string): Promise<boolean> {
    return /^y(es)?$/i.test(await this.ask(`${question} (yes/no)`, 'no'))
  }

  /** All of standard input, for what is piped. Throws DATA_INVALID where it is longer than `limit` bytes. */
  async readInput(limit: number): Promise<string> {
    const parts: Buffer[] = []
    let size = 0
    for await (const part of this.#streams.input) {
      const bytes = Buffer.from(part as Uint8Array)
      size += bytes.length
      if (size > limit) throw new CommandError('DATA_INVALID', `Standard input is longer than ${limit} bytes.`)
      parts.push(bytes)
    }
    return Buffer.concat(parts).toString('utf8')
  }

  #requirePerson(question: string): void {
    if (this.isInteractive) return
    throw new CommandError('DECLINED', `There is nobody to ask: "${question}"`, { hint: 'Say it by a flag; see --help.' })
  }
}
