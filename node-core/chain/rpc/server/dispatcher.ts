/**
 * From a message to its answer: finds the method, bounds how many run at a time, and turns what they throw into errors.
 *
 * The dispatcher owns the table of methods; it serves every connection and HTTP alike. It never rejects. The table may be
 * exchanged while it serves.
 */
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { batchText, errorText, readMessage, resultText, type Entry, type Request, type RequestId } from '../../../json-rpc/message.ts'
import { CODE, RpcError, methodNotFound, toRpcError } from '../errors.ts'
import { Answer, JsonText, type CallContext, type Method } from '../method.ts'
import type { CallRate } from './call-rate.ts'
import { CallFigures, UNKNOWN_METHOD, type CallInProgress, type MethodFigures } from './call-figures.ts'
import type { Limiter } from './limiter.ts'
import { inTurns } from './slices.ts'

/** `text` is undefined where nothing is to be answered. `afterwards` runs once the text is on its way. */
export interface Outcome {
  readonly text: string | undefined
  readonly afterwards: readonly (() => void)[]
}

/** What whoever calls a method of another name is told. */
export type Refuse = () => RpcError

export interface DispatcherOptions {
  readonly maxBatch: number
  readonly maxResponseBytes: number
}

/** What bounds the calls of one client. */
interface Lane {
  readonly limiter: Limiter
  readonly rate: CallRate | undefined
}

/** One call under way. */
interface Call {
  readonly id: RequestId | undefined
  readonly method: string
  readonly params: Request['params']
  readonly counted: CallInProgress
  readonly afterwards: (() => void)[]
  /** It had to wait for its turn, or was refused one. */
  rateLimited: boolean
}

export class Dispatcher {
  #methods: ReadonlyMap<string, Method> = new Map()
  #refuse: Refuse = methodNotFound
  readonly #logger: Logger
  readonly #options: DispatcherOptions
  readonly #figures = new CallFigures()

  constructor(methods: readonly Method[], logger: Logger, options: DispatcherOptions) {
    this.#logger = logger
    this.#options = options
    this.serve(methods)
  }

  /** These are all methods from now on. Calls under way go on as they began. */
  serve(methods: readonly Method[], refuse: Refuse = methodNotFound): void {
    const table = new Map<string, Method>()
    for (const method of methods) {
      for (const name of method.names) {
        if (table.has(name)) throw new Error(`two RPC methods are called ${name}`)
        table.set(name, method)
      }
    }
    this.#methods = table
    this.#refuse = refuse
  }

  /** The names under which something is served, sorted. */
  get names(): readonly string[] {
    return [...this.#methods].flatMap(([name, { listed }]) => (listed === false ? [] : [name])).sort()
  }

  /** What was called since the start. */
  callFigures(): readonly MethodFigures[] {
    return this.#figures.read()
  }

  /** `rate` is left out where calls are not counted. What takes no time is answered before this returns. */
  handle(message: string, context: CallContext, limiter: Limiter, rate?: CallRate): Outcome | Promise<Outcome> {
    const parsed = readMessage(message, this.#options.maxBatch)
    const afterwards: (() => void)[] = []
    const lane = { limiter, rate }
    if (parsed.kind === 'batch') return this.#batch(parsed.entries, context, lane, afterwards)
    const text = this.#entry(parsed.entry, context, lane, afterwards)
    return text instanceof Promise ? text.then((later) => ({ text: later, afterwards })) : { text, afterwards }
  }

  async #batch(entries: readonly Entry[], context: CallContext, lane: Lane, afterwards: (() => void)[]): Promise<Outcome> {
    const answers = await Promise.all(await inTurns(entries, async (entry) => this.#entry(entry, context, lane, afterwards)))
    const texts = answers.filter((answer) => answer !== undefined)
    if (texts.length === 0) return { text: undefined, afterwards }
    const size = texts.reduce((sum, text) => sum + text.length, 0)
    if (size > this.#options.maxResponseBytes) {
      const why = `Exceeded max limit of ${this.#options.maxResponseBytes}`
      return { text: errorText(null, new RpcError(CODE.batchResponseTooLarge, 'The batch response was too large', why)), afterwards }
    }
    return { text: batchText(texts), afterwards }
  }

  #entry(entry: Entry, context: CallContext, lane: Lane, afterwards: (() => void)[]): string | undefined | Promise<string | undefined> {
    if (entry.kind === 'refused') return errorText(entry.refusal.id, entry.refusal.error)
    const { id, method, params } = entry.request
    const counted = this.#figures.start(context.protocol, this.#methods.has(method) ? method : UNKNOWN_METHOD)
    const call: Call = { id, method, params, counted, afterwards, rateLimited: false }
    try {
      const outcome = lane.rate === undefined ? this.#run(call, context, lane.limiter) : this.#inTurn(call, context, lane.limiter, lane.rate)
      if (!(outcome instanceof Promise)) return this.#succeeded(call, outcome)
      return outcome.then((result: unknown) => this.#succeeded(call, result)).catch((thrown: unknown) => this.#failed(call, thrown))
    } catch (thrown) {
      return this.#failed(call, thrown)
    }
  }

  async #inTurn(call: Call, context: CallContext, limiter: Limiter, rate: CallRate): Promise<unknown> {
    call.rateLimited = rate.isExhausted
    await rate.admit()
    return this.#run(call, context, limiter)
  }

  #run({ id, method, params }: Call, context: CallContext, limiter: Limiter): unknown {
    const found = this.#methods.get(method)
    if (found === undefined) throw this.#refuse()
    // Who asks not to be answered never learns an id: a notification can open nothing.
    const own = id === undefined ? { ...context, connection: undefined } : context
    return limiter.run(() => found.run(params, own))
  }

  #succeeded(call: Call, outcome: unknown): string | undefined {
    const { id, method, counted, afterwards, rateLimited } = call
    const answer = outcome instanceof Answer ? outcome : undefined
    const text = id === undefined ? undefined : this.#bounded(answerText(id, answer === undefined ? outcome : answer.result))
    counted.end(true, rateLimited)
    if (answer !== undefined) afterwards.push(() => this.#guarded(method, answer.afterwards))
    return text
  }

  #failed({ id, method, counted, rateLimited }: Call, thrown: unknown): string | undefined {
    counted.end(false, rateLimited)
    const { error, internal } = toRpcError(thrown)
    if (internal) this.#logger.error(`${method} failed`, { reason: errorMessage(thrown) })
    return id === undefined ? undefined : errorText(id, error)
  }

  /** Nobody is there to hear of what is thrown after the answer. */
  #guarded(method: string, afterwards: () => void): void {
    try {
      afterwards()
    } catch (thrown) {
      this.#logger.error(`${method} failed after its answer`, { reason: errorMessage(thrown) })
    }
  }

  #bounded(text: string): string {
    if (text.length <= this.#options.maxResponseBytes) return text
    throw new RpcError(CODE.responseTooBig, 'Response is too big', `Exceeded max limit of ${this.#options.maxResponseBytes}`)
  }
}

function answerText(id: RequestId, result: unknown): string {
  return result instanceof JsonText ? resultText(id, result.text) : resultText(id, JSON.stringify(result))
}
