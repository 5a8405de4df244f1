/**
 * The local socket: the node's network for other programs of the computer.
 *
 *   place.ts listener.ts     where the sockets lie; listening, and the files that dead processes leave
 *   programs.ts scopes.ts    who may connect, with a token or on a socket of its own, and what for
 *   connection.ts line.ts    one connection: messages with back-pressure, and who is there
 *   daemon/                  the libp2p daemon's protocol, for clients that exist; streams with peers joined to sockets (../pipe.ts)
 *   session/                 this project's own calls on the same connections (proto/nodestead/net/v1/ipc.proto)
 *   methods/                 what these calls do with the rooms of the net
 *   holdings.ts clients.ts   what each program holds, and how it is taken back
 *
 * A program is trusted with its scopes and with nothing else: every message is bounded before it is decoded, everything that it holds is counted, and when
 * it is gone all of it is free. What the daemon's protocol cannot say, that a program is gone from whom no connection stands, is seen at its listening address
 * (daemon/handlers.ts). No request leads to a key of the node: the ports (ports.ts) have none.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { describeError } from '../../base/errors.ts'
import type { MetricDefinition } from '../../base/metric.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import type { Service } from '../../base/service.ts'
import type { MetricsReader } from '../../metrics/registry.ts'
import { Clients } from './clients.ts'
import { serveConnection, type ConnectionDependencies } from './connection.ts'
import { Daemon } from './daemon/daemon.ts'
import { Handlers } from './daemon/handlers.ts'
import { isHostProtocol } from './daemon/reserved.ts'
import { Holdings } from './holdings.ts'
import { IPC_LIMITS, type IpcLimits } from './limits.ts'
import { LocalListener, prepareFolder } from './listener.ts'
import { ipcMetrics } from './metrics.ts'
import { COMMON_SOCKET, socketPath, socketPlace, surroundings, type SocketPlace, type Surroundings } from './place.ts'
import type { IpcPorts } from './ports.ts'
import type { Programs } from './programs.ts'
import { Methods } from './session/methods.ts'
import { registerNodeMethods } from './session/node-methods.ts'

export interface IpcDependencies {
  readonly clock: Clock
  readonly logger: Logger
  /** Loaded. */
  readonly programs: Programs
  readonly ports: IpcPorts
  readonly metrics: Pick<MetricsReader, 'read'>
}

export interface IpcOptions {
  /** The node's data folder. */
  readonly dataFolder: string
  readonly limits?: Partial<IpcLimits>
  readonly surroundings?: Partial<Surroundings>
}

/** Sockets that are opened and closed, one after the other. */
const MAX_CHANGES = 1024

export class IpcService implements Service {
  /** Where rooms of the net register what programs may call. */
  readonly methods = new Methods()
  readonly clients: Clients
  readonly #deps: IpcDependencies
  readonly #options: IpcOptions
  readonly #limits: IpcLimits
  readonly #holdings: Holdings
  readonly #handlers: Handlers
  readonly #connection: ConnectionDependencies
  readonly #listeners = new Map<string, LocalListener>()
  readonly #changes = new SerialQueue(MAX_CHANGES)
  readonly #serving = new Set<Promise<void>>()
  #place: SocketPlace | undefined
  #listening: Disposer[] = []
  #dropped = 0

