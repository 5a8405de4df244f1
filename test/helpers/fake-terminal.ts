/** A person at a terminal, in this process: types an answer when the question stands on the screen. */
import { PassThrough } from 'node:stream'
import { Terminal } from '../../node-core/command/terminal/terminal.ts'

export const ENTER = '\r'
export const CTRL_C = '\x03'
export const CTRL_D = '\x04'

/** What is waited for on the screen, and what is typed then; the text behind the question before is looked at. */
export type Answer = readonly [question: RegExp, typed: string | ((found: RegExpExecArray) => string)]

export interface FakeTerminalOptions {
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  /** Standard output goes elsewhere. */
  readonly piped?: boolean
}

export class FakeTerminal {
  readonly terminal: Terminal
  /** Standard error: questions, notes, progress. */
  screen = ''
  /** Standard output. */
  results = ''
  isRaw = false
  readonly #input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => (this.isRaw = on) })
  #seen = 0
  #answers: Answer[] = []

  constructor({ columns = 80, env = { TERM: 'xterm' }, piped = false }: FakeTerminalOptions = {}) {
    const write = (text: string): void => {
      this.screen += text
      setImmediate(() => this.#type())
    }
    this.terminal = new Terminal(
      { input: this.#input, output: { isTTY: !piped, columns, write: (text) => void (this.results += text) }, errors: { isTTY: true, columns, rows: 24, write } },
      { json: false, env },
    )
  }

  /** In this order. */
  answer(...answers: readonly Answer[]): this {
    this.#answers.push(...answers)
    this.#type()
    return this
  }

  /** Questions that were not asked. */
  get unasked(): readonly string[] {
    return this.#answers.map(([question]) => question.source)
  }

  /** What stays on the terminal: without what was on the other screen, and without colours. */
  get scrollback(): string {
    return this.screen.replaceAll(/\x1b\[\?1049h.*?\x1b\[\?1049l/gs, '').replaceAll(/\x1b\[[\d;?]*[A-Za-z]/g, '')
  }

  #type(): void {
    const [next] = this.#answers
    if (next === undefined) return
    const found = new RegExp(next[0], 'gs')
    found.lastIndex = this.#seen
    const match = found.exec(this.screen)
    if (match === null) return
    this.#seen = found.lastIndex
    this.#answers.shift()
    this.#input.write(typeof next[1] === 'string' ? next[1] : next[1](match))
  }
}
