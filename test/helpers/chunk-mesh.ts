/** A full mesh of nodes that spread by chunk and relay, over links that a seed makes slow and lossy, on a clock that is turned by hand. */
import { FakeClock } from '../../node-core/base/clock.ts'
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '../../node-core/crypto/ed25519/ed25519.ts'
import { peerIdOf } from '../../node-core/crypto/keys/peer-id.ts'
import type { PeerFault, Verdict } from '../../node-core/network/contracts.ts'
import { ChunksSpreader } from '../../node-core/network/spread/chunks/chunks.ts'
import { signHeader, type ChunkHeader } from '../../node-core/network/spread/chunks/header.ts'
import type { LieProof } from '../../node-core/network/spread/chunks/lie.ts'
import type { RelayOptions } from '../../node-core/network/spread/chunks/relay.ts'
import { messageId, sha256 } from '../../node-core/network/spread/message-id.ts'
import { Seen } from '../../node-core/network/spread/seen.ts'
import type { Arrival, LinkListener, Links, OutgoingMessage, SpreadReport } from '../../node-core/network/spread/spread.ts'
import { Random } from '../fuzz/random.ts'

export const NETWORK = 'test network'
export const TOPIC = 'news'

export interface Key {
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
  readonly peer: string
}

const keys = new Map<number, Key>()

export function keyOf(number: number): Key {
  let key = keys.get(number)
  if (key === undefined) {
    const seed = new Uint8Array(32).fill(number)
    const publicKey = ed25519PublicKey(seed)
    keys.set(number, (key = { seed, publicKey, peer: peerIdOf(publicKey) }))
  }
  return key
}

export function signedBy(key: Key, header: Omit<ChunkHeader, 'source'>): Uint8Array {
  return signHeader({ ...header, source: key.publicKey }, (message) => ed25519Sign(key.seed, message))
}

/** What a node's frames become on their way to another node: nothing where they are lost. */
export type Channel = (frame: Uint8Array, from: number, to: number) => readonly Uint8Array[]

export const faithful: Channel = (frame) => [frame]

export interface MeshOptions {
  readonly nodes: number
  readonly seed: number
  readonly channel?: Channel
  /** Milliseconds that a frame is under way, at least and less than. */
  readonly latency?: readonly [number, number]
  readonly relay?: Partial<RelayOptions>
  readonly verdict?: (arrival: Arrival) => Verdict
}

export class MeshNode {
  readonly key: Key
  readonly spreader: ChunksSpreader
  readonly arrivals: Arrival[] = []
  readonly faults: { readonly peer: string; readonly fault: PeerFault }[] = []
  readonly lies: { readonly source: string; readonly proof: LieProof }[] = []
  sentBytes = 0
  sentFrames = 0
  listener: LinkListener | undefined

  constructor(key: Key, build: (node: MeshNode) => ChunksSpreader) {
    this.key = key
    this.spreader = build(this)
  }
}

export class ChunkMesh {
  readonly clock = new FakeClock(1_000_000)
  readonly random: Random
  readonly nodes: readonly MeshNode[]
  readonly #options: MeshOptions
  /** Frames under way, by the time at which they arrive: one timer for all of a millisecond. */
  readonly #underWay = new Map<number, (() => void)[]>()
  #nonce = 0

  constructor(options: MeshOptions) {
    this.#options = options
    this.random = new Random(options.seed)
    this.nodes = Array.from({ length: options.nodes }, (_, number) => new MeshNode(keyOf(number + 1), (node) => this.#spreader(node, number)))
    for (const { spreader } of this.nodes) spreader.start()
  }

  node(number: number): MeshNode {
    return this.nodes[number] as MeshNode
  }

  /** A message of a node to all others, or to those of a list. */
  spread(from: number, content: Uint8Array, to: readonly number[] = this.nodes.flatMap((_, number) => (number === from ? [] : [number]))): OutgoingMessage & SpreadReport {
    const nonce = new Uint8Array(8)
    new DataView(nonce.buffer).setUint32(0, ++this.#nonce)
    const message = { id: messageId(TOPIC, this.node(from).key.peer, nonce, sha256(content)), nonce, content }
    return { ...message, ...this.node(from).spreader.spread(message, to.map((number) => this.node(number).key.peer)) }
  }

  /** A frame under the hand of the test: on its way like any other. */
  send(from: number, to: number, frame: Uint8Array): void {
    const node = this.node(from)
    node.sentBytes += frame.length
    node.sentFrames++
    const [least, most] = this.#options.latency ?? [5, 80]
    for (const arriving of (this.#options.channel ?? faithful)(frame, from, to)) {
      this.#at(this.clock.now() + least + this.random.below(most - least), () => this.#arrive(from, to, arriving))
    }
  }

  /** Runs until nothing happens any more, or the time is over; milliseconds that it took. */
  run(ms = 60_000): number {
    const begin = this.clock.now()
    for (let due = this.clock.nextDue(); due !== undefined && due <= begin + ms; due = this.clock.nextDue()) this.clock.advance(due - this.clock.now())
    return this.clock.now() - begin
  }

  #at(time: number, arrive: () => void): void {
    const others = this.#underWay.get(time)
    if (others !== undefined) return void others.push(arrive)
    const all = [arrive]
    this.#underWay.set(time, all)
    this.clock.schedule(time - this.clock.now(), () => {
      this.#underWay.delete(time)
      for (const one of all) one()
    })
  }

  #arrive(from: number, to: number, frame: Uint8Array): void {
    const node = this.node(to)
    const peer = this.node(from).key.peer
    try {
      const verdict = node.listener?.onFrame(peer, frame)
      if (verdict !== undefined && 'kind' in verdict && verdict.kind === 'reject') node.faults.push({ peer, fault: verdict.fault })
    } catch {
      node.faults.push({ peer, fault: { code: 'malformed', cost: -200 } })
    }
  }

  #spreader(node: MeshNode, number: number): ChunksSpreader {
    const peers = Array.from({ length: this.#options.nodes }, (_, other) => keyOf(other + 1).peer)
    const seen = new Seen({ clock: this.clock }, { entries: 1000, spanMs: 600_000 })
    const links: Links = {
      topic: TOPIC,
      localPeer: node.key.peer,
      maxFrameBytes: 16 * 1024 * 1024,
      peers: () => peers.filter((_, other) => other !== number),
      send: (to, frame) => {
        for (const peer of to) this.send(number, peers.indexOf(peer), frame)
        return to
      },
      listen: (listener) => {
        node.listener = listener
        return () => (node.listener = undefined)
      },
    }
    return new ChunksSpreader(
      {
        links,
        clock: this.clock,
        network: NETWORK,
        sign: (message) => ed25519Sign(node.key.seed, message),
        verify: ed25519Verify,
        judge: { report: (peer, fault) => node.faults.push({ peer, fault }), reward: () => {} },
        onLie: (source, proof) => node.lies.push({ source, proof }),
        sink: {
          has: (id) => seen.has(id),
          deliver: (arrival) => {
            if (!seen.add(arrival.id)) return { kind: 'ignore', reason: 'duplicate' }
            node.arrivals.push(arrival)
            return this.#options.verdict?.(arrival) ?? { kind: 'accept' }
          },
        },
      },
      this.#options.relay,
    )
  }
}
