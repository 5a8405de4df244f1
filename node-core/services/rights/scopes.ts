/** Scopes: what a client's token is good for. None implies another. */
import { ServiceError } from '../errors.ts'

export const SCOPE_NAMES = ['read', 'submit', 'control', 'admin'] as const
export type ScopeName = (typeof SCOPE_NAMES)[number]

/** Throws SERVICE_SCOPE_INVALID. */
export function parseScopes(names: readonly string[]): readonly ScopeName[] {
  const scopes = names.map((name) => {
    const known = SCOPE_NAMES.find((candidate) => candidate === name)
    if (known === undefined) throw new ServiceError('SERVICE_SCOPE_INVALID', `${JSON.stringify(name.slice(0, 32))} is no scope.`, { hint: `The scopes are ${SCOPE_NAMES.join(', ')}.` })
    return known
  })
  if (scopes.length === 0) throw new ServiceError('SERVICE_SCOPE_INVALID', 'A client needs one scope at least.', { hint: `The scopes are ${SCOPE_NAMES.join(', ')}.` })
  return SCOPE_NAMES.filter((name) => scopes.includes(name))
}
