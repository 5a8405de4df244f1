/**
 * The service API: what programs, services and scripts ask of the node, by the .proto files in `proto/nodestead/v1`, at two doors.
 *
 * - The local door (local-door/) is a socket for the command line of the same user, open while the node runs.
 * - The port is one of the loopback interface, where it is switched on.
 *
 * Three protocols reach the same methods: gRPC (HTTP/2), gRPC-web and Connect (HTTP/1.1 or 2, binary or JSON, so that curl suffices). `GET /health` and grpc.health.v1
 * are answered to everybody, everything else to clients with a token (rights/) that has the method's scope. Assumptions: other programs of this computer may connect, and
 * so may pages in its browser; both may send whatever they like, slowly, or without end. What keeps them out: the address, the Host and Origin checks
 * (server/visitors.ts), the token, and limits on everything (limits.ts, ../web/). What this does not protect against: a program of the same user can read the user's files, and with them tokens.
 *
 * It knows nodes through the manager alone (context.ts). Here is only what listens: what answers (answering.ts) is loaded when somebody comes.
 */
import type { Socket } from 'node:net'
import { systemClock, type Clock } from '../base/clock.ts'
import { describeError } from '../base/errors.ts'
import type { Service } from '../base/service.ts'
import type { HttpPort } from '../web/port.ts'
import { TlsFiles, type TlsPaths } from '../web/tls-files.ts'
import type { Answering } from './answering.ts'
import type { ServiceGround } from './context.ts'
import { ServiceError } from './errors.ts'
import { SERVICE_LIMITS, type ServiceLimits } from './limits.ts'
import { Door } from './local-door/door.ts'
import { Clients } from './rights/clients.ts'
import { ClientsFile } from './rights/clients-file.ts'
import { SCOPE_NAMES, type ScopeName } from './rights/scopes.ts'
import { isLoopback } from './server/visitors.ts'

export interface ServiceApiOptions {
  /** 0 takes any free port; without it there is none. */
  readonly port?: number | undefined
  /** The default is 127.0.0.1; one that other computers reach needs {@link tls}. */
  readonly host?: string | undefined
  /** Certificate and key, looked at again when they change. */
  readonly tls?: TlsPaths | undefined
  /** The base folder: where the list of clients is kept, and the local door lies. */
  readonly folder: string
  /** The default is to open the local door. */
  readonly local?: boolean
  /** A token of whoever starts the program, with all scopes; its client is called `command-line`. */
  readonly token?: string | undefined
  readonly limits?: Partial<ServiceLimits>
}

export type ServiceApiDependencies = Omit<ServiceGround, 'clients' | 'clock'> & { readonly clock?: Clock }

/** The client of the token that the command line keeps in a file. */
const COMMAND_LINE = 'command-line'

