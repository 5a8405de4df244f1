/**
 * What a runtime may do outside of a block (Polkadot Host spec, section B.6 "Offchain"): a clock, random numbers and a
 * small local storage that is not part of the state. There is no network access here: HTTP requests are refused.
 */
import { randomFillSync } from 'node:crypto'
import { equalBytes } from '../../base/bytes.ts'

export interface OffchainServices {
  readonly isValidator: boolean
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** 32 bytes. */
  randomSeed(): Uint8Array
  readonly localStorage: LocalStorage
}

/** Entries that the local storage holds at the most; beyond that the oldest goes. */
const MAX_ENTRIES = 10_000

/** Kept in memory. Kinds are 1 (persistent) and 2 (local). */
export class LocalStorage {
  readonly #entries = new Map<string, Uint8Array>()

  get(kind: number, key: string): Uint8Array | undefined {
    return this.#entries.get(`${kind}/${key}`)
  }

  set(kind: number, key: string, value: Uint8Array): void {
    this.#entries.delete(`${kind}/${key}`)
    this.#entries.set(`${kind}/${key}`, value)
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value as string)
  }

  clear(kind: number, key: string): void {
    this.#entries.delete(`${kind}/${key}`)
  }

  /** Sets `value` where the present one equals `expected`. */
  compareAndSet(kind: number, key: string, expected: Uint8Array | undefined, value: Uint8Array): boolean {
    const present = this.get(kind, key)
    const equal = present === undefined || expected === undefined ? present === expected : equalBytes(present, expected)
    if (equal) this.set(kind, key, value)
    return equal
  }
}

export function createOffchainServices(now: () => number, isValidator = false): OffchainServices {
  return { isValidator, now, randomSeed: () => randomFillSync(new Uint8Array(32)), localStorage: new LocalStorage() }
}
