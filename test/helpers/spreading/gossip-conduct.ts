/**
 * A model of gossipsub 1.2, for comparison: a mesh of D peers who send each other every message, IHAVE to others once a heartbeat, IWANT for what is
 * missing, IDONTWANT as soon as a large message came. Parameters are the defaults of the libp2p implementations.
 *
 * In its favour: no scores are kept, so none are needed to begin; a copy that waits in the sender's queue is taken back when an IDONTWANT comes for
 * it; the source sends to its mesh and not to all peers (`floodPublish`). A peer that vanished stays in the mesh until its connection is given up.
 */
import type { Conduct, Crowd, Member } from './crowd.ts'
import { unit } from './internet.ts'
import { sample } from '../../../node-core/network/spread/tree/buckets.ts'

const D = { low: 4, target: 6, high: 12, lazy: 6, factor: 0.25 } as const
const HEARTBEAT_MS = 1_000
const GOSSIP_HEARTBEATS = 3
const KEPT_HEARTBEATS = 5
const FOLLOW_UP_MS = 3_000
/** Protobuf around the message: topic, source, sequence number, signature, lengths. */
const MESSAGE_HEADER = 180
/** A message id is source and sequence number, 46 bytes; two more for its tag and length; what is around it. */
const ID_BYTES = 48
const CONTROL_HEADER = 20

export type GossipFrame =
  | { readonly kind: 'message'; readonly message: number }
  | { readonly kind: 'ihave' | 'iwant' | 'idontwant'; readonly messages: readonly number[] }
  | { readonly kind: 'graft' | 'prune' }

export class GossipConduct implements Conduct<GossipFrame> {
  readonly #crowd: Crowd<GossipFrame>
  readonly #self: Member<GossipFrame>
  readonly #messageBytes: number
  readonly #mesh = new Set<Member<GossipFrame>>()
  readonly #unwanted = new Map<Member<GossipFrame>, Set<number>>()
  /** When it came, for what is still kept. */
  readonly #kept = new Map<number, number>()
  readonly #asked = new Map<number, number>()
  #isOver = false

  constructor(crowd: Crowd<GossipFrame>, self: Member<GossipFrame>, messageBytes: number) {
    this.#crowd = crowd
    this.#self = self
    this.#messageBytes = messageBytes
    crowd.clock.schedule(unit(crowd.random) * HEARTBEAT_MS, () => this.#heartbeat())
  }

  linked(): void {
    if (this.#mesh.size < D.low) this.#graft()
  }

  unlinked(peer: Member<GossipFrame>): void {
    this.#mesh.delete(peer)
    this.#unwanted.delete(peer)
  }

  publish(message: number): void {
    this.#take(message, undefined)
  }

  receive(from: Member<GossipFrame>, frame: GossipFrame): void {
    switch (frame.kind) {
      case 'message':
        if (!this.#self.heardAt.has(frame.message)) this.#take(frame.message, from)
        return
      case 'graft':
        if (this.#mesh.size < D.high) this.#mesh.add(from)
        else this.#send(from, { kind: 'prune' })
        return
      case 'prune':
        this.#mesh.delete(from)
        return
      case 'idontwant':
        return this.#noteUnwanted(from, frame.messages)
      case 'ihave':
        return this.#onHave(from, frame.messages)
      case 'iwant':
        for (const message of frame.messages) if (this.#kept.has(message)) this.#sendMessage(from, message, () => true)
        return
    }
  }

  stop(): void {
    this.#isOver = true
  }

  #take(message: number, from: Member<GossipFrame> | undefined): void {
    const now = this.#crowd.clock.now()
    this.#self.heardAt.set(message, now)
    this.#kept.set(message, now)
    if (from !== undefined) for (const peer of this.#mesh) if (peer !== from) this.#send(peer, { kind: 'idontwant', messages: [message] })
    for (const peer of this.#mesh) {
      if (peer === from || this.#unwanted.get(peer)?.has(message) === true) continue
      this.#sendMessage(peer, message, () => this.#unwanted.get(peer)?.has(message) !== true)
    }
  }

  #noteUnwanted(from: Member<GossipFrame>, messages: readonly number[]): void {
    let unwanted = this.#unwanted.get(from)
    if (unwanted === undefined) this.#unwanted.set(from, (unwanted = new Set()))
    for (const message of messages) unwanted.add(message)
  }

  #onHave(from: Member<GossipFrame>, messages: readonly number[]): void {
    const now = this.#crowd.clock.now()
    const missing = messages.filter((message) => !this.#self.heardAt.has(message) && now - (this.#asked.get(message) ?? -Infinity) > FOLLOW_UP_MS)
    for (const message of missing) this.#asked.set(message, now)
    if (missing.length > 0) this.#send(from, { kind: 'iwant', messages: missing })
  }

  #heartbeat(): void {
    if (this.#isOver) return
    const now = this.#crowd.clock.now()
    if (this.#mesh.size < D.low) this.#graft()
    if (this.#mesh.size > D.high) {
      for (const peer of sample(this.#mesh, this.#mesh.size - D.target, () => unit(this.#crowd.random))) {
        this.#mesh.delete(peer)
        this.#send(peer, { kind: 'prune' })
      }
    }
    const news = [...this.#kept].filter(([, at]) => now - at <= GOSSIP_HEARTBEATS * HEARTBEAT_MS).map(([message]) => message)
    if (news.length > 0) {
      const others = [...this.#self.links].filter((peer) => !this.#mesh.has(peer))
      const count = Math.max(D.lazy, Math.floor(D.factor * others.length))
      for (const peer of sample(others, count, () => unit(this.#crowd.random))) this.#send(peer, { kind: 'ihave', messages: news })
    }
    for (const [message, at] of this.#kept) if (now - at > KEPT_HEARTBEATS * HEARTBEAT_MS) this.#kept.delete(message)
    this.#crowd.clock.schedule(HEARTBEAT_MS, () => this.#heartbeat())
  }

  #graft(): void {
    const others = [...this.#self.links].filter((peer) => !this.#mesh.has(peer))
    for (const peer of sample(others, D.target - this.#mesh.size, () => unit(this.#crowd.random))) {
      this.#mesh.add(peer)
      this.#crowd.send(this.#self, peer, { kind: 'graft' }, CONTROL_HEADER)
    }
  }

  #send(to: Member<GossipFrame>, frame: Exclude<GossipFrame, { kind: 'message' }>): void {
    if (this.#self.isSilent) return
    this.#crowd.send(this.#self, to, frame, CONTROL_HEADER + ('messages' in frame ? frame.messages.length * ID_BYTES : 0))
  }

  #sendMessage(to: Member<GossipFrame>, message: number, isWanted: () => boolean): void {
    if (this.#self.isSilent) return
    this.#crowd.send(this.#self, to, { kind: 'message', message }, this.#messageBytes + MESSAGE_HEADER, { isWanted })
  }
}
