/**
 * One connection from its first byte to its end: who it is, then requests of the daemon's protocol one after the other, or a session.
 *
 * On the common socket nothing is answered before a HELLO with a token; until then a message may be short only, and must come soon. On a program's own socket the
 * program is known. An error is answered and the next request read; after what is no message at all the connection is closed.
 */
import type { Socket } from 'node:net'
import { isFieldSet } from '@bufbuild/protobuf'
import type { Clock } from '../../base/clock.ts'
import { errorMessage, MalformedError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { VERSION } from '../../base/version.ts'
import { FrameError } from '../../network/framing.ts'
import type { Client, Clients } from './clients.ts'
import type { Daemon } from './daemon/daemon.ts'
import { decodeRequest, encodeError, encodeOk, typeName } from './daemon/messages.ts'
import { Request_Type, RequestSchema, type Request } from './daemon/p2pd_pb.ts'
import { IpcError, invalidRequest } from './errors.ts'
import type { IpcLimits } from './limits.ts'
import { Line } from './line.ts'
import type { Program, Programs } from './programs.ts'
import { decodeHello, encodeWelcome, SESSION_VERSION } from './session/frames.ts'
import type { Methods } from './session/methods.ts'
import { Session } from './session/session.ts'

const MAX_SOFTWARE = 128

export interface ConnectionDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly programs: Programs
  readonly clients: Clients
  readonly daemon: Daemon
  readonly methods: Methods
  readonly peerId: () => string
  readonly onDropped: (program: string, count: number) => void
}

/** Serves it to its end. `own`: the socket of that program. Never rejects. */
export async function serveConnection(dependencies: ConnectionDependencies, limits: IpcLimits, socket: Socket, own: string | undefined): Promise<void> {
  const { clients, clock, logger } = dependencies
  const line = new Line(socket, clock)
  let client: Client | undefined
  try {
    const program = own === undefined ? undefined : dependencies.programs.byOwnSocket(own)
    client = clients.add(program?.name, clock.now(), () => line.destroy())
    await new Connection(dependencies, limits, line, client, program).run()
  } catch (error) {
    logger.debug('a program’s connection was ended', { program: client?.program, reason: errorMessage(error) })
    if (client?.kind !== 'stream' && client?.kind !== 'topic') line.write(encodeError(error))
  } finally {
    if (client !== undefined) clients.remove(client)
    endLine(line, clock)
  }
}

/** What was written goes out; a program that does not take it, or does not close, is not waited for. */
function endLine(line: Line, clock: Clock): void {
  if (line.gone.aborted) return
  line.end()
  const cancel = clock.schedule(CLOSING_MS, () => line.destroy())
  line.gone.addEventListener('abort', cancel, { once: true })
}

const CLOSING_MS = 5_000

class Connection {
  readonly #deps: ConnectionDependencies
  readonly #limits: IpcLimits
  readonly #line: Line
  readonly #client: Client
  #program: Program | undefined

  constructor(dependencies: ConnectionDependencies, limits: IpcLimits, line: Line, client: Client, program: Program | undefined) {
    this.#deps = dependencies
    this.#limits = limits
    this.#line = line
    this.#client = client
    this.#program = program
  }

  /** Rejects where the connection cannot go on. */
  async run(): Promise<void> {
    let bytes = await this.#first()
    while (bytes !== undefined) {
      const request = decodeRequest(bytes)
      if ((await this.#answer(request)) === 'over') return
      bytes = await this.#line.read(this.#program === undefined ? this.#limits.strangerMessageBytes : this.#limits.messageBytes)
    }
  }

  async #first(): Promise<Uint8Array | undefined> {
    const { clock } = this.#deps
    const late = new IpcError('NET_TIMEOUT', 'The program said nothing after it had connected.')
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined)
    const cancel = clock.schedule(this.#limits.firstRequestMs, () => reject(late))
    try {
      return await Promise.race([promise, this.#line.read(this.#program === undefined ? this.#limits.strangerMessageBytes : this.#limits.messageBytes)])
    } finally {
      cancel()
    }
  }

  async #answer(request: Request): Promise<'next' | 'over'> {
    const { clients, daemon, logger } = this.#deps
    try {
      if (request.type === Request_Type.HELLO) {
        this.#hello(request)
        return 'next'
      }
      const program = this.#program
      if (program === undefined) {
        throw new IpcError('NET_HELLO_MISSING', 'The program has to say who it is first.', { hint: 'Send HELLO with the program’s token, or switch on a socket of the program’s own for software that knows no tokens.' })
      }
      clients.become(this.#client, request.type === Request_Type.SESSION ? 'session' : 'requests')
      if (request.type !== Request_Type.SESSION) return await daemon.answer(program, request, this.#line, (kind) => clients.become(this.#client, kind))
      this.#line.write(encodeOk())
      await new Session(this.#deps, this.#limits, program, this.#line).run()
      return 'over'
    } catch (error) {
      // Behind these nothing can be read, or nothing should be: a guess at a token costs a connection.
      if (error instanceof FrameError || error instanceof MalformedError || this.#program === undefined || this.#client.kind === 'session') throw error
      logger.debug('a request was answered with an error', { program: this.#program.name, request: typeName(request), reason: errorMessage(error) })
      this.#line.write(encodeError(error))
      return 'next'
    }
  }

  #hello(request: Request): void {
    const { clients, peerId, programs } = this.#deps
    if (!isFieldSet(request, RequestSchema.field.hello)) throw invalidRequest('The request has no hello.')
    const { version, token, client } = decodeHello(request.hello)
    if (version !== SESSION_VERSION) {
      throw new IpcError('NET_VERSION_UNSUPPORTED', `The node speaks version ${SESSION_VERSION} of this protocol, and the program version ${version}.`, { data: { version, supported: SESSION_VERSION } })
    }
    const program = token === '' && this.#program !== undefined ? this.#program : programs.byToken(token)
    // Its own socket is a program's for good, so that what it holds is counted in one place.
    if (this.#program !== undefined && this.#program.name !== program.name) throw new IpcError('NET_TOKEN_UNKNOWN', 'The token is of another program than the socket.')
    clients.identify(this.#client, program.name, client.slice(0, MAX_SOFTWARE))
    this.#program = program
    this.#line.write(encodeOk({ welcome: encodeWelcome({ version: SESSION_VERSION, program: program.name, scopes: [...program.scopes], peerId: peerId(), nodeVersion: VERSION }) }))
  }
}
