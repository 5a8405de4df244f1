/**
 * The topics' channels with every peer, and the door by which topics are registered and published on.
 *
 * The topic that was registered first is the *gate*: its handshake (the status) says what slot the peer needs, counts before
 * anything else, and the other topics open behind it and close with it. Who has no open gate is no peer, only a connection.
 * Another topic that closes alone, or does not open, is opened again after a while, see reopening.ts.
 *
 * What arrives on a topic takes this way; each station refuses what it can before the next one spends work on it:
 *
 *   stream asked for     no slot that could be the peer's, or the gate is not open: the stream is reset        here
 *   handshake            too long, too late, refused by the topic's owner, no slot left                        notifications.ts
 *   frame                longer than the topic allows: the channel closes and the peer pays                    ../peers/reader.ts
 *   rate                 above the peer's, its subscriber's or its site's share: dropped before it is decoded  #count
 *   in hand              too much of this peer is being handled: its stream is not read until there is less    ../peers/reader.ts
 *   owner's handler      accepts, ignores or rejects; anything thrown is turned into one of these              processor.ts
 *
 * What is sent takes the other: send ──> notifications.ts ──> ../peers/writer.ts, whose queue drops its oldest for a peer that does
 * not read. Nobody who sends waits.
 *
 * What is not protected here: a peer within its rate may send what is valid and useless. That is for the owner to notice, by
 * ignoring it as a duplicate or by a fault that costs something.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { Logger } from '../../base/logger.ts'
import type { PeerFault, PeerJudge, Recipients, TopicDoor, TopicHandler, TopicName } from '../contracts.ts'
import { encodeFrame } from '../framing.ts'
import { NotificationChannel, type ChannelEnd } from './notifications.ts'
import { QueueRoom } from '../peers/queue-room.ts'
import { RateLimit, type Excess } from '../peers/rate-limit.ts'
import type { PeerRegistry } from '../peers/registry.ts'
import type { MessageProcessor } from './processor.ts'
import type { ProtocolNames } from '../protocol-names.ts'
import { Reopening } from './reopening.ts'

/** What a subscriber and a site may send on a topic, in multiples of what a peer may: as many full nodes have slots there. */
const RATE_SHARES = { subscriber: 4, site: 12 }

/** What came of opening the gate. `no-topics`: this node exchanges nothing. */
export type GateOutcome = 'open' | 'no-topics' | ChannelEnd

export interface TopicsDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly processor: MessageProcessor
  readonly registry: PeerRegistry
  readonly judge: PeerJudge
  /** The gate opened or closed. */
  onPeer(peer: string, open: boolean): void
  /** A topic was registered while the host runs. */
  onLate(handler: TopicHandler): void
  /** A topic was taken back while the host runs. */
  onGone(handler: TopicHandler): void
}

export class Topics implements TopicDoor {
  readonly #deps: TopicsDependencies
  readonly #channels = new Map<string, Map<TopicName, NotificationChannel>>()
  /** Who waits for a peer's gate to open or to fail. */
  readonly #waiting = new Map<string, ((outcome: GateOutcome) => void)[]>()
  readonly #room = new QueueRoom()
  readonly #reopening: Reopening
  /** How much each peer sent lately; a topic that is opened anew does not begin anew. */
  readonly #rates = new Map<TopicName, RateLimit>()
  /** Open gates, by peer. */
  readonly #gates = new Map<string, Connection>()
  #names: ProtocolNames | undefined

  constructor(dependencies: TopicsDependencies) {
    this.#deps = dependencies
    this.#reopening = new Reopening(dependencies.clock)
  }

