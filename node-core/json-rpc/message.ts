/**
 * JSON-RPC 2.0, the protocol itself (https://www.jsonrpc.org/specification): from text to requests and from outcomes
 * to text. Pure: nothing here knows of sockets or of the node.
 *
 * A message is one request or a batch of them. Each entry is judged alone: a malformed one in a batch gets its own
 * error and the others run. A request without `id` is a notification and is never answered, not even with an error.
 *
 * An id comes back exactly as it was sent. Clients count in 64 bits, or send `1.0`, and look for the very text; a double
 * would round the one and reformat the other, and the client would wait for its answer for ever.
 */
import { PROTOCOL_CODE as CODE, RpcError } from './errors.ts'
import { excessOf, MAX_DEPTH, MAX_VALUES } from './shape.ts'

/** A number whose text a double does not give back. */
export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a client names its request by. Absent (not null) makes the request a notification. */
export type RequestId = string | number | ExactNumber | null

export interface Request {
  readonly id: RequestId | undefined
  readonly method: string
  /** An array (by position), an object (by name) or undefined. */
  readonly params: readonly unknown[] | Readonly<Record<string, unknown>> | undefined
}

/** What is wrong with a message or an entry of a batch, and whom to tell. */
export interface Refusal {
  readonly id: RequestId
  readonly error: RpcError
}

export type Entry = { readonly kind: 'request'; readonly request: Request } | { readonly kind: 'refused'; readonly refusal: Refusal }

export type Message =
  | { readonly kind: 'single'; readonly entry: Entry }
  | { readonly kind: 'batch'; readonly entries: readonly Entry[] }

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRequestId(value: unknown): value is RequestId {
  return value === null || typeof value === 'string' || typeof value === 'number' || value instanceof ExactNumber
}

/** Cheap to look for: an id of 16 digits and more, with a fraction or an exponent, or negative zero. */
const INEXACT_ID = /"id"\s*:\s*(?:-?(?:\d{16}|\d+[.eE])|-0)/

/** What a reviver is told of a primitive (ECMAScript proposal "JSON.parse source text access"). */
type SourceReviver = (this: object, key: string, value: unknown, context?: { readonly source?: string }) => unknown

/** Parses; the ids of requests that a double would change are {@link ExactNumber}s. */
function parse(text: string): unknown {
  if (!INEXACT_ID.test(text)) return JSON.parse(text)
  const ids = new Map<object, ExactNumber>()
  const noteId: SourceReviver = function (key, value, context) {
    const source = context?.source
    if (key === 'id' && typeof value === 'number' && source !== undefined && source !== String(value)) ids.set(this, new ExactNumber(source))
    return value
  }
  const message: unknown = JSON.parse(text, noteId)
  for (const entry of Array.isArray(message) ? (message as unknown[]) : [message]) {
    const id = isRecord(entry) ? ids.get(entry) : undefined
    if (id !== undefined) (entry as Record<string, unknown>)['id'] = id
  }
  return message
}

/** The id as it was sent. */
export function idText(id: RequestId): string {
  return id instanceof ExactNumber ? id.text : JSON.stringify(id)
}

function refused(id: RequestId, error: RpcError): Entry {
  return { kind: 'refused', refusal: { id, error } }
}

function invalidRequest(id: RequestId, why: string): Entry {
  return refused(id, new RpcError(CODE.invalidRequest, 'Invalid request', why))
}

/** Judges one entry (section 4, "Request object"). */
export function readEntry(value: unknown): Entry {
  if (!isRecord(value)) return invalidRequest(null, 'a request is an object')
  const hasId = Object.hasOwn(value, 'id')
  const { id, jsonrpc, method, params } = value
  if (hasId && !isRequestId(id)) return invalidRequest(null, 'id must be a number, a string or null')
  const known = hasId ? (id as RequestId) : null
  if (jsonrpc !== '2.0') return invalidRequest(known, 'jsonrpc must be "2.0"')
  if (typeof method !== 'string') return invalidRequest(known, 'method must be a string')
  if (params !== undefined && params !== null && !Array.isArray(params) && !isRecord(params)) {
    return invalidRequest(known, 'params must be an array or an object')
  }
  return { kind: 'request', request: { id: hasId ? (id as RequestId) : undefined, method, params: params ?? undefined } }
}

/** Reads a message. Never throws: what cannot be read becomes a refusal. `maxBatch` bounds the entries of a batch; 0 takes no batches. */
export function readMessage(text: string, maxBatch: number): Message {
  let value: unknown
  const excess = excessOf(text, maxBatch === 0 ? Infinity : maxBatch)
  if (excess === 'batch') return single(batchTooLarge(maxBatch))
  if (excess !== undefined) {
    return single(refused(null, new RpcError(CODE.parseError, 'Parse error', excess === 'depth' ? `nested more than ${MAX_DEPTH} levels deep` : `more than ${MAX_VALUES} values`)))
  }
  try {
    value = parse(text)
  } catch {
    return single(refused(null, new RpcError(CODE.parseError, 'Parse error')))
  }
  if (!Array.isArray(value)) return single(readEntry(value))
  if (maxBatch === 0) return single(refused(null, new RpcError(CODE.batchesNotSupported, 'Batched requests are not supported by this server')))
  if (value.length === 0) return single(invalidRequest(null, 'a batch has at least one request'))
  if (value.length > maxBatch) return single(batchTooLarge(maxBatch))
  return { kind: 'batch', entries: value.map(readEntry) }
}

function single(entry: Entry): Message {
  return { kind: 'single', entry }
}

function batchTooLarge(maxBatch: number): Entry {
  return refused(null, new RpcError(CODE.batchTooLarge, 'The batch request was too large', `Exceeded max limit of ${maxBatch}`))
}

/** The answer to a request that went well; `result` is JSON. What is none (`undefined`) is sent as null. */
export function resultText(id: RequestId, result: string | undefined): string {
  return `{"jsonrpc":"2.0","id":${idText(id)},"result":${result ?? 'null'}}`
}

/** The answer to one that did not. */
export function errorText(id: RequestId, error: RpcError): string {
  const shown = { code: error.code, message: error.message, ...(error.data === undefined ? {} : { data: error.data }) }
  return `{"jsonrpc":"2.0","id":${idText(id)},"error":${JSON.stringify(shown)}}`
}

export function batchText(answers: readonly string[]): string {
  return `[${answers.join(',')}]`
}

/** What a subscription sends: a notification from the server. */
export function notificationText(method: string, subscription: string, result: unknown): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":{"subscription":${JSON.stringify(subscription)},"result":${
    JSON.stringify(result) ?? 'null'
  }}}`
}
