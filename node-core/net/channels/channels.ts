/**
 * Channels: messages both ways with a peer, for services of this node and for programs.
 *
 * A service is *listened* for under a name; whoever knows a peer's id *dials* it there and gets a {@link Channel}. Messages arrive whole, in
 * order and once, of whatever length the two sides agreed on. All channels with one peer share a *session* (session/session.ts), which is one
 * libp2p stream at a time, so:
 *
 * - Many channels cost no more connections than one. None stands in the way of another: each has its own credit (channel/inbox.ts), so a reader that
 *   stops holds the sender of its channel and nothing else.
 * - What is urgent goes first. Channels are of a class, control, normal or bulk; the session decides frame by frame (session/scheduler.ts), and keeps what
 *   lies in buffers below it short (session/pacer.ts), because nobody can overtake there.
 * - A stream that is lost is no loss. What was not acknowledged is kept and sent again on the next one, within half a minute. The same way
 *   a session moves from a relayed connection to a direct one as soon as there is one.
 *
 * What it does not do: messages are not kept for a peer that is away for longer (sealed messages are for that), nor when this node or
 * the other one is restarted. The stream is encrypted by libp2p between the two ends, over a relay too.
 *
 * From the outside in: channels.ts (this); `stream/`, the session with a peer on libp2p's streams; `session/`, what goes out when (pure); `channel/`, one
 * channel and its queues (pure); `frames/`, what is on the wire. Groups of channels are in multicast.ts.
 */
