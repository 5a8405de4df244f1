/** What keys signed last, in memory: it outlives the parts of a test that are made anew, as the file beside the keys does. */
import type { Hash } from '../../node-core/base/bytes.ts'
import type { KeyMemory } from '../../node-core/crypto/keys/key-memory.ts'

export class MapKeyMemory implements KeyMemory {
  readonly entries = new Map<string, { readonly keyType: string; readonly publicKey: Hash; readonly value: Uint8Array }>()
  /** Writings that are yet to fail. */
  failing = 0
  /** Keys of which nothing can be told. */
  readonly damaged = new Set<Hash>()

  last(keyType: string, publicKey: Hash): Uint8Array | undefined {
    if (this.damaged.has(publicKey)) throw new Error('it cannot be read')
    return this.entries.get(keyType + publicKey)?.value
  }

  keys(keyType: string): readonly Hash[] {
    return [...this.entries.values()].filter((entry) => entry.keyType === keyType && !this.damaged.has(entry.publicKey)).map(({ publicKey }) => publicKey)
  }

  async write(keyType: string, publicKey: Hash, value: Uint8Array): Promise<void> {
    this.last(keyType, publicKey)
    this.entries.set(keyType + publicKey, { keyType, publicKey, value })
    if (this.failing > 0) {
      this.failing--
      throw new Error('the disk is full')
    }
  }
}
