/**
 * JSON-RPC by `POST`. The body is read whole, bounded, and judged; what is served goes to the node as one request, whose answer flows to the client; what
 * that has not read counts as held. Where the node cannot be asked the client gets an error of JSON-RPC and a status that proxies understand.
 */
import { Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import type { MemoryBudget } from '../../base/memory-budget.ts'
import { errorText } from '../../json-rpc/message.ts'
import { breakOff, type Request, type Response } from '../../web/exchange.ts'
import { GatewayError, retryAfter, statusOf, unreachable } from '../errors.ts'
import { Held } from '../../web/held.ts'
import type { GatewayLimits } from '../options.ts'
import { reply } from '../replies.ts'
import { judge, rpcErrorOf, textOf, type Judged, type Judging } from './judged.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

export interface HttpCall extends Judging {
  readonly address: string
  /** Told which methods the body names. */
  readonly named: (methods: readonly string[]) => void
}

/** Connections to the node for plain requests. */
export class RpcUpstream {
  readonly #url: URL
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32, maxTotalSockets: 32 })
  readonly #limits: GatewayLimits
  readonly #budget: MemoryBudget
  readonly #failed: () => void

  /** `failed` is told where the node cannot be asked. */
  constructor(url: string, { limits, budget, failed }: { readonly limits: GatewayLimits; readonly budget: MemoryBudget; readonly failed: () => void }) {
    this.#url = new URL(url)
    this.#limits = limits
    this.#budget = budget
    this.#failed = failed
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Answers the client. Never rejects. */
  async serve(request: Request, response: Response, call: HttpCall): Promise<void> {
    if (!/^application\/(json|json-rpc|jsonrequest)\b/i.test(request.headers['content-type'] ?? '')) {
      return refuseRpc(response, new GatewayError('GATEWAY_TYPE_REFUSED', 'The body is no JSON by its type.', { hint: 'Send it with the header "Content-Type: application/json".' }))
    }
    const held = new Held(this.#budget, () => breakOff(response))
    response.once('close', () => held.forget())
    let body: string
    try {
      body = await readBody(request, this.#limits.messageBytes, held)
    } catch (error) {
      if (error instanceof GatewayError) refuseRpc(response, error)
      return
    }
    const judged = judge(body, call)
    call.named(judged.methods)
    if (judged.forwarded.length > 0) return this.#forward(judged, response, call.address, held)
    if (judged.refusal !== undefined && !judged.isBatch) return refuseRpc(response, judged.refusal, {}, judged.answers[0])
    if (judged.answers.length === 0) return reply(response, 204)
    const status = judged.refusal === undefined ? {} : headersOf(judged.refusal)
    reply(response, judged.refusal === undefined ? 200 : statusOf(judged.refusal), judged.isBatch ? `[${judged.answers.join(',')}]` : judged.answers[0], { 'content-type': JSON_TYPE, ...status })
  }

  #forward({ forwarded, answers, isBatch }: Judged, response: Response, address: string, held: Held): void {
    const texts = forwarded.map(({ request, idText }) => textOf(request, idText))
    const body = isBatch ? `[${texts.join(',')}]` : texts[0]
    const fail = (): void => {
      this.#failed()
      if (response.headersSent) breakOff(response)
      else refuseRpc(response, unreachable())
    }
    const send = (isFirst: boolean): void => {
      let isAnswered = false
      const asked = ask(this.#url, { method: 'POST', agent: this.#agent, headers: { 'content-type': 'application/json', 'x-forwarded-for': address } }, (answer) => {
        isAnswered = true
        asked.setTimeout(0)
        answer.on('error', () => breakOff(response))
        if (answer.statusCode !== 200 && answer.statusCode !== 204) {
          answer.resume()
          return refuseRpc(response, answer.statusCode === 413 ? tooLarge(this.#limits.messageBytes) : busy())
        }
        if (answers.length > 0 && isBatch) return merge(answer, answers, response, held)
        if (answer.statusCode === 204) {
          answer.resume()
          return reply(response, 204)
        }
        start(response)
        answer.on('data', (part: Buffer) => write(response, part, held))
        answer.on('end', () => void response.end())
      })
      asked.setTimeout(this.#limits.answerMs, () => asked.destroy(new Error('it does not answer')))
      asked.on('error', (error: NodeJS.ErrnoException) => {
        if (response.destroyed || response.writableEnded) return
        // The node closes a connection that waits for its next request after a while: what is sent at that moment was not read by it.
        if (isFirst && asked.reusedSocket && !isAnswered && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) send(false)
        else fail()
      })
      response.once('close', () => asked.destroy())
      asked.end(body)
    }
    send(true)
  }
}

/**
 * The node's list of answers with ours before them: in a list of answers any order will do. All parts are bytes: Node.js sends memory of the process in place of
 * strings that wait beside bytes in a stream of HTTP/2.
 */
function merge(answer: IncomingMessage, answers: readonly string[], client: Response, held: Held): void {
  const response = client as ServerResponse
  start(response)
  let before = Buffer.from(`[${answers.join(',')}`)
  let close = ']'
  answer.on('data', (part: Buffer) => {
    let all = part
    if (before.length > 0) {
      // A list brings its own end; what is no list is one more element.
      const isList = part[0] === 0x5b
      if (isList) close = ''
      all = Buffer.concat([before, Buffer.from(','), isList ? part.subarray(1) : part])
      before = Buffer.alloc(0)
    }
    write(response, all, held)
  })
  answer.on('end', () => void response.end(Buffer.concat([before, Buffer.from(close)])))
}

/** What the client does not take yet waits here, as a part of all that is held: of the few connections to the node, none waits for a client. */
function write(response: Response, part: Buffer, held: Held): void {
  held.add(part.length)
  ;(response as ServerResponse).write(part, () => held.add(-part.length))
}

/** An answer of HTTP/2 takes the same calls; only their types differ. */
function start(response: Response): void {
  ;(response as ServerResponse).writeHead(200, { 'content-type': JSON_TYPE, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
}

function headersOf(error: GatewayError): Readonly<Record<string, string>> {
  const seconds = retryAfter(error)
  return { ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }), ...(statusOf(error) === 401 ? { 'www-authenticate': 'Bearer' } : {}) }
}

/** In the form of JSON-RPC. */
export function refuseRpc(response: Response, error: GatewayError, headers: Readonly<Record<string, string>> = {}, text = errorText(null, rpcErrorOf(error))): void {
  reply(response, statusOf(error), text, { 'content-type': JSON_TYPE, ...headers, ...headersOf(error) })
}

export function tooLarge(bytes: number): GatewayError {
  return new GatewayError('GATEWAY_TOO_LARGE', `The request is larger than ${bytes} bytes.`, { hint: 'Ask for less at once.' })
}

function busy(): GatewayError {
  return new GatewayError('GATEWAY_NODE_UNREACHABLE', 'The node behind this gateway takes no more requests now.', { hint: 'Try again in a while.' })
}

/** Throws GATEWAY_TOO_LARGE; rejects with something else where the client goes away. */
function readBody(request: Request, limit: number, held: Held): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = Number(request.headers['content-length'] ?? 0)
    const refuse = (): void => {
      parts.length = 0
      request.resume()
      reject(tooLarge(limit))
    }
    if (size > limit) return refuse()
    size = 0
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size > limit) return refuse()
      parts.push(part)
      held.add(part.length)
    })
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the client went away')))
  })
}
