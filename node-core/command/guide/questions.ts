/**
 * The guide's way of asking: a list of numbered choices, a line, a secret, yes or no. Each may be answered by going back. Everything is
 * plain lines, so it works over a serial line, in a terminal without cursor keys, and read aloud.
 */
import { columnsOf, wrapped } from '../help/layout.ts'
import type { Terminal } from '../terminal/terminal.ts'

export const BACK = Symbol('back')
export type Back = typeof BACK

export interface Choice<T> {
  readonly label: string
  readonly detail?: string
  readonly value: T
}

/** What a line turned out to be: a value, or a sentence that says why it is none. */
export type Checked<T> = { readonly value: T } | { readonly problem: string }

const WIDEST = 80

export class Questions {
  readonly terminal: Terminal
  #asked = 0

  constructor(terminal: Terminal) {
    this.terminal = terminal
  }

  /** Questions so far. */
  get asked(): number {
    return this.#asked
  }

  title(text: string): void {
    this.terminal.note(`\n${this.terminal.noteColours.accent(text)}`)
  }

  /** Wrapped to the terminal. */
  say(text: string): void {
    this.terminal.note(wrapped(text, this.#width).join('\n'))
  }

  problem(text: string): void {
    this.terminal.note(wrapped(text, this.#width).map((line) => this.terminal.noteColours.bad(line)).join('\n'))
  }

  rows(rows: readonly (readonly [string, string])[]): void {
    this.terminal.note(columnsOf(rows, this.#width).replaceAll(/ +$/gm, ''))
  }

  async choose<T>(title: string, choices: readonly Choice<T>[], fallback = 0): Promise<T | Back> {
    this.title(title)
    const widest = Math.max(...choices.map(({ label }) => label.length))
    this.rows(choices.map(({ label, detail = '' }, at) => [`${at + 1}  ${label.padEnd(widest)}`, detail]))
    for (;;) {
      const answer = await this.#line(`Choose 1 to ${choices.length}:`, String(fallback + 1))
      if (isBack(answer)) return BACK
      const chosen = choices[Number(answer) - 1] ?? choices.find(({ label }) => label.toLowerCase() === answer.toLowerCase())
      if (chosen !== undefined) return chosen.value
      this.problem(`There is no choice "${shown(answer)}": type a number from 1 to ${choices.length}, or b to go back.`)
    }
  }

  /** Asks until `check` is content. */
  async line<T>(question: string, fallback: string, check: (text: string) => Checked<T> | Promise<Checked<T>>): Promise<T | Back> {
    for (;;) {
      const answer = await this.#line(`${question}:`, fallback)
      if (isBack(answer)) return BACK
      const checked = await check(answer)
      if ('value' in checked) return checked.value
      this.problem(checked.problem)
    }
  }

  /** The same; what is typed is not shown. */
  async secret<T>(question: string, check: (text: string) => Checked<T> | Promise<Checked<T>>): Promise<T | Back> {
    for (;;) {
      this.#asked++
      const answer = await this.terminal.askSecret(`${question}:`)
      if (isBack(answer)) return BACK
      const checked = await check(answer)
      if ('value' in checked) return checked.value
      this.problem(checked.problem)
    }
  }

  yes(question: string, fallback: boolean): Promise<boolean | Back> {
    return this.line(`${question} (yes/no)`, fallback ? 'yes' : 'no', (text) => {
      if (/^y(es)?$/i.test(text)) return { value: true }
      return /^no?$/i.test(text) ? { value: false } : { problem: 'Type yes, no, or b to go back.' }
    })
  }

  get #width(): number {
    return Math.min(WIDEST, this.terminal.columns) - 1
  }

  #line(question: string, fallback: string): Promise<string> {
    this.#asked++
    return this.terminal.ask(question, fallback)
  }
}

function isBack(answer: string): boolean {
  return /^(b|back)$/i.test(answer.trim())
}

function shown(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?').slice(0, 40)
}
