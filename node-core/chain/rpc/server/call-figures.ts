/**
 * What was called since the start, how it ended and how long it took: by protocol and method, as Substrate's nodes count it. Only names that are served
 * are counted by name, so a stranger who makes names up adds one series, `unknown`.
 */
import { preciseClock } from '../../../base/clock.ts'
import { TimeClasses } from './time-classes.ts'

export const PROTOCOLS = ['http', 'ws'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export const UNKNOWN_METHOD = 'unknown'

/** Calls of one method over one protocol. */
export interface MethodFigures {
  readonly protocol: Protocol
  readonly method: string
  /** Calls that came in. */
  readonly started: number
  /** Calls that were answered. `rateLimited`: those that the rate of calls held up or refused. */
  readonly free: EndedCalls
  readonly rateLimited: EndedCalls
}

export interface EndedCalls {
  readonly succeeded: number
  readonly failed: number
  readonly totalMicros: number
  /** By TIME_BOUNDS in microseconds, each with those of the bounds below; the last is without a bound. */
  readonly byTime: readonly number[]
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

class Ended implements Writable<EndedCalls> {
  succeeded = 0
  failed = 0
  totalMicros = 0
  readonly #classes = new TimeClasses()

  get byTime(): number[] {
    return this.#classes.upTo()
  }

  add(micros: number, succeeded: boolean): void {
    if (succeeded) this.succeeded++
    else this.failed++
    this.totalMicros += micros
    this.#classes.add(micros)
  }
}

/** One call, from its start to its end. */
export interface CallInProgress {
  /** Tells its end, once. */
  end(succeeded: boolean, rateLimited: boolean): void
}

class Counted implements MethodFigures {
  readonly protocol: Protocol
  readonly method: string
  started = 0
  readonly free = new Ended()
  readonly rateLimited = new Ended()

  constructor(protocol: Protocol, method: string) {
    this.protocol = protocol
    this.method = method
  }
}

export class CallFigures {
  readonly #now: () => number
  readonly #counted: Readonly<Record<Protocol, Map<string, Counted>>> = { http: new Map(), ws: new Map() }

  /** `now` in milliseconds, with fractions. */
  constructor(now: () => number = () => preciseClock.now()) {
    this.#now = now
  }

  /** A call begins. `method` is one that is served, or {@link UNKNOWN_METHOD}. */
  start(protocol: Protocol, method: string): CallInProgress {
    const ofProtocol = this.#counted[protocol]
    let counted = ofProtocol.get(method)
    if (counted === undefined) ofProtocol.set(method, (counted = new Counted(protocol, method)))
    counted.started++
    return new Running(counted, this.#now)
  }

  read(): readonly MethodFigures[] {
    return PROTOCOLS.flatMap((protocol) => [...this.#counted[protocol].values()])
  }
}

class Running implements CallInProgress {
  readonly #counted: Counted
  readonly #now: () => number
  readonly #startedAt: number

  constructor(counted: Counted, now: () => number) {
    this.#counted = counted
    this.#now = now
    this.#startedAt = now()
  }

  end(succeeded: boolean, rateLimited: boolean): void {
    const ended = rateLimited ? this.#counted.rateLimited : this.#counted.free
    ended.add((this.#now() - this.#startedAt) * 1000, succeeded)
  }
}
