/**
 * The gateway: a door to the internet in front of a node that itself serves its own computer alone.
 *
 * Assumptions: anybody may connect, from many addresses, and send whatever they like, slowly or without end; the node behind it is ours. What protects the node:
 * - A list of methods by name, which read and submit (methods/). Others do not exist here, and a method that controls or administers a node cannot be put onto the
 *   list. What the gateway asks for somebody carries `X-Forwarded-For`, so that the node treats it as a stranger's as well; and its token for the service API needs the
 *   scopes to read and submit alone.
 * - Keys, rates and quotas (access/), and limits on sizes, times and connections (options.ts, web/port.ts).
 * - TLS, or a reverse proxy that has it: without it the gateway listens on a loopback address alone.
 * What it does not protect against: more clients, each within its rate, than the node can serve; set rates for that. And whoever answers for the node learns what is asked.
 *
 * Order of calls: `start`, then `stop`, which takes no connection more, lets what is under way finish within a limit, and ends the rest.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { systemClock, type Clock } from '../base/clock.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { MemoryBudget } from '../base/memory-budget.ts'
import type { MetricDefinition } from '../base/metric.ts'
import type { Service } from '../base/service.ts'
import { errorText } from '../json-rpc/message.ts'
import { Unread } from '../web/deadlines.ts'
import { HttpPort } from '../web/port.ts'
import type { UnreadableRequest } from '../web/unreadable.ts'
import { TlsFiles } from '../web/tls-files.ts'
import { readPublicUrl, type PublicUrl } from '../web/public-url.ts'
import { ClientAddresses } from './access/addresses.ts'
import { Door, type Visitor } from './access/door.ts'
import { Keys } from './access/keys.ts'
import { KeysFile } from './access/keys-file.ts'
import { Usage } from './access/usage.ts'
import { GatewayError, mistake, retryAfter, statusOf, stopping } from './errors.ts'
import { RpcUpstream } from './json-rpc/http.ts'
import { rpcErrorOf, type Judging } from './json-rpc/judged.ts'
import { RequestLog, type LoggedRequest } from './log/request-log.ts'
import { chosenMethods } from './methods/chosen.ts'
import { JSON_RPC_METHODS } from './methods/json-rpc.ts'
import { SERVICE_METHODS, STREAMING_METHODS } from './methods/service.ts'
import { gatewayMetrics, RequestCounts } from './metrics.ts'
import { NodeWatch } from './node-watch.ts'
import type { GatewayOptions } from './options.ts'
import { refuseUpgrade } from './replies.ts'
import { Requests, RPC_PATHS } from './requests.ts'
import { ServiceProxy } from './service/proxy.ts'
import { isLoopback, placeOf, requireWelcome, type WelcomeOptions } from './visitors.ts'
import { WebSockets } from './web-sockets.ts'

export interface GatewayDeps {
  readonly logger: Logger
  readonly clock?: Clock
}

export class Gateway implements Service {
  readonly #options: GatewayOptions
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #shown: PublicUrl | undefined
  readonly #welcome: WelcomeOptions
  readonly #keys: Keys
  readonly #usage: Usage
  readonly #door: Door
  readonly #watch: NodeWatch
  readonly #tls: TlsFiles | undefined
  readonly #requestLog: RequestLog | undefined
  readonly #counts = new RequestCounts()
  readonly #unread: Unread
  readonly #rpc: RpcUpstream
  readonly #service: ServiceProxy | undefined
  readonly #served: ReadonlySet<string>
  readonly #requests: Requests
  readonly #webSockets: WebSockets
  readonly #port: HttpPort
  #stopping: Promise<void> | undefined

  /** Throws GATEWAY_TLS_MISSING, GATEWAY_OPTION_INVALID, GATEWAY_METHOD_{UNKNOWN,REFUSED}. */
  constructor({ logger, clock = systemClock }: GatewayDeps, options: GatewayOptions) {
    const { limits, upstream, host, tls } = options
    if (tls === undefined && !isLoopback(host)) {
      throw new GatewayError('GATEWAY_TLS_MISSING', `The gateway cannot listen on ${host} without TLS: keys and answers could be read and changed on their way.`, {
        hint: 'Name a certificate and its key, or listen on 127.0.0.1 behind a reverse proxy that has TLS.', data: { host },
      })
    }
    this.#options = options
    this.#logger = logger
    this.#clock = clock
    this.#shown = publicUrlOf(options.publicUrl)
    this.#welcome = { listensOnLoopback: isLoopback(host), shown: this.#shown, origins: options.origins }
    this.#served = chosenMethods(JSON_RPC_METHODS, choiceFor(options, (name) => !name.includes('.')))
    const serviceMethods = upstream.service === undefined ? new Set<string>() : chosenMethods(SERVICE_METHODS, choiceFor(options, (name) => name.includes('.')))
    this.#keys = new Keys(new KeysFile(options.keysFile), clock)
    this.#usage = new Usage(options.folder, clock, logger)
    this.#door = new Door({ keys: this.#keys, usage: this.#usage, addresses: new ClientAddresses(options.trustedProxies), clock, logger }, options)
    this.#watch = new NodeWatch(upstream.rpcUrl, clock, logger, () => void this.#checkToken())
    this.#tls = tls === undefined ? undefined : new TlsFiles(tls, clock, logger)
    this.#requestLog = options.requestLog === undefined ? undefined : new RequestLog({ path: options.requestLog, addresses: options.loggedAddresses }, logger)
    this.#unread = new Unread(clock, limits.unreadMs)
    const failed = (): void => this.#watch.failed()
    const budget = new MemoryBudget(limits.heldBytes)
    this.#rpc = new RpcUpstream(upstream.rpcUrl, { limits, budget, failed })
    this.#service = upstream.service === undefined ? undefined : new ServiceProxy({ ...upstream.service, limits, streaming: STREAMING_METHODS, failed })
    const judging = (visitor: Visitor): Judging => this.#judging(visitor)
    this.#webSockets = new WebSockets({
      rpcUrl: upstream.rpcUrl, limits, clock, budget, judging, nodeFailed: failed,
      answered: ({ address, key }, { methods, status, startedAt, bytes }) => this.#logged({ address, key: key?.name, by: 'websocket', methods, status, ms: clock.now() - startedAt, bytes }),
    })
    this.#requests = new Requests({
      door: this.#door, rpc: this.#rpc, service: this.#service, serviceMethods, judging, unread: this.#unread, clock, logger, limits,
      base: this.#shown?.path ?? '/', welcome: this.#welcome, health: () => this.health(), isStopping: () => this.#stoppingError(), logged: (request) => this.#logged(request),
    })
    this.#port = new HttpPort({ request: (request, response) => this.#requests.serve(request, response), upgrade: (request, socket, head) => this.#upgrade(request, socket, head), unreadable }, limits, clock)
  }

  /** `https://127.0.0.1:8443/`, once started. */
  get address(): string {
    const { host, tls } = this.#options
    return `http${tls === undefined ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${this.#port.port}/`
  }

  get methods(): readonly string[] {
    return [...this.#served]
  }

  health(): { readonly ready: boolean; readonly node: string } {
    const node = this.#watch.state
    return { ready: this.#stopping === undefined && node === 'ready', node: this.#stopping === undefined ? node : 'stopping' }
  }

  metrics(): readonly MetricDefinition[] {
    return gatewayMetrics({ requests: this.#counts, connections: () => this.#port.connections, webSockets: () => this.#webSockets.count, turnedAway: () => this.#door.turnedAway, nodeState: () => this.#watch.state })
  }

  /** Throws TLS_{UNREADABLE,KEY_OPEN,INVALID}, GATEWAY_KEYS_FILE_{INVALID,OPEN}, GATEWAY_PORT_IN_USE, GATEWAY_CANNOT_LISTEN. The node need not run yet. */
  async start(): Promise<void> {
    const { host, port, anonymousPerMinute } = this.#options
    const pair = await this.#tls?.read()
    await this.#keys.load()
    await this.#usage.load()
    if (anonymousPerMinute === 0 && (await this.#keys.list()).length === 0) this.#logger.warn('nobody can use the gateway yet: there is no key, and clients without one are not let in', { file: this.#options.keysFile })
    await this.#watch.start()
    await this.#port.listen(port, host, pair).catch((error: NodeJS.ErrnoException) => Promise.reject(cannotListen(error, host, port)))
    this.#tls?.watch((exchanged) => this.#port.exchangeTls(exchanged))
    this.#logger.info('gateway started', { address: this.address, publicUrl: this.#options.publicUrl ?? null, methods: this.#served.size })
  }

  /** Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Reads certificate and key now, where they have changed. */
  async lookAtFiles(): Promise<void> {
    await this.#tls?.look((exchanged) => this.#port.exchangeTls(exchanged))
  }

  async #stop(): Promise<void> {
    this.#port.stopAccepting()
    this.#service?.endStreams()
    const done = Promise.all([this.#webSockets.drain(), this.#requests.drained()])
    let cancel = (): void => undefined
    await Promise.race([done, new Promise<void>((resolve) => void (cancel = this.#clock.schedule(this.#options.limits.drainMs, resolve)))])
    cancel()
    this.#webSockets.close()
    await this.#port.close()
    this.#tls?.stop()
    this.#watch.stop()
    this.#unread.stop()
    this.#rpc.close()
    this.#service?.close()
    await this.#usage.stop()
    await this.#requestLog?.stop()
    if (this.#port.port !== 0) this.#logger.info('gateway stopped')
  }

  /** Each time the node is there again: it may be another one. */
  async #checkToken(): Promise<void> {
    try {
      const fault = await this.#service?.tokenFault()
      if (fault !== undefined) this.#logger.warn('the token of the gateway at the node is not the right one', { fault, hint: 'Make one that may read and submit alone: token add gateway --scopes read,submit' })
    } catch (error) {
      this.#logger.debug('the token of the gateway could not be looked at', { reason: errorMessage(error) })
    }
  }

  #stoppingError(): GatewayError | undefined {
    return this.#stopping === undefined ? undefined : stopping()
  }

  #judging(visitor: Visitor): Judging {
    const { methods } = this.#watch
    return { served: this.#served, maxBatch: this.#options.limits.batch, listed: () => (methods.length === 0 ? [...this.#served] : methods), take: () => this.#door.take(visitor) }
  }

  #logged(request: Omit<LoggedRequest, 'time'>): void {
    this.#counts.count(request.by, request.status)
    this.#requestLog?.write({ ...request, time: this.#clock.now() })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const startedAt = this.#clock.now()
    const address = this.#door.addressOf(request.socket.remoteAddress, request.headers)
    this.#admitUpgrade(request, socket, head, address).catch((error: unknown) => {
      if (!(error instanceof GatewayError)) this.#logger.error('a WebSocket could not be opened', { reason: errorMessage(error) })
      const refusal = error instanceof GatewayError ? error : mistake()
      const [seconds, status] = [retryAfter(refusal), statusOf(refusal)]
      refuseUpgrade(socket, status, errorText(null, rpcErrorOf(refusal)), seconds === undefined ? {} : { 'Retry-After': String(seconds) })
      this.#logged({ address, key: undefined, by: 'websocket', methods: [], status, ms: this.#clock.now() - startedAt, bytes: 0 })
    })
  }

  async #admitUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): Promise<void> {
    if (this.#stopping !== undefined) throw stopping()
    requireWelcome(request.headers, this.#welcome)
    const place = placeOf(request.url, this.#shown?.path ?? '/')
    if (!RPC_PATHS.includes(place.path)) throw new GatewayError('GATEWAY_NO_SUCH_METHOD', 'There is no WebSocket at this path.', { hint: 'JSON-RPC is spoken at /.' })
    const visitor = await this.#door.identify(address, request.headers, place.key)
    this.#door.take(visitor)
    await this.#webSockets.accept(request, socket, head, visitor)
  }
}

/** What is no HTTP, in the form of JSON-RPC: nothing says yet which door is meant. */
function unreadable({ status, what, hint }: UnreadableRequest): string {
  const code = status === 431 ? 'GATEWAY_HEADERS_TOO_LARGE' : status === 408 ? 'GATEWAY_REQUEST_TIMED_OUT' : 'GATEWAY_BAD_REQUEST'
  return errorText(null, rpcErrorOf(new GatewayError(code, what, { hint })))
}

function publicUrlOf(text: string | undefined): PublicUrl | undefined {
  if (text === undefined) return undefined
  const url = readPublicUrl(text)
  if (url !== undefined) return url
  throw new GatewayError('GATEWAY_OPTION_INVALID', 'The public address needs a scheme, a host and perhaps a path, and nothing else.', { hint: 'Write it as clients see it: https://node.example/rpc/', data: { flag: 'public-url' } })
}

/** Methods of the service API have dots in their names, those of JSON-RPC have none. */
function choiceFor({ allowed, denied }: GatewayOptions, isOurs: (name: string) => boolean): { readonly allowed: readonly string[]; readonly denied: readonly string[] } {
  return { allowed: allowed.filter(isOurs), denied: denied.filter(isOurs) }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): GatewayError {
  const inUse = error.code === 'EADDRINUSE'
  return new GatewayError(inUse ? 'GATEWAY_PORT_IN_USE' : 'GATEWAY_CANNOT_LISTEN', `The gateway cannot listen on ${host}:${port} (${error.code ?? error.message}).`, {
    hint: inUse ? 'Another program has the port: stop that one, or choose another.' : 'Choose another address or port.', data: { host, port }, cause: error,
  })
}
