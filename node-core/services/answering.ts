/**
 * What answers the requests of every door: one table of methods, one set of streams, and one count of calls for all of them. It brings Connect and protobuf along,
 * so it is loaded when somebody comes (service-api.ts).
 */
import { Code, ConnectError, createContextValues } from '@connectrpc/connect'
import { compressionGzip, connectNodeAdapter } from '@connectrpc/connect-node'
import { limitBody, Unread } from '../web/deadlines.ts'
import { breakOff, type Request, type Response } from '../web/exchange.ts'
import { HttpPort } from '../web/port.ts'
import type { ServiceContext, ServiceGround } from './context.ts'
import { ServiceError } from './errors.ts'
import type { ServiceLimits } from './limits.ts'
import { refusal } from './refusal.ts'
import { Gate, OWN_CALLERS, tokenIn, type OwnCallers } from './rights/gate.ts'
import { ALL_SERVICES, serviceInterceptors, serviceRoutes } from './routes.ts'
import { answer, refuse } from './server/plain-answers.ts'
import { RequestForms } from './server/request-form.ts'
import { unwelcome, type Place } from './server/visitors.ts'
import { Feeds } from './streams/feeds.ts'
import { SubmittedTransactions } from './streams/submitted.ts'
import { TopicFeeds } from './streams/topic-feeds.ts'

/** Methods whose requests are streams. */
const STREAMED = /\/grpc\.reflection\./

export class Answering {
  readonly #context: ServiceContext
  readonly #limits: ServiceLimits
  readonly #unread: Unread
  readonly #forms = new RequestForms(ALL_SERVICES)
  readonly #stopping = new AbortController()
  readonly #owners = new WeakMap<object, OwnCallers>()
  readonly #answer: (request: Request, response: Response) => void

  constructor(context: ServiceGround, limits: ServiceLimits) {
    this.#context = {
      ...context, feeds: new Feeds(context.manager, limits), submitted: new SubmittedTransactions(), topics: new TopicFeeds(context.clock, { ...limits, keptBytes: limits.topicBytes, keptMs: limits.topicKeptMs }),
    }
    this.#limits = limits
    this.#unread = new Unread(context.clock, limits.unreadMs)
    this.#answer = this.#adapter()
  }

  /** A place where clients arrive. `callers` are those that are known there and nowhere else. */
  newPort(callers?: OwnCallers, place: Pick<Place, 'isExternal' | 'isSecure'> = { isExternal: false, isSecure: false }): HttpPort {
    const port: HttpPort = new HttpPort({ request: (request, response) => this.#serve(request, response, { ...place, port: port.port }, callers) }, this.#limits, this.#context.clock)
    return port
  }

  /** Ends the streams with UNAVAILABLE. */
  stop(): void {
    this.#stopping.abort(refusal(new ServiceError('SERVICE_STOPPING', 'The node stops.', { hint: 'Try again when it runs.' })))
    this.#context.feeds.dispose()
    this.#context.submitted.dispose()
    this.#context.topics.dispose()
    this.#unread.stop()
  }

  #adapter(): (request: Request, response: Response) => void {
    const gate = new Gate(this.#context.clients, this.#limits)
    return connectNodeAdapter({
      routes: serviceRoutes(this.#context),
      interceptors: serviceInterceptors(this.#context),
      contextValues: (request) => createContextValues().set(OWN_CALLERS, this.#owners.get(request)),
      requestGate: (context) => gate.admit(context),
      acceptCompression: [compressionGzip],
      // A name that is mistyped would be taken for one that is left out: a list of recipients for none.
      jsonOptions: { ignoreUnknownFields: false },
      readMaxBytes: this.#limits.messageBytes,
      writeMaxBytes: this.#limits.answerBytes,
      shutdownSignal: this.#stopping.signal,
      fallback: (request, response) => refuse(request, response as Response, refusal(noSuchMethod(request))),
    })
  }

  /** For whoever may read. */
  async #document(request: Request, response: Response, callers: OwnCallers | undefined): Promise<void> {
    try {
      const token = tokenIn(request.headers.authorization)
      if (callers?.(token) === undefined) await this.#context.clients.byToken(token)
      const { OPENAPI } = await import('./described/openapi-document.ts')
      answer(response, 'application/json', OPENAPI)
    } catch (error) {
      refuse(request, response, refusal(error, (mistake) => this.#context.logger.error('the OpenAPI document could not be given', { reason: String(mistake) })))
    }
  }

  #serve(request: Request, response: Response, place: Place, callers: OwnCallers | undefined): void {
    const end = (): void => breakOff(response)
    response.on('error', () => undefined)
    request.on('error', () => undefined)
    const turnedAway = unwelcome(request.headers, place)
    if (turnedAway !== undefined) return refuse(request, response, refusal(turnedAway))
    const path = request.url?.split('?', 1)[0] ?? ''
    if (request.method === 'GET' && path === '/health') return answer(response, 'application/json', JSON.stringify({ status: 'SERVING' }))
    if (request.method === 'GET' && path === '/openapi.json') return void this.#document(request, response, callers)
    const fault = this.#forms.fault(request, path)
    if (fault !== undefined) return refuse(request, response, refusal(fault.error), fault)
    limitBody(request, end, this.#context.clock, { ...this.#limits, isStream: STREAMED.test(path) })
    this.#unread.watch(response, end)
    if (callers !== undefined) this.#owners.set(request, callers)
    try {
      this.#answer(request, response)
    } catch (error) {
      refuse(request, response, error instanceof ConnectError ? error : new ConnectError('The request cannot be read.', Code.InvalidArgument))
    }
  }
}

function noSuchMethod({ url }: { readonly url?: string | undefined }): ServiceError {
  return new ServiceError('SERVICE_NO_SUCH_METHOD', `There is no method at ${(url ?? '').slice(0, 128)}.`, { hint: 'Methods are called as /nodestead.v1.Node/Status; /openapi.json lists them.' })
}
