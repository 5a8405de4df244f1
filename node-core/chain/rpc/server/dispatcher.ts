/**
 * From a message to its answer: finds the method, bounds how many run at a time, and turns what they throw into errors.
 *
 * The dispatcher owns the table of methods; it serves every connection and HTTP alike. It never rejects. The table may be
 * exchanged while it serves.
 */
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { batchText, errorText, readMessage, resultText, type Entry, type RequestId } from '../../../json-rpc/message.ts'
import { CODE, RpcError, methodNotFound, toRpcError } from '../errors.ts'
import type { Limiter } from './limiter.ts'
import { Answer, type CallContext, type Method } from '../method.ts'
import type { CallRate } from './call-rate.ts'

/** `text` is undefined where nothing is to be answered. `afterwards` runs once the text is on its way. */
export interface Outcome {
  readonly text: string | undefined
  readonly afterwards: readonly (() => void)[]
}

/** Calls since the start; families are those of the methods that exist, and `unknown`. */
export interface CallCounts {
  readonly family: string
  readonly succeeded: number
  readonly failed: number
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

export class Dispatcher {
  #methods: ReadonlyMap<string, Method> = new Map()
  #refuse: Refuse = methodNotFound
  readonly #logger: Logger
  readonly #options: DispatcherOptions
  readonly #counts = new Map<string, { succeeded: number; failed: number }>()

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

  callCounts(): readonly CallCounts[] {
    return [...this.#counts].map(([family, counts]) => ({ family, ...counts }))
  }

  /** `rate` is left out where calls are not counted. */
  async handle(message: string, context: CallContext, limiter: Limiter, rate?: CallRate): Promise<Outcome> {
    const parsed = readMessage(message, this.#options.maxBatch)
    const afterwards: (() => void)[] = []
    if (parsed.kind === 'single') return { text: await this.#entry(parsed.entry, context, { limiter, rate }, afterwards), afterwards }
    const answers = await Promise.all(parsed.entries.map((entry) => this.#entry(entry, context, { limiter, rate }, afterwards)))
    const texts = answers.filter((answer) => answer !== undefined)
    if (texts.length === 0) return { text: undefined, afterwards }
    const size = texts.reduce((sum, text) => sum + text.length, 0)
    if (size > this.#options.maxResponseBytes) {
      const why = `Exceeded max limit of ${this.#options.maxResponseBytes}`
      return { text: errorText(null, new RpcError(CODE.batchResponseTooLarge, 'The batch response was too large', why)), afterwards }
    }
    return { text: batchText(texts), afterwards }
  }

  async #entry(entry: Entry, context: CallContext, { limiter, rate }: Lane, afterwards: (() => void)[]): Promise<string | undefined> {
    if (entry.kind === 'refused') return errorText(entry.refusal.id, entry.refusal.error)
    const { id, method, params } = entry.request
    try {
      await rate?.admit()
      const found = this.#methods.get(method)
      if (found === undefined) throw this.#refuse()
      // Who asks not to be answered never learns an id: a notification can open nothing.
      const own = id === undefined ? { ...context, connection: undefined } : context
      const outcome = await limiter.run(async () => found.run(params, own))
      this.#count(method, 'succeeded')
      if (outcome instanceof Answer) afterwards.push(() => this.#guarded(method, outcome.afterwards))
      if (id === undefined) return undefined
      return this.#bounded(id, resultText(id, outcome instanceof Answer ? outcome.result : outcome))
    } catch (thrown) {
      this.#count(method, 'failed')
      const { error, internal } = toRpcError(thrown)
      if (internal) this.#logger.error(`${method} failed`, { reason: errorMessage(thrown) })
      return id === undefined ? undefined : errorText(id, error)
    }
  }

  #count(method: string, outcome: 'succeeded' | 'failed'): void {
    const family = this.#methods.has(method) ? (method.split('_', 1)[0] as string) : 'unknown'
    let counts = this.#counts.get(family)
    if (counts === undefined) this.#counts.set(family, (counts = { succeeded: 0, failed: 0 }))
    counts[outcome]++
  }

  /** Nobody is there to hear of what is thrown after the answer. */
  #guarded(method: string, afterwards: () => void): void {
    try {
      afterwards()
    } catch (thrown) {
      this.#logger.error(`${method} failed after its answer`, { reason: errorMessage(thrown) })
    }
  }

  #bounded(id: RequestId, text: string): string {
    if (text.length <= this.#options.maxResponseBytes) return text
    const why = `Exceeded max limit of ${this.#options.maxResponseBytes}`
    return errorText(id, new RpcError(CODE.responseTooBig, 'Response is too big', why))
  }
}
