/**
 * Protocols that programs handle. A peer opens a stream; the node connects to the address that the program named, says who it is from, and joins the two.
 *
 * The daemon's clients register a handler on a connection that they close at once, so a handler lives as long as somebody listens at its address: it is given
 * up when a connection there is refused, and, where the system tells who listens (Linux), soon after the program has died. Nobody is connected to for that:
 * a client that is connected to and told nothing takes it for an error.
 */
import { lstat, readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { Logger } from '../../../base/logger.ts'
import { encodeFrame } from '../../../network/framing.ts'
import { StreamPipe } from '../../pipe.ts'
import { IpcError } from '../errors.ts'
import type { Holdings } from '../holdings.ts'
import type { IpcLimits } from '../limits.ts'
import type { PeerStream, StreamDoor } from '../../../network/streams.ts'
import type { Program } from '../programs.ts'
import { describeAddress, type LocalAddress } from './local-address.ts'
import { encodeStreamInfo } from './messages.ts'
import { addressOf } from './peers.ts'

const CONNECT_MS = 5_000
const LOOK_MS = 10_000

interface Handler {
  readonly program: string
  readonly protocol: string
  address: LocalAddress
  /** Where somebody was seen to listen. */
  seenAt: LocalAddress | undefined
  readonly stop: Disposer
}

export interface HandlersDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly streams: StreamDoor
  readonly holdings: Holdings
  /** Of the node; no program speaks them. */
  readonly isReserved: (protocol: string) => boolean
  /** A socket of the node's own: peers must not come in by it. */
  readonly isOwnSocket: (path: string) => boolean
  /** Whether somebody listens; undefined where the system does not tell. */
  readonly isListening?: (address: LocalAddress) => Promise<boolean | undefined>
}

export class Handlers {
  readonly #deps: HandlersDependencies
  readonly #limits: IpcLimits
  readonly #byProtocol = new Map<string, Handler>()
  #cancelLook: Disposer | undefined

  constructor(dependencies: HandlersDependencies, limits: IpcLimits) {
    this.#deps = dependencies
    this.#limits = limits
  }

