/**
 * What was downloaded of a state, in the database, until the state is whole.
 *
 * The bucket `joining` holds runs of proven entries (runs.ts) and one record: of which state they are, and what of it is here
 * (coverage.ts). A piece and the record that tells of it are written in one batch, so a crash leaves both or neither, and the next start
 * goes on where the last batch ended. Entries were proven under one state root and say nothing of another: for another root everything
 * begins anew.
 *
 *   0                                   the record
 *   1 · first key                       a run of the main trie
 *   2 · length · child · first key      a run of the child trie whose root stands at `child` of the main trie
 *
 * The record goes first when a state is given up, and its runs after it: runs without a record are leftovers.
 */
import { concatBytes, equalBytes, toHex } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import { decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { BUCKET } from '../../state/buckets.ts'
import { Coverage } from './coverage.ts'
import { JoinError } from './errors.ts'
import type { Piece } from './piece.ts'
import type { AssembledState } from './types.ts'
import { liesBefore, liesWithin, type EntryPlace, type Position, type Span } from './position.ts'
import { RunReader, RunWriter, type Run } from './runs.ts'

/** What the store needs of a database. Keys and values are bytes. */
export interface JoiningDatabase {
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** One atomic batch. */
  write(puts: readonly (readonly [key: Uint8Array, value: Uint8Array])[], deletes: readonly Uint8Array[]): Promise<void>
  /** In the order of the keys, from `from` up to and without `to`. */
  read(from: Uint8Array, to: Uint8Array): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** The last key from `from` up to and without `to`. */
  lastKey(from: Uint8Array, to: Uint8Array): Promise<Uint8Array | undefined>
  /** Removes at most `limit` records from `from` up to and without `to`. True where there may be more. */
  clear(from: Uint8Array, to: Uint8Array, limit: number): Promise<boolean>
}

export interface StoredTotals {
  readonly entries: number
  /** Keys and values. */
  readonly bytes: number
}

const RECORD_VERSION = 1
const RECORD = Uint8Array.of(BUCKET.joining, 0)
const MAIN = Uint8Array.of(BUCKET.joining, 1)
const CHILD = Uint8Array.of(BUCKET.joining, 2)
const END = Uint8Array.of(BUCKET.joining, 3)

/** Records that are removed at once: some megabytes, so that others who write do not wait for long. */
const CLEARED_AT_ONCE = 64

export class JoiningStore {
  readonly #database: JoiningDatabase
  #root: Uint8Array | undefined
  #coverage = new Coverage()
  #totals: StoredTotals = { entries: 0, bytes: 0 }
  #assembled: AssembledState | undefined

  constructor(database: JoiningDatabase) {
    this.#database = database
  }

  get coverage(): Coverage {
    return this.#coverage
  }

  get totals(): StoredTotals {
    return this.#totals
  }

  /** The state, where it was put together. */
  get assembled(): AssembledState | undefined {
    return this.#assembled
  }

  /**
   * Goes on with the state under `root`; or begins it, after what is there of another has been removed, and returns false. Throws
   * JOIN_STATE_DAMAGED where it cannot be read what is there.
   */
  async open(root: Uint8Array): Promise<boolean> {
    const found = await this.#database.get(RECORD)
    const record = found && readRecord(found)
    const goesOn = record !== undefined && equalBytes(record.root, root)
    if (goesOn) {
      this.#coverage = record.coverage
      this.#totals = record.totals
      this.#assembled = record.assembled
    } else {
      await this.clear()
    }
    this.#root = root
    return goesOn
  }

  /**
   * Stores what of a piece from `start` on is not here yet, in one batch; nothing where all of it is. Returns what was added.
   */
  async add(start: Position, piece: Piece): Promise<StoredTotals> {
    const root = this.#root
    if (root === undefined) throw new JoinError('JOIN_STATE_FAILED', 'no state is being downloaded.')
    const span: Span = { after: start, until: piece.until }
    const missing = this.#coverage.missing(span)
    if (missing.length === 0) return { entries: 0, bytes: 0 }
    const puts: [Uint8Array, Uint8Array][] = []
    let entries = 0
    let bytes = 0
    const put = (prefix: Uint8Array, runs: readonly Run[], placeOf: (key: Uint8Array) => EntryPlace): void => {
      for (const run of withinSpans(runs, missing, placeOf)) {
        puts.push([concatBytes(prefix, run.firstKey), run.packed])
        entries += run.entries
        bytes += run.bytes
      }
    }
    put(MAIN, piece.main, (key) => [key])
    for (const { key: child, runs } of piece.children) put(childPrefix(child), runs, (key) => [child, key])
    const coverage = new Coverage(this.#coverage.spans)
    coverage.add(span)
    const totals = { entries: this.#totals.entries + entries, bytes: this.#totals.bytes + bytes }
    puts.push([RECORD, writeRecord({ root, coverage, totals, assembled: undefined })])
    await this.#database.write(puts, [])
    this.#coverage = coverage
    this.#totals = totals
    return { entries, bytes }
  }

  /** Everything was put together and is stored: the next start need not do it again. */
  async isAssembled(assembled: AssembledState): Promise<void> {
    if (this.#root === undefined) throw new JoinError('JOIN_STATE_FAILED', 'no state is being downloaded.')
    const record = writeRecord({ root: this.#root, coverage: this.#coverage, totals: this.#totals, assembled })
    await this.#database.write([[RECORD, record]], [])
    this.#assembled = assembled
  }

  /** Runs of the main trie from the one on that holds `from`, or would. */
  async *mainRuns(from?: Uint8Array): AsyncGenerator<Uint8Array> {
    let first: Uint8Array = MAIN
    if (from !== undefined) first = (await this.#database.lastKey(MAIN, concatBytes(MAIN, from, Uint8Array.of(0)))) ?? MAIN
    for await (const [, packed] of this.#database.read(first, CHILD)) yield packed
  }

  /** Runs of the child trie whose root stands at `child`. */
  async *childRuns(child: Uint8Array): AsyncGenerator<Uint8Array> {
    const prefix = childPrefix(child)
    for await (const [, packed] of this.#database.read(prefix, behind(prefix))) yield packed
  }

  /** Removes everything, a little at a time. */
  async clear(): Promise<void> {
    this.#root = undefined
    this.#assembled = undefined
    this.#coverage = new Coverage()
    this.#totals = { entries: 0, bytes: 0 }
    await this.#database.write([], [RECORD])
    while (await this.#database.clear(MAIN, END, CLEARED_AT_ONCE));
  }
}

/** With the length before it, no child's key is the beginning of another's. */
function childPrefix(child: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(CHILD.length + 4 + child.length)
  prefix.set(CHILD)
  new DataView(prefix.buffer).setUint32(CHILD.length, child.length)
  prefix.set(child, CHILD.length + 4)
  return prefix
}

/** The least key that does not begin with `prefix`; a bucket is never 255. */
function behind(prefix: Uint8Array): Uint8Array {
  const next = prefix.slice()
  let last = next.length - 1
  while (next[last] === 0xff) last--
  next[last] = (next[last] as number) + 1
  return next.subarray(0, last + 1)
}

/** The entries that lie within one of the spans, which are in order: most runs are kept as they are. */
function* withinSpans(runs: readonly Run[], spans: readonly Span[], placeOf: (key: Uint8Array) => EntryPlace): Generator<Run> {
  for (const run of runs) {
    const [first, last] = [placeOf(run.firstKey), placeOf(run.lastKey)]
    const touched = spans.filter(({ after, until }) => !liesBefore(last, after) && liesBefore(first, until))
    const [only] = touched
    if (only === undefined) continue
    if (touched.length === 1 && liesWithin(first, only) && liesWithin(last, only)) yield run
    // What lies between two spans is in runs of its own: one run must not go across.
    else for (const span of touched) yield* cutRun(run, span, placeOf)
  }
}

function cutRun(run: Run, span: Span, placeOf: (key: Uint8Array) => EntryPlace): Run[] {
  const reader = new RunReader(run.packed)
  const writer = new RunWriter()
  while (reader.next()) {
    const { key, keyLength, value, hashed } = reader
    if (liesWithin(placeOf(key.subarray(0, keyLength)), span)) writer.add(key, keyLength, value, hashed)
  }
  return writer.finish()
}

interface Record {
  readonly root: Uint8Array
  readonly totals: StoredTotals
  readonly coverage: Coverage
  readonly assembled: AssembledState | undefined
}

function writeRecord({ root, totals, coverage, assembled }: Record): Uint8Array {
  const writer = new ScaleWriter().u8(RECORD_VERSION).raw(root).u64(totals.entries).u64(totals.bytes)
  return coverage.encode(writer).option(assembled, (scale, made) => scale.u64(made.root).u64(made.first).u64(made.next)).finish()
}

/** Undefined where it is none of this version: then nothing of it is used. Throws JOIN_STATE_DAMAGED. */
function readRecord(bytes: Uint8Array): Record | undefined {
  if (bytes[0] !== RECORD_VERSION) return undefined
  try {
    return decodeAll(bytes.subarray(1), 'the record of the download', (reader) => {
      const root = reader.raw(32)
      return {
        root,
        totals: { entries: reader.u64Number(), bytes: reader.u64Number() },
        coverage: Coverage.decode(reader),
        assembled: reader.option((scale) => ({ stateRoot: toHex(root), root: scale.u64Number(), first: scale.u64Number(), next: scale.u64Number() })),
      }
    })
  } catch (error) {
    throw new JoinError('JOIN_STATE_DAMAGED', `the record of what was downloaded of the state cannot be read: ${errorMessage(error)}`)
  }
}
