/** Scopes: what a client's token is good for. None implies another. */
import { Scope } from '../proto/nodestead/v1/rights_pb.ts'
import { ServiceError } from '../errors.ts'

export const SCOPE_NAMES = ['read', 'submit', 'control', 'admin'] as const
export type ScopeName = (typeof SCOPE_NAMES)[number]

const NUMBERS: Readonly<Record<ScopeName, Scope>> = { read: Scope.READ, submit: Scope.SUBMIT, control: Scope.CONTROL, admin: Scope.ADMIN }

export function scopeNumber(name: ScopeName): Scope {
  return NUMBERS[name]
}

/** Undefined for a number that is no scope. */
export function scopeName(number: Scope): ScopeName | undefined {
  return SCOPE_NAMES.find((name) => NUMBERS[name] === number)
}

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
