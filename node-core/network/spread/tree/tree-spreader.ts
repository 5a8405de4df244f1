/**
 * The tree as a spreader: the state machine of tree.ts between a topic's links, its owner and the judge. tree.ts teaches how it works and
 * what it stands against; frames.ts and message.ts have the formats.
 *
 * A copy is looked at in this order, and each step stands before the work of the next: the frame's bounds; whether the height is one that this
 * peer may hand over; the id, by hashing the content; whether it is known; the signature of the source; the owner's verdict. Only what was
 * accepted is kept, passed on and announced.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { peerIdOf, publicKeyOf } from '../../../crypto/keys/peer-id.ts'
import type { PeerFault, PeerJudge, Verdict } from '../../contracts.ts'
import { assertSpreadable, stoppedError } from '../errors.ts'
import { messageId, sha256 } from '../message-id.ts'
import type { Links, MessageId, OutgoingMessage, Sink, SpreadReport, Spreader } from '../spread.ts'
import { COPY_HEADER_BYTES, MAX_OTHER_BYTES, decodeTreeFrame, encodeTreeFrame, type TreeFrame } from './frames.ts'
import { MESSAGE_HEADER_BYTES, decodeTreeMessage, encodeTreeMessage, signedBytes } from './message.ts'
import { TREE_DEFAULTS, type TreeOptions } from './options.ts'
import { Tree, type TreeStatistics } from './tree.ts'

const FAULTS = {
  /** Hands over a subtree that is not a part of its own. */
  height: { code: 'tree-height', cost: -100 },
  signature: { code: 'tree-signature', cost: -400 },
} as const satisfies Readonly<Record<string, PeerFault>>

export interface TreeSpreaderDependencies {
  readonly links: Links
  readonly sink: Sink
  readonly clock: Clock
  readonly judge: PeerJudge
  /** 0 to 1, without 1. */
  readonly random: () => number
  /** Round trip to a peer in ms, as last measured; undefined where it was not. */
  distance(peer: string): number | undefined
  /** Names the network among all that there are; a message of another one is refused. */
  readonly network: string
  /** An ed25519 signature of 64 bytes with the key of `links.localPeer`. */
  readonly sign: (bytes: Uint8Array) => Uint8Array
  readonly verify: (signature: Uint8Array, bytes: Uint8Array, publicKey: Uint8Array) => boolean
}

export class TreeSpreader implements Spreader {
  readonly way = 'tree'
  readonly selective = false
  readonly maxContentBytes: number
  readonly #deps: TreeSpreaderDependencies
  readonly #key: Uint8Array
  /** Messages as they travel. */
  readonly #tree: Tree<Uint8Array>
  readonly #maxMessageBytes: number
  #stopListening: Disposer | undefined

