/**
 * A message of a client, entry by entry: what goes on to the node, and what is answered here. A method that is not served gets the protocol's own answer for one that does not
 * exist, and so does every other entry of a batch get its own answer.
 *
 * What goes on is written anew out of what was read, so that node and gateway cannot take two things from one text.
 */
import { PROTOCOL_CODE, RpcError, methodNotFound } from '../../json-rpc/errors.ts'
import { errorText, idText, readMessage, resultText, type Entry, type Request } from '../../json-rpc/message.ts'
import { GatewayError } from '../errors.ts'

export interface Forwarded {
  readonly request: Request
  /** Undefined where it wants no answer. */
  readonly idText: string | undefined
}

export interface Judged {
  readonly isBatch: boolean
  /** For the node, in the client's order. */
  readonly forwarded: readonly Forwarded[]
  /** Answered here. */
  readonly answers: readonly string[]
  /** For the log: names that are served, and `unknown`. */
  readonly methods: readonly string[]
  /** Where all entries were refused for one reason: that one. */
  readonly refusal: GatewayError | undefined
}

export interface Judging {
  readonly served: ReadonlySet<string>
  readonly maxBatch: number
  /** What `rpc_methods` shows. */
  readonly listed: () => readonly string[]
  /** Counts one request of the client. Throws a GatewayError where it is one too many. */
  readonly take: () => void
}

export function judge(text: string, { served, maxBatch, listed, take }: Judging): Judged {
  const message = readMessage(text, maxBatch)
  const entries = message.kind === 'batch' ? message.entries : [message.entry]
  const forwarded: Forwarded[] = []
  const answers: string[] = []
  const refusals: GatewayError[] = []
  const one = (entry: Entry): string => {
    const id = entry.kind === 'refused' ? entry.refusal.id : entry.request.id
    const say = (answer: string): void => void (id !== undefined && answers.push(answer))
    const name = entry.kind === 'request' && served.has(entry.request.method) ? entry.request.method : 'unknown'
    try {
      take()
      if (entry.kind === 'refused') say(errorText(entry.refusal.id, entry.refusal.error))
      else if (name === 'unknown') say(errorText(id ?? null, methodNotFound()))
      else if (name === 'rpc_methods') say(resultText(id ?? null, JSON.stringify({ methods: listed().filter((method) => served.has(method)) })))
      else forwarded.push({ request: entry.request, idText: id === undefined ? undefined : idText(id) })
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      refusals.push(error)
      say(errorText(id ?? null, rpcErrorOf(error)))
    }
    return name
  }
  const methods = entries.map(one)
  return { isBatch: message.kind === 'batch', forwarded, answers, methods, refusal: refusals.length === entries.length ? refusals[0] : undefined }
}

/** As the node is sent it. */
export function textOf({ method, params }: Request, id: string | undefined): string {
  return `{"jsonrpc":"2.0"${id === undefined ? '' : `,"id":${id}`},"method":${JSON.stringify(method)}${params === undefined ? '' : `,"params":${JSON.stringify(params)}`}}`
}

/** This gateway's own numbers, for what is neither the protocol's nor Substrate's. */
const OWN_CODE = -32_060

export function rpcErrorOf({ code, message, hint, data }: GatewayError): RpcError {
  const number = code === 'GATEWAY_RATE_LIMITED' || code === 'GATEWAY_QUOTA_USED' ? PROTOCOL_CODE.rateLimited : code === 'GATEWAY_TOO_LARGE' ? PROTOCOL_CODE.requestTooBig : OWN_CODE
  const after = data['retryAfterMs']
  return new RpcError(number, message, { code, ...(hint === undefined ? {} : { hint }), ...(typeof after === 'number' ? { retryAfterMs: Math.ceil(after) } : {}) })
}
