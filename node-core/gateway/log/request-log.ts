/**
 * The log of requests: one line of JSON each, with who asked (as far as that may be kept), which methods, how it went, and how long and large it was. Neither
 * parameters nor keys nor paths are in it. A file that is full is put aside, and the oldest one is removed, so that the log takes a bounded
 * part of the disk; where the disk is too slow lines are left out, and a line says how many.
 */
import { appendFile, chmod, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { prefixOf } from '../access/addresses.ts'

export const LOGGED_ADDRESSES = ['full', 'prefix', 'none'] as const
export type LoggedAddresses = (typeof LOGGED_ADDRESSES)[number]

export interface LoggedRequest {
  /** Milliseconds since the Unix epoch, at its end. */
  readonly time: number
  readonly address: string
  /** The name of the key. */
  readonly key: string | undefined
  readonly by: 'json-rpc' | 'websocket' | 'service' | 'other'
  /** Those that are served; every other one is `unknown`. */
  readonly methods: readonly string[]
  /** Of HTTP; of a WebSocket 200, or the code of the error. */
  readonly status: number
  readonly ms: number
  /** Of the answer. */
  readonly bytes: number
}

export interface RequestLogOptions {
  readonly path: string
  readonly addresses: LoggedAddresses
  readonly maxFileBytes?: number
  readonly keptFiles?: number
  /** That wait for the disk. */
  readonly maxWaitingBytes?: number
}

/** Named in a line; the others are counted. */
const MAX_METHODS = 20

export class RequestLog {
  readonly #options: Required<RequestLogOptions>
  readonly #logger: Logger
  #lines: string[] = []
  #waitingBytes = 0
  #size: number | undefined
  #left = 0
  #writing: Promise<void> | undefined
  #hasFailed = false

  constructor(options: RequestLogOptions, logger: Logger) {
    this.#options = { maxFileBytes: 16 * 1024 * 1024, keptFiles: 4, maxWaitingBytes: 4 * 1024 * 1024, ...options }
    this.#logger = logger
  }

  write({ time, address, key, by, methods, status, ms, bytes }: LoggedRequest): void {
    const { addresses, maxWaitingBytes } = this.#options
    const shown = addresses === 'full' ? { address } : addresses === 'prefix' ? { address: prefixOf(address) } : {}
    const named = methods.length > MAX_METHODS ? { methods: methods.slice(0, MAX_METHODS), more: methods.length - MAX_METHODS } : { methods }
    const line = `${JSON.stringify({ time: new Date(time).toISOString(), ...shown, key: key ?? null, by, ...named, status, ms: Math.round(ms), bytes })}\n`
    if (this.#waitingBytes + line.length > maxWaitingBytes) {
      this.#left++
      return
    }
    this.#waitingBytes += line.length
    this.#lines.push(line)
    this.#writing ??= this.#flush().finally(() => (this.#writing = undefined))
  }

  /** Resolves when all is written. */
  async stop(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async #flush(): Promise<void> {
    while (this.#lines.length > 0) {
      const text = this.#lines.join('') + (this.#left === 0 ? '' : `${JSON.stringify({ leftOut: this.#left })}\n`)
      this.#left = 0
      this.#lines = []
      this.#waitingBytes = 0
      try {
        await this.#append(text)
        this.#hasFailed = false
      } catch (error) {
        if (!this.#hasFailed) this.#logger.warn('requests cannot be logged', { path: this.#options.path, reason: errorMessage(error) })
        this.#hasFailed = true
        this.#size = undefined
      }
    }
  }

  async #append(text: string): Promise<void> {
    const { path, maxFileBytes } = this.#options
    if (this.#size === undefined) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      this.#size = await stat(path).then(({ size }) => size, () => 0)
      if (this.#size > 0) await chmod(path, 0o600)
    }
    if (this.#size > 0 && this.#size + text.length > maxFileBytes) await this.#turnOver()
    await appendFile(path, text, { mode: 0o600 })
    this.#size += Buffer.byteLength(text)
  }

  async #turnOver(): Promise<void> {
    const { path, keptFiles } = this.#options
    await rm(`${path}.${keptFiles}`, { force: true })
    for (let number = keptFiles - 1; number >= 1; number--) await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(() => undefined)
    await rename(path, `${path}.1`)
    this.#size = 0
  }
}
