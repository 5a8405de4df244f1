/**
 * A session with one program: many calls on one connection, told apart by ids (ipc.proto says how).
 *
 * Nobody waits for a program that takes its answers slowly, unless a method wants that. Items of calls with many answers wait in a queue of their call and are
 * written in turns while the socket takes them and the program has granted credit; where a queue is full its oldest item goes, counted, or whoever makes the items
 * waits (methods.ts). While too many bytes wait for the program altogether, nothing more is read from it.
 *
 * When the program is gone every call's signal aborts, and what rooms keep for the session goes with {@link SessionHandle.ended}.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { IpcError } from '../errors.ts'
import type { IpcLimits } from '../limits.ts'
import type { Line } from '../line.ts'
import type { Program } from '../programs.ts'
import { encodeEnd, encodeItem, encodeReply, type CallFrame } from './common-frames.ts'
import { decode, decodeClientFrame, encodeFailure } from './frames.ts'
import { ItemQueue } from './item-queue.ts'
import type { CallContext, Method, Methods, SessionHandle } from './methods.ts'

export interface SessionDependencies {
  readonly logger: Logger
  readonly methods: Methods
  readonly onDropped: (program: string, count: number) => void
}

/** One call. Its signal is made when somebody asks for it: most answer at once, and need none. */
class Running implements CallContext {
  readonly id: number
  readonly program: Program
  readonly session: SessionHandle
  readonly items: ItemQueue | undefined
  #abort: AbortController | undefined
  #reason: unknown

  constructor(id: number, program: Program, session: SessionHandle, items: ItemQueue | undefined) {
    this.id = id
    this.program = program
    this.session = session
    this.items = items
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#reason !== undefined) this.#abort.abort(this.#reason)
    }
    return this.#abort.signal
  }

  /** Why it ended early; undefined where it did not. */
  get cancelled(): unknown {
    return this.#reason
  }

  cancel(reason: unknown): void {
    this.#reason ??= reason
    this.#abort?.abort(this.#reason)
  }

  /** It has ended by itself: who still waits for it is let go. */
  release(): void {
    this.#abort?.abort(cancelled())
  }
}

let lastId = 0

export class Session {
  readonly #deps: SessionDependencies
  readonly #limits: IpcLimits
  readonly #program: Program
  readonly #line: Line
  readonly #handle: SessionHandle
  readonly #calls = new Map<number, Running>()
  /** Calls of which an item may be written, in turns. */
  readonly #ready = new Set<Running>()
  #writing = false
  #onIdle: (() => void) | undefined

  constructor(dependencies: SessionDependencies, limits: IpcLimits, program: Program, line: Line) {
    this.#deps = dependencies
    this.#limits = limits
    this.#program = program
    this.#line = line
    this.#handle = { id: ++lastId, ended: line.gone }
  }

  /** Resolves when the program is gone, or has ended its half and all its calls have ended. Rejects with a MalformedError or FrameError where it sends what is no frame. */
  async run(): Promise<void> {
    try {
      for (;;) {
        while (this.#line.waitingBytes > this.#limits.waitingBytes) await this.#line.drained()
        const bytes = await this.#line.read(this.#limits.messageBytes)
        if (bytes === undefined) break
        this.#onFrame(bytes)
      }
      if (this.#calls.size > 0 && !this.#line.gone.aborted) await new Promise<void>((resolve) => {
        this.#onIdle = resolve
        this.#line.gone.addEventListener('abort', () => resolve(), { once: true })
      })
    } finally {
      for (const running of this.#calls.values()) running.cancel(this.#line.gone.reason ?? cancelled())
    }
  }

  #onFrame(bytes: Uint8Array): void {
    const { id, body } = decodeClientFrame(bytes)
    switch (body.case) {
      case 'call':
        return this.#onCall(id, body.value)
      case 'cancel':
        return this.#calls.get(id)?.cancel(cancelled())
      case 'grant': {
        const running = this.#calls.get(id)
        running?.items?.grant(body.value.items)
        if (running !== undefined) this.#write(running)
        return
      }
      case undefined:
        return
    }
  }