  constructor(dependencies: IpcDependencies, options: IpcOptions) {
    const { clock, logger, programs } = dependencies
    const ports: IpcPorts = { ...dependencies.ports, isReserved: (protocol) => isHostProtocol(protocol) || dependencies.ports.isReserved(protocol) }
    this.#deps = dependencies
    this.#options = options
    this.#limits = { ...IPC_LIMITS, ...options.limits }
    this.clients = new Clients(this.#limits)
    this.#holdings = new Holdings({ peers: ports.peers }, this.#limits)
    const onDropped = (_program: string, count: number): void => void (this.#dropped += count)
    this.#handlers = new Handlers(
      { clock, logger, streams: ports.streams, holdings: this.#holdings, isReserved: ports.isReserved, isOwnSocket: (path) => [...this.#listeners.values()].some((listener) => listener.path === path) },
      this.#limits,
    )
    const daemon = new Daemon({ clock, ports, holdings: this.#holdings, handlers: this.#handlers, onDropped }, this.#limits)
    this.#connection = { clock, logger, programs, clients: this.clients, daemon, methods: this.methods, peerId: () => ports.streams.peerId, onDropped }
    registerNodeMethods(this.methods, { streams: ports.streams, events: ports.events, metrics: dependencies.metrics })
  }

  /** Where programs with a token connect; undefined before the start. */
  get path(): string | undefined {
    return this.#listeners.get(COMMON_SOCKET)?.path
  }

  /** Where software that knows no tokens connects as this program; undefined where that is not switched on. */
  pathOf(program: string): string | undefined {
    return this.#listeners.get(program)?.path
  }

  /** Messages and items that programs took too slowly, since the start. */
  get dropped(): number {
    return this.#dropped
  }

  /** To be declared where the node's figures are. */
  metrics(): readonly MetricDefinition[] {
    return ipcMetrics(this)
  }

  /** Streams that a program has open with peers, and protocols that it handles. */
  heldBy(program: string): { readonly streams: number; readonly protocols: readonly string[] } {
    return { streams: this.#holdings.streams(program), protocols: this.#handlers.of(program) }
  }

  /** Throws NET_SOCKET_{PATH_TOO_LONG,IN_USE,FOLDER_NOT_PRIVATE,FAILED}. A program's own socket that cannot be opened is logged, and is no reason to go without the others. */
  async start(): Promise<void> {
    const around = surroundings(this.#options.surroundings)
    const place = socketPlace(this.#options.dataFolder, around)
    await prepareFolder(place, around.uid)
    this.#place = place
    await this.#listen(place, COMMON_SOCKET, undefined)
    const { events } = this.#deps.programs
    this.#listening = [
      events.on('added', ({ name }) => this.#refresh(name)),
      // What stands was opened with what the program was allowed then.
      events.on('changed', ({ name }) => this.#refresh(name, 'the program’s scopes were changed')),
      events.on('revoked', ({ name }) => this.#refresh(name, 'the program was revoked')),
    ]
    for (const { name } of this.#deps.programs.list()) await this.#open(name)
  }

  /** Ends a program's connections, streams and handlers. It may connect again. */
  end(program: string, reason = 'the program was ended'): void {
    this.clients.end({ program })
    this.#handlers.release(program)
    this.#holdings.release(program, reason)
  }

  async stop(): Promise<void> {
    for (const stop of this.#listening.splice(0)) stop()
    await this.#changes.idle()
    this.#place = undefined
    this.#handlers.stop()
    this.#holdings.releaseAll('the node stops')
    await Promise.all([...this.#listeners.values()].map((listener) => listener.stop()))
    this.#listeners.clear()
    await Promise.all(this.#serving)
  }

  #refresh(program: string, reason?: string): void {
    if (reason !== undefined) this.end(program, reason)
    void this.#changes.run(() => this.#open(program)).catch(() => undefined)
  }

  /** Opens or closes the program's own socket, as it is now switched. */
  async #open(program: string): Promise<void> {
    const wanted = this.#deps.programs.list().find(({ name }) => name === program)?.ownSocket === true
    const open = this.#listeners.get(program)
    if (!wanted && open !== undefined) {
      this.#listeners.delete(program)
      await open.stop()
    }
    if (!wanted || open !== undefined || this.#place === undefined) return
    await this.#listen(this.#place, program, program).catch((error: unknown) => this.#deps.logger.warn('the socket of a program could not be opened', { program, reason: describeError(error) }))
  }

  async #listen(place: SocketPlace, name: string, own: string | undefined): Promise<void> {
    const listener = new LocalListener(socketPath(place, name), place.kind === 'unix', (socket) => this.#serve(socket, own))
    await listener.start()
    this.#listeners.set(name, listener)
  }

  #serve(socket: Socket, own: string | undefined): void {
    const served = serveConnection(this.#connection, this.#limits, socket, own)
    this.#serving.add(served)
    void served.then(() => this.#serving.delete(served))
  }
}
