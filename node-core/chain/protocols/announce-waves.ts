/**
 * Whom to tell of a block, and when, so that everybody hears of it soon and few hear of it often.
 *
 * Telling all peers at once has each block cross every link of the network, most of them in both directions: both ends hear of it at about
 * the same time. So for each link and block, one end speaks first, and which one both reckon from their ids and the block's hash: that is
 * the *first wave*. A moment later each end tells the *rest*: whoever has not shown by then that it has the block. That is still every
 * link once. So a part of the links is left out, another one for each block, by the same reckoning.
 *
 * A link may be left out where its other end hears of the block anyway. Nothing that a peer says proves that, but what it does shows it:
 * who hears of a block from us first, asks us for it. Peers that rarely do so after they were told have many other sources. All others are
 * told of each block. So silent peers, which take blocks and pass none on, do little harm:
 *
 * - A block that less than two others told us of is told to everybody: it may depend on us whether it spreads.
 * - A peer whose other sources are silent asks us, and is not left out.
 * - A peer with many sources would have to be left out by all of them that are not silent. If so it hears of the next block, or of this one
 *   when the caller asks for {@link AnnounceWaves.everybody} in the end.
 *
 * Order of calls: `connected`; `heard` for each announcement and `asked` for each request that comes; for each block that is told
 * `first`, `rest`, `everybody`, each of which gives the peers to tell and counts them as told.
 */
import type { Hash } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'

/** Who has so few peers tells all of them at once. */
const FEW_PEERS = 5
/** Peers that are told at once in any case. */
const SMALLEST_WAVE = 2
/** Others who told us of a block, for it to spread without us. */
const ENOUGH_TELLERS = 2
/** Part of the links that are left out of a block, as far as they may be. */
const LEFT_OUT = 0.5
/** Of what a peer was told, the part for which it asked us, smoothed: below this it lives well without us. */
const RARELY = 0.3
const SMOOTHING = 1 / 8
/** Blocks that each peer is remembered to know. */
const KNOWN_BLOCKS = 1024
/** Blocks of which it is remembered how many told us. */
const HEARD_BLOCKS = 64

interface Contact {
  /** Blocks that it knows of: `told` by us, and it has not asked for them. */
  readonly known: Lru<Hash, 'told' | 'has'>
  readonly isLight: boolean
  /** How much it lives on what we tell, from 0 to 1. */
  need: number
}

export interface WaveOptions {
  /** Our own id. */
  readonly self: () => string
  /** Gives numbers from 0 to 1. */
  readonly random: () => number
}

export class AnnounceWaves {
  readonly #options: WaveOptions
  readonly #contacts = new Map<string, Contact>()
  /** How many told us of a block by themselves. */
  readonly #tellers = new Lru<Hash, number>(HEARD_BLOCKS)

  constructor(options: WaveOptions) {
    this.#options = options
  }

  /** Light clients ask nobody for blocks: they are never left out. */
  connected(peer: string, best: Hash, isLight: boolean): void {
    const known: Contact['known'] = new Lru(KNOWN_BLOCKS)
    known.set(best, 'has')
    this.#contacts.set(peer, { known, isLight, need: 1 })
  }

  disconnected(peer: string): void {
    this.#contacts.delete(peer)
  }

  /** `peer` told us of a block, and so has its parent. False where it was known to have the block. */
  heard(peer: string, hash: Hash, parentHash: Hash): boolean {
    const known = this.#contacts.get(peer)?.known
    if (known === undefined) return false
    const isNew = known.get(hash) === undefined
    if (known.get(parentHash) === undefined) known.set(parentHash, 'has')
    if (!isNew) return false
    known.set(hash, 'has')
    this.#tellers.set(hash, (this.#tellers.get(hash) ?? 0) + 1)
    return true
  }

  /** `peer` asked us for a block. */
  asked(peer: string, hash: Hash): void {
    const contact = this.#contacts.get(peer)
    if (contact?.known.get(hash) !== 'told') return
    contact.known.set(hash, 'has')
    contact.need += SMOOTHING
  }

  /** Of those who do not know the block, the ones to whom it is on us to speak first. */
  first(hash: Hash): string[] {
    const unaware = this.#unaware(hash)
    if (this.#contacts.size <= FEW_PEERS) return this.#tell(hash, unaware)
    const open = unaware.filter((peer) => !this.#mayLeaveOut(peer, hash))
    const ours = open.filter((peer) => this.#lot(peer, hash).speaksFirst)
    const others = (open.length < SMALLEST_WAVE ? unaware : open).filter((peer) => !ours.includes(peer))
    return this.#tell(hash, [...ours, ...this.#some(others, SMALLEST_WAVE - ours.length)])
  }

  /** Those who may not be left out. */
  rest(hash: Hash): string[] {
    const spreads = (this.#tellers.get(hash) ?? 0) >= ENOUGH_TELLERS
    return this.#tell(hash, this.#unaware(hash).filter((peer) => !spreads || !this.#mayLeaveOut(peer, hash)))
  }

  everybody(hash: Hash): string[] {
    return this.#tell(hash, this.#unaware(hash))
  }

  /** Whether somebody is not known to have the block. */
  hasUnaware(hash: Hash): boolean {
    return this.#unaware(hash).length > 0
  }

  #unaware(hash: Hash): string[] {
    return [...this.#contacts].filter(([, { known }]) => known.get(hash) === undefined).map(([peer]) => peer)
  }

  /** `count` of these by chance, or all. */
  #some(peers: string[], count: number): string[] {
    const wanted = Math.max(0, count)
    for (let i = 0; i < Math.min(wanted, peers.length - 1); i++) {
      const j = i + Math.floor(this.#options.random() * (peers.length - i))
      ;[peers[i], peers[j]] = [peers[j] as string, peers[i] as string]
    }
    return peers.slice(0, wanted)
  }

  #mayLeaveOut(peer: string, hash: Hash): boolean {
    const contact = this.#contacts.get(peer)
    if (contact === undefined || contact.isLight || contact.need >= RARELY || this.#contacts.size <= FEW_PEERS) return false
    return this.#lot(peer, hash).value < LEFT_OUT
  }

  #tell(hash: Hash, peers: string[]): string[] {
    for (const peer of peers) {
      const contact = this.#contacts.get(peer)
      if (contact === undefined) continue
      contact.known.set(hash, 'told')
      contact.need *= 1 - SMOOTHING
    }
    return peers
  }

  /** From 0 to 1, the same at both ends of a link; and which of them speaks first. */
  #lot(peer: string, hash: Hash): { readonly value: number; readonly speaksFirst: boolean } {
    const self = this.#options.self()
    const number = mixed(`${self < peer ? self + peer : peer + self}${hash}`)
    return { value: (number >>> 1) / 2 ** 31, speaksFirst: self < peer === ((number & 1) === 0) }
  }
}

/** 32 bits of a text, by FNV-1a and a finish that spreads them. Nothing depends on nobody being able to choose them. */
function mixed(text: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
