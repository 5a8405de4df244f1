/** A Python program that does with its binding what it is told (test/integration/net/python/driver.py), one for all connections of a test. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { NodeError } from '../../node-core/base/errors.ts'
import { ChannelError, type ChannelErrorCode } from '../../node-core/net/channels/errors.ts'

const DRIVER = join(import.meta.dirname, '../integration/net/python/driver.py')

/** An object that stays in Python, with what is known of it. */
export interface Remote {
  readonly $ref: number
  readonly [name: string]: unknown
}

export type Kwargs = Readonly<Record<string, unknown>>
type Handler = (item: never) => unknown

interface Told {
  readonly class: string
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly data: Record<string, string>
}

type Line =
  | { readonly id: number; readonly ok?: unknown; readonly error?: Told }
  | { readonly call: number; readonly handler: number; readonly item: unknown }

/** `NetClient`, of which everything begins. */
export const CLIENT: Remote = { $ref: 0 }
/** What is iterated is over. */
export const END = Symbol('end')

export class PythonDriver {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>()
  readonly #handlers = new Map<number, Handler>()
  #last = 0

  constructor(python: string) {
    this.#child = spawn(python, [DRIVER], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (this.#child.stdout === null) throw new Error('the program has no output')
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#onLine(JSON.parse(line) as Line))
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the Python program ended with ${code}`))
    })
  }

  /** Rejects with an error that has the code of the exception, and with the signal's reason. */
  call<T>(on: Remote, method: string, args: readonly unknown[] = [], kwargs: Kwargs = {}, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    return new Promise<T>((resolve, reject) => {
      const id = ++this.#last
      signal?.addEventListener('abort', () => {
        this.#write({ cancel: id })
        reject(signal.reason as Error)
      }, { once: true })
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      const said = Object.fromEntries(Object.entries(kwargs).filter(([, value]) => value !== undefined))
      this.#write({ id, on: on.$ref, do: method, args: this.#outward(args), kwargs: this.#outward(said) })
    })
  }

  async *items<T>(on: Remote): AsyncGenerator<T, void, undefined> {
    for (let item = await this.call<T | typeof END>(on, 'anext'); item !== END; item = await this.call<T | typeof END>(on, 'anext')) yield item
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.stdin?.end()
    await once(this.#child, 'exit')
  }

  #write(line: object): void {
    this.#child.stdin?.write(`${JSON.stringify(line)}\n`)
  }

  #onLine(line: Line): void {
    if ('call' in line) return void this.#onCall(line)
    const waiting = this.#waiting.get(line.id)
    this.#waiting.delete(line.id)
    if (line.error === undefined) waiting?.resolve(inward(line.ok))
    else waiting?.reject(errorOf(line.error))
  }

  async #onCall({ call, handler, item }: { readonly call: number; readonly handler: number; readonly item: unknown }): Promise<void> {
    let failed = false
    try {
      await this.#handlers.get(handler)?.(inward(item) as never)
    } catch {
      failed = true
    }
    this.#write({ called: call, failed })
  }

  #outward(value: unknown): unknown {
    if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
    if (typeof value === 'function') {
      this.#handlers.set(++this.#last, value as Handler)
      return { $handler: this.#last }
    }
    if (Array.isArray(value)) return value.map((each) => this.#outward(each))
    return value instanceof Object ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#outward(each)])) : value
  }
}

function inward(value: unknown): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map(inward)
  if (typeof value !== 'object') return value
  if ('$bytes' in value) return new Uint8Array(Buffer.from(value.$bytes as string, 'base64'))
  if ('$error' in value) return errorOf(value.$error as Told)
  if ('$end' in value) return END
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inward(each)]))
}

function errorOf({ code, message, hint, data }: Told): NodeError {
  const options = { data, ...(hint === '' ? {} : { hint }) }
  return code.startsWith('CHANNEL_') ? new ChannelError(code as ChannelErrorCode, message, options) : new NodeError(code, message, options)
}