  /** The first one is the gate. One that comes after the start is opened with everybody who is here. */
  register(handler: TopicHandler): Disposer {
    this.#deps.processor.register(handler)
    if (this.#names !== undefined) {
      this.#deps.onLate(handler)
      for (const [peer, connection] of this.#gates) void this.#channel(peer, handler, connection).openOutbound()
    }
    return () => this.#unregister(handler)
  }

  start(names: ProtocolNames): void {
    this.#names = names
  }

  stop(): void {
    this.#names = undefined
    for (const peer of [...this.#channels.keys()]) this.closePeer(peer, 'this node stops')
  }

  send(topic: TopicName, message: Uint8Array, to: Recipients, kind?: string): readonly string[] {
    const queued: string[] = []
    const peers = 'only' in to ? to.only : this.openPeers(topic).filter((peer) => !to.except.includes(peer))
    let frame: Uint8Array | undefined
    for (const peer of new Set(peers)) {
      const channel = this.#channels.get(peer)?.get(topic)
      if (channel === undefined || !channel.isOpen) continue
      if (message.length > channel.handler.spec.maxMessageBytes) {
        this.#deps.processor.onDropped(topic, 1)
        this.#deps.logger.warn(`a message on ${topic} exceeds the length limit and was not sent`, { bytes: message.length })
        return []
      }
      channel.send((frame ??= encodeFrame(message)), kind)
      queued.push(peer)
    }
    return queued
  }

  openPeers(topic: TopicName): readonly string[] {
    return [...this.#channels.entries()].filter(([, channels]) => channels.get(topic)?.isOpen).map(([peer]) => peer)
  }

  /** Topics that are open with the peer. */
  openTopics(peer: string): readonly TopicName[] {
    return [...(this.#channels.get(peer)?.entries() ?? [])].filter(([, channel]) => channel.isOpen).map(([name]) => name)
  }

  /** What waits for slow peers, over all of them. */
  queued(): { readonly messages: number; readonly bytes: number } {
    let messages = 0
    let bytes = 0
    for (const channels of this.#channels.values()) {
      for (const { queued } of channels.values()) {
        messages += queued.messages
        bytes += queued.bytes
      }
    }
    return { messages, bytes }
  }

  /** Opens the gate from our side; resolves when the peer's topics are open or failed to. */
  openGate(connection: Connection): Promise<GateOutcome> {
    const gate = this.#gate()
    const peer = connection.remotePeer.toString()
    if (gate === undefined) return Promise.resolve('no-topics')
    if (this.#channels.get(peer)?.get(gate.spec.name)?.isOpen) return Promise.resolve('open')
    if (!this.#deps.registry.claimSlot(peer)) return Promise.resolve('no-slot')
    return new Promise((resolve) => {
      this.#waiting.set(peer, [...(this.#waiting.get(peer) ?? []), resolve])
      void this.#channel(peer, gate, connection).openOutbound()
    })
  }

  /** A stream that the other side opened. Never rejects. */
  async accept(handler: TopicHandler, stream: Stream, connection: Connection): Promise<void> {
    if (!this.#deps.processor.handlers().includes(handler)) return stream.abort(new Error('the topic is gone'))
    const peer = connection.remotePeer.toString()
    const gate = this.#gate()
    const status = gate === undefined ? undefined : this.#channels.get(peer)?.get(gate.spec.name)
    // What kind of slot the peer needs is known when it has said its status.
    const admitted = handler === gate ? this.#deps.registry.mayClaim(peer) : status?.isOpen === true || status?.isAccepted === true
    if (!admitted) return stream.abort(new Error(handler === gate ? 'there is no slot for it' : 'the status comes first'))
    await this.#channel(peer, handler, connection).acceptInbound(stream)
  }

  closePeer(peer: string, reason: string): void {
    for (const channel of [...(this.#channels.get(peer)?.values() ?? [])]) channel.close(reason)
  }

  #unregister(handler: TopicHandler): void {
    const { processor } = this.#deps
    const { name } = handler.spec
    if (handler === this.#gate() || !processor.handlers().includes(handler)) return
    for (const channels of [...this.#channels.values()]) channels.get(name)?.close('the topic is gone')
    for (const peer of this.#gates.keys()) this.#reopening.forget(peer, name)
    this.#rates.delete(name)
    processor.unregister(name)
    if (this.#names !== undefined) this.#deps.onGone(handler)
  }

  #gate(): TopicHandler | undefined {
    return this.#deps.processor.handlers()[0]
  }

  #channel(peer: string, handler: TopicHandler, connection: Connection): NotificationChannel {
    const { processor, clock } = this.#deps
    const { name } = handler.spec
    let channels = this.#channels.get(peer)
    if (channels === undefined) this.#channels.set(peer, (channels = new Map<TopicName, NotificationChannel>()))
    const old = channels.get(name)
    if (old !== undefined) return old
    if (this.#names === undefined) throw new Error('the topics are not started')
    const names = this.#names
    const channel: NotificationChannel = new NotificationChannel({ clock, room: this.#room }, connection, handler, names.of(handler.spec), {
      refuses: (handshake, protocol) => {
        let hasSlot = true
        // While the topic is open its peer is what it said before.
        const claim = (light: boolean): boolean => (hasSlot = handler !== this.#gate() || channel.isOpen || this.#deps.registry.claimSlot(peer, { light }))
        // Under an older name an honest node of another network may have come: that costs nothing.
        if (processor.admits(name, peer, handshake, { charge: names.isPresent(protocol), claim })) return undefined
        return hasSlot ? 'mismatch' : 'no-slot'
      },
      onOpen: () => this.#onOpen(peer, handler, connection),
      onClosed: (reason, fault, end) => this.#onClosed(peer, channel, connection, reason, fault, end),
      onMessage: (message) => processor.process(name, peer, message),
      count: () => this.#count(handler, peer),
      onLimited: (bytes, excess) => processor.onLimited(name, peer, bytes, excess),
      onSent: (frame) => processor.onSent(name, peer, frame),
      onDropped: (count) => processor.onDropped(name, count),
      onFault: (fault) => this.#deps.judge.report(peer, fault),
    })
    channels.set(name, channel)
    return channel
  }

  #count({ spec: { name, rate } }: TopicHandler, peer: string): Excess | undefined {
    let rates = this.#rates.get(name)
    if (rates === undefined) this.#rates.set(name, (rates = new RateLimit(this.#deps.clock, RATE_SHARES)))
    return rates.take({ peer, ip: this.#deps.registry.get(peer)?.ip }, typeof rate === 'function' ? rate() : rate)
  }

  #onOpen(peer: string, handler: TopicHandler, connection: Connection): void {
    if (handler === this.#gate()) {
      this.#gates.set(peer, connection)
      this.#deps.onPeer(peer, true)
      this.#answerWaiting(peer, 'open')
    }
    this.#deps.processor.notify(handler.spec.name, peer, 'open')
    if (handler !== this.#gate()) return this.#reopening.onOpen(peer, handler.spec.name)
    for (const other of this.#deps.processor.handlers()) if (other !== handler) void this.#channel(peer, other, connection).openOutbound()
  }

  #onClosed(peer: string, channel: NotificationChannel, connection: Connection, reason: string, fault: PeerFault | undefined, end: ChannelEnd): void {
    const { name } = channel.handler.spec
    const channels = this.#channels.get(peer)
    channels?.delete(name)
    if (channels?.size === 0) this.#channels.delete(peer)
    this.#deps.logger.debug(`${name} closed`, { peer, reason })
    if (channel.wasOpen) this.#deps.processor.notify(name, peer, 'closed')
    if (channel.handler === this.#gate()) {
      this.#gates.delete(peer)
      for (const other of [...(channels?.values() ?? [])]) other.close(reason)
      this.#deps.registry.freeSlot(peer)
      this.#answerWaiting(peer, end)
      this.#deps.onPeer(peer, false)
      this.#reopening.forget(peer)
    } else if (this.#isGateOpen(peer) && end !== 'mismatch' && this.#deps.processor.handlers().includes(channel.handler)) {
      this.#reopening.onClosed(peer, name, () => {
        if (this.#isGateOpen(peer)) void this.#channel(peer, channel.handler, connection).openOutbound()
      })
    }
    if (fault !== undefined) this.#deps.judge.report(peer, fault)
  }

  #isGateOpen(peer: string): boolean {
    const gate = this.#gate()
    return gate !== undefined && this.#channels.get(peer)?.get(gate.spec.name)?.isOpen === true
  }

  #answerWaiting(peer: string, outcome: GateOutcome): void {
    const waiting = this.#waiting.get(peer)
    this.#waiting.delete(peer)
    for (const resolve of waiting ?? []) resolve(outcome)
  }
}
