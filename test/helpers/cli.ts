/** The command line as a person starts it: a process, what it prints, and how it ends. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { COMPILED } from './compiled.ts'

const CLI = join(import.meta.dirname, '../../node-core/command/cli.ts')

export interface Program {
  /** The script: the one in the sources, unless another is named. */
  readonly script?: string
  /** Options of Node.js itself. */
  readonly nodeFlags?: readonly string[]
  /** What differs from the environment of the tests; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class CliProcess {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  #stdout = ''
  #stderr = ''
  readonly #waiting = new Set<() => void>()

  constructor(args: readonly string[], { script = CLI, nodeFlags = [], env = {} }: Program = {}) {
    this.child = spawn(process.execPath, [...nodeFlags, script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...COMPILED, ...env } })
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString()
    })
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString()
      for (const check of [...this.#waiting]) check()
    })
    this.finished = once(this.child, 'close').then(([code]) => ({ code: code as number | null, stdout: this.#stdout, stderr: this.#stderr }))
  }

  /** Resolves with the match once standard error contains it; rejects when the process ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const match = pattern.exec(this.#stderr)
        if (match === null) return
        this.#waiting.delete(check)
        resolve(match)
      }
      this.#waiting.add(check)
      void this.finished.then(() => reject(new Error(`ended without ${pattern}:\n${this.#stderr}`)))
      check()
    })
  }

  /** Asks it to stop, as Ctrl-C does, and waits for its end. */
  async interrupt(): Promise<Finished> {
    this.child.kill('SIGINT')
    return this.finished
  }
}

/** The lines of a log that tell of trouble. */
export function troublesIn(log: string): string[] {
  return log.split('\n').filter((line) => / (ERROR|WARN) /.test(line))
}

/** Runs to the end. */
export function runCli(...args: string[]): Promise<Finished> {
  return new CliProcess(args).finished
}
