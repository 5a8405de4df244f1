/**
 * One WebSocket client: its requests in, its answers and notifications out.
 *
 * Nothing it does can make the node hold more than a bounded amount for it. Requests beyond the limit wait, and while
 * any wait, or while too much lies unsent, its socket is not read: TCP then slows the client down. Notifications cannot
 * be slowed down (the chain does not wait), so a client that lets too many of them pile up is disconnected.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Holder, MemoryBudget } from '../../../base/memory-budget.ts'
import { CLOSE, type Transport } from '../../../json-rpc/web-socket.ts'
import { CODE, RpcError } from '../errors.ts'
import { CallRate } from './call-rate.ts'
import type { Dispatcher, Outcome } from './dispatcher.ts'
import { Limiter } from './limiter.ts'
import type { CallContext, ConnectionHandle } from '../method.ts'
import type { RpcOptions } from '../options.ts'
import { Turn } from './slices.ts'
import { Subscription } from '../subscription.ts'

/** What connections share. */
export interface ConnectionDeps {
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly logger: Logger
  /** For requests under way, and for what is unsent. */
  readonly budget: MemoryBudget
}

export type ConnectionLimits = Pick<RpcOptions, 'maxSubscriptionsPerConnection' | 'maxConcurrentCalls' | 'callsPerMinute' | 'maxBacklogBytes' | 'maxBacklogMessages'>

/** Messages that may still arrive after the socket was told to pause: what one read of it can hold. */
const MAX_WAITING_MESSAGES = 8192

export class Connection implements ConnectionHandle, Holder {
  readonly #transport: Transport
  readonly #deps: ConnectionDeps
  readonly #limits: ConnectionLimits
  readonly #context: CallContext
  readonly #limiter: Limiter
  readonly #rate: CallRate | undefined
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #waiting: string[] = []
  readonly #inFlight = new Set<Promise<void>>()
  #waitingForRoom: (() => void)[] = []
  /** Messages that were handed to the socket and have not left. */
  #unsent = 0
  #paused = false
  #turn: Turn | undefined
  /** It goes on when others had their turn. */
  #yielding = false
  #closed = false

  constructor(transport: Transport, deps: ConnectionDeps, limits: ConnectionLimits, trusted: boolean) {
    this.#transport = transport
    this.#deps = deps
    this.#limits = limits
    this.#context = { trusted, protocol: 'ws', connection: this }
    this.#limiter = new Limiter(limits.maxConcurrentCalls)
    this.#rate = limits.callsPerMinute === 0 ? undefined : new CallRate(limits.callsPerMinute, deps.clock)
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size
  }

  /** A text frame came in. */
  receive(message: string): void {
    if (this.#closed) return
    this.#waiting.push(message)
    if (this.#waiting.length > MAX_WAITING_MESSAGES) return this.close(CLOSE.policyViolation, 'too many requests at once')
    this.#pump()
  }

  openSubscription(kind: string): Subscription {
    if (this.#closed) throw new RpcError(CODE.internalError, 'The connection is closed')
    if (this.#subscriptions.size >= this.#limits.maxSubscriptionsPerConnection) {
      const why = `Exceeded max limit of ${this.#limits.maxSubscriptionsPerConnection}`
      throw new RpcError(CODE.tooManySubscriptions, 'Too many subscriptions on the connection', why)
    }
    const subscription = new Subscription(randomBytes(12).toString('base64url'), kind, {
      send: (text) => this.#notify(text),
      room: () => this.#room(),
    })
    this.#subscriptions.set(subscription.id, subscription)
    subscription.onEnd(() => this.#subscriptions.delete(subscription.id))
    return subscription
  }

  subscription(id: string): Subscription | undefined {
    return this.#subscriptions.get(id)
  }

  countSubscriptions(kind: string): number {
    let count = 0
    for (const subscription of this.#subscriptions.values()) if (subscription.kind === kind) count++
    return count
  }

  /** Closes the socket and ends everything. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#closed) return
    this.#transport.close(code, reason)
    this.closed()
  }

  /** All clients together hold too much, and this one most of it. */
  evict(heldBytes: number): void {
    this.#deps.logger.warn('a JSON-RPC client was disconnected: all of them together held too much memory, and it most of that', { heldBytes })
    this.#transport.terminate()
    this.closed()
  }

  /** The socket is closed, whoever did it. Idempotent. */
  closed(): void {
    this.#closed = true
    this.#waiting.length = 0
    this.#rate?.close()
    this.#deps.budget.forget(this)
    for (const subscription of [...this.#subscriptions.values()]) subscription.end()
    this.#releaseRoom()
  }

  /** Resolves when the calls under way are over. */
  async drained(): Promise<void> {
    await Promise.all(this.#inFlight)
  }

  #pump(): void {
    if (this.#yielding) return
    const turn = (this.#turn ??= this.#beginTurn())
    while (!this.#closed && this.#waiting.length > 0 && !this.#isFull()) {
      if (turn.isOver) {
        this.#yield()
        break
      }
      this.#serve(this.#waiting.shift() as string)
    }
    if (this.#closed) return
    if (!this.#isBehind()) this.#releaseRoom()
    const full = this.#yielding || this.#isFull()
    if (full !== this.#paused) {
      this.#paused = full
      if (full) this.#transport.pause()
      else this.#transport.resume()
    }
  }

  /** It lasts over all messages of one read. */
  #beginTurn(): Turn {
    setImmediate(() => (this.#turn = undefined))
    return new Turn()
  }

  /** Lets others have their turn. */
  #yield(): void {
    this.#yielding = true
    setImmediate(() => {
      this.#yielding = false
      this.#pump()
    })
  }

  #isFull(): boolean {
    return this.#inFlight.size >= this.#limits.maxConcurrentCalls || this.#isBehind()
  }

  #isBehind(): boolean {
    return this.#transport.backlog() > this.#limits.maxBacklogBytes / 2
  }

  #room(): Promise<void> {
    if (this.#closed || !this.#isBehind()) return Promise.resolve()
    return new Promise((resolve) => this.#waitingForRoom.push(resolve))
  }

  #releaseRoom(): void {
    const waiting = this.#waitingForRoom
    this.#waitingForRoom = []
    for (const resolve of waiting) resolve()
  }

  /** What can be answered at once is; what takes time is under way when this returns. */
  #serve(message: string): void {
    const { dispatcher, budget } = this.#deps
    const outcome = dispatcher.handle(message, this.#context, this.#limiter, this.#rate)
    if (!(outcome instanceof Promise)) return this.#answer(outcome)
    budget.hold(this, message.length)
    const work = outcome.then((later) => {
      budget.release(this, message.length)
      this.#inFlight.delete(work)
      this.#answer(later)
      this.#pump()
    })
    this.#inFlight.add(work)
  }

  #answer({ text, afterwards }: Outcome): void {
    if (this.#closed) return
    if (text !== undefined) this.#send(text)
    for (const start of afterwards) start()
  }

  #notify(text: string): void {
    if (this.#closed) return
    if (this.#transport.backlog() > this.#limits.maxBacklogBytes || this.#unsent > this.#limits.maxBacklogMessages) {
      return this.close(CLOSE.policyViolation, 'too slow: too many notifications were waiting to be sent')
    }
    this.#send(text)
  }

  #send(text: string): void {
    const data = Buffer.from(text)
    this.#unsent++
    this.#deps.budget.hold(this, data.length)
    this.#transport.send(data, () => {
      this.#unsent--
      this.#deps.budget.release(this, data.length)
      this.#pump()
    })
  }
}
