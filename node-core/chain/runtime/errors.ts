/**
 * The executor's errors, and how they cross a thread: structured cloning keeps neither the class nor the code of an
 * error, so the worker sends plain records and the main side throws them anew.
 */
import { NodeError, errorMessage } from '../../base/errors.ts'
import type { RuntimeErrorCode } from './types.ts'

export class RuntimeError extends NodeError<RuntimeErrorCode> {}

/** An error of a runtime call as plain data. */
export interface PlainRuntimeError {
  readonly code: RuntimeErrorCode
  readonly message: string
  readonly hint: string | undefined
  /** Strings and numbers only. */
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * A host function was used in a way that the specification answers with a panic: a pointer out of bounds, a
 * transaction closed that was never opened, a function outside of its context. It ends the call like a trap.
 */
export class HostFunctionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'HostFunctionError'
  }
}

export function toPlainError(error: unknown): PlainRuntimeError {
  if (error instanceof RuntimeError) return { code: error.code, message: error.message, hint: error.hint, data: error.data }
  return { code: 'RUNTIME_TRAP', message: errorMessage(error), hint: undefined, data: {} }
}

export function fromPlainError(plain: PlainRuntimeError): RuntimeError {
  return new RuntimeError(plain.code, plain.message, { data: plain.data, ...(plain.hint === undefined ? {} : { hint: plain.hint }) })
}
