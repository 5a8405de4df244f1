/**
 * Which finalized blocks changed the GRANDPA authorities: the steps of a warp sync proof.
 *
 * Only the headers say it. They are read from genesis on when somebody asks for the first time, in small slices between
 * which the event loop goes on; what was found, and how far the reading got, is stored, so that neither a later request nor
 * a restart reads a header again. What is final does not change.
 *
 * Whether a forced change took effect, and from which block on its authorities signed, no header says; authority-record.ts does,
 * for those since it is kept. Around such a change blocks below the announcement may have been finalized by the new authorities.
 *
 * A node that began in the middle of the chain has the changes since the block at which its own proofs began, without reading headers.
 *
 * Stored under `grandpa/changes`: the next height to read (u32), the number of changes (u32), and the height above which all of them
 * are known (u32, 0 where it is left out); under `grandpa/changes/<page>` a SCALE vector of up to 128 of them: hash, height (u32), kind
 * (0 scheduled, 1 other).
 */
import { ScaleReader, decodeAll } from '../../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../../scale/writer.ts'
import { isNodeError } from '../../../../../base/errors.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { AuxEntry, BlockStateReader, StateWriter } from '../../../../state/types.ts'
import { storedAuthorities } from './authority-record.ts'
import { changeOf, grandpaLogs, type AuthorityChangeKind } from '../digest.ts'
import type { AuthorityState } from './pending-changes.ts'

export interface RecordedChange extends BlockRef {
  readonly kind: AuthorityChangeKind
  /** The highest block that the authorities before can have justified, where it is known to be lower than this one. */
  readonly provenUpTo?: number
}

export interface ChangeIndexDependencies {
  readonly blocks: Pick<BlockStateReader, 'header' | 'hashByNumber' | 'finalized'>
  readonly aux: Pick<StateWriter, 'getAux' | 'putAux'>
}

/** Headers that are read in one go: about a millisecond. */
const SLICE = 64

/** Headers that may have to be read again after a crash. */
const SAVE_EVERY = 8192

const PAGE = 128
const KEY = 'grandpa/changes'
const RECORD_SIZE = 37

export class AuthorityChangeIndex {
  readonly #blocks: ChangeIndexDependencies['blocks']
  readonly #aux: ChangeIndexDependencies['aux']
  /** By height. */
  #changes: RecordedChange[] = []
  /** The next height to read; 0 while nothing was loaded. */
  #next = 0
  #saved = { next: 1, changes: 0 }
  #since = 0
  #reading: Promise<void> | undefined

  constructor({ blocks, aux }: ChangeIndexDependencies) {
    this.#blocks = blocks
    this.#aux = aux
  }

