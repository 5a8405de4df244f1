/**
 * Which slots the local keys have claimed: each at most once, and none before the last one (Polkadot Host spec, section 5.5 "Slot Claiming").
 *
 * The chain tells it only while it is the same chain: after a reorganisation, with a fresh database or with a clock that was set back, a key
 * would sign a second block for a slot. So the last slot is kept beside the keys, and is on disk before the seal is made.
 */
import type { Hash } from '../../../../base/bytes.ts'
import { decodeAll } from '../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import type { KeyMemory } from '../../../../crypto/keys/key-memory.ts'
import { SlotError } from './errors.ts'

export class SlotClaims {
  readonly #memory: KeyMemory
  readonly #keyType: string

  /** `keyType` is the engine's, such as `babe`. */
  constructor(memory: KeyMemory, keyType: string) {
    this.#memory = memory
    this.#keyType = keyType
  }

  /** The last slot that any key of this node claimed, in this run or an earlier one. */
  get last(): number | undefined {
    const slots = this.#memory.keys(this.#keyType).flatMap((key) => this.lastOf(key) ?? [])
    return slots.length === 0 ? undefined : Math.max(...slots)
  }

  /** Throws SIGNING_RECORD_UNREADABLE. */
  isFree(key: Hash, slot: number): boolean {
    return slot > (this.lastOf(key) ?? -1)
  }

  /** Resolves when the claim is on disk. Throws SLOT_CLAIMED, or what the memory throws: then nothing may be sealed. */
  async claim(key: Hash, slot: number): Promise<void> {
    if (!this.isFree(key, slot)) throw new SlotError('SLOT_CLAIMED', `This key cannot claim slot ${slot}: it has claimed slot ${this.lastOf(key)}.`)
    await this.#memory.write(this.#keyType, key, new ScaleWriter(8).u64(slot).finish())
  }

  /** The last slot that this key claimed. Throws SIGNING_RECORD_UNREADABLE. */
  lastOf(key: Hash): number | undefined {
    const value = this.#memory.last(this.#keyType, key)
    return value === undefined ? undefined : decodeAll(value, 'a claimed slot', (reader) => reader.u64Number())
  }
}
