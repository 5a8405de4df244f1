/**
 * What answers the requests of every door: one table of methods, one set of streams, and one count of calls for all of them. It brings Connect and protobuf along,
 * so it is loaded when somebody comes (service-api.ts).
 */
import { ConnectError, createConnectRouter, createContextValues } from '@connectrpc/connect'
import { compressionGzip, universalRequestFromNodeRequest, universalResponseToNodeResponse } from '@connectrpc/connect-node'
import { describeError } from '../base/errors.ts'
import { MemoryBudget } from '../base/memory-budget.ts'
import { limitBody, Unread } from '../web/deadlines.ts'
import { breakOff, type Request, type Response } from '../web/exchange.ts'
import { holdBody } from '../web/held-body.ts'
import { HttpPort } from '../web/port.ts'
import type { UnreadableRequest } from '../web/unreadable.ts'
import type { ServiceContext, ServiceGround } from './context.ts'
import { ServiceError } from './errors.ts'
import type { ServiceLimits } from './limits.ts'
import { refusal } from './refusal.ts'
import { Gate, OWN_CALLERS, tokenIn, type OwnCallers } from './rights/gate.ts'
import { ALL_SERVICES, serviceInterceptors, serviceRoutes } from './routes.ts'
import { BoundedJson } from './server/bounded-json.ts'
import { answer, refuse } from './server/plain-answers.ts'
import { RequestForms } from './server/request-form.ts'
import { unwelcome, type Place } from './server/visitors.ts'
import { Feeds } from './streams/feeds.ts'
import { SubmittedTransactions } from './streams/submitted.ts'
import { TopicFeeds } from './streams/topic-feeds.ts'
import { writtenRefusal } from './wire/refused.ts'

/** Methods whose requests are streams. */
const STREAMED = /\/grpc\.reflection\./

/** Connect decodes by the text decoder that it is given here, though its types do not say so. */
const JSON_OPTIONS = { ignoreUnknownFields: false, textDecoder: new BoundedJson() }

export class Answering {
  readonly #context: ServiceContext
  readonly #limits: ServiceLimits
  readonly #unread: Unread
  readonly #budget: MemoryBudget
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
    this.#budget = new MemoryBudget(limits.heldBytes)
    this.#answer = this.#adapter()
  }

  /** A place where clients arrive. `callers` are those that are known there and nowhere else. */
  newPort(callers?: OwnCallers, place: Pick<Place, 'isExternal' | 'isSecure'> = { isExternal: false, isSecure: false }): HttpPort {
    const port: HttpPort = new HttpPort({ request: (request, response) => this.#serve(request, response, { ...place, port: port.port }, callers), unreadable }, this.#limits, this.#context.clock)
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
    const { logger } = this.#context
    const router = createConnectRouter({
      interceptors: serviceInterceptors(this.#context),
      requestGate: (context) => {
        explainEnd(context.signal)
        return gate.admit(context)
      },
      acceptCompression: [compressionGzip],
      // A name that is mistyped would be taken for one that is left out: a list of recipients for none.
      jsonOptions: JSON_OPTIONS,
      readMaxBytes: this.#limits.messageBytes,
      writeMaxBytes: this.#limits.answerBytes,
      shutdownSignal: this.#stopping.signal,
    })
    serviceRoutes(this.#context)(router)
    const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]))
    return (request, response) => {
      const handler = handlers.get(request.url?.split('?', 1)[0] ?? '')
      if (handler === undefined) return refuse(request, response, refusal(noSuchMethod(request)))
      const values = createContextValues().set(OWN_CALLERS, this.#owners.get(request))
      handler(universalRequestFromNodeRequest(request, response, undefined, values))
        .then((answered) => universalResponseToNodeResponse(answered, response))
        .catch((error: unknown) => logger.debug('an answer of the service API broke off', { method: `${handler.service.typeName}/${handler.method.name}`, reason: describeError(error) }))
    }
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
    holdBody(request, response, this.#budget)
    this.#unread.watch(response, end)
    if (callers !== undefined) this.#owners.set(request, callers)
    try {
      this.#answer(request, response)
    } catch (error) {
      const unread = error instanceof ConnectError ? error : new ServiceError('SERVICE_BAD_REQUEST', 'The address of the request cannot be read.', { hint: 'Methods are called as /nodestead.v1.Node/Status.' })
      refuse(request, response, refusal(unread))
    }
  }
}

/**
 * Bytes that are no message are refused by Connect itself, which no interceptor hears of. But before it writes such an error it ends the call with it: there it gets
 * its code and its words.
 */
function explainEnd(signal: AbortSignal): void {
  signal.addEventListener('abort', () => {
    if (signal.reason instanceof ConnectError) refusal(signal.reason)
  }, { once: true })
}

/** What is no HTTP, as JSON: nothing says yet which protocol is meant. */
function unreadable({ status, what, hint }: UnreadableRequest): string {
  const error = refusal(new ServiceError(status === 431 ? 'SERVICE_TOO_LARGE' : status === 408 ? 'SERVICE_DEADLINE' : 'SERVICE_BAD_REQUEST', what, { hint }))
  return Buffer.from(writtenRefusal('', error, status).body ?? []).toString()
}

function noSuchMethod({ url }: { readonly url?: string | undefined }): ServiceError {
  return new ServiceError('SERVICE_NO_SUCH_METHOD', `There is no method at ${(url ?? '').slice(0, 128)}.`, { hint: 'Methods are called as /nodestead.v1.Node/Status; /openapi.json lists them.' })
}
