/**
 * One message in shards as this node has it: shards that come in, and after the last one that was needed the whole of them, kept for a while
 * for those who ask.
 */
import type { MessageId } from '../spread.ts'
import { join, type WholeMessage } from './decoding.ts'
import { encodeShard } from './frames.ts'
import { idOf, type SignedHeader } from './header.ts'
import type { LieProof } from './lie.ts'
import { leadsToRoot, leafHash } from './merkle.ts'
import type { MaybeShard } from './reed-solomon.ts'

/** What came of a shard. */
export type Added =
  /** It is not the shard that the source meant: whoever handed it over lied. */
  | 'false'
  | 'known'
  | 'added'
  /** With it there are enough. */
  | 'enough'

interface Held {
  readonly shard: Uint8Array
  readonly path: Uint8Array
  readonly leaf: Uint8Array
}

export class Assembly {
  readonly header: SignedHeader
  /** The signed header as it came. */
  readonly encoded: Uint8Array
  readonly id: MessageId
  /** Peer id of the source. */
  readonly source: string
  readonly startedAt: number
  /** When the last shard came that was new. */
  progressAt: number
  /** How often others were asked for shards, and when last. */
  rounds = 0
  askedAt: number
  /** Whether this node's own shard went to the others. */
  relayed = false
  /** Shards that each peer was sent because it asked. */
  readonly answered = new Map<string, number>()
  readonly #held = new Map<number, Held>()
  #whole: WholeMessage | undefined

  constructor(header: SignedHeader, encoded: Uint8Array, source: string, now: number) {
    this.header = header
    this.encoded = encoded
    this.id = idOf(header)
    this.source = source
    this.startedAt = now
    this.progressAt = now
    this.askedAt = now
  }

  get n(): number {
    return this.header.recipients.length
  }

  /** Bytes that its shards take, or will take once they are enough. */
  get reservedBytes(): number {
    return this.header.length
  }

  /** Bytes that it takes as a whole. */
  get wholeBytes(): number {
    return Math.ceil(this.header.length / this.header.k) * this.n
  }

  get isWhole(): boolean {
    return this.#whole !== undefined
  }

  /** Shards that are lacking. */
  get lacking(): number {
    return this.isWhole ? 0 : Math.max(0, this.header.k - this.#held.size)
  }

  /** Places whose shards are not here, ascending. */
  missing(): readonly number[] {
    return Array.from({ length: this.n }, (_, place) => place).filter((place) => !this.has(place))
  }

  has(place: number): boolean {
    return this.isWhole || this.#held.has(place)
  }

  add(place: number, path: Uint8Array, shard: Uint8Array, now: number): Added {
    if (this.has(place)) return 'known'
    const leaf = leafHash(shard)
    if (!leadsToRoot(this.header.root, this.n, place, leaf, path)) return 'false'
    this.#held.set(place, { shard: owned(shard), path: path.slice(), leaf })
    this.progressAt = now
    return this.lacking === 0 ? 'enough' : 'added'
  }

  /** Decodes what is there, once there is enough: the message, or the proof that there is none. */
  finish(): { readonly content: Uint8Array } | { readonly lie: LieProof } {
    const places = Array.from({ length: this.n }, (_, place) => this.#held.get(place))
    const shards = places.map((held): MaybeShard => held?.shard)
    const whole = join(this.header, shards, places.map((held): MaybeShard => held?.leaf))
    if (whole === undefined) {
      const proven = places.flatMap((held, place) => (held === undefined ? [] : [{ place, path: held.path, shard: held.shard }]))
      return { lie: { header: this.encoded, shards: proven.slice(0, this.header.k) } }
    }
    this.#becomeWhole(whole)
    return { content: whole.content }
  }

  /** A message of this node's own is whole from the start. */
  adopt(whole: WholeMessage): this {
    this.#becomeWhole(whole)
    return this
  }

  /** The frame of a shard that is here. */
  frame(place: number): Uint8Array | undefined {
    const held = this.#held.get(place)
    if (held !== undefined) return encodeShard(this.encoded, place, held.path, held.shard)
    const shard = this.#whole?.shards[place]
    return shard === undefined ? undefined : encodeShard(this.encoded, place, (this.#whole as WholeMessage).tree.path(place), shard)
  }

  #becomeWhole(whole: WholeMessage): void {
    this.#whole = whole
    this.#held.clear()
  }
}

/** A view of a buffer that is mostly something else would keep all of it. */
function owned(view: Uint8Array): Uint8Array {
  return view.buffer.byteLength > 2 * view.length ? view.slice() : view
}
