/**
 * The work on a download: what costs time and memory, and is done in a thread of its own (worker.ts). Pieces are checked one after the
 * other; while one is being written the next is checked.
 */
import { fromHex, type Hash } from '../../../base/bytes.ts'
import { assembleState, type AssemblyTarget } from './assemble.ts'
import type { Coverage } from './coverage.ts'
import { JoinError } from './errors.ts'
import { readPiece } from './piece.ts'
import type { Position } from './position.ts'
import { JoiningStore, type JoiningDatabase, type StoredTotals } from './store.ts'
import type { AssembledState, StoredPiece } from './types.ts'

export interface OpenedDownload {
  readonly coverage: Coverage
  readonly totals: StoredTotals
  /** Everything was done by an earlier start. */
  readonly assembled: AssembledState | undefined
}

/** Where the records of the state go. */
export interface RecordTarget extends AssemblyTarget {
  readonly first: number
  readonly next: number
}

/** Records of the database, as far as a state that is put together needs them. */
export interface RecordStore {
  /** The first number that is not given out. */
  first(): Promise<number>
  has(id: number): Promise<boolean>
  /** Takes records from there on. What an interrupted assembly left there is written over. */
  begin(): Promise<RecordTarget>
  /** Removes what was written and never became part of a state. */
  removeLeftovers(): Promise<void>
}

/** What the download has done for it, here or in another thread. */
export interface StateWorkDoor {
  /** Goes on with the state under `root`, or begins it. Rejects with JOIN_STATE_DAMAGED. */
  open(root: Hash): Promise<OpenedDownload>
  /** Checks a peer's answer to a request from `start` on, and stores what it proves. Rejects with a PieceError. `response` is taken. */
  piece(start: Position, response: Uint8Array): Promise<StoredPiece>
  /** Puts the state together. Rejects with JOIN_STATE_DAMAGED. */
  assemble(onProgress: (entries: number, bytes: number) => void): Promise<AssembledState>
  /** Forgets everything that was downloaded; with `withState` also the state that was put together and is not part of the chain. */
  clear(withState: boolean): Promise<void>
}

export class StateWork implements StateWorkDoor {
  readonly #store: JoiningStore
  readonly #records: RecordStore
  #root: Hash | undefined
  #writing: Promise<unknown> = Promise.resolve()
  #ended = false

  constructor(database: JoiningDatabase, records: RecordStore) {
    this.#store = new JoiningStore(database)
    this.#records = records
  }

  async open(root: Hash): Promise<OpenedDownload> {
    const wasBegun = await this.#store.open(fromHex(root))
    if (!wasBegun) await this.#records.removeLeftovers()
    this.#root = root
    const { coverage, totals, assembled } = this.#store
    return { coverage, totals, assembled: assembled !== undefined && (await this.#isThere(assembled)) ? assembled : undefined }
  }

  async piece(start: Position, response: Uint8Array): Promise<StoredPiece> {
    const piece = readPiece(response, fromHex(this.#open()), start)
    const added = this.#writing.then(() => this.#store.add(start, piece))
    this.#writing = added.catch(() => undefined)
    return { until: piece.until, frontier: piece.frontier, ...(await added) }
  }

  async assemble(onProgress: (entries: number, bytes: number) => void): Promise<AssembledState> {
    const stateRoot = this.#open()
    await this.#writing
    const target = await this.#records.begin()
    const hooks = {
      onProgress: (entries: number, bytes: number): void => {
        if (this.#ended) throw new JoinError('JOIN_STATE_FAILED', 'putting the state together was ended.')
        onProgress(entries, bytes)
      },
    }
    const root = await assembleState(this.#store, fromHex(stateRoot), target, hooks)
    const assembled: AssembledState = { stateRoot, root: root ?? 0, first: target.first, next: target.next }
    await this.#store.isAssembled(assembled)
    return assembled
  }

  async clear(withState: boolean): Promise<void> {
    await this.#writing
    this.#root = undefined
    await this.#store.clear()
    if (withState) await this.#records.removeLeftovers()
  }

  /** Ends an assembly, and waits for what is being written. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#writing
  }

  /** Where numbers were given out since, others' records are in the place of its own; and what belongs to no block may have been removed. */
  async #isThere({ root, first }: AssembledState): Promise<boolean> {
    return first === (await this.#records.first()) && (root === 0 || (await this.#records.has(root)))
  }

  #open(): Hash {
    if (this.#root === undefined) throw new JoinError('JOIN_STATE_FAILED', 'no state is being downloaded.')
    return this.#root
  }
}
