/** A terminal of the command line whose output a test reads, with a clock that it turns. */
import { Readable } from 'node:stream'
import { FakeClock } from '../../node-core/base/clock.ts'
import { Terminal } from '../../node-core/command/terminal/terminal.ts'

export interface CapturedTerminal {
  readonly terminal: Terminal
  readonly clock: FakeClock
  /** So far, with control characters. */
  stdout(): string
  stderr(): string
}

/** Piped, unless `screen`; `typed` is what a person answers. */
export function capturedTerminal({ json = false, screen = false, typed = [] }: { readonly json?: boolean; readonly screen?: boolean; readonly typed?: readonly string[] } = {}): CapturedTerminal {
  const clock = new FakeClock(1_700_000_000_000)
  let [stdout, stderr] = ['', '']
  const input = Object.assign(Readable.from(typed.map((line) => `${line}\n`)), { isTTY: screen })
  const output = { isTTY: screen, columns: 80, write: (text: string) => (stdout += text) }
  const errors = { isTTY: screen, columns: 80, write: (text: string) => (stderr += text) }
  const terminal = new Terminal({ input, output, errors }, { json, env: { TERM: 'dumb' }, clock })
  return { terminal, clock, stdout: () => stdout, stderr: () => stderr }
}
