/**
 * What a runtime may do in a call outside of a block (Polkadot Host spec, section B.6 "Offchain"): a clock, random numbers and
 * a storage that is not part of the state. There is no network access here: HTTP requests are refused.
 *
 * That storage is where runtimes leave things for such calls while blocks are executed (offchain-index.ts), so reads go on
 * to the database. What a call writes itself stays in its thread: the database has one writer, and nothing that this node
 * asks of a runtime writes there.
 */
import { randomFillSync } from 'node:crypto'
import { equalBytes } from '../../../base/bytes.ts'

export interface OffchainServices {
  readonly isValidator: boolean
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** 32 bytes. */
  randomSeed(): Uint8Array
  readonly localStorage: LocalStorage
  /** Takes an extrinsic for the transaction pool; false where it takes no more. Undefined in calls that have no pool behind them. */
  readonly submit?: (extrinsic: Uint8Array) => boolean
}

/** What blocks left in the database. Keys are binary strings. */
export interface IndexedValues {
  get(key: string): Uint8Array | undefined
}

/** Entries that the local storage holds at the most; beyond that the oldest goes. */
const MAX_ENTRIES = 10_000

const NOTHING_INDEXED: IndexedValues = { get: () => undefined }

/** The persistent storage of offchain calls. */
export class LocalStorage {
  readonly #indexed: IndexedValues
  /** Undefined where it was cleared. */
  readonly #written = new Map<string, Uint8Array | undefined>()

  constructor(indexed: IndexedValues = NOTHING_INDEXED) {
    this.#indexed = indexed
  }

  get(key: string): Uint8Array | undefined {
    return this.#written.has(key) ? this.#written.get(key) : this.#indexed.get(key)
  }

  /** Sets or, with undefined, clears. */
  set(key: string, value: Uint8Array | undefined): void {
    this.#written.delete(key)
    this.#written.set(key, value)
    if (this.#written.size > MAX_ENTRIES) this.#written.delete(this.#written.keys().next().value as string)
  }

  /** Sets `value` where the present one equals `expected`. */
  compareAndSet(key: string, expected: Uint8Array | undefined, value: Uint8Array): boolean {
    const present = this.get(key)
    const equal = present === undefined || expected === undefined ? present === expected : equalBytes(present, expected)
    if (equal) this.set(key, value)
    return equal
  }
}

export function createOffchainServices(now: () => number, isValidator = false, indexed?: IndexedValues): OffchainServices {
  return { isValidator, now, randomSeed: () => randomFillSync(new Uint8Array(32)), localStorage: new LocalStorage(indexed) }
}
