/**
 * What an engine offers to programs: calls and subscriptions under the names that the field gave them.
 *
 * An engine says what a method takes and what it answers, and knows nothing of the server: how parameters arrive, how errors are written, who
 * may call and how many at a time. chain/node/engine-methods.ts fits them into JSON-RPC.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { EventSource } from '../../../base/events.ts'
import type { Logger } from '../../../base/logger.ts'
import type { BlockStateEvents, BlockStateReader } from '../../state/types.ts'

/** What a method may be given, by what the engine gets of it. */
export interface ParameterKinds {
  boolean: boolean
  /** 32 bytes. */
  hash: Hash
  /** Below 2^32. */
  blockNumber: number
  bytes: Uint8Array
}

export type ParameterKind = keyof ParameterKinds

/** `hash?` may be left out. */
export type Parameter = ParameterKind | `${ParameterKind}?`

/** By name, in the order in which they are passed. */
export type ParameterList = Readonly<Record<string, Parameter>>

type ValueOf<Taken extends Parameter> = Taken extends `${infer Kind extends ParameterKind}?` ? ParameterKinds[Kind] | undefined : Taken extends ParameterKind ? ParameterKinds[Taken] : never

export type ParameterValues<Taken extends ParameterList> = { readonly [Name in keyof Taken]: ValueOf<Taken[Name]> }

export interface EngineCall<Taken extends ParameterList = ParameterList> {
  readonly name: string
  readonly params: Taken
  /** It changes the chain, costs much, or is the owner's business: not for every program. */
  readonly unsafe?: boolean
  /** Gives what JSON can carry. Throws an {@link EngineMethodError} that the caller is told of; anything else is our own fault. */
  handle(values: ParameterValues<Taken>): unknown
}

export interface EngineSubscription {
  /** Names of the call that subscribes, and of the one that ends it. */
  readonly subscribe: string
  readonly unsubscribe: string
  /** Under which name the notifications go out. */
  readonly notification: string
  /** Begins once the caller knows its subscription, and gives what ends it. */
  follow(notify: (result: unknown) => void): Disposer
}

export type EngineMethod = EngineCall | EngineSubscription

/** What the methods may use of the node. */
export interface EngineMethodContext {
  readonly blocks: Omit<BlockStateReader, 'events'>
  readonly events: EventSource<BlockStateEvents>
  readonly logger: Logger
  readonly clock: Clock
  /** A call that takes longer is given up. */
  readonly callTimeoutMs: number
  /** Bytes of an answer's text. */
  readonly maxResponseBytes: number
  /** SS58 prefix of the chain's addresses. */
  readonly addressPrefix: number
}

export type EngineMethods = (context: EngineMethodContext) => readonly EngineMethod[]

/** A refusal that the caller reads: `code` is the number that the field's tools know. */
export class EngineMethodError extends Error {
  readonly code: number
  /** Anything JSON can carry. */
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.name = 'EngineMethodError'
    this.code = code
    this.data = data
  }
}

/** A call whose values have the types of its parameters. */
export function engineCall<const Taken extends ParameterList>(call: EngineCall<Taken>): EngineCall {
  return call
}
