/**
 * The methods of the chain's consensus engine, fitted into JSON-RPC. The engine says what a method takes and answers
 * (core/engines/methods.ts); how that is written is the same here as in every other method of the server.
 */
import { z } from 'zod'
import {
  EngineMethodError, type EngineCall, type EngineMethod, type EngineSubscription, type Parameter, type ParameterKind, type ParameterKinds, type ParameterList, type ParameterValues,
} from '../core/engines/methods.ts'
import { RpcError } from '../rpc/errors.ts'
import { defineCall, defineSubscription, type Method } from '../rpc/method.ts'
import { blockNumber, hash, hexBytes, optional, type ParamShape } from '../rpc/params.ts'

const READERS: { readonly [Kind in ParameterKind]: z.ZodType<ParameterKinds[Kind]> } = {
  boolean: z.boolean(),
  hash,
  blockNumber,
  /** As serde writes them, or in hexadecimal. */
  bytes: z.union([z.array(z.number().int().min(0).max(255)).transform((bytes) => Uint8Array.from(bytes)), hexBytes]),
}

export function rpcMethods(offered: readonly EngineMethod[]): Method[] {
  return offered.flatMap((method) => ('subscribe' in method ? subscriptionOf(method) : [callOf(method)]))
}

function callOf(call: EngineCall): Method {
  return defineCall({
    name: call.name,
    params: shapeOf(call.params),
    unsafe: call.unsafe === true,
    async handle(values) {
      try {
        return await call.handle(values as ParameterValues<ParameterList>)
      } catch (error) {
        throw error instanceof EngineMethodError ? new RpcError(error.code, error.message, error.data) : error
      }
    },
  })
}

function subscriptionOf(offered: EngineSubscription): Method[] {
  return defineSubscription({
    subscribe: [offered.subscribe],
    unsubscribe: [offered.unsubscribe],
    notification: offered.notification,
    params: {},
    open: (_params, subscription) => () => subscription.onEnd(offered.follow((result) => subscription.notify(result))),
  })
}

function shapeOf(params: ParameterList): ParamShape {
  return Object.fromEntries(Object.entries(params).map(([name, parameter]) => [name, readerOf(parameter)]))
}

function readerOf(parameter: Parameter): z.ZodType {
  return parameter.endsWith('?') ? optional(READERS[parameter.slice(0, -1) as ParameterKind]) : READERS[parameter as ParameterKind]
}
