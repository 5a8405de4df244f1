/**
 * The service API: what programs, services and scripts ask of the node, by the .proto files in `proto/nodestead/v1`, on one port of the loopback interface.
 *
 * Three protocols reach the same methods: gRPC (HTTP/2), gRPC-web and Connect (HTTP/1.1 or 2, binary or JSON, so that curl suffices). `GET /health` and grpc.health.v1
 * are answered to everybody, everything else to clients with a token (rights/) that has the method's scope. Assumptions: other programs of this computer may connect, and
 * so may pages in its browser; both may send whatever they like, slowly, or without end. What keeps them out: the address, the Host and Origin checks
 * (server/visitors.ts), the token, and limits on everything (limits.ts, server/). What this does not protect against: a program of the same user can read the user's files, and with them tokens.
 *
 * It knows nodes through the manager alone (context.ts), and is loaded when it is switched on.
 */
import { Code, ConnectError } from '@connectrpc/connect'
import { compressionGzip, connectNodeAdapter } from '@connectrpc/connect-node'
import { systemClock, type Clock } from '../base/clock.ts'
import type { Service } from '../base/service.ts'
import { limitBody, Unread } from '../web/deadlines.ts'
import { breakOff, type Request, type Response } from '../web/exchange.ts'
import { HttpPort } from '../web/port.ts'
import type { ServiceContext } from './context.ts'
import { refusal, ServiceError } from './errors.ts'
import { SERVICE_LIMITS, type ServiceLimits } from './limits.ts'
import { Clients } from './rights/clients.ts'
import { ClientsFile } from './rights/clients-file.ts'
import { Gate, tokenIn } from './rights/gate.ts'
import { SCOPE_NAMES } from './rights/scopes.ts'
import { serviceInterceptors, serviceRoutes } from './routes.ts'
import { answer, refuse } from './server/plain-answers.ts'
import { isLoopback, unwelcome } from './server/visitors.ts'
import { Feeds } from './streams/feeds.ts'
import { SubmittedTransactions } from './streams/submitted.ts'
import { TopicFeeds } from './streams/topic-feeds.ts'

export interface ServiceApiOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** A loopback address; the default is 127.0.0.1. */
  readonly host?: string
  /** Where the list of clients is kept. */
  readonly folder: string
  /** A token of whoever starts the program, with all scopes; its client is called `command-line`. */
  readonly token?: string | undefined
  readonly limits?: Partial<ServiceLimits>
}

export type ServiceApiDependencies = Omit<ServiceContext, 'clients' | 'feeds' | 'submitted' | 'topics' | 'clock'> & { readonly clock?: Clock }

/** The client of the token that the command line keeps in a file. */
const COMMAND_LINE = 'command-line'
/** Methods whose requests are streams. */
const STREAMED = /\/grpc\.reflection\./

export class ServiceApi implements Service {
  readonly clients: Clients
  readonly #options: ServiceApiOptions
  readonly #context: ServiceContext
  readonly #limits: ServiceLimits
  readonly #unread: Unread
  readonly #stopping = new AbortController()
  #port: HttpPort | undefined
  #answer: ((request: Request, response: Response) => void) | undefined

  constructor(dependencies: ServiceApiDependencies, options: ServiceApiOptions) {
    const clock = dependencies.clock ?? systemClock
    this.#options = options
    this.#limits = { ...SERVICE_LIMITS, ...options.limits }
    this.clients = new Clients(new ClientsFile(options.folder), clock)
    this.#context = { ...dependencies, clock, clients: this.clients, feeds: new Feeds(dependencies.manager, this.#limits), submitted: new SubmittedTransactions(), topics: new TopicFeeds(clock, { ...this.#limits, keptBytes: this.#limits.topicBytes, keptMs: this.#limits.topicKeptMs }) }
    this.#unread = new Unread(clock, this.#limits.unreadMs)
  }

  /** `http://127.0.0.1:9966`, once started. */
  get address(): string {
    const { host = '127.0.0.1' } = this.#options
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port?.port ?? this.#options.port}`
  }

