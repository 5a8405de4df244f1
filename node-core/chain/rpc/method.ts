/**
 * What a method is.
 *
 * A method family is a function that takes its dependencies and returns methods. Two kinds exist: calls, and
 * subscriptions, which are a pair of calls around a stream of notifications. `defineCall` and `defineSubscription`
 * check the parameters and erase their types, so that all of them fit into one table.
 */
import { z } from 'zod'
import { CODE, RpcError, methodNotFound } from './errors.ts'
import { parseParams, type ParamShape, type ParamsOf } from './params.ts'
import type { Protocol } from './server/call-figures.ts'
import type { Subscription } from './subscription.ts'

/** What a method may use of the WebSocket connection that it was called over. */
export interface ConnectionHandle {
  /** Reserves a subscription. Throws an RpcError where the connection has too many. */
  openSubscription(kind: string): Subscription
  subscription(id: string): Subscription | undefined
  /** How many subscriptions of this kind are open. */
  countSubscriptions(kind: string): number
}

/** Who calls, and how. */
export interface CallContext {
  /** May call methods that change the node or cost much. */
  readonly trusted: boolean
  readonly protocol: Protocol
  /** Undefined over HTTP, where nothing can be notified. */
  readonly connection: ConnectionHandle | undefined
}

/** A result with something to do once it is on its way: a subscription's id must go out before its notifications. */
export class Answer {
  readonly result: unknown
  readonly afterwards: () => void

  constructor(result: unknown, afterwards: () => void) {
    this.result = result
    this.afterwards = afterwards
  }
}

/** A result that is JSON already. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export interface Method {
  /** Every name under which it can be called. */
  readonly names: readonly string[]
  /** False where `rpc_methods` keeps silent about it. */
  readonly listed?: boolean
  /** Returns the result, an {@link Answer} or a {@link JsonText}, or throws. */
  run(params: unknown, context: CallContext): unknown
}

export interface CallDefinition<Shape extends ParamShape> {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly params: Shape
  /** Only for trusted clients. */
  readonly unsafe?: boolean
  handle(params: ParamsOf<Shape>, context: CallContext): unknown
}

export function defineCall<Shape extends ParamShape>(definition: CallDefinition<Shape>): Method {
  const schema = z.object(definition.params)
  return {
    names: [definition.name, ...(definition.aliases ?? [])],
    run(params, context) {
      if (definition.unsafe === true) requireTrust(context)
      return definition.handle(parseParams(schema, params), context)
    },
  }
}

export interface SubscriptionDefinition<Shape extends ParamShape> {
  /** Names of the call that subscribes, and of the one that unsubscribes. */
  readonly subscribe: readonly [string, ...string[]]
  readonly unsubscribe: readonly string[]
  /** Method name in the notifications. */
  readonly notification: string
  readonly params: Shape
  /**
   * Prepares (and may refuse, by throwing); the function it returns runs after the client has been told the id.
   * `subscription.signal` aborts when the client leaves.
   */
  open(params: ParamsOf<Shape>, subscription: Subscription, context: CallContext): (() => void) | Promise<() => void>
}

export function defineSubscription<Shape extends ParamShape>(definition: SubscriptionDefinition<Shape>): Method[] {
  const schema = z.object(definition.params)
  const kind = definition.notification
  return [
    {
      names: definition.subscribe,
      async run(params, context) {
        const connection = requireConnection(context)
        const parsed = parseParams(schema, params)
        const subscription = connection.openSubscription(kind)
        try {
          const start = await definition.open(parsed, subscription, context)
          return new Answer(subscription.id, () => endingOnError(subscription, start))
        } catch (error) {
          subscription.end()
          throw error
        }
      },
    },
    {
      names: definition.unsubscribe,
      run(params, context) {
        const { id } = parseParams(UNSUBSCRIBE, params)
        const subscription = requireConnection(context).subscription(String(id))
        if (subscription === undefined || subscription.kind !== kind) return false
        subscription.end()
        return true
      },
    },
  ]
}

const UNSUBSCRIBE = z.object({ id: z.union([z.string(), z.number()]) })

function endingOnError(subscription: Subscription, start: () => void): void {
  try {
    start()
  } catch (error) {
    subscription.end()
    throw error
  }
}

/** Over HTTP a method that notifies does not exist, as in Substrate's nodes. */
export function requireConnection(context: CallContext): ConnectionHandle {
  if (context.connection === undefined) throw methodNotFound()
  return context.connection
}

/**
 * The rule of Substrate's nodes, in their words: unsafe methods are for the node's owner. By default (`methods: 'auto'`) that is whoever
 * calls from this computer with no proxy between (see guard.ts); the server itself listens on loopback alone.
 */
export function requireTrust(context: CallContext): void {
  if (!context.trusted) throw new RpcError(CODE.methodNotFound, 'RPC call is unsafe to be called externally')
}
