/**
 * What this node did as an authority, by day: blocks made, slots missed, rounds voted in; and whether it still signs.
 *
 * A slot counts as missed where a key of this node was to make a block in it and made none, while the node was running and in step. It is looked at
 * one slot later: then others' blocks have arrived too. A key was to make a block where it was certainly its turn (the engine's `turnOf`) and the
 * best chain has no block in the slot, or where chance chose it (`drawnHere`: BABE's primary claims), also where another made a block
 * there. Chance draws in secret: it counts for keys of this node that are unlocked, and can be counted for no other authority
 * (recent-blocks.ts). That the node signs no more is told when several turns in a row passed so, whatever the reason: locked keys are keys of
 * this node all the same.
 *
 * Days are the calendar's in UTC. The last {@link KEPT_DAYS} are kept in the data folder, written once a minute where something changed.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import type { EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import type { Header } from '../scale/header.ts'
import type { BlockStateReader } from '../state/types.ts'
import type { SeenVote } from '../core/engines/engine.ts'
import type { DayRecord, Silence, ValidatorView } from './types.ts'

export interface ValidatorRecordDependencies {
  readonly blocks: Pick<BlockStateReader, 'best' | 'header'>
  readonly consensus: {
    readonly events: EventSource<{ vote: SeenVote; authored: { readonly slot: number | undefined } }>
    readonly slotDurationMs: number
    slotOf(header: Header): number | undefined
    turnOf(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined>
    drawnHere(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined>
  }
  /** Keys that this node makes blocks with, and those of them that are locked. */
  readonly keys: () => { readonly own: ReadonlySet<Hash>; readonly locked: ReadonlySet<Hash> }
  readonly isMajorSyncing: () => boolean
  readonly store: RecordStore
  readonly clock: Clock
  readonly logger: Logger
}

export interface RecordStore {
  /** Oldest first; nothing where there is nothing, or nothing that reads. */
  read(): Promise<readonly DayRecord[]>
  write(days: readonly DayRecord[]): Promise<void>
}

/** A slot on the best chain: the block before it, and whether it has none itself. */
interface Place {
  readonly parent: Header
  readonly hash: Hash
  readonly isEmpty: boolean
}

export const KEPT_DAYS = 400
/** Turns in a row that pass without a block before that is told. */
export const SILENT_TURNS = 3
const WRITE_MS = 60_000
/** Blocks of others arrive up to a slot late. */
const SLOTS_LATE = 1
/** How far back a slot is looked for. */
const MOST_STEPS = 16
const DAY_LENGTH = 10

export class ValidatorRecord implements Service, ValidatorView {
  readonly #deps: ValidatorRecordDependencies
  readonly #subscriptions = new Disposers()
  #days: DayRecord[] = []
  #isOver = true
  #cancel: () => void = () => undefined
  #isChanged = false
  #writtenAt = 0
  #looking: Promise<void> = Promise.resolve()
  #lastLooked = 0
  #lastRound: Pick<SeenVote, 'setId' | 'round'> | undefined
  /** Slots in which this node made a block, from the one that was looked at last on. */
  readonly #made = new Set<number>()
  #missedInARow = 0
  #missedLocked = false

  constructor(dependencies: ValidatorRecordDependencies) {
    this.#deps = dependencies
  }

