/**
 * A SOCKS5 door on loopback for programs that name the peer themselves: `<peer id>.nodestead` with a port that the peer opened, or `<name>.<peer id>.nodestead` with
 * any port, where the peer opened something under a name (browsers always say 80 or 443). See hosts.ts.
 *
 * It leads to peers and nowhere else: other names and all IP addresses are refused, so that it is no way around what a program may reach. Nothing is ever looked up in DNS.
 *
 *   why a program is refused                        reply (RFC 1928)
 *   not a peer's name; not opened; over a relay     2  not allowed by the ruleset
 *   no such peer, or it or its program is silent    4  host unreachable
 *   no program listens there                        5  connection refused
 *   anything else                                   1  general failure
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { LinkError, type LinkErrorCode } from './errors.ts'
import { parseLinkHost } from './hosts.ts'
import type { Lead } from './lead.ts'
import { LoopbackPort } from './loopback-port.ts'
import type { SocksRule } from './rules.ts'
import { reply, SocksHandshake, type Reply, type SocksRequest } from './socks-handshake.ts'
import { Traffic, type TrafficFigures } from './traffic.ts'
import { isPort, type Wanted } from './wire.ts'

/** For a program to say what it wants. */
const HANDSHAKE_MS = 30_000
/** For a program to close a connection that was refused. */
const REFUSED_MS = 5_000
/** The name that goes with the password. */
export const SOCKS_USER = 'nodestead'

const REPLY_OF: Readonly<Partial<Record<LinkErrorCode, Reply>>> = {
  NET_LINK_NOT_OPENED: 'not-allowed',
  NET_LINK_RELAYED: 'not-allowed',
  NET_LINK_NOT_SPOKEN: 'host-unreachable',
  NET_LINK_PEER_UNREACHABLE: 'host-unreachable',
  NET_LINK_NO_ANSWER: 'host-unreachable',
  NET_LINK_TARGET_UNREACHABLE: 'host-unreachable',
  NET_LINK_INVALID: 'host-unreachable',
  NET_LINK_TARGET_REFUSED: 'refused',
}

export interface SocksDependencies {
  /** Of all forwards and the door. */
  readonly total: Traffic
  readonly lead: Pick<Lead, 'run'>
  readonly clock: Clock
  readonly logger: Logger
}

export class SocksDoor {
  readonly rule: SocksRule
  readonly #deps: SocksDependencies
  readonly #port: LoopbackPort
  readonly #traffic: Traffic
  readonly #end = new AbortController()

  constructor(dependencies: SocksDependencies, rule: SocksRule, { maxConnections }: { readonly maxConnections: number }) {
    this.#deps = dependencies
    this.#traffic = new Traffic(dependencies.total)
    this.rule = rule
    this.#port = new LoopbackPort({ port: rule.localPort, maxConnections }, (socket) => void this.#take(socket))
  }

  get figures(): TrafficFigures {
    return this.#traffic.figures
  }

  /** Rejects NET_LINK_PORT_{TAKEN,FAILED}. */
  start(): Promise<void> {
    return this.#port.start()
  }

  /** Idempotent; resets what is open. */
  async stop(): Promise<void> {
    this.#end.abort(new LinkError('NET_LINK_CLOSED', 'The SOCKS door was closed.'))
    this.#traffic.end('the SOCKS door was closed')
    await this.#port.stop()
  }

  async #take(socket: Socket): Promise<void> {
    const { lead, logger } = this.#deps
    try {
      const { host, port, rest } = await this.#requested(socket)
      const { peer, wanted } = meant(host, port)
      await lead.run(socket, {
        peer, wanted, rest,
        relayed: this.rule.relayed,
        traffic: this.#traffic,
        signal: this.#end.signal,
        onOpen: () => void socket.write(reply('succeeded')),
      })
    } catch (error) {
      logger.debug('a program was refused at the SOCKS door', { reason: errorMessage(error) })
      const last = error instanceof SocksRefusal ? error.bytes : reply((error instanceof LinkError ? REPLY_OF[error.code] : undefined) ?? 'failed')
      this.#close(socket, last)
    }
  }

  /** What the program wants; the socket is paused again. Rejects with a SocksRefusal. */
  async #requested(socket: Socket): Promise<SocksRequest> {
    const { passwordHash } = this.rule
    const handshake = new SocksHandshake({ isRight: passwordHash === undefined ? undefined : (name, password) => name === SOCKS_USER && isSame(passwordHash, password) })
    const { promise, resolve, reject } = Promise.withResolvers<SocksRequest>()
    const onData = (chunk: Uint8Array): void => {
      for (const step of handshake.push(chunk)) {
        if (step.kind === 'say') socket.write(step.bytes)
        else if (step.kind === 'request') resolve(step.request)
        else reject(new SocksRefusal(step.bytes, step.why))
        if (step.kind === 'say') continue
        // What comes from here on is another's to read, and waits.
        socket.pause()
        socket.off('data', onData)
      }
    }
    const onGone = (): void => reject(new SocksRefusal(new Uint8Array(0), 'the program went before it said what it wants'))
    const cancel = this.#deps.clock.schedule(HANDSHAKE_MS, () => reject(new SocksRefusal(new Uint8Array(0), 'the program did not say in time what it wants')))
    socket.on('data', onData)
    socket.once('end', onGone)
    socket.once('close', onGone)
    socket.resume()
    try {
      return await promise
    } finally {
      cancel()
      socket.off('data', onData)
      socket.off('end', onGone)
      socket.off('close', onGone)
    }
  }

  #close(socket: Socket, last: Uint8Array): void {
    if (socket.destroyed) return
    socket.end(last)
    // What still comes is read, so that the last words are not lost to a reset.
    socket.resume()
    const cancel = this.#deps.clock.schedule(REFUSED_MS, () => socket.destroy())
    socket.once('close', cancel)
    if (socket.readableEnded) socket.destroySoon()
    else socket.once('end', () => socket.destroySoon())
  }
}

/** A program that is refused before it is known what it wants, and the last words to it. */
class SocksRefusal extends Error {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array, why: string) {
    super(why)
    this.bytes = bytes
  }
}

/** Throws a SocksRefusal for what is no peer's, NET_LINK_INVALID for what should be and is not. */
function meant(host: string | undefined, port: number): { readonly peer: string; readonly wanted: Wanted } {
  const named = host === undefined ? undefined : parseLinkHost(host)
  if (named === undefined) throw new SocksRefusal(reply('not-allowed'), 'only names that end with .nodestead lead anywhere')
  if (named.name !== undefined) return { peer: named.peer, wanted: { name: named.name } }
  if (!isPort(port)) throw new SocksRefusal(reply('not-allowed'), 'there is no port 0')
  return { peer: named.peer, wanted: { port } }
}

/** SHA-256 in hexadecimal: the password has 192 random bits, so there is nothing to guess. */
export function passwordHashOf(password: string): string {
  return createHash('sha256').update(password, 'latin1').digest('hex')
}

function isSame(hash: string, password: string): boolean {
  return timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(passwordHashOf(password), 'hex'))
}
