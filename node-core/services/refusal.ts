/**
 * Refusals. Whatever goes wrong behind a method is a NodeError with a code of its room, or a mistake; a client gets the nearest status code of
 * gRPC, the sentence, and an ErrorInfo with the code, what to do, and the data. A mistake is in the log in full and at the client in one sentence.
 */
import { create } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { isNodeError, plainData } from '../base/errors.ts'
import type { ServiceErrorCode } from './errors.ts'
import { ErrorInfoSchema, type ErrorInfo } from './proto/nodestead/v1/errors_pb.ts'

/** Of codes that do not say it by their ends. */
const STATUS: Readonly<Record<string, Code>> = {
  SERVICE_TOKEN_MISSING: Code.Unauthenticated,
  SERVICE_TOKEN_UNKNOWN: Code.Unauthenticated,
  SERVICE_SCOPE_MISSING: Code.PermissionDenied,
  SERVICE_FOREIGN_HOST: Code.PermissionDenied,
  SERVICE_FOREIGN_ORIGIN: Code.PermissionDenied,
  SERVICE_NO_SUCH_METHOD: Code.Unimplemented,
  SERVICE_TOO_MANY_CALLS: Code.ResourceExhausted,
  SERVICE_TOO_MANY_CLIENTS: Code.ResourceExhausted,
  SERVICE_CLIENT_TOO_SLOW: Code.ResourceExhausted,
  SERVICE_CURSOR_EXPIRED: Code.OutOfRange,
  SERVICE_NETWORK_UNNAMED: Code.InvalidArgument,
  SERVICE_BAD_REQUEST: Code.InvalidArgument,
  SERVICE_STOPPING: Code.Unavailable,
  SERVICE_INTERNAL: Code.Internal,
  SERVICE_TRANSACTION_UNWATCHED: Code.DataLoss,
  /** The runtime cannot tell yet. */
  TX_UNKNOWN: Code.FailedPrecondition,
  TX_TOO_LARGE: Code.InvalidArgument,
  RUNTIME_NO_SUCH_API: Code.NotFound,
  API_UNKNOWN_NETWORK: Code.NotFound,
  API_NODE_NOT_RUNNING: Code.FailedPrecondition,
  API_NODE_JOINING: Code.FailedPrecondition,
  API_OTHER_KIND: Code.FailedPrecondition,
}

/** By their last words, which all rooms share. */
const ENDINGS: readonly (readonly [RegExp, Code])[] = [
  [/_(UNKNOWN|MISSING|NOT_FOUND)$/, Code.NotFound],
  [/_(EXISTS|TAKEN|ALREADY_IMPORTED)$/, Code.AlreadyExists],
  [/_(INVALID|MALFORMED|TOO_LONG|BAD_INPUT)$/, Code.InvalidArgument],
  [/_(BUSY|TOO_MANY|FULL|DROPPED|BANNED)$/, Code.ResourceExhausted],
  [/_(TIMEOUT|TIMED_OUT)$/, Code.DeadlineExceeded],
  [/_(STOPPED|CLOSED)$/, Code.Unavailable],
]

export function statusOf(code: string): Code {
  return STATUS[code] ?? ENDINGS.find(([ending]) => ending.test(code))?.[1] ?? Code.FailedPrecondition
}

/** Of statuses that the protocols themselves give. */
const OWN_CODES: Readonly<Partial<Record<Code, ServiceErrorCode>>> = {
  [Code.InvalidArgument]: 'SERVICE_BAD_REQUEST',
  [Code.ResourceExhausted]: 'SERVICE_TOO_LARGE',
  [Code.Unimplemented]: 'SERVICE_NO_SUCH_METHOD',
  [Code.DeadlineExceeded]: 'SERVICE_DEADLINE',
  [Code.Canceled]: 'SERVICE_CANCELLED',
  [Code.Aborted]: 'SERVICE_CANCELLED',
  [Code.Unavailable]: 'SERVICE_STOPPING',
}