  /** Throws a RangeError where this node's peer id is not of an ed25519 key, or frames have no room for what is no copy. */
  constructor(dependencies: TreeSpreaderDependencies, options: Partial<TreeOptions> = {}) {
    const { links, clock, random, sink } = dependencies
    const key = publicKeyOf(links.localPeer)
    if (key === undefined) throw new RangeError('the tree needs an ed25519 key')
    if (links.maxFrameBytes < MAX_OTHER_BYTES) throw new RangeError(`the tree needs frames of ${MAX_OTHER_BYTES} bytes`)
    const all = { ...TREE_DEFAULTS, ...options }
    this.#deps = dependencies
    this.#key = key
    this.#maxMessageBytes = Math.min(links.maxFrameBytes - COPY_HEADER_BYTES, all.holdBytes)
    this.maxContentBytes = this.#maxMessageBytes - MESSAGE_HEADER_BYTES
    this.#tree = new Tree(
      links.localPeer,
      {
        clock,
        random,
        distance: (peer) => dependencies.distance(peer),
        isKnown: (id) => sink.has(id),
        lengthOf: (message) => message.length,
        sendCopy: (peer, height, message) => this.#send(peer, { kind: 'copy', height, message }),
        sendOffer: (peer, offers) => this.#send(peer, { kind: 'offer', offers }),
        sendIds: (peer, kind, ids) => this.#send(peer, { kind, ids }),
      },
      all,
    )
  }

  get statistics(): TreeStatistics {
    return this.#tree.statistics
  }

  start(): void {
    if (this.#stopListening !== undefined) return
    this.#stopListening = this.#deps.links.listen({
      onFrame: (peer, frame) => this.#onFrame(peer, frame),
      onOpen: (peer) => this.#tree.opened(peer),
      onClosed: (peer) => this.#tree.closed(peer),
    })
    for (const peer of this.#deps.links.peers()) this.#tree.opened(peer)
  }

  /** Reaches everybody whom the tree reaches. The report names the peers to whom it goes from here, as a copy or an offer. */
  spread({ id, nonce, content }: OutgoingMessage): SpreadReport {
    if (this.#stopListening === undefined) throw stoppedError()
    assertSpreadable(content.length, this.maxContentBytes)
    const { network, sign } = this.#deps
    const message = encodeTreeMessage({ key: this.#key, nonce, signature: sign(signedBytes(network, id)), content })
    return { sent: this.#tree.publish(id, message), unsent: [] }
  }

  stop(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
    this.#tree.stop()
    for (const peer of this.#deps.links.peers()) this.#tree.closed(peer)
  }

  #onFrame(peer: string, bytes: Uint8Array): Verdict | Promise<Verdict> {
    const frame = decodeTreeFrame(bytes, this.#maxMessageBytes)
    switch (frame.kind) {
      case 'copy':
        return this.#onCopy(peer, frame.height, frame.message)
      case 'offer':
        this.#tree.offered(peer, frame.offers)
        break
      case 'pull':
        this.#tree.pulled(peer, frame.ids)
        break
      case 'gone':
        this.#tree.gone(peer, frame.ids)
        break
      case 'have':
        this.#tree.have(peer, frame.ids)
        break
    }
    return ACCEPTED
  }

  #onCopy(peer: string, height: number, message: Uint8Array): Verdict | Promise<Verdict> {
    const { links, sink, network, verify } = this.#deps
    if (!this.#tree.mayCover(peer, height)) return { kind: 'reject', fault: FAULTS.height }
    const { key, nonce, signature, content } = decodeTreeMessage(message)
    const source = peerIdOf(key)
    const id = messageId(links.topic, source, nonce, sha256(content))
    if (sink.has(id)) {
      this.#tree.duplicate(peer, id, height)
      return { kind: 'ignore', reason: 'duplicate' }
    }
    if (!verify(signature, signedBytes(network, id), key)) {
      this.#tree.spoiled(peer, id)
      return { kind: 'reject', fault: FAULTS.signature }
    }
    const cover = this.#tree.arrived(peer, id, height)
    return this.#judge({ peer, id, source, message, content, cover })
  }

  async #judge(copy: { readonly peer: string; readonly id: MessageId; readonly source: string; readonly message: Uint8Array; readonly content: Uint8Array; readonly cover: number }): Promise<Verdict> {
    const { sink, judge } = this.#deps
    const { peer, id, source, message, content, cover } = copy
    const verdict = await sink.deliver({ id, content, source, from: peer, way: 'tree' })
    if (verdict.kind === 'accept' && this.#stopListening !== undefined) this.#tree.accepted(peer, id, message, cover)
    // Whoever relays what it did not accept is at fault as well, and is told by what is returned.
    if (verdict.kind === 'reject' && source !== peer) judge.report(source, verdict.fault)
    return verdict
  }

  #send(peer: string, frame: TreeFrame): boolean {
    return this.#deps.links.send([peer], encodeTreeFrame(frame)).length > 0
  }
}

const ACCEPTED: Verdict = { kind: 'accept' }
