/** A node of the crowd that speaks the tree: the product's own state machine, on a simulated line. A message is its number. */
import type { Hash } from '../../../node-core/base/bytes.ts'
import { COPY_HEADER_BYTES, encodedLength, type Offer, type TreeFrame } from '../../../node-core/network/spread/tree/frames.ts'
import { MESSAGE_HEADER_BYTES } from '../../../node-core/network/spread/tree/message.ts'
import type { TreeOptions } from '../../../node-core/network/spread/tree/options.ts'
import { Tree } from '../../../node-core/network/spread/tree/tree.ts'
import type { Conduct, Crowd, Member } from './crowd.ts'
import { unit } from './internet.ts'

const ANSWER_BYTES = 34

export type SimulatedTreeFrame = { readonly kind: 'copy'; readonly height: number; readonly message: number } | Exclude<TreeFrame, { kind: 'copy' }>

export interface TreeConductOptions extends TreeOptions {
  /** Silent nodes answer copies, as if they would pass them on. */
  readonly liars?: boolean
}

export class TreeConduct implements Conduct<SimulatedTreeFrame> {
  readonly #crowd: Crowd<SimulatedTreeFrame>
  readonly #self: Member<SimulatedTreeFrame>
  readonly #tree: Tree<number>
  readonly #liars: boolean
  readonly #peers = new Map<string, Member<SimulatedTreeFrame>>()

  constructor(crowd: Crowd<SimulatedTreeFrame>, self: Member<SimulatedTreeFrame>, messageBytes: number, { liars = false, ...options }: TreeConductOptions) {
    this.#crowd = crowd
    this.#self = self
    this.#liars = liars
    const send = (peer: string, frame: SimulatedTreeFrame): boolean => {
      const to = this.#peers.get(peer)
      if (to === undefined) return false
      const bytes = frame.kind === 'copy' ? copyBytes(messageBytes) : encodedLength(frame)
      return crowd.send(self, to, frame, bytes)
    }
    this.#tree = new Tree(
      self.name,
      {
        clock: crowd.clock,
        random: () => unit(crowd.random),
        distance: (peer) => {
          const to = this.#peers.get(peer)
          return to === undefined ? undefined : 2 * crowd.internet.path(self.station, to.station)
        },
        isKnown: (id) => self.heardAt.has(Number(id)),
        lengthOf: () => messageBytes,
        sendCopy: (peer, height, message) => send(peer, { kind: 'copy', height, message }),
        sendOffer: (peer: string, offers: readonly Offer[]) => send(peer, { kind: 'offer', offers }),
        sendIds: (peer, kind, ids) => send(peer, { kind, ids }),
      },
      options,
    )
  }

  linked(peer: Member<SimulatedTreeFrame>): void {
    this.#peers.set(peer.name, peer)
    this.#tree.opened(peer.name)
  }

  unlinked(peer: Member<SimulatedTreeFrame>): void {
    this.#peers.delete(peer.name)
    this.#tree.closed(peer.name)
  }

  publish(message: number): void {
    this.#self.heardAt.set(message, this.#crowd.clock.now())
    this.#tree.publish(idOf(message), message)
  }

  receive({ name }: Member<SimulatedTreeFrame>, frame: SimulatedTreeFrame): void {
    if (frame.kind === 'copy') return this.#onCopy(name, frame.height, frame.message)
    if (this.#self.isSilent) return
    if (frame.kind === 'offer') this.#tree.offered(name, frame.offers)
    else if (frame.kind === 'pull') this.#tree.pulled(name, frame.ids)
    else if (frame.kind === 'gone') this.#tree.gone(name, frame.ids)
    else this.#tree.have(name, frame.ids)
  }

  stop(): void {
    this.#tree.stop()
  }

  #onCopy(peer: string, height: number, message: number): void {
    const { heardAt, isSilent } = this.#self
    const isNew = !heardAt.has(message)
    if (isNew) heardAt.set(message, this.#crowd.clock.now())
    if (isSilent) {
      const from = this.#peers.get(peer)
      if (this.#liars && height > 0 && from !== undefined) this.#crowd.send(this.#self, from, { kind: 'have', ids: [idOf(message)] }, ANSWER_BYTES)
      return
    }
    if (!this.#tree.mayCover(peer, height)) throw new Error('an honest node says too great a height')
    if (isNew) this.#tree.accepted(peer, idOf(message), message, this.#tree.arrived(peer, idOf(message), height))
    else this.#tree.duplicate(peer, idOf(message), height)
  }
}

function copyBytes(messageBytes: number): number {
  return COPY_HEADER_BYTES + MESSAGE_HEADER_BYTES + messageBytes
}

function idOf(message: number): Hash {
  return `0x${message.toString(16).padStart(64, '0')}`
}
