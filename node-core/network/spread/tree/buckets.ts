/** Peers with whom the topic is open, by their height as seen from here: the buckets of the tree. See keys.ts. */
import { heightBetween, keyOf, TREE_HEIGHT } from './keys.ts'

export class Buckets {
  readonly #own: Uint8Array
  readonly #keys = new Map<string, Uint8Array>()
  readonly #heights = new Map<string, number>()
  /** Heights without peers have no entry. */
  readonly #buckets = new Map<number, Set<string>>()

  constructor(self: string) {
    this.#own = keyOf(self)
  }

  add(peer: string): void {
    if (this.#heights.has(peer)) return
    const height = this.heightOf(peer)
    this.#keys.set(peer, keyOf(peer))
    this.#heights.set(peer, height)
    let bucket = this.#buckets.get(height)
    if (bucket === undefined) this.#buckets.set(height, (bucket = new Set()))
    bucket.add(peer)
  }

  remove(peer: string): void {
    const height = this.#heights.get(peer)
    if (height === undefined) return
    this.#heights.delete(peer)
    this.#keys.delete(peer)
    const bucket = this.#buckets.get(height)
    bucket?.delete(peer)
    if (bucket?.size === 0) this.#buckets.delete(height)
  }

  has(peer: string): boolean {
    return this.#heights.has(peer)
  }

  /** Whether the peer is here or not. */
  heightOf(peer: string): number {
    return this.#heights.get(peer) ?? heightBetween(this.#own, keyOf(peer))
  }

  peers(): IterableIterator<string> {
    return this.#heights.keys()
  }

  /** Heights of the buckets that have peers, up to `height`, highest first. */
  upTo(height: number): number[] {
    return [...this.#buckets.keys()].filter((each) => each <= height).sort((a, b) => b - a)
  }

  at(height: number): ReadonlySet<string> {
    return this.#buckets.get(height) ?? NOBODY
  }

  /** The bucket in halves of halves, `split` times, as far as there are peers in both of two halves. Together the parts are the bucket. */
  parts(bucket: number, peers: readonly string[], split: number): Part[] {
    return this.#halved({ height: bucket - 1, peers }, split)
  }

  #halved(part: Part, split: number): Part[] {
    const { height, peers } = part
    if (split === 0 || height === 0 || peers.length < 2) return peers.length === 0 ? [] : [part]
    const bit = TREE_HEIGHT - height
    const halves = [0, 1].map((side) => ({ height: height - 1, peers: peers.filter((peer) => bitAt(this.#keys.get(peer) as Uint8Array, bit) === side) }))
    return halves.some((half) => half.peers.length === 0) ? [part] : halves.flatMap((half) => this.#halved(half, split - 1))
  }
}

/** A part of a bucket: a subtree, and peers of ours in it. */
export interface Part {
  /** That of the subtree around each of these peers. */
  readonly height: number
  readonly peers: readonly string[]
}

const NOBODY: ReadonlySet<string> = new Set()

/** 0 is the first. */
function bitAt(key: Uint8Array, index: number): number {
  return ((key[index >> 3] as number) >> (7 - (index & 7))) & 1
}

/** Up to `count` of them in random order; `random` gives numbers from 0 to 1, without 1. */
export function sample<T>(from: Iterable<T>, count: number, random: () => number): T[] {
  const all = [...from]
  for (let i = 0; i < Math.min(count, all.length); i++) {
    const j = i + Math.floor(random() * (all.length - i))
    const [a, b] = [all[i] as T, all[j] as T]
    all[i] = b
    all[j] = a
  }
  return all.slice(0, count)
}
