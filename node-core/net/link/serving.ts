/**
 * Answers peers who ask for one of this computer's programs: looks whether it is opened for them, connects to it, and joins the two.
 *
 * A peer may ask so often, and have so many connections; all peers together may have so many more. What is not opened for a peer costs it nothing but
 * its turn; what is no message of this protocol, or no message at all, costs its reputation.
 */
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { Lru } from '../../base/lru.ts'
import type { PeerFault } from '../../network/contracts.ts'
import { FAULTS } from '../../network/faults.ts'
import { encodeFrame, FrameError } from '../../network/framing.ts'
import { until } from '../../network/host/until.ts'
import type { PeerStream } from '../../network/streams.ts'
import { TokenBucket } from '../../network/token-bucket.ts'
import { within } from '../within.ts'
import { LinkError } from './errors.ts'
import { EndedEarly, firstFrame } from './first-frame.ts'
import type { Places } from './places.ts'
import type { IpLinks } from './ip/ip-links.ts'
import { openingFor, type LinkRules, type Opening, type Target } from './rules.ts'
import { Traffic, type TrafficFigures } from './traffic.ts'
import { decodeAsk, encodeAnswer, IP_LINK, MAX_ASK_BYTES, refusalError, type Answer, type Asked, type Wanted } from './wire.ts'

const ASK_MS = 10_000
const CONNECT_MS = 10_000
/** For a peer to close what was refused. */
const REFUSED_MS = 10_000
/** Of one peer; a page of the web opens several at once. */
const ASKS = { perSecond: 20, burst: 200 }
const MAX_PEERS = 4096

export interface ServingDependencies {
  readonly rules: () => LinkRules
  readonly ip: Pick<IpLinks, 'finds' | 'take'>
  readonly places: Places
  readonly report: (peer: string, fault: PeerFault) => void
  readonly clock: Clock
  readonly logger: Logger
}

export class Serving {
  readonly #deps: ServingDependencies
  /** Of all openings, those that are gone among them. */
  readonly total = new Traffic()
  readonly #asks = new Lru<string, TokenBucket>(MAX_PEERS)
  readonly #traffic = new Map<Opening, Traffic>()
  readonly #end = new AbortController()

  constructor(dependencies: ServingDependencies) {
    this.#deps = dependencies
  }

  figures(opening: Opening): TrafficFigures {
    return this.#of(opening).figures
  }

  /** Never rejects. Resolves when the stream is closed, or given up. */
  async take(taken: PeerStream): Promise<void> {
    const { stream, peer, path } = taken
    const { places, report } = this.#deps
    if (!this.#mayAsk(peer)) {
      report(peer, FAULTS.rate)
      stream.abort(new Error('asked too often'))
      return
    }
    const release = places.take(peer)
    try {
      const wanted = await this.#asked(stream, peer)
      if (wanted === undefined) return
      if ('ip' in wanted) return await this.#carryPackets(taken, release !== undefined)
      const found = release === undefined ? 'busy' : this.#find(peer, path, wanted)
      if (typeof found === 'string') return this.#refuse(stream, peer, wanted, found)
      await this.#join(stream, peer, wanted, found)
    } finally {
      release?.()
    }
  }

  /** The opening is gone: so are its connections. */
  close(opening: Opening): void {
    this.#traffic.get(opening)?.end('it is not opened any more')
    this.#traffic.delete(opening)
  }

  /** The opening is for other peers now: connections with those for whom it is not any more are reset, and the figures go on. */
  change(before: Opening, after: Opening): void {
    const traffic = this.#traffic.get(before)
    if (traffic === undefined) return
    this.#traffic.delete(before)
    this.#traffic.set(after, traffic)
    for (const peer of before.peers) if (!after.peers.includes(peer)) traffic.end('it is not opened for this peer any more', peer)
  }

