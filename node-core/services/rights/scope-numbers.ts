/** The scopes as the .proto files number them. */
import { Scope } from '../proto/nodestead/v1/rights_pb.ts'
import { SCOPE_NAMES, type ScopeName } from './scopes.ts'

const NUMBERS: Readonly<Record<ScopeName, Scope>> = { read: Scope.READ, submit: Scope.SUBMIT, control: Scope.CONTROL, admin: Scope.ADMIN }

export function scopeNumber(name: ScopeName): Scope {
  return NUMBERS[name]
}

/** Undefined for a number that is no scope. */
export function scopeName(number: Scope): ScopeName | undefined {
  return SCOPE_NAMES.find((name) => NUMBERS[name] === number)
}