  /** Protocols of a program. */
  of(program: string): readonly string[] {
    return [...this.#byProtocol.values()].filter((handler) => handler.program === program).map(({ protocol }) => protocol)
  }

  /**
   * All of the protocols, or none. A program that registers one again moves it to the new address.
   * Throws NET_SCOPE_MISSING, NET_PROTOCOL_{RESERVED,TAKEN}, NET_TOO_MANY_HANDLERS, NET_ADDRESS_NOT_LOCAL.
   */
  register(program: Program, address: LocalAddress, protocols: readonly string[]): void {
    if (address.kind === 'unix' && this.#deps.isOwnSocket(address.path)) throw new IpcError('NET_ADDRESS_NOT_LOCAL', 'The address is a socket of the node itself.')
    const wanted = [...new Set(protocols)]
    for (const protocol of wanted) {
      program.may.requireNamed('streams', protocol)
      if (this.#deps.isReserved(protocol)) throw reserved(protocol)
      const other = this.#byProtocol.get(protocol)
      if (other !== undefined && other.program !== program.name) throw taken(protocol)
    }
    const added = wanted.filter((protocol) => !this.#byProtocol.has(protocol))
    if (this.of(program.name).length + added.length > this.#limits.handlersPerProgram) {
      throw new IpcError('NET_TOO_MANY_HANDLERS', `A program may handle ${this.#limits.handlersPerProgram} protocols.`, { data: { limit: this.#limits.handlersPerProgram } })
    }
    const made: Handler[] = []
    try {
      for (const protocol of added) made.push(this.#serve(program.name, protocol, address))
    } catch (error) {
      for (const handler of made) this.#drop(handler)
      throw (error as { readonly code?: string }).code === 'NETWORK_PROTOCOL_TAKEN' ? taken(added[made.length] as string) : error
    }
    for (const protocol of wanted) (this.#byProtocol.get(protocol) as Handler).address = address
    void this.#look()
  }

  /** Gives up a program's handlers. Its streams are the holdings' to end. */
  release(program: string): void {
    for (const handler of [...this.#byProtocol.values()]) if (handler.program === program) this.#drop(handler)
  }

  stop(): void {
    for (const handler of [...this.#byProtocol.values()]) this.#drop(handler)
  }

  #serve(program: string, protocol: string, address: LocalAddress): Handler {
    const handler: Handler = {
      program,
      protocol,
      address,
      seenAt: undefined,
      stop: this.#deps.streams.serve(protocol, { perPeer: this.#limits.streamsPerPeer, relayed: true }, (stream) => void this.#onStream(handler, stream)),
    }
    this.#byProtocol.set(protocol, handler)
    return handler
  }

  async #onStream(handler: Handler, peerStream: PeerStream): Promise<void> {
    const { clock, holdings, logger, streams } = this.#deps
    const { stream, peer, protocol } = peerStream
    let release: Disposer | undefined
    try {
      release = holdings.reserveStream(handler.program)
      const socket = await connected(handler.address, clock)
      socket.write(encodeFrame(encodeStreamInfo({ peer, protocol, address: addressOf(streams, peer, peerStream.path) })))
      const pipe = new StreamPipe(socket, stream, clock, { halfClosedMs: this.#limits.halfClosedMs })
      holdings.hold(handler.program, pipe, pipe.done)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      stream.abort(new Error('nobody handles the protocol'))
      logger.debug('a stream found nobody who handles it', { program: handler.program, protocol, address: describeAddress(handler.address), code })
      if ((code === 'ECONNREFUSED' || code === 'ENOENT') && this.#byProtocol.get(handler.protocol) === handler) this.#drop(handler)
    } finally {
      release?.()
    }
  }

  #drop(handler: Handler): void {
    if (this.#byProtocol.get(handler.protocol) !== handler) return
    this.#byProtocol.delete(handler.protocol)
    handler.stop()
    if (this.#byProtocol.size > 0) return
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  /** Now and from time to time, while there are handlers: gives up those at whose address somebody listened and nobody does any more. */
  async #look(): Promise<void> {
    this.#cancelLook?.()
    this.#cancelLook = this.#deps.clock.schedule(LOOK_MS, () => void this.#look())
    const isListening = this.#deps.isListening ?? listens
    for (const handler of [...this.#byProtocol.values()]) {
      const { address } = handler
      const answer = await isListening(address)
      if (answer === true) handler.seenAt = address
      else if (answer === false && handler.address === address && handler.seenAt === address) this.#drop(handler)
    }
  }
}

function connected(address: LocalAddress, clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address.kind === 'unix' ? { path: address.path, allowHalfOpen: true } : { host: address.host, port: address.port, allowHalfOpen: true })
    const cancel = clock.schedule(CONNECT_MS, () => socket.destroy(new IpcError('NET_TIMEOUT', 'The program did not take the connection.')))
    socket.pause()
    socket.once('error', (error) => {
      cancel()
      reject(error)
    })
    socket.once('connect', () => {
      cancel()
      socket.removeAllListeners('error')
      // Its pipe listens from the next turn on.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

const LISTENING_FLAG = 0x10000
const TCP_LISTEN = '0A'

/** Whether somebody listens at the address, without a connection; undefined where the system does not tell. A program in a network namespace of its own is not seen. */
export async function listens(address: LocalAddress): Promise<boolean | undefined> {
  if (address.kind === 'unix') {
    const rows = await rowsOf('/proc/net/unix')
    if (rows !== undefined) return rows.some((row) => row[7] === address.path && (Number.parseInt(row[3] ?? '0', 16) & LISTENING_FLAG) !== 0)
    if (process.platform === 'win32') return undefined
    return (await lstat(address.path).catch(() => undefined)) === undefined ? false : undefined
  }
  const [four, six] = [await rowsOf('/proc/net/tcp'), await rowsOf('/proc/net/tcp6')]
  if (four === undefined) return undefined
  const port = `:${address.port.toString(16).toUpperCase().padStart(4, '0')}`
  return [...four, ...(six ?? [])].some((row) => row[1]?.endsWith(port) === true && row[3] === TCP_LISTEN)
}

/** A table of the Linux kernel; undefined where there is none. */
async function rowsOf(table: string): Promise<readonly (readonly string[])[] | undefined> {
  const text = await readFile(table, 'utf8').catch(() => undefined)
  return text?.split('\n').map((line) => line.trim().split(/\s+/))
}

function reserved(protocol: string): IpcError {
  return new IpcError('NET_PROTOCOL_RESERVED', `${protocol.slice(0, 128)} is spoken by the node itself.`, { data: { protocol: protocol.slice(0, 128) } })
}

function taken(protocol: string): IpcError {
  return new IpcError('NET_PROTOCOL_TAKEN', `${protocol.slice(0, 128)} is handled already, by another program or by the node.`, { data: { protocol: protocol.slice(0, 128) } })
}
