/** A command that asks a node, in this process: what it prints, to a terminal, a pipe or a program, and how it ends; and the node that it asks. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { vi } from 'vitest'
import { FakeClock, systemClock, type Clock } from '../../node-core/base/clock.ts'
import { isNodeError } from '../../node-core/base/errors.ts'
import { COMMANDS } from '../../node-core/command/commands/table.ts'
import type { Call } from '../../node-core/command/definition/command.ts'
import { exitCodeOf } from '../../node-core/command/definition/exit-codes.ts'
import { RIVALS } from '../../node-core/command/flags.ts'
import { readCommandLine } from '../../node-core/command/reading/command-line.ts'
import { Terminal } from '../../node-core/command/terminal/terminal.ts'
import { TOKEN, TestService } from './service-client.ts'

export type Reader = 'pipe' | 'terminal' | 'program'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly notes: string
  /** What it was refused with. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | undefined } | undefined
}

export interface Running {
  readonly done: Promise<Ran>
  /** What is on standard output so far. */
  out(): string
  notes(): string
  /** As by Ctrl-C. */
  interrupt(): Promise<Ran>
}

export interface RunOptions {
  readonly reader?: Reader
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: Clock
  readonly columns?: number
}

/** Runs a line as a person types it. */
export function begin(argv: readonly string[], { reader = 'pipe', input = '', env = {}, clock = systemClock, columns = 80 }: RunOptions = {}): Running {
  const [output, errors] = [new PassThrough(), new PassThrough()]
  let [out, notes] = ['', '']
  output.on('data', (chunk: Buffer) => (out += chunk.toString()))
  errors.on('data', (chunk: Buffer) => (notes += chunk.toString()))
  const isTTY = reader === 'terminal'
  const words = reader === 'program' ? [...argv, '--json'] : argv
  const perform = async (): Promise<Ran> => {
    try {
      const { command, values, words: rest, origins } = readCommandLine(words, { commands: COMMANDS, rivals: RIVALS, env })
      const terminal = new Terminal({ input: Readable.from([input]), output: Object.assign(output, { isTTY, columns }), errors: Object.assign(errors, { isTTY, columns }) }, { json: reader === 'program', env, clock })
      const call = { values, words: rest, terminal, commands: COMMANDS, said: new Set(origins.keys()), installation: { invocation: 'nodestead', folder: '', workerUrls: undefined } } as unknown as Call
      const code = await command.run(call)
      return { code: code ?? 0, out, notes, error: undefined }
    } catch (error) {
      if (!isNodeError(error)) throw error
      const { code, message, hint } = error
      return { code: exitCodeOf(error), out, notes, error: { code, message, hint } }
    }
  }
  const done = perform()
  return {
    done,
    out: () => out,
    notes: () => notes,
    interrupt: () => {
      process.emit('SIGINT')
      return done
    },
  }
}

export function run(argv: readonly string[], options?: RunOptions): Promise<Ran> {
  return begin(argv, options).done
}

/** A service API, and the flags that lead to it. */
export class AskedNode {
  readonly service: TestService
  readonly flags: readonly string[]

  static async start(options: Parameters<typeof TestService.start>[0] = {}): Promise<AskedNode> {
    const service = await TestService.start(options)
    const tokenFile = join(service.folder, 'token')
    await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 })
    return new AskedNode(service, ['--node', service.api.address, '--token-file', tokenFile])
  }

  private constructor(service: TestService, flags: readonly string[]) {
    this.service = service
    this.flags = flags
  }

  get manager(): TestService['manager'] {
    return this.service.manager
  }

  begin(words: readonly string[], options?: RunOptions): Running {
    return begin([...words, ...this.flags], options)
  }

  run(words: readonly string[], options?: RunOptions): Promise<Ran> {
    return this.begin(words, options).done
  }

  stop(): Promise<void> {
    return this.service.stop()
  }
}

/** A clock that goes on by itself, faster than others: each turn of the event loop is `ms` milliseconds. */
export function hastyClock(ms: number): Clock {
  const clock = new FakeClock(Date.now())
  return {
    now: () => clock.now(),
    schedule: (after, callback) => {
      const cancel = clock.schedule(after, callback)
      const tick = (): void => void setImmediate(() => clock.nextDue() !== undefined && (clock.advance(ms), tick()))
      tick()
      return cancel
    },
  }
}

/** The first call of a command reads what it works with, which takes a busy machine a while. */
export function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 10_000, interval: 20 })
}