/** What Connect says of bytes that it cannot take, in words for whoever sent them. `{}` is what the pattern caught. */
const OF_BYTES: readonly (readonly [said: RegExp, status: Code, code: ServiceErrorCode, message: string, hint: string])[] = [
  [/^parse binary: (.*)/s, Code.InvalidArgument, 'SERVICE_BAD_REQUEST', 'The body is no message of this method in the encoding of protobuf: {}.', 'Make it with what the .proto files are compiled to, or send JSON with "Content-Type: application/json".'],
  [/^decompression failed/, Code.InvalidArgument, 'SERVICE_BAD_REQUEST', 'The body cannot be unpacked.', 'Pack it by gzip, or not at all.'],
  [/^unknown compression (.*)/s, Code.Unimplemented, 'SERVICE_BAD_REQUEST', 'The body is packed in a way that is not understood: {}.', 'Pack it by gzip, or not at all.'],
  [/readMaxBytes (\d+)/, Code.ResourceExhausted, 'SERVICE_TOO_LARGE', 'The message is larger than {} bytes.', 'Send less at once.'],
  [/writeMaxBytes (\d+)/, Code.ResourceExhausted, 'SERVICE_TOO_LARGE', 'The answer is larger than {} bytes.', 'Ask for less at once.'],
  [/^(?:protocol error: )?(?:missing|received extra) (.*)/s, Code.InvalidArgument, 'SERVICE_BAD_REQUEST', 'The request has not the one message that the method takes: {}.', 'Send one message, in one envelope.'],
  [/^protocol error: (.*)/s, Code.InvalidArgument, 'SERVICE_BAD_REQUEST', 'The request is not as the protocol has it: {}.', 'Let a library of gRPC or Connect write it.'],
]

/** The error as a client gets it; `report` hears of a mistake. */
export function refusal(error: unknown, report: (error: unknown) => void = () => undefined): ConnectError {
  if (error instanceof ConnectError) return withInfo(error)
  if (isNodeError(error)) {
    const { code, message, hint = '' } = error
    const { cursor, ...data } = plainData(error) ?? {}
    const info = create(ErrorInfoSchema, {
      code, message, hint,
      data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)])),
      cursor: typeof cursor === 'string' ? cursor : '',
    })
    return refused(statusOf(code), info, error)
  }
  if (error instanceof DOMException && error.name === 'AbortError') return withInfo(new ConnectError('the client left', Code.Canceled))
  report(error)
  return refused(Code.Internal, create(ErrorInfoSchema, { code: 'SERVICE_INTERNAL' satisfies ServiceErrorCode, message: 'The node made a mistake with this request.', hint: 'The log says more.' }), undefined)
}

function refused(status: Code, info: ErrorInfo, cause: unknown): ConnectError {
  const text = info.hint === '' ? info.message : `${info.message} ${info.hint}`
  return new ConnectError(text, status, undefined, [{ desc: ErrorInfoSchema, value: info }], cause)
}

/** What Connect itself refuses, such as a message against the rules, or bytes that are none. The error is changed and given back: whoever has it writes it. */
function withInfo(error: ConnectError): ConnectError {
  if (error.findDetails(ErrorInfoSchema).length > 0) return error
  const { status, ...info } = explained(error)
  Object.assign(error, { code: status, rawMessage: info.hint === '' ? info.message : `${info.message} ${info.hint}` })
  error.details.push({ desc: ErrorInfoSchema, value: create(ErrorInfoSchema, info) })
  return error
}

function explained({ code, rawMessage }: ConnectError): { readonly status: Code; readonly code: ServiceErrorCode; readonly message: string; readonly hint: string } {
  for (const [said, status, own, message, hint] of OF_BYTES) {
    const found = said.exec(rawMessage)
    if (found !== null) return { status, code: own, message: message.replace('{}', found[1] ?? ''), hint }
  }
  return { status: code, code: OWN_CODES[code] ?? 'SERVICE_INTERNAL', message: `${rawMessage}.`, hint: code === Code.InvalidArgument ? 'The rules of each field are in the .proto files and in /openapi.json.' : '' }
}
