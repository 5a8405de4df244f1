/** Who is let in: a look at a call's headers, before any of its body is read. */
import { getOption, hasOption, type DescMethod } from '@bufbuild/protobuf'
import { createContextKey, type ContextKey, type HandlerContext } from '@connectrpc/connect'
import { ServiceError } from '../errors.ts'
import { scope, Scope } from '../proto/nodestead/v1/rights_pb.ts'
import { refusal } from '../refusal.ts'
import type { Client, Clients } from './clients.ts'
import { scopeName } from './scope-numbers.ts'
import type { ScopeName } from './scopes.ts'

/** Whose call it is. */
export const CLIENT: ContextKey<Client | undefined> = createContextKey<Client | undefined>(undefined)

/** Whose a token is at the door of the call alone; undefined where that door knows nobody of its own. */
export type OwnCallers = (token: string) => Client | undefined
export const OWN_CALLERS: ContextKey<OwnCallers | undefined> = createContextKey<OwnCallers | undefined>(undefined)

/** What is answered to everybody. */
const OPEN = 'grpc.health.v1.Health'

/** Longer than any token. */
const MAX_TOKEN = 256

/** The scope that a method takes. What says nothing, such as reflection, is for those who may read. */
export function scopeOf(method: DescMethod): ScopeName {
  const number = hasOption(method, scope) ? getOption(method, scope) : Scope.READ
  return scopeName(number) ?? 'admin'
}

/** The token of `Authorization: Bearer …`. Throws SERVICE_TOKEN_MISSING. */
export function tokenIn(header: string | null | undefined): string {
  const token = /^Bearer +([A-Za-z0-9_-]+)$/i.exec(header?.trim() ?? '')?.[1]
  if (token !== undefined && token.length <= MAX_TOKEN) return token
  throw new ServiceError('SERVICE_TOKEN_MISSING', 'The request says no token.', { hint: 'Send the header "Authorization: Bearer <token>" with the token of a client.' })
}

export interface CallCounts {
  readonly calls: number
  readonly callsPerClient: number
}

export class Gate {
  readonly #clients: Clients
  readonly #limits: CallCounts
  readonly #open = new Map<string, number>()
  #total = 0

  constructor(clients: Clients, limits: CallCounts) {
    this.#clients = clients
    this.#limits = limits
  }

  /** Calls that are being answered. */
  get calls(): number {
    return this.#total
  }

  /** Throws a ConnectError: UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED. */
  async admit(context: HandlerContext): Promise<void> {
    if (context.service.typeName === OPEN) return
    try {
      const token = tokenIn(context.requestHeader.get('authorization'))
      const client = context.values.get(OWN_CALLERS)?.(token) ?? (await this.#clients.byToken(token))
      const wanted = scopeOf(context.method)
      if (!client.scopes.includes(wanted)) {
        throw new ServiceError('SERVICE_SCOPE_MISSING', `The client ${client.name} may not use ${context.service.typeName}/${context.method.name}: it takes the scope ${wanted}.`, {
          hint: 'Add a client with that scope.', data: { scope: wanted },
        })
      }
      this.#count(client.name, context.signal)
      context.values.set(CLIENT, client)
    } catch (error) {
      throw refusal(error)
    }
  }

  #count(name: string, signal: AbortSignal): void {
    const own = this.#open.get(name) ?? 0
    if (own >= this.#limits.callsPerClient || this.#total >= this.#limits.calls) {
      throw new ServiceError('SERVICE_TOO_MANY_CALLS', `The client ${name} has ${own} calls open, and all clients ${this.#total}.`, { hint: 'End streams that are no longer needed.' })
    }
    this.#open.set(name, own + 1)
    this.#total++
    signal.addEventListener('abort', () => {
      this.#total--
      const left = (this.#open.get(name) ?? 1) - 1
      if (left === 0) this.#open.delete(name)
      else this.#open.set(name, left)
    }, { once: true })
  }
}
