/** Programs on pseudo-terminals, by the driver in Python beside this (its `pty` module is where Python is, apart from Windows). */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { COMPILED } from './compiled.ts'

const DRIVER = join(import.meta.dirname, 'terminal-driver.py')

export interface TerminalSession {
  /** Node.js, unless another is named. */
  readonly program?: string
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
  /** `wait` is a regular expression in Python's form. */
  readonly steps?: readonly { readonly wait: string; readonly send: string }[]
  readonly seconds?: number
}

export interface TerminalEnd {
  /** With control characters; line ends as the program wrote them. */
  readonly output: string
  /** As a shell shows it: 130 after Ctrl-C. */
  readonly code: number
  /** Steps that were never reached. */
  readonly missed: readonly string[]
  readonly echoes: boolean
  readonly readsLines: boolean
}

/** Why there are none here; undefined where there are. */
export function whyNoTerminals(): string | undefined {
  if (process.platform === 'win32') return 'Windows has no pseudo-terminals that Python opens'
  return spawnSync('python3', ['-c', 'import pty, termios']).status === 0 ? undefined : 'python3 with its pty module is not there'
}

/** All at once; in their order. */
export async function onTerminals(sessions: readonly TerminalSession[]): Promise<TerminalEnd[]> {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const plans = sessions.map(({ program = process.execPath, argv, env = {}, columns = 80, steps = [], seconds = 100 }) => ({ argv: [program, ...argv], env: { ...inherited, ...COMPILED, TERM: 'xterm-256color', ...env }, columns, rows: 24, steps, seconds }))
  const driver = spawn('python3', [DRIVER], { stdio: ['pipe', 'pipe', 'inherit'] })
  driver.stdin.end(JSON.stringify({ sessions: plans }))
  const [answer] = await Promise.all([text(driver.stdout), once(driver, 'close')])
  return (JSON.parse(answer) as TerminalEnd[]).map((end) => ({ ...end, output: end.output.replaceAll('\r\n', '\n') }))
}
