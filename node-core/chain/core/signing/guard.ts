/**
 * Stands against one key on two computers: before a key signs, it listens; and what it did not sign stops it.
 *
 * Two nodes with one key each make a block in its slots and vote in its rounds, which costs a validator its stake. It happens to careful
 * people: a data folder is copied, an export is imported by a colleague, an old computer is switched on again. No single computer can
 * know of it by itself, but a network tells: a block of ours that we did not make, a vote that we did not cast.
 *
 * **Listening.** A key signs nothing for some slots, in which the node is in step with the chain: who is connected hears what another
 * signs meanwhile. The number has a random part, so that two that start at the same moment do not stay blind together; and votes begin a slot after
 * blocks, so that each hears the other's block first. A key that this folder signed with a moment ago goes on at once: its record
 * (keystore/signing-record.ts) says so, and a restart need not cost its turn. Neither does a development account on a network for development
 * that has no peers.
 *
 * **What stops.** A block by one of our keys, in a slot after the last one that the record had at the start (or, without a record, after the
 * start), that this node did not make; a vote that differs from ours, or is in a round that we did not vote in. What is older may be our
 * own, from before a database was set aside. The stop is for all keys of the folder, is on disk, and ends when a person says so.
 *
 * It does not help where the two cannot hear each other: cut in two networks, both sign. Nor does it hide anything: what was signed is signed.
 */