  /**
   * Reads up to and including this finalized height. Where `signal` ends it early, the next call goes on from there.
   * Whoever comes while another's call is reading waits for that one, and reads on where it was not enough.
   */
  async scan(finalized: number, signal: AbortSignal): Promise<void> {
    if (this.#next === 0) this.#load()
    while (this.#next <= finalized && !signal.aborted) {
      this.#reading ??= this.#read(finalized, signal).finally(() => (this.#reading = undefined))
      await this.#reading
    }
  }

  /** All changes above this height are known, of those that were read. */
  get since(): number {
    return this.#since
  }

  /** Changes above `from` and up to `to`, lowest first; of what was read. Without forced ones that lapsed. */
  after(from: number, to: number): RecordedChange[] {
    const changes = this.#changes.filter(({ number }) => number > from && number <= to)
    if (!changes.some(({ kind }) => kind === 'other')) return changes
    const record = storedAuthorities(this.#aux)
    return record === undefined ? changes : changes.flatMap((change) => this.#asItHappened(change, record))
  }

  #asItHappened(change: RecordedChange, { enacted, recordedSince }: AuthorityState): RecordedChange[] {
    if (change.kind !== 'other') return [change]
    const happened = enacted.find(({ announced }) => announced.hash === change.hash)
    if (happened !== undefined) return [{ ...change, provenUpTo: happened.finalized }]
    const header = this.#blocks.header(change.hash)
    const isForced = header !== undefined && grandpaLogs(header).some(({ kind }) => kind === 'forced')
    return isForced && change.number > recordedSince ? [] : [change]
  }

  async #read(finalized: number, signal: AbortSignal): Promise<void> {
    while (this.#next <= finalized && !signal.aborted) {
      const end = Math.min(this.#next + SLICE, finalized + 1)
      for (; this.#next < end; this.#next++) this.#readHeader(this.#next)
      if (this.#next - this.#saved.next >= SAVE_EVERY) await this.#save()
      if (this.#next <= finalized) await new Promise((resolve) => setImmediate(resolve))
    }
    if (this.#next > this.#saved.next) await this.#save()
  }

  #readHeader(number: number): void {
    const hash = this.#blocks.hashByNumber(number)
    const header = hash === undefined ? undefined : this.#blocks.header(hash)
    if (hash === undefined || header === undefined) throw new Error(`finalized block ${number} is missing`)
    const kind = changeOf(header)
    if (kind !== undefined) this.#changes.push({ hash, number, kind })
  }

  /** The pages that have changed, and how far they go, in one batch. */
  async #save(): Promise<void> {
    const saving = { next: this.#next, changes: this.#changes.length }
    await this.#aux.putAux(changeEntries(this.#changes, { next: saving.next, since: this.#since }, this.#saved.changes))
    this.#saved = saving
  }

  /** What is stored and does not fit this chain is read anew. */
  #load(): void {
    this.#next = 1
    const stored = this.#aux.getAux(KEY)
    if (stored === undefined) return
    try {
      const reader = new ScaleReader(stored)
      const [next, count] = [reader.u32(), reader.u32()]
      const since = reader.remaining === 0 ? 0 : reader.u32()
      const changes: RecordedChange[] = []
      for (let page = 0; page * PAGE < count; page++) {
        changes.push(...decodePage(this.#aux.getAux(pageKey(page)) ?? new Uint8Array(0)))
      }
      const last = changes.at(-1)
      const isOurs = last === undefined || this.#blocks.hashByNumber(last.number) === last.hash
      if (changes.length !== count || next > this.#blocks.finalized().number + 1 || !isOurs) return
      this.#changes = changes
      this.#next = next
      this.#saved = { next, changes: count }
      this.#since = since
    } catch (error) {
      if (!isNodeError(error) || !error.code.startsWith('SCALE_')) throw error
    }
  }
}

/** What is stored of these changes: all above the height `since` and below `next`; `saved` of them are stored already. */
export function changeEntries(changes: readonly RecordedChange[], { next, since }: { readonly next: number; readonly since: number }, saved = 0): AuxEntry[] {
  const entries: AuxEntry[] = [[KEY, new ScaleWriter(12).u32(next).u32(changes.length).u32(since).finish()]]
  for (let page = Math.floor(saved / PAGE); page * PAGE < changes.length; page++) {
    entries.push([pageKey(page), encodePage(changes.slice(page * PAGE, (page + 1) * PAGE))])
  }
  return entries
}

function pageKey(page: number): string {
  return `${KEY}/${page}`
}

function encodePage(changes: readonly RecordedChange[]): Uint8Array {
  return new ScaleWriter(changes.length * RECORD_SIZE + 4)
    .vec(changes, (writer, { hash, number, kind }) => writer.hash(hash).u32(number).bool(kind === 'other'))
    .finish()
}

function decodePage(page: Uint8Array): RecordedChange[] {
  return decodeAll(page, 'the changes', (reader) =>
    reader.vec((r) => ({ hash: r.hash(), number: r.u32(), kind: r.bool() ? 'other' : 'scheduled' }), RECORD_SIZE),
  )
}
