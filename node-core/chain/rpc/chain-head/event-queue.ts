/**
 * Sends the events of one follow subscription in order. With the runtime wanted, a block cannot be told of before its
 * runtime's version is known, which takes a call; what comes meanwhile waits behind it.
 */
import type { Hash } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Header } from '../../scale/header.ts'
import { runtimeFailure } from '../errors.ts'
import { runtimeSpecJson } from '../json.ts'
import type { RuntimeQueries } from '../types.ts'

export interface FollowEvent {
  readonly body: Readonly<Record<string, unknown>>
  /** Wants the runtime of this block under the name `field`: null where it is the same as the parent's, if one is named. */
  readonly runtime?: { readonly field: string; readonly hash: Hash; readonly header: Header; readonly parent: Hash | undefined }
  /** Blocks whose runtime nobody will ask for again. */
  readonly forget?: readonly Hash[]
}

/** Events that may wait; more means that runtime calls cannot keep up with the chain. */
const MAX_WAITING = 4096

export class EventQueue {
  readonly #runtime: RuntimeQueries | undefined
  readonly #send: (body: Readonly<Record<string, unknown>>) => void
  readonly #onOverflow: () => void
  readonly #waiting: FollowEvent[] = []
  readonly #specs = new Map<Hash, string>()
  #draining = false
  #closed = false

  /** Without `runtime` events go out at once and carry none. */
  constructor(runtime: RuntimeQueries | undefined, send: (body: Readonly<Record<string, unknown>>) => void, onOverflow: () => void) {
    this.#runtime = runtime
    this.#send = send
    this.#onOverflow = onOverflow
  }

  push(event: FollowEvent): void {
    if (this.#closed) return
    if (this.#runtime === undefined) return this.#send(event.body)
    this.#waiting.push(event)
    if (this.#waiting.length > MAX_WAITING) {
      this.close()
      return this.#onOverflow()
    }
    if (!this.#draining) void this.#drain(this.#runtime)
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true
    this.#waiting.length = 0
  }

  async #drain(runtime: RuntimeQueries): Promise<void> {
    this.#draining = true
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      const field = event.runtime === undefined ? {} : { [event.runtime.field]: await this.#runtimeOf(runtime, event.runtime) }
      if (this.#closed) break
      this.#send({ ...event.body, ...field })
      for (const hash of event.forget ?? []) this.#specs.delete(hash)
    }
    this.#draining = false
  }

  async #runtimeOf(runtime: RuntimeQueries, { hash, header, parent }: NonNullable<FollowEvent['runtime']>): Promise<unknown> {
    let spec: unknown
    try {
      spec = { type: 'valid', spec: runtimeSpecJson(await runtime.version(header.stateRoot)) }
    } catch (error) {
      spec = { type: 'invalid', error: runtimeFailure(error) ?? `the runtime could not be read: ${errorMessage(error)}` }
    }
    const text = JSON.stringify(spec)
    this.#specs.set(hash, text)
    return parent !== undefined && this.#specs.get(parent) === text ? null : spec
  }
}