export class ServiceApi implements Service {
  readonly clients: Clients
  readonly #options: ServiceApiOptions
  readonly #context: ServiceGround
  readonly #limits: ServiceLimits
  readonly #door: Door | undefined
  readonly #tls: TlsFiles | undefined
  #port: HttpPort | undefined
  #localPort: Promise<HttpPort> | undefined
  #answering: Promise<Answering> | undefined
  /** Connections that wait for what answers them. */
  #waiting = 0
  #starting: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(dependencies: ServiceApiDependencies, options: ServiceApiOptions) {
    const clock = dependencies.clock ?? systemClock
    this.#options = options
    this.#limits = { ...SERVICE_LIMITS, ...options.limits }
    this.clients = new Clients(new ClientsFile(options.folder), clock)
    this.#context = { ...dependencies, clock, clients: this.clients }
    this.#tls = options.tls === undefined ? undefined : new TlsFiles(options.tls, clock, dependencies.logger)
    this.#door = options.local === false ? undefined : new Door(options.folder, (socket) => void this.#admit(socket), clock.now())
  }

  /** `http://127.0.0.1:9966`, once started. */
  get address(): string {
    const { host = '127.0.0.1' } = this.#options
    return `${this.#tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${this.#port?.port ?? this.#options.port ?? 0}`
  }

  /** The port that is open; undefined where none is. */
  get port(): number | undefined {
    return this.#port?.port
  }

  /** For a part of this program that calls the service API for others: a token of its own, of these scopes alone, at the local door. Undefined where that is not open. */
  ownCaller(name: string, scopes: readonly ScopeName[]): { readonly socketPath: string; readonly token: string } | undefined {
    const socketPath = this.#door?.path
    return this.#door === undefined || socketPath === undefined ? undefined : { socketPath, token: this.#door.addCaller(name, scopes) }
  }

  /** The local door is no reason to go without the node: that it could not be opened is logged. Throws as {@link openPort} does. */
  start(): Promise<void> {
    this.#starting = this.#start()
    return this.#starting
  }

  /** In place of the one that was open, which is closed when the new one is. Throws SERVICE_NOT_LOOPBACK, SERVICE_PORT_IN_USE, SERVICE_CANNOT_LISTEN, SERVICE_CLIENTS_FILE_{INVALID,OPEN}, TLS_{UNREADABLE,KEY_OPEN,INVALID}. */
  async openPort(port: number): Promise<void> {
    const { host = '127.0.0.1', token } = this.#options
    const former = this.#port
    if (former !== undefined && former.port === port) return
    if (!isLoopback(host) && this.#tls === undefined) {
      throw new ServiceError('SERVICE_NOT_LOOPBACK', `The service API cannot listen on ${host}: without TLS, tokens and answers could be read and changed on their way.`, { hint: 'Give it a certificate and its key by --service-tls-cert and --service-tls-key; or use 127.0.0.1, and a tunnel, such as that of ssh.' })
    }
    await this.clients.load()
    if (token !== undefined) await this.clients.keep(COMMAND_LINE, SCOPE_NAMES, token)
    const pair = await this.#tls?.read()
    const listening = (await this.#load()).newPort(undefined, { isExternal: !isLoopback(host), isSecure: pair !== undefined })
    await listening.listen(port, host, pair).catch((error: NodeJS.ErrnoException) => Promise.reject(cannotListen(error, host, port)))
    this.#port = listening
    this.#tls?.stop()
    this.#tls?.watch((fresh) => this.#port?.exchangeTls(fresh))
    this.#context.logger.info('service API started', { address: this.address })
    await former?.close()
  }

  /** Idempotent. Ends its connections. */
  async closePort(): Promise<void> {
    const port = this.#port
    this.#port = undefined
    this.#tls?.stop()
    await port?.close()
  }

  /** Idempotent: ends the streams with UNAVAILABLE, then the connections. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#starting.catch(() => undefined)
    const answering = await this.#answering?.catch(() => undefined)
    answering?.stop()
    const local = await this.#localPort?.catch(() => undefined)
    await Promise.all([this.closePort(), local?.close()])
    await this.#door?.stop()
  }

  async #start(): Promise<void> {
    await this.#openDoor()
    if (this.#options.port !== undefined) await this.openPort(this.#options.port)
  }

  async #openDoor(): Promise<void> {
    const door = this.#door
    if (door === undefined) return
    const { logger } = this.#context
    try {
      await door.start()
      logger.debug('the local door is open', { path: door.path })
    } catch (error) {
      logger.warn('commands cannot reach this node: its local socket could not be opened', { reason: describeError(error) })
    }
  }

  async #admit(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy())
    if (this.#isStopped || this.#waiting >= this.#limits.connections) return void socket.destroy()
    this.#waiting++
    try {
      const port = await (this.#localPort ??= this.#openLocalPort())
      port.take(socket)
    } catch (error) {
      this.#localPort = undefined
      this.#context.logger.error('the service API could not be loaded', { reason: describeError(error) })
      socket.destroy()
    } finally {
      this.#waiting--
    }
  }

  async #openLocalPort(): Promise<HttpPort> {
    const answering = await this.#load()
    await this.clients.load().catch((error: unknown) => this.#context.logger.warn('no client of the service API is let in', { reason: describeError(error) }))
    const port = answering.newPort((token) => this.#door?.callerOf(token))
    port.open()
    return port
  }

  #load(): Promise<Answering> {
    this.#answering ??= import('./answering.ts').then(({ Answering: Loaded }) => new Loaded(this.#context, this.#limits))
    this.#answering.catch(() => {
      this.#answering = undefined
    })
    return this.#answering
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): ServiceError {
  const inUse = error.code === 'EADDRINUSE'
  return new ServiceError(inUse ? 'SERVICE_PORT_IN_USE' : 'SERVICE_CANNOT_LISTEN', `The service API cannot listen on ${host}:${port} (${error.code ?? error.message}).`, {
    hint: inUse ? 'Another program has the port: stop that one, or choose another with --service-port.' : 'Choose another port or address.', data: { port }, cause: error,
  })
}