import { toHex, type Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { Lru } from '../../../base/lru.ts'
import type { KeyMemory } from '../../../crypto/keys/key-memory.ts'
import type { Keystore } from '../../../crypto/keys/keystore.ts'
import type { AuthoringHold } from '../types.ts'
import type { ForeignSignature, SigningState, SigningStateStore } from './types.ts'

export interface SigningGuardDependencies {
  readonly keystore: Pick<Keystore, 'publicKeys'>
  readonly signed: Pick<KeyMemory, 'last'>
  /** The last slot that a key of an authoring type claimed, as its record has it. */
  readonly lastSlot: (keyType: string, key: Hash) => number | undefined
  readonly store: SigningStateStore
  readonly isOffline: () => boolean
  readonly clock: Clock
  readonly logger: Logger
  /** From 0 to 1. */
  readonly random: () => number
}

export interface SigningGuardOptions {
  /** What blocks are signed with. */
  readonly authoring: readonly string[]
  /** What votes are signed with. */
  readonly voting: readonly string[]
  /** Keys, as `babe:0x…`, that need not listen while no peer is connected: everybody knows them, on a network that is one computer's own. */
  readonly exempt: ReadonlySet<string>
}

/** How a slot begins. */
export interface SlotFacts {
  readonly slot: number
  readonly offline: boolean
  /** How many share the slots. */
  readonly authorities: number
}

/** Slots that a key listens for, at least. */
const LISTEN_SLOTS = 3
/** Where nobody is connected, there must be time to find somebody: milliseconds. */
const FINDING_MS = 12_000
/** Where many share the slots, each signs less often. From there on votes tell sooner. */
const MOST_LISTEN_SLOTS = 20
/** Chance adds up to one less. */
const RANDOM_SLOTS = 3
/** Votes begin so many slots after blocks. */
const VOTES_LATER = 1
/** What this folder signed no longer ago proves that it went on here. */
const RECENT_SLOTS = 20
const REMEMBERED_BLOCKS = 4096

interface Listener {
  readonly keyType: string
  readonly key: Hash
  /** Only blocks of slots after it are another's for certain. */
  readonly floor: number
  slots: number
  free: boolean
}

export class SigningGuard {
  readonly #deps: SigningGuardDependencies
  readonly #options: SigningGuardOptions
  readonly #listeners = new Map<string, Listener>()
  readonly #made = new Lru<Hash, true>(REMEMBERED_BLOCKS)
  readonly #extraSlots: number
  #state: SigningState = { stop: undefined, sole: undefined }
  #isSaved = true
  /** The slot in which it began, and the one that it is. */
  #startSlot = 0
  #slot = 0
  #authorities = 1
  #wasConnected = false
  #findingSlots = 0
  /** A person has just answered for what was signed elsewhere: nothing but listening proves anything. */
  #mistrusts = false
  /** The newest round that was voted in, here or elsewhere. */
  #round = { setId: 0, round: 0 }

  constructor(dependencies: SigningGuardDependencies, options: SigningGuardOptions) {
    this.#deps = dependencies
    this.#options = options
    this.#extraSlots = Math.floor(dependencies.random() * RANDOM_SLOTS)
  }

  /** Before anything is signed or heard. `slotDuration` in milliseconds. */
  async open(slotDuration: number): Promise<void> {
    this.#state = await this.#deps.store.read()
    const slot = Math.floor(this.#deps.clock.now() / slotDuration)
    this.#findingSlots = Math.ceil(FINDING_MS / slotDuration)
    this.#startSlot = slot
    this.#slot = slot
    // What the records say now, before anything is signed.
    this.#local()
    const { stop } = this.#state
    if (stop !== undefined) this.#deps.logger.warn('not signing: a key of this node signed on another computer, and nobody has confirmed since that this is the only one', describe(stop))
  }

  /** Why nothing is signed until a person says so. */
  get stop(): SigningState['stop'] {
    return this.#state.stop
  }

  /** Whether this key may sign now. */
  allows(keyType: string, key: Hash): boolean {
    return this.stop === undefined && this.#listener(keyType, key).free
  }

  /** A slot begins in which the node is in step with the chain: another one was listened to. */
  onSlot({ slot, offline, authorities }: SlotFacts): void {
    this.#slot = slot
    this.#authorities = authorities
    if (!offline) this.#wasConnected = true
    const local = this.#local()
    // A key that was locked meanwhile was not listened for.
    for (const [name, listener] of this.#listeners) if (!local.includes(listener)) this.#listeners.delete(name)
    for (const listener of local) {
      listener.slots++
      if (listener.free || this.#left(listener) > 0) continue
      listener.free = true
      this.#deps.logger.info('a key starts signing: no other computer was heard signing with it', { type: listener.keyType, key: listener.key })
    }
  }

  /** Why no block is made at present. */
  hold(): Extract<AuthoringHold, { kind: 'listening' | 'signed-elsewhere' }> | undefined {
    if (!this.#isSaved) void this.#save()
    if (this.stop !== undefined) return { kind: 'signed-elsewhere' }
    const authors = this.#local().filter(({ keyType }) => this.#options.authoring.includes(keyType))
    if (authors.length === 0 || authors.some(({ free }) => free)) return undefined
    return { kind: 'listening', untilSlot: this.#slot + Math.min(...authors.map((listener) => this.#left(listener))) }
  }

  /** Whether some key still listens. */
  get isListening(): boolean {
    return this.#local().some(({ free }) => !free)
  }

  /** A block that this node sealed, before it is imported. */
  made(hash: Hash): void {
    this.#made.set(hash, true)
  }

  /** A header whose seal was checked. */
  heardBlock({ author, hash, number, slot }: { readonly author: Hash; readonly hash: Hash; readonly number: number; readonly slot: number }): void {
    if (this.#made.get(hash) === true) return
    const keyType = this.#options.authoring.find((type) => this.#has(type, author))
    if (keyType === undefined) return
    if (slot <= Math.max(this.#listener(keyType, author).floor, this.#state.sole?.slot ?? -1)) return
    this.#stopFor({ kind: 'block', keyType, publicKey: author, number, slot, hash, at: this.#deps.clock.now() })
  }

  /** A vote whose signature was checked, by one of our keys, that this node did not cast for certain. */
  heardVote({ keyType, publicKey, number, setId, round }: { readonly keyType: string; readonly publicKey: Hash; readonly number: number; readonly setId: number; readonly round: number }): void {
    const { sole } = this.#state
    if (sole !== undefined && !isAfter({ setId, round }, sole)) return
    this.onRound({ setId, round })
    this.#stopFor({ kind: 'vote', keyType, publicKey, number, setId, round, at: this.#deps.clock.now() })
  }

  /** The voter is in this round. */
  onRound(round: { readonly setId: number; readonly round: number }): void {
    if (isAfter(round, this.#round)) this.#round = round
  }

  /** A person says that no other computer has the keys any more. They listen once more, then sign. */
  async confirmSole(): Promise<void> {
    if (this.stop === undefined) return
    const next: SigningState = { stop: undefined, sole: { slot: this.#slot, ...this.#round } }
    await this.#deps.store.write(next)
    this.#state = next
    this.#isSaved = true
    this.#mistrusts = true
    this.#listeners.clear()
    this.#deps.logger.warn('it was confirmed that no other computer has the keys of this node: the node listens once more, then signs')
  }

  #stopFor(found: ForeignSignature): void {
    if (this.stop !== undefined) return
    this.#state = { ...this.#state, stop: found }
    this.#deps.logger.error('stopped signing: another computer signs with a key of this node; stop that one, then confirm on the Overview or in the dashboard', describe(found))
    void this.#save()
  }

  /** Where the disk does not take it, it is tried again with each slot; the stop counts all the same. */
  async #save(): Promise<void> {
    this.#isSaved = true
    try {
      await this.#deps.store.write(this.#state)
    } catch (error) {
      this.#isSaved = false
      this.#deps.logger.warn('the stop of signing could not be recorded', { reason: errorMessage(error) })
    }
  }

  #left(listener: Listener): number {
    const least = this.#wasConnected ? LISTEN_SLOTS : Math.max(LISTEN_SLOTS, this.#findingSlots)
    const shared = Math.min(this.#authorities, MOST_LISTEN_SLOTS)
    const votesLater = this.#options.voting.includes(listener.keyType) ? VOTES_LATER : 0
    return Math.max(0, Math.max(least, shared) + this.#extraSlots + votesLater + 1 - listener.slots)
  }

  #local(): Listener[] {
    const { authoring, voting } = this.#options
    return [...authoring, ...voting].flatMap((keyType) => this.#deps.keystore.publicKeys(keyType).map((key) => this.#listener(keyType, toHex(key))))
  }

  #listener(keyType: string, key: Hash): Listener {
    const name = `${keyType}:${key}`
    let listener = this.#listeners.get(name)
    if (listener === undefined) {
      const last = this.#options.authoring.includes(keyType) ? this.#lastSlot(keyType, key) : undefined
      listener = { keyType, key, floor: last ?? this.#startSlot - 1, slots: 0, free: this.#needsNoListening(keyType, key) }
      this.#listeners.set(name, listener)
    }
    return listener
  }

  #needsNoListening(keyType: string, key: Hash): boolean {
    if (this.#options.exempt.has(`${keyType}:${key}`) && this.#deps.isOffline()) return true
    if (this.#mistrusts || !this.#hasSigned(keyType, key)) return false
    const lasts = this.#options.authoring.flatMap((type) => this.#deps.keystore.publicKeys(type).flatMap((author) => this.#lastSlot(type, toHex(author)) ?? []))
    return lasts.some((slot) => this.#slot - slot <= RECENT_SLOTS)
  }

  /** Where the record cannot be read nothing is signed anyway. */
  #hasSigned(keyType: string, key: Hash): boolean {
    try {
      return this.#deps.signed.last(keyType, key) !== undefined
    } catch {
      return false
    }
  }

  #lastSlot(keyType: string, key: Hash): number | undefined {
    try {
      return this.#deps.lastSlot(keyType, key)
    } catch {
      return undefined
    }
  }

  #has(keyType: string, key: Hash): boolean {
    return this.#deps.keystore.publicKeys(keyType).some((candidate) => toHex(candidate) === key)
  }
}

function isAfter(a: { readonly setId: number; readonly round: number }, b: { readonly setId: number; readonly round: number }): boolean {
  return a.setId > b.setId || (a.setId === b.setId && a.round > b.round)
}

function describe(stop: Exclude<SigningState['stop'], undefined>): Record<string, unknown> {
  return stop === 'unreadable' ? { found: stop } : { ...stop }
}
