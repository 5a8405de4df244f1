/** Errors of JSON-RPC 2.0: a number, a sentence and sometimes data. Further numbers belong to the methods that give them. */

/** The protocol's own, and those by which Substrate's nodes refuse what is too much: tools match on them. */
export const PROTOCOL_CODE = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  batchesNotSupported: -32005,
  tooManySubscriptions: -32006,
  requestTooBig: -32007,
  responseTooBig: -32008,
  busy: -32009,
  batchTooLarge: -32010,
  batchResponseTooLarge: -32011,
  rateLimited: -32999,
} as const

export class RpcError extends Error {
  readonly code: number
  /** Anything JSON can carry. */
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.name = 'RpcError'
    this.code = code
    this.data = data
  }
}

export function methodNotFound(): RpcError {
  return new RpcError(PROTOCOL_CODE.methodNotFound, 'Method not found')
}
