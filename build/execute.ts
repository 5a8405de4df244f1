/**
 * Runs a program of the test command to its end. What it prints is passed on, and the end of that is kept for whoever tells of a
 * failure. One that has said nothing for a long time hangs: it is ended, so that the run goes on without it.
 */
import { spawn } from 'node:child_process'
import { ROOT, say } from './terminal.ts'

export interface Execution {
  /** Not zero where it failed, was ended by a signal, or hung. */
  readonly code: number
  readonly seconds: number
  /** The end of what it printed. */
  readonly tail: string
}

export interface ExecuteOptions {
  readonly env?: Readonly<Record<string, string>>
  /** How long it may say nothing. */
  readonly silenceMs?: number
  /** Where false, nothing is passed on. */
  readonly echo?: boolean
  /** Gives way to whatever else runs, and so may say nothing for as long as that takes. */
  readonly isPatient?: boolean
}

/** The slowest test takes half of it on a machine that has other things to do. */
const SILENCE_MS = 600_000
const PATIENT_SILENCE_MS = 3_600_000
/** For POSIX `nice`: a third of what others get, so that it comes to its end beside them. */
const PATIENCE = 5
const TERM_MS = 20_000
const TAIL_CHARACTERS = 3000
const DRAIN_MS = 2000

export function execute(name: string, command: string, args: readonly string[], { env = {}, isPatient = false, silenceMs = isPatient ? PATIENT_SILENCE_MS : SILENCE_MS, echo = true }: ExecuteOptions = {}): Promise<Execution> {
  if (echo) say(`\n── ${name}`)
  const start = performance.now()
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  return new Promise((resolve) => {
    const [program = command, ...words] = [...(isPatient && process.platform !== 'win32' ? ['nice', '-n', String(PATIENCE)] : []), command, ...args]
    const child = spawn(program, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...colours, ...env }, shell: process.platform === 'win32' })
    let tail = ''
    let hung = false
    const hear = (text: string): void => {
      tail = (tail + text).slice(-TAIL_CHARACTERS)
    }
    const silence = setTimeout(() => {
      hung = true
      hear(`\n${name} said nothing for ${silenceMs / 1000} seconds, and was ended.\n`)
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), TERM_MS).unref()
    }, silenceMs)
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]] as const) {
      from.on('data', (chunk: Buffer) => {
        if (echo) to.write(chunk)
        hear(chunk.toString())
        if (!hung) silence.refresh()
      })
    }
    const end = (code: number): void => {
      clearTimeout(silence)
      resolve({ code, seconds: (performance.now() - start) / 1000, tail })
    }
    child.on('error', (error) => {
      hear(`${command} cannot be run: ${error.message}. Run npm ci first.\n`)
      end(1)
    })
    // A process that it left behind may hold its output open.
    child.on('exit', () => setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), DRAIN_MS).unref())
    child.on('close', (code) => end(hung ? 1 : (code ?? 1)))
  })
}