  async start(): Promise<void> {
    const { consensus, store, clock, logger } = this.#deps
    this.#days = [...(await store.read().catch((error: unknown) => {
      logger.warn('the validator record cannot be read and starts over', { reason: errorMessage(error) })
      return []
    }))]
    this.#isOver = false
    this.#writtenAt = clock.now()
    this.#lastLooked = this.#slotNow()
    this.#subscriptions.add(consensus.events.on('authored', ({ slot }) => this.#onAuthored(slot)))
    this.#subscriptions.add(consensus.events.on('vote', (vote) => this.#onVote(vote)))
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#isOver = true
    this.#cancel()
    this.#subscriptions.dispose()
    await this.#looking
    if (this.#isChanged) await this.#write()
  }

  /** Newest first. */
  days(count: number): readonly DayRecord[] {
    return this.#days.slice(-count).reverse()
  }

  silence(): Silence | undefined {
    if (this.#missedInARow < SILENT_TURNS) return undefined
    return { turns: this.#missedInARow, locked: this.#missedLocked }
  }

  /** Resolves when what is under way is done. */
  idle(): Promise<void> {
    return this.#looking
  }

  #schedule(): void {
    const { clock, consensus } = this.#deps
    const next = (this.#slotNow() + 1) * consensus.slotDurationMs
    this.#cancel = clock.schedule(next - clock.now(), () => {
      if (this.#isOver) return
      const slot = this.#slotNow() - 1 - SLOTS_LATE
      this.#looking = this.#looking.then(() => this.#look(slot)).catch((error: unknown) => this.#deps.logger.debug('a slot could not be looked at', { reason: errorMessage(error) }))
      this.#schedule()
    })
  }

  async #look(slot: number): Promise<void> {
    const { clock, isMajorSyncing } = this.#deps
    const isNext = slot > this.#lastLooked
    // A computer that slept has missed slots that nobody can count.
    this.#lastLooked = Math.max(this.#lastLooked, slot)
    if (isNext && !isMajorSyncing()) await this.#lookAt(slot)
    if (this.#isChanged && clock.now() - this.#writtenAt >= WRITE_MS) await this.#write()
  }

  async #lookAt(slot: number): Promise<void> {
    const { consensus, keys } = this.#deps
    const { own, locked } = keys()
    for (const earlier of this.#made) if (earlier < slot) this.#made.delete(earlier)
    if (own.size === 0 || this.#made.has(slot)) return
    const place = this.#placeOf(slot)
    const key = place && (await this.#missedBy(place, slot, own))
    if (key === undefined) return
    // A slot is looked at late: a block may have been made since.
    if (this.#made.size === 0) {
      this.#missedInARow++
      this.#missedLocked = locked.has(key)
    }
    this.#count(slot * consensus.slotDurationMs, 'missed')
  }

  /** The key of this node that was to make a block there. */
  async #missedBy({ parent, hash, isEmpty }: Place, slot: number, own: ReadonlySet<Hash>): Promise<Hash | undefined> {
    const { consensus } = this.#deps
    const turn = isEmpty ? await consensus.turnOf(parent, hash, slot) : undefined
    return turn !== undefined && own.has(turn) ? turn : consensus.drawnHere(parent, hash, slot)
  }

  /** Where a slot is on the best chain; undefined where that is too long ago. */
  #placeOf(slot: number): Place | undefined {
    const { blocks, consensus } = this.#deps
    let { hash } = blocks.best()
    let isEmpty = true
    for (let step = 0; step < MOST_STEPS; step++) {
      const parent = blocks.header(hash)
      if (parent === undefined) return undefined
      const at = parent.number === 0 ? -1 : consensus.slotOf(parent)
      if (at === undefined) return undefined
      if (at < slot) return { parent, hash, isEmpty }
      if (at === slot) isEmpty = false
      hash = parent.parentHash
    }
    return undefined
  }

  #onAuthored(slot: number | undefined): void {
    this.#missedInARow = 0
    if (slot !== undefined) this.#made.add(slot)
    this.#count(this.#deps.clock.now(), 'blocks')
  }

  /** Votes of a round are said more than once. */
  #onVote({ own, setId, round }: SeenVote): void {
    const last = this.#lastRound
    if (!own || (last !== undefined && (setId < last.setId || (setId === last.setId && round <= last.round)))) return
    this.#lastRound = { setId, round }
    this.#count(this.#deps.clock.now(), 'votes')
  }

  #count(at: number, what: 'blocks' | 'missed' | 'votes'): void {
    const day = new Date(at).toISOString().slice(0, DAY_LENGTH)
    this.#isChanged = true
    const index = this.#days.findIndex((known) => known.day === day)
    const known = this.#days[index]
    if (known !== undefined) {
      this.#days[index] = { ...known, [what]: known[what] + 1 }
      return
    }
    this.#days = [...this.#days, { day, blocks: 0, missed: 0, votes: 0, [what]: 1 }].sort((a, b) => a.day.localeCompare(b.day)).slice(-KEPT_DAYS)
  }

  async #write(): Promise<void> {
    this.#isChanged = false
    this.#writtenAt = this.#deps.clock.now()
    await this.#deps.store.write(this.#days).catch((error: unknown) => {
      this.#isChanged = true
      this.#deps.logger.warn('the validator record cannot be written', { reason: errorMessage(error) })
    })
  }

  #slotNow(): number {
    return Math.floor(this.#deps.clock.now() / this.#deps.consensus.slotDurationMs)
  }
}