import { randomBytes } from 'node:crypto'
import { EMPTY } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { Disposers, type Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import type { PeerJudge } from '../../network/contracts.ts'
import { Budget } from './budget.ts'
import type { SessionChannel } from './channel/channel.ts'
import { ChannelWatch, type ChannelEvents } from './channel-events.ts'
import type { ChannelDoor } from './door.ts'
import { ChannelError, type Refusal } from './errors.ts'
import { isServiceName, MAX_MESSAGE_BYTES, MAX_METADATA_BYTES } from './frames/frames.ts'
import { addMetrics, NO_METRICS } from './metrics.ts'
import { PeerSession } from './stream/peer-session.ts'
import { CHANNELS_PROTOCOL } from './stream/stream-opener.ts'
import type { Session } from './session/session.ts'
import type { OpenRequest } from './session/types.ts'
import type { Channel, ChannelClass, ChannelMetrics, PeerMetrics } from './types.ts'

/** Where a service or a dialler says nothing of it. */
export const USUAL_MESSAGE_BYTES = 256 * 1024
/** A peer's streams at the same time: the present one, and one to move to, from each side. */
const STREAMS_PER_PEER = 4

export interface ChannelsDependencies {
  readonly door: ChannelDoor
  /** In fractions of a millisecond: `preciseClock`. */
  readonly clock: Clock
  readonly judge: Pick<PeerJudge, 'report'>
  readonly logger: Logger
}

export interface ChannelsOptions {
  /** Channels with one peer at the same time. */
  readonly maxChannels: number
  /** Bytes that may be promised to one peer, and to all. */
  readonly maxPeerBytes: number
  readonly maxBytes: number
  /** A session without channels ends after so many milliseconds. */
  readonly idleMs: number
  /** One whose connection was lost is kept so long. */
  readonly resumeMs: number
}

export const CHANNELS_DEFAULTS: ChannelsOptions = {
  maxChannels: 128,
  maxPeerBytes: 64 * 1024 * 1024,
  maxBytes: 512 * 1024 * 1024,
  idleMs: 30_000,
  resumeMs: 30_000,
}

/** Who is there under a name. */
export interface ChannelService {
  /** The longest message that is taken: 256 KiB where nothing is said. Each channel is promised as much memory. */
  readonly maxMessageBytes?: number
  /** Says whether a peer may: undefined where it may. A rejection refuses. */
  admit?(request: OpenRequest): Refusal | undefined | Promise<Refusal | undefined>
  onChannel(channel: Channel): void
}

export interface DialOptions {
  /** `normal` where nothing is said. */
  readonly class?: ChannelClass
  /** What the service makes of it: at most 1,024 bytes. */
  readonly metadata?: Uint8Array
  readonly maxMessageBytes?: number
  /** Where the peer may be, in the order in which to try them. */
  readonly addresses?: readonly string[]
  /** How it was found, for the channel's state. */
  readonly found?: string
  readonly signal?: AbortSignal
}

export class Channels {
  readonly #deps: ChannelsDependencies
  readonly #options: ChannelsOptions
  readonly #budget: Budget
  readonly #services = new Map<string, ChannelService>()
  readonly #peers = new Map<string, PeerSession>()
  /** Sums of the channels that have ended, of peers that have a session. */
  readonly #ended = new Map<string, ChannelMetrics>()
  readonly #watch = new ChannelWatch()
  readonly #cleanUp = new Disposers()
  #isRunning = false

  constructor(dependencies: ChannelsDependencies, options: ChannelsOptions = CHANNELS_DEFAULTS) {
    this.#deps = dependencies
    this.#options = options
    this.#budget = new Budget(options.maxBytes)
  }

  get events(): EventSource<ChannelEvents> {
    return this.#watch.events
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    const { door } = this.#deps
    this.#cleanUp.add(door.serve(CHANNELS_PROTOCOL, { perPeer: STREAMS_PER_PEER, relayed: true }, (stream) => void this.#peer(stream.peer).accept(stream).then(() => this.#tidy(stream.peer))))
    this.#cleanUp.add(door.events.on('path', ({ peer }) => this.#peers.get(peer)?.onPath()))
  }

  /** Ends every channel, and tells the peers. Idempotent. */
  stop(): void {
    if (!this.#isRunning) return
    this.#isRunning = false
    this.#cleanUp.dispose()
    for (const peer of this.#peers.values()) peer.stop()
    this.#peers.clear()
    this.#ended.clear()
  }

  /** Takes channels for a service. Throws a {@link ChannelError} CHANNEL_INVALID where the name is none, or taken. */
  listen(service: string, handler: ChannelService): Disposer {
    if (!isServiceName(service)) throw new ChannelError('CHANNEL_INVALID', `"${service}" is no name of a service: 1 to 64 letters, digits and . _ - / are.`)
    if (this.#services.has(service)) throw new ChannelError('CHANNEL_INVALID', `Somebody listens for the service "${service}" already.`)
    assertMessageBytes(handler.maxMessageBytes ?? USUAL_MESSAGE_BYTES)
    this.#services.set(service, handler)
    return () => {
      if (this.#services.get(service) === handler) this.#services.delete(service)
    }
  }

  /** Opens a channel to a peer's service. Rejects with a {@link ChannelError}, or with what the network says of a peer that it does not reach. */
  async dial(peer: string, service: string, options: DialOptions = {}): Promise<Channel> {
    const { class: name = 'normal', metadata = EMPTY, maxMessageBytes = USUAL_MESSAGE_BYTES, found = 'peer id', addresses = [], signal } = options
    if (!this.#isRunning) throw new ChannelError('CHANNEL_CLOSED', 'Channels are not running.')
    if (peer === this.#deps.door.peerId) throw new ChannelError('CHANNEL_INVALID', 'A node has no channels with itself.')
    if (!isServiceName(service)) throw new ChannelError('CHANNEL_INVALID', `"${service}" is no name of a service: 1 to 64 letters, digits and . _ - / are.`)
    if (metadata.length > MAX_METADATA_BYTES) throw new ChannelError('CHANNEL_INVALID', `A channel's metadata has at most ${MAX_METADATA_BYTES} bytes.`)
    assertMessageBytes(maxMessageBytes)
    try {
      const channel = await this.#peer(peer).open({ service, class: name, metadata: metadata.slice(), maxMessageBytes, found }, { addresses, signal })
      this.#watch.opened(channel)
      return channel
    } finally {
      this.#tidy(peer)
    }
  }

  /** The open ones, with one peer or with all. */
  channels(peer?: string): readonly Channel[] {
    const peers = peer === undefined ? [...this.#peers.values()] : [this.#peers.get(peer)]
    return peers.flatMap((one) => one?.session?.channels.filter(({ isAccepted }) => isAccepted) ?? [])
  }

  /** Of every peer that has a session: sums, and the line. */
  peers(): readonly PeerMetrics[] {
    return [...this.#peers].flatMap(([peer, { session, path, changes }]) => {
      if (session === undefined) return []
      const metrics = session.channels.map((channel) => channel.metrics).reduce(addMetrics, this.#ended.get(peer) ?? NO_METRICS)
      return [{ ...metrics, rttMs: session.rttMs, peer, channels: session.channels.length, path, ...session.line, ...changes }]
    })
  }

  /** Bytes that are promised to peers, and how many may be. */
  get memory(): { readonly promised: number; readonly limit: number } {
    return { promised: this.#budget.taken, limit: this.#options.maxBytes }
  }

  #peer(peer: string): PeerSession {
    let known = this.#peers.get(peer)
    if (known !== undefined) return known
    const { door, clock, judge, logger } = this.#deps
    const { maxPeerBytes, maxChannels, idleMs, resumeMs } = this.#options
    known = new PeerSession(
      {
        door,
        clock,
        budget: this.#budget,
        random: (bytes) => new Uint8Array(randomBytes(bytes)),
        report: (who, fault) => {
          logger.debug('a peer broke the protocol of channels', { peer: who, fault: fault.code })
          judge.report(who, fault)
        },
        onRequest: (session, number, request) => void this.#onRequest(session, number, request),
        onEnded: (channel) => this.#onEnded(channel),
        onChange: () => {
          this.#watch.onPath(peer, this.#peers.get(peer)?.path, () => this.channels(peer))
          this.#tidy(peer)
        },
      },
      { peer, maxChannels, maxBytes: maxPeerBytes, idleMs, resumeMs },
    )
    this.#peers.set(peer, known)
    return known
  }

  /** Forgets a peer with whom there is nothing. */
  #tidy(peer: string): void {
    if (this.#peers.get(peer)?.isVacant !== true) return
    this.#peers.delete(peer)
    this.#ended.delete(peer)
    this.#watch.forget(peer)
  }

  #onEnded(channel: SessionChannel): void {
    const { sent, received, dropped } = channel.metrics
    const ended = { ...NO_METRICS, sent, received, dropped }
    this.#ended.set(channel.peer, addMetrics(this.#ended.get(channel.peer) ?? NO_METRICS, ended))
  }

  /** Never rejects. */
  async #onRequest(session: Session, number: number, request: OpenRequest): Promise<void> {
    const service = this.#services.get(request.service)
    if (service === undefined) return session.refuse(number, 'unknown-service')
    let channel: Channel | undefined
    try {
      const refusal = await service.admit?.(request)
      if (!this.#isRunning) return session.refuse(number, 'stopping')
      if (this.#services.get(request.service) !== service) return session.refuse(number, 'unknown-service')
      if (refusal !== undefined) return session.refuse(number, refusal)
      channel = session.accept(number, service.maxMessageBytes ?? USUAL_MESSAGE_BYTES)
      if (channel === undefined) return
      this.#watch.opened(channel)
      service.onChannel(channel)
    } catch (error) {
      this.#deps.logger.warn('a service failed to take a channel', { service: request.service, reason: errorMessage(error), code: error instanceof NodeError ? error.code : undefined })
      if (channel === undefined) session.refuse(number, 'failed')
      else channel.reset()
    }
  }
}

function assertMessageBytes(bytes: number): void {
  if (Number.isInteger(bytes) && bytes >= 0 && bytes <= MAX_MESSAGE_BYTES) return
  throw new ChannelError('CHANNEL_INVALID', `The longest message has to be a number of bytes between 0 and ${MAX_MESSAGE_BYTES}.`)
}
