/**
 * One LevelDB database with one owner.
 *
 * The owner opens it, writes to it and closes it last; worker threads read it through trie-source.ts. What LevelDB
 * throws becomes a {@link StateError} that says what a person can do.
 */
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import { processName } from '../../base/process-name.ts'
import { StateError, corrupt } from './errors.ts'
import { examineLevel } from './leveldb/examine.ts'
import { readLockHolder, removeLockHolder, writeLockHolder, type LockHolder } from './lock-holder.ts'
import { createLevel, databasePath, type Level } from './trie-source.ts'

export type Batch = ReturnType<Level['batch']>

/** Threads of one process share a database, so LevelDB's lock does not keep two owners in one process apart: this does. */
const ownedHere = new Set<string>()

export class Database {
  readonly #dataPath: string
  readonly #clock: Clock
  #level: Level | undefined
  #lastWrite: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(dataPath: string, clock: Clock) {
    this.#dataPath = resolve(dataPath)
    this.#clock = clock
  }

  get isOpen(): boolean {
    return this.#level !== undefined
  }

  /** Throws STATE_NOT_RUNNING where it is not open. */
  get level(): Level {
    if (this.#level === undefined) throw new StateError('STATE_NOT_RUNNING', 'the state service is not running')
    return this.#level
  }

  async open(): Promise<void> {
    if (ownedHere.has(this.#dataPath)) throw this.#locked({ pid: process.pid })
    ownedHere.add(this.#dataPath)
    let level: Level | undefined
    try {
      await mkdir(this.#dataPath, { recursive: true })
      const path = databasePath(this.#dataPath)
      const found = await examineLevel(path)
      if (found.exists && found.damage !== undefined) throw corrupt(found.damage)
      // An empty one is made where nothing is, and nowhere else. Asked for at once: by itself it would open with other options.
      level = createLevel(this.#dataPath)
      await level.open({ createIfMissing: !found.exists })
      await writeLockHolder(this.#dataPath, { pid: process.pid, since: this.#clock.now() })
      this.#level = level
    } catch (error) {
      await level?.close()
      ownedHere.delete(this.#dataPath)
      throw await this.#explain(error)
    }
  }

  /** Awaits the writes that are under way. Idempotent. */
  async close(): Promise<void> {
    if (this.#level !== undefined) this.#closing ??= this.#close(this.#level)
    await this.#closing
  }

  get(key: Uint8Array): Uint8Array | undefined {
    let value: Uint8Array | undefined
    const { level } = this
    try {
      value = level.getSync(key)
    } catch (error) {
      throw codeOf(error) === 'LEVEL_CORRUPTION' ? corrupt(errorMessage(error), error) : error
    }
    return value === undefined ? undefined : plain(value)
  }

  async getAsync(key: Uint8Array): Promise<Uint8Array | undefined> {
    const value = await this.level.get(key)
    return value === undefined ? undefined : plain(value)
  }

  async isEmpty(): Promise<boolean> {
    return (await this.level.keys({ limit: 1 }).all()).length === 0
  }

  /**
   * Writes one atomic batch. With `sync` the batch is on the disk itself when the promise resolves, without it in the
   * hands of the operating system: a crash of the node loses nothing either way, a power failure may lose the last
   * unsynced batches, always as a whole and never one before another.
   */
  async write(fill: (batch: Batch) => void, options: { readonly sync: boolean }): Promise<void> {
    const batch = this.level.batch()
    try {
      fill(batch)
    } catch (error) {
      await batch.close()
      throw error
    }
    const written = batch.write({ sync: options.sync }).catch(async (error: unknown) => {
      throw await this.#explain(error)
    })
    this.#lastWrite = Promise.allSettled([this.#lastWrite, written])
    await written
  }

  async #close(level: Level): Promise<void> {
    await this.#lastWrite
    this.#level = undefined
    try {
      await level.close()
      await removeLockHolder(this.#dataPath)
    } finally {
      ownedHere.delete(this.#dataPath)
      this.#closing = undefined
    }
  }

  async #explain(error: unknown): Promise<StateError> {
    if (error instanceof StateError) return error
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    const code = codeOf(cause)
    if (code === 'LEVEL_LOCKED') {
      const holder = await readLockHolder(this.#dataPath)
      const program = holder === undefined ? undefined : await processName(holder.pid)
      return this.#locked(holder && { ...holder, program }, error)
    }
    if (code === 'LEVEL_CORRUPTION') return corrupt(errorMessage(cause), error)
    const path = databasePath(this.#dataPath)
    const refusal = refusalOf(cause)
    if (refusal !== undefined) {
      const [denied, hint] = REFUSALS[refusal]
      return new StateError(refusal, `the database at ${path} ${denied}: ${errorMessage(cause)}.`, { cause: error, data: { path }, hint })
    }
    // What is not as LevelDB left it: a folder in place of a file, a file that was there a moment ago.
    if (code === 'LEVEL_IO_ERROR' && /is a directory|not a directory|no such file/i.test(errorMessage(cause))) return corrupt(errorMessage(cause), error)
    return new StateError('STATE_DB_FAILED', `the database at ${path} is unusable: ${errorMessage(cause)}.`, {
      cause: error,
      data: { path },
      hint: 'Check that the folder is writable and that the disk is not full.',
    })
  }

  #locked(holder: (Partial<LockHolder> & { readonly program?: string | undefined }) | undefined, cause?: unknown): StateError {
    const { pid, since, program } = holder ?? {}
    const other = program === undefined ? `process ${pid}` : `${program}, process ${pid}`
    const who = pid === undefined ? 'another process' : pid === process.pid ? 'another node of this process' : other
    const when = since === undefined ? '' : `, since ${new Date(since).toISOString()}`
    return new StateError('STATE_DB_LOCKED', `the data folder ${this.#dataPath} is in use by ${who}${when}.`, {
      ...(cause === undefined ? {} : { cause }),
      data: { path: this.#dataPath, ...(pid === undefined ? {} : { pid }), ...(since === undefined ? {} : { since }) },
      hint: 'Stop the other node first, or start this one with another base path.',
    })
  }
}

const REFUSALS = {
  STATE_DB_DENIED: ['may not be read and written by this user', 'Give yourself the permission to read and write all of its files.'],
  STATE_DB_READ_ONLY: ['is on a disk that is mounted read-only', 'Mount the disk writable. Check it first: a disk with errors is often mounted read-only.'],
} as const

/** By the system's code, or by its words in what LevelDB says. */
function refusalOf(error: unknown): keyof typeof REFUSALS | undefined {
  const said = `${String(codeOf(error))} ${errorMessage(error)}`
  if (/EACCES|EPERM|permission denied|not permitted/i.test(said)) return 'STATE_DB_DENIED'
  return /EROFS|read-only file system/i.test(said) ? 'STATE_DB_READ_ONLY' : undefined
}

/** LevelDB gives Buffers, whose `slice` shares memory where a Uint8Array's copies: nobody is to be surprised by that. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