  /** Throws SERVICE_NOT_LOOPBACK, SERVICE_PORT_IN_USE, SERVICE_CANNOT_LISTEN, SERVICE_CLIENTS_FILE_{INVALID,OPEN}. */
  async start(): Promise<void> {
    const { host = '127.0.0.1', port, token } = this.#options
    if (!isLoopback(host)) {
      throw new ServiceError('SERVICE_NOT_LOOPBACK', `The service API cannot listen on ${host}: it accepts loopback addresses only, because it has no TLS.`, { hint: 'Use 127.0.0.1, and a tunnel, such as that of ssh, to reach it from another computer.' })
    }
    await this.clients.load()
    if (token !== undefined) await this.clients.keep(COMMAND_LINE, SCOPE_NAMES, token)
    this.#answer = this.#adapter()
    const listening = new HttpPort({ request: (request, response) => this.#serve(request, response) }, this.#limits, this.#context.clock)
    await listening.listen(port, host).catch((error: NodeJS.ErrnoException) => Promise.reject(cannotListen(error, host, port)))
    this.#port = listening
    this.#context.logger.info('service API started', { address: this.address })
  }

  /** Idempotent: ends the streams with UNAVAILABLE, then the connections. */
  async stop(): Promise<void> {
    const port = this.#port
    this.#port = undefined
    this.#stopping.abort(refusal(new ServiceError('SERVICE_STOPPING', 'The node stops.', { hint: 'Try again when it runs.' })))
    this.#context.feeds.dispose()
    this.#context.submitted.dispose()
    this.#context.topics.dispose()
    this.#unread.stop()
    await port?.close()
  }

  #adapter(): (request: Request, response: Response) => void {
    const gate = new Gate(this.clients, this.#limits)
    return connectNodeAdapter({
      routes: serviceRoutes(this.#context),
      interceptors: serviceInterceptors(this.#context),
      requestGate: (context) => gate.admit(context),
      acceptCompression: [compressionGzip],
      readMaxBytes: this.#limits.messageBytes,
      writeMaxBytes: this.#limits.answerBytes,
      shutdownSignal: this.#stopping.signal,
      fallback: (request, response) => refuse(request, response as Response, refusal(noSuchMethod(request))),
    })
  }

  /** For whoever may read. */
  async #document(request: Request, response: Response): Promise<void> {
    try {
      await this.clients.byToken(tokenIn(request.headers.authorization))
      const { OPENAPI } = await import('./described/openapi-document.ts')
      answer(response, 'application/json', OPENAPI)
    } catch (error) {
      refuse(request, response, refusal(error, (mistake) => this.#context.logger.error('the OpenAPI document could not be given', { reason: String(mistake) })))
    }
  }

  #serve(request: Request, response: Response): void {
    const end = (): void => breakOff(response)
    response.on('error', () => undefined)
    request.on('error', () => undefined)
    const turnedAway = unwelcome(request.headers, this.#port?.port ?? 0)
    if (turnedAway !== undefined) return refuse(request, response, refusal(turnedAway))
    const path = request.url?.split('?', 1)[0] ?? ''
    if (request.method === 'GET' && path === '/health') return answer(response, 'application/json', JSON.stringify({ status: 'SERVING' }))
    if (request.method === 'GET' && path === '/openapi.json') return void this.#document(request, response)
    limitBody(request, end, this.#context.clock, { ...this.#limits, isStream: STREAMED.test(path) })
    this.#unread.watch(response, end)
    try {
      this.#answer?.(request, response)
    } catch (error) {
      refuse(request, response, error instanceof ConnectError ? error : new ConnectError('The request cannot be read.', Code.InvalidArgument))
    }
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): ServiceError {
  const inUse = error.code === 'EADDRINUSE'
  return new ServiceError(inUse ? 'SERVICE_PORT_IN_USE' : 'SERVICE_CANNOT_LISTEN', `The service API cannot listen on ${host}:${port} (${error.code ?? error.message}).`, {
    hint: inUse ? 'Another program has the port: stop that one, or choose another with --service-port.' : 'Choose another port or address.', data: { port }, cause: error,
  })
}

function noSuchMethod({ url }: { readonly url?: string | undefined }): ServiceError {
  return new ServiceError('SERVICE_NO_SUCH_METHOD', `There is no method at ${(url ?? '').slice(0, 128)}.`, { hint: 'Methods are called as /nodestead.v1.Node/Status; /openapi.json lists them.' })
}