  #onCall(id: number, call: CallFrame['body']['value']): void {
    // The answer would be taken for that of the call which has the id.
    if (this.#calls.has(id)) throw new IpcError('NET_CALL_ID_TAKEN', `The call ${id} still runs.`)
    try {
      if (this.#calls.size >= this.#limits.callsPerSession) throw new IpcError('NET_TOO_MANY_CALLS', `The session has ${this.#limits.callsPerSession} calls already.`, { data: { limit: this.#limits.callsPerSession } })
      const method = this.#deps.methods.find(call.method)
      if (method === undefined) throw unavailable(call.method)
      if (method.options.scopes.length > 0) this.#program.may.require(...method.options.scopes)
      const request = decode(method.input, call.request)
      this.#run(id, method, request, call.credit)
    } catch (error) {
      this.#line.write(encodeFailure(id, error))
    }
  }

  #run(id: number, method: Method, request: unknown, credit: number): void {
    const items = method.kind === 'stream' ? new ItemQueue(method.options, { maxBytes: this.#limits.waitingBytes, credit }) : undefined
    const running = new Running(id, this.#program, this.#handle, items)
    this.#calls.set(id, running)
    if (method.kind === 'stream') return this.#endWith(running, this.#runStream(running, method, request))
    try {
      const answer = method.handler(request as never, running)
      // Most answer at once, and wait for nothing.
      if (answer instanceof Promise) this.#endWith(running, answer.then((given) => this.#replyOf(id, method, given)))
      else this.#end(running, this.#replyOf(id, method, answer))
    } catch (error) {
      this.#fail(running, error)
    }
  }

  #replyOf(id: number, method: Method, answer: unknown): Uint8Array {
    const response = toBinary(method.output, create(method.output, answer as never))
    if (response.length > this.#limits.messageBytes - FRAME_ROOM) throw new IpcError('NET_ANSWER_TOO_LONG', 'The answer is longer than a message may be.')
    return encodeReply(id, response)
  }

  #endWith(running: Running, last: Promise<Uint8Array>): void {
    void last.then(
      (frame) => this.#end(running, frame),
      (error: unknown) => this.#fail(running, error),
    )
  }

  #fail(running: Running, error: unknown): void {
    if (running.cancelled === undefined) this.#deps.logger.debug('a call failed', { program: this.#program.name, call: running.id, reason: errorMessage(error) })
    this.#end(running, encodeFailure(running.id, running.cancelled ?? error))
  }

  #end(running: Running, last: Uint8Array): void {
    this.#calls.delete(running.id)
    this.#ready.delete(running)
    if (!this.#line.gone.aborted) this.#line.write(last)
    if (this.#calls.size === 0) this.#onIdle?.()
  }

  /** The last frame of the call. */
  async #runStream(running: Running, method: Extract<Method, { readonly kind: 'stream' }>, request: unknown): Promise<Uint8Array> {
    const { id, items, signal } = running
    if (items === undefined) throw new Error('a call with many answers has a queue')
    let ended = false
    try {
      await method.handler(request as never, running, {
        send: (item) => {
          if (ended || signal.aborted) return Promise.resolve()
          const dropped = items.push(toBinary(method.output, create(method.output, item)))
          if (dropped > 0) this.#deps.onDropped(this.#program.name, dropped)
          this.#write(running)
          return items.room(signal)
        },
      })
      // What was made before the end is taken before the end.
      await items.drained(signal)
      signal.throwIfAborted()
      return encodeEnd(id, items.takeDropped())
    } finally {
      ended = true
      running.release()
    }
  }

  /** Writes items while the socket takes them, one of each call in turn. */
  #write(running: Running): void {
    if (running.items?.canTake === true) this.#ready.add(running)
    if (this.#writing) return
    this.#writing = true
    void this.#writeReady().finally(() => (this.#writing = false))
  }

  async #writeReady(): Promise<void> {
    for (;;) {
      const running = this.#ready.values().next().value
      if (running === undefined || this.#line.gone.aborted) return
      this.#ready.delete(running)
      const item = running.items?.take()
      if (item === undefined) continue
      const takesMore = this.#line.write(encodeItem(running.id, item.message, item.dropped))
      if (running.items?.canTake === true && this.#calls.get(running.id) === running) this.#ready.add(running)
      if (!takesMore) await this.#line.drained()
    }
  }
}

/** What stands around an answer in its frame. */
const FRAME_ROOM = 64

function cancelled(): IpcError {
  return new IpcError('NET_CALL_CANCELLED', 'The call was cancelled.')
}

function unavailable(method: string): IpcError {
  return new IpcError('NET_METHOD_UNAVAILABLE', `${method.slice(0, 128)} is not available on this node.`, { data: { method: method.slice(0, 128) } })
}
