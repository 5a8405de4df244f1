/**
 * The table of methods that a session offers. A room of the net registers its own, by the descriptors of ipc.proto, with the scope that a program needs and
 * what happens to a program that takes answers too slowly; the session knows the table and no room. A method of the protocol that nobody registered is
 * answered with NET_METHOD_UNAVAILABLE.
 */
import type { DescMessage, DescMethodServerStreaming, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import type { Disposer } from '../../../base/disposers.ts'
import type { Program } from '../programs.ts'
import type { ScopeKind } from '../scopes.ts'

/** One program's session, for what a room keeps as long as that lasts. */
export interface SessionHandle {
  /** Unique in this process. */
  readonly id: number
  /** Aborts when the program is gone, or was ended. */
  readonly ended: AbortSignal
}

/** One call. */
export interface CallContext {
  readonly program: Program
  readonly session: SessionHandle
  /** Aborts when the call was cancelled, or its session has ended. */
  readonly signal: AbortSignal
}

/** Where a method with many answers puts them. */
export interface Sink<T> {
  /**
   * Resolves when there is room for another item. Where the method drops, that is at once, and the oldest that waits may have gone. Never rejects; does nothing
   * after the call has ended.
   */
  send(item: T): Promise<void>
}

export interface MethodOptions {
  /** Something of one of these kinds must be allowed to the program; the method itself looks at names. None: everybody may. */
  readonly scopes: readonly ScopeKind[]
}

export interface StreamMethodOptions extends MethodOptions {
  /** What waits for a program that takes too slowly, in items. */
  readonly queueItems: number
  /** `drop`: the oldest goes, and is counted. `hold`: {@link Sink.send} waits. */
  readonly whenSlow: 'drop' | 'hold'
}

export type UnaryHandler<I extends DescMessage, O extends DescMessage> = (request: MessageShape<I>, call: CallContext) => Promise<MessageInitShape<O>> | MessageInitShape<O>
/** The call ends when it resolves, or with its error. */
export type StreamHandler<I extends DescMessage, O extends DescMessage> = (request: MessageShape<I>, call: CallContext, sink: Sink<MessageInitShape<O>>) => Promise<void>

export type Method =
  | { readonly kind: 'unary'; readonly input: DescMessage; readonly output: DescMessage; readonly options: MethodOptions; readonly handler: UnaryHandler<DescMessage, DescMessage> }
  | { readonly kind: 'stream'; readonly input: DescMessage; readonly output: DescMessage; readonly options: StreamMethodOptions; readonly handler: StreamHandler<DescMessage, DescMessage> }

export class Methods {
  readonly #byName = new Map<string, Method>()

  /** Throws where the method has a handler. */
  register<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, options: MethodOptions, handler: UnaryHandler<I, O>): Disposer {
    return this.#add(method, { kind: 'unary', input: method.input, output: method.output, options, handler: handler as unknown as UnaryHandler<DescMessage, DescMessage> })
  }

  /** The same for a method with many answers. */
  registerStream<I extends DescMessage, O extends DescMessage>(method: DescMethodServerStreaming<I, O>, options: StreamMethodOptions, handler: StreamHandler<I, O>): Disposer {
    return this.#add(method, { kind: 'stream', input: method.input, output: method.output, options, handler: handler as unknown as StreamHandler<DescMessage, DescMessage> })
  }

  find(name: string): Method | undefined {
    return this.#byName.get(name)
  }

  /** Sorted. */
  names(): readonly string[] {
    return [...this.#byName.keys()].sort()
  }

  #add(descriptor: DescMethodUnary | DescMethodServerStreaming, method: Method): Disposer {
    const name = methodName(descriptor)
    if (this.#byName.has(name)) throw new Error(`${name} has a handler already`)
    this.#byName.set(name, method)
    return () => {
      if (this.#byName.get(name) === method) this.#byName.delete(name)
    }
  }
}

/** As it stands in a call: `nodestead.net.v1.Node/Status`. */
export function methodName({ parent, name }: DescMethodUnary | DescMethodServerStreaming): string {
  return `${parent.typeName}/${name}`
}
