/**
 * Calls of the service API. Those on the list go to the node over HTTP/2, whichever version and protocol the client speaks: gRPC, gRPC-web and Connect differ in
 * their bodies and headers, which pass as they are. With each call goes the gateway's own token, which the node knows as a client with the scopes
 * to read and submit; a token or key of the client never gets there.
 */
import { constants, type ClientHttp2Stream, type Http2ServerResponse, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import type { ServerResponse } from 'node:http'
import { breakOff, type Request, type Response } from '../../web/exchange.ts'
import { GatewayError, stopping, unreachable } from '../errors.ts'
import { tooLarge } from '../json-rpc/http.ts'
import type { GatewayLimits } from '../options.ts'
import { grpcStatus, refuseCall } from './refusals.ts'
import { tokenFault } from './token-fault.ts'
import { ServiceUpstream } from './upstream.ts'

/** Of a call's headers, those that the protocols use. */
const PASSED = [
  'content-type', 'content-length', 'accept-encoding', 'content-encoding', 'grpc-timeout', 'grpc-encoding', 'grpc-accept-encoding', 'x-grpc-web',
  'connect-protocol-version', 'connect-timeout-ms', 'connect-content-encoding', 'connect-accept-encoding',
] as const
/** Of an answer's, those that are about one connection, or that the gateway sets itself. */
const KEPT_BACK = /^(:.*|connection|keep-alive|transfer-encoding|date|access-control-.*|vary)$/

export interface ServiceProxyOptions {
  readonly url: string
  readonly socketPath?: string | undefined
  readonly token: string
  readonly limits: GatewayLimits
  readonly streaming: ReadonlySet<string>
  /** Told where the node cannot be reached. */
  readonly failed: () => void
}

export class ServiceProxy {
  readonly #options: ServiceProxyOptions
  readonly #upstream: ServiceUpstream
  readonly #streams = new Set<() => void>()
  #calls = 0

  constructor(options: ServiceProxyOptions) {
    this.#options = options
    this.#upstream = new ServiceUpstream(options.url, options.socketPath)
  }

  /** Answers the client. `method` is one that is served: `nodestead.v1.Chain/Head`. */
  serve(request: Request, response: Response, method: string): void {
    const { limits, token, streaming } = this.#options
    if (this.#calls >= limits.serviceCalls) return refuseCall(request, response, new GatewayError('GATEWAY_TOO_MANY_CONNECTIONS', `${limits.serviceCalls} calls are being answered already.`, { hint: 'Try again in a while.', data: { retryAfterMs: 1000 } }))
    if (Number(request.headers['content-length'] ?? 0) > limits.messageBytes) return refuseCall(request, response, tooLarge(limits.messageBytes))
    const stream = this.#upstream.request({ ':method': 'POST', ':path': `/${method}`, authorization: `Bearer ${token}`, te: 'trailers', ...passed(request.headers) })
    this.#calls++
    const end = (): void => endStream(request, response, stream)
    if (streaming.has(method)) this.#streams.add(end)
    response.once('close', () => {
      this.#calls--
      this.#streams.delete(end)
      stream.close(constants.NGHTTP2_CANCEL)
    })
    this.#send(request, response, stream)
    this.#receive(request, response, stream)
  }

  /** Streams have no end of their own: they get one now. */
  endStreams(): void {
    for (const end of [...this.#streams]) end()
  }

  /** What is wrong with the gateway's own token, in words; undefined where it may read and submit, and no more. Rejects where the node does not say. */
  tokenFault(): Promise<string | undefined> {
    return tokenFault(this.#upstream, this.#options.token)
  }

  close(): void {
    this.#upstream.close()
  }

  #send(request: Request, response: Response, stream: ClientHttp2Stream): void {
    const { messageBytes } = this.#options.limits
    let size = 0
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size <= messageBytes) return
      refuseCall(request, response, tooLarge(messageBytes))
      stream.close(constants.NGHTTP2_CANCEL)
    })
    request.pipe(stream)
  }

  #receive(request: Request, response: Response, stream: ClientHttp2Stream): void {
    let trailers: IncomingHttpHeaders = {}
    const cancel = setTimeout(() => stream.destroy(new Error('it does not answer')), this.#options.limits.answerMs)
    stream.on('response', (headers) => {
      clearTimeout(cancel)
      if (response.headersSent) return
      // Who is not let in is the gateway itself: its token is not one of the node's any more.
      if (headers[':status'] === 401 || headers['grpc-status'] === '16') return refuseCall(request, response, unreachable())
      const plain = response as ServerResponse
      for (const [name, value] of Object.entries(headers)) if (!KEPT_BACK.test(name) && value !== undefined) plain.setHeader(name, value)
      // At once: an answer of gRPC may have nothing else.
      plain.writeHead(headers[':status'] ?? 502)
      stream.pipe(response as ServerResponse, { end: false })
    })
    stream.on('trailers', (received: IncomingHttpHeaders) => (trailers = received))
    stream.on('end', () => setImmediate(() => finish(response, trailers)))
    stream.on('error', () => {
      clearTimeout(cancel)
      if (response.writableEnded || response.destroyed) return
      this.#options.failed()
      if (response.headersSent) breakOff(response)
      else refuseCall(request, response, unreachable())
    })
    stream.on('close', () => {
      clearTimeout(cancel)
      if (!response.headersSent && !response.destroyed) refuseCall(request, response, unreachable())
    })
  }
}

function passed(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(PASSED.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}

/** Trailers are there in HTTP/2 alone; gRPC needs them, the other protocols do not. */
function finish(response: Response, trailers: IncomingHttpHeaders): void {
  if (response.writableEnded || response.destroyed) return
  if ('stream' in response) response.addTrailers(Object.fromEntries(Object.entries(trailers).filter(([name, value]) => !name.startsWith(':') && value !== undefined)))
  response.end()
}

/** A client of gRPC is told why; with the other protocols the answer breaks off. */
function endStream(request: Request, response: Response, stream: ClientHttp2Stream): void {
  if (response.writableEnded || response.destroyed) return
  if (!response.headersSent) refuseCall(request, response, stopping())
  else if ('stream' in response && (request.headers['content-type'] ?? '').startsWith('application/grpc') && !(request.headers['content-type'] ?? '').startsWith('application/grpc-web')) finishWith(response)
  else breakOff(response)
  stream.close(constants.NGHTTP2_CANCEL)
}

function finishWith(response: Http2ServerResponse): void {
  response.addTrailers(grpcStatus(stopping()))
  response.end()
}
