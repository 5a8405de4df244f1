/** Which methods a gateway serves: the usual ones, with those that were allowed besides, without those that were denied. */
import { GatewayError } from '../errors.ts'

export interface Choice {
  /** Methods besides the usual ones, and usual ones that are left out; a name may end in `*`. */
  readonly allowed: readonly string[]
  readonly denied: readonly string[]
}

/** Every method that there is, of JSON-RPC and of the service API. */
export interface KnownMethods {
  readonly usual: readonly string[]
  /** Those that cost much, or show what an operator may not want to be seen. */
  readonly further: readonly string[]
  /** Those that no gateway serves, by the reason. */
  readonly refused: Readonly<Record<string, string>>
}

/** Throws GATEWAY_METHOD_UNKNOWN, GATEWAY_METHOD_REFUSED. A name with `*` takes of what may be served and never what may not. */
export function chosenMethods({ usual, further, refused }: KnownMethods, { allowed, denied }: Choice): ReadonlySet<string> {
  const possible = [...usual, ...further]
  const named = (pattern: string): readonly string[] => {
    const found = pattern.endsWith('*') ? possible.filter((name) => name.startsWith(pattern.slice(0, -1))) : possible.filter((name) => name === pattern)
    if (found.length > 0) return found
    const why = Object.hasOwn(refused, pattern) ? refused[pattern] : undefined
    if (why !== undefined) throw new GatewayError('GATEWAY_METHOD_REFUSED', `A gateway does not serve ${pattern}: ${why}.`, { hint: 'Take it off the list. Programs of this computer call it at the node itself.', data: { method: pattern } })
    throw new GatewayError('GATEWAY_METHOD_UNKNOWN', `There is no method ${JSON.stringify(pattern.slice(0, 128))}.`, { hint: 'Methods are named as chain_getBlock, or nodestead.v1.Chain/Block; a name may end in *.', data: { method: pattern.slice(0, 128) } })
  }
  const chosen = new Set([...usual, ...allowed.flatMap(named)])
  for (const name of denied.flatMap(named)) chosen.delete(name)
  return chosen
}