  stop(): void {
    this.#end.abort(new LinkError('NET_LINK_CLOSED', 'The node is stopping.'))
    for (const opening of [...this.#traffic.keys()]) this.close(opening)
  }

  /** Undefined where the peer asked for nothing that can be answered; the stream is closed then. */
  async #asked(stream: PeerStream['stream'], peer: string): Promise<Asked | undefined> {
    const { clock, logger, report } = this.#deps
    try {
      const { frame, rest } = await within(clock, ASK_MS, this.#end.signal, (signal) => firstFrame(stream, MAX_ASK_BYTES, signal))
      if (rest.length > 0) throw new LinkError('NET_LINK_MALFORMED', 'The peer went on before it was answered.')
      return decodeAsk(frame)
    } catch (error) {
      if (error instanceof FrameError || error instanceof LinkError) {
        if (!this.#end.signal.aborted) report(peer, FAULTS.malformed)
      } else if (!(error instanceof EndedEarly) && stream.status === 'open') report(peer, FAULTS.silent)
      logger.debug('a peer asked for no private link', { peer, reason: errorMessage(error) })
      stream.abort(error as Error)
      return undefined
    }
  }

  #find(peer: string, path: PeerStream['path'], wanted: Wanted): Opening | 'not-opened' | 'relayed' {
    const opening = openingFor(this.#deps.rules(), peer, wanted)
    if (opening === undefined) return 'not-opened'
    return path === 'direct' || opening.relayed ? opening : 'relayed'
  }

  async #join(stream: PeerStream['stream'], peer: string, wanted: Wanted, opening: Opening): Promise<void> {
    const { clock, rules } = this.#deps
    let socket: Socket
    try {
      socket = await within(clock, CONNECT_MS, this.#end.signal, (signal) => connected(opening.target, signal))
    } catch (error) {
      return this.#refuse(stream, peer, wanted, (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'target-refused' : 'target-unreachable', opening)
    }
    // It may have been taken back meanwhile, or be for others, and the peer may be gone.
    const now = openingFor(rules(), peer, wanted)
    if (now === undefined || !isSameProgram(now.target, opening.target) || this.#end.signal.aborted || stream.status !== 'open') {
      socket.destroy()
      return this.#refuse(stream, peer, wanted, 'not-opened')
    }
    stream.send(encodeFrame(encodeAnswer('open')))
    await this.#of(now).carry(socket, stream, clock, { peer })
  }

  async #carryPackets(taken: PeerStream, hasPlace: boolean): Promise<void> {
    const { stream, peer, path } = taken
    const { ip } = this.#deps
    const found = hasPlace ? ip.finds(peer, path) : 'busy'
    if (found !== 'open') return this.#refuse(stream, peer, IP_LINK, found)
    stream.send(encodeFrame(encodeAnswer('open')))
    await ip.take(taken)
  }

  #refuse(stream: PeerStream['stream'], peer: string, wanted: Asked, answer: Exclude<Answer, 'open'>, opening?: Opening): void {
    const { clock, logger } = this.#deps
    const { code } = refusalError(peer, wanted, answer)
    ;(opening === undefined ? this.total : this.#of(opening)).refuse(code)
    logger.debug('a private link was refused', { peer, code })
    if (stream.status !== 'open') return
    try {
      stream.send(encodeFrame(encodeAnswer(answer)))
    } catch {
      // Only a stream that is closed takes nothing.
      return
    }
    const cancel = clock.schedule(REFUSED_MS, () => stream.abort(new Error('it was refused')))
    stream.addEventListener('close', cancel)
    stream.close().catch((error: Error) => stream.abort(error))
  }

  #mayAsk(peer: string): boolean {
    let bucket = this.#asks.get(peer)
    if (bucket === undefined) this.#asks.set(peer, (bucket = new TokenBucket(this.#deps.clock, ASKS)))
    return bucket.take()
  }

  #of(opening: Opening): Traffic {
    let traffic = this.#traffic.get(opening)
    if (traffic === undefined) this.#traffic.set(opening, (traffic = new Traffic(this.total)))
    return traffic
  }
}

function isSameProgram(one: Target, other: Target): boolean {
  return one.host === other.host && one.port === other.port
}

/** A connection that is paused, and half-open where the program ends its half. */
async function connected({ host, port }: Target, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
  socket.pause()
  try {
    await until(signal, new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject)))
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    // Until the two are joined nobody else hears of an error.
    socket.on('error', ignore)
  }
}

function ignore(): void {
  // 'close' follows, and tells.
}
