/** What can go wrong between a request and its answer, and what it costs the peer. */
import { NodeError, isNodeError } from '../../../base/errors.ts'
import type { PeerFault, RequestAnswer, RequestHandler, RequestSpec } from '../../../network/contracts.ts'

export type ResponseErrorCode =
  /** The response does not decode, or has more entries than it may have. */
  | 'RESPONSE_MALFORMED'
  /** It decodes, and contradicts itself or what was asked for. */
  | 'RESPONSE_MISMATCH'
  /** The peer does not have what was asked for. No fault. */
  | 'RESPONSE_EMPTY'

/** A request that does not decode or asks for what cannot be. */
export const BAD_REQUEST: PeerFault = { code: 'bad-request', cost: -200 }

/** A response that does not decode: no honest implementation sends it. */
export const MALFORMED_RESPONSE: PeerFault = { code: 'malformed-response', cost: -400 }

/** A response to another question. */
export const MISMATCHED_RESPONSE: PeerFault = { code: 'mismatched-response', cost: -400 }

/** A response that is not what was asked for; `fault` is what that costs the peer, where it costs anything. */
export class ResponseError extends NodeError<ResponseErrorCode> {
  readonly fault: PeerFault | undefined

  constructor(code: ResponseErrorCode, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause })
    this.fault = code === 'RESPONSE_EMPTY' ? undefined : code === 'RESPONSE_MALFORMED' ? MALFORMED_RESPONSE : MISMATCHED_RESPONSE
  }
}

export function mismatch(message: string): ResponseError {
  return new ResponseError('RESPONSE_MISMATCH', message)
}

/** True for what the decoders throw at bytes that are not what they should be. */
export function isMalformed(error: unknown): boolean {
  return isNodeError(error) && (error.code.startsWith('PROTOBUF_') || error.code.startsWith('SCALE_'))
}

/** Runs a decoder over a response. Throws RESPONSE_MALFORMED where it does not decode. */
export function decodeResponse<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (isMalformed(error)) throw new ResponseError('RESPONSE_MALFORMED', `The ${what} response cannot be decoded.`, error)
    throw error
  }
}

export function respond(bytes: Uint8Array): RequestAnswer {
  return { kind: 'response', bytes }
}

/** We cannot answer, and that is nobody's fault. */
export const REFUSED: RequestAnswer = { kind: 'refuse' }

export const REFUSED_BAD: RequestAnswer = { kind: 'refuse', fault: BAD_REQUEST }

/** A handler of requests that are decoded first: what does not decode is refused at the peer's cost. */
export function decodingHandler<T>(
  spec: RequestSpec,
  decode: (request: Uint8Array) => T,
  answer: (request: T, signal: AbortSignal, peer: string, fitting: number | undefined) => RequestAnswer | Promise<RequestAnswer>,
): RequestHandler {
  return {
    spec,
    async onRequest(peer, bytes, signal, fitting) {
      let request: T
      try {
        request = decode(bytes)
      } catch (error) {
        if (isMalformed(error)) return REFUSED_BAD
        throw error
      }
      return answer(request, signal, peer, fitting)
    },
  }
}
