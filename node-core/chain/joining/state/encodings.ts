/**
 * Encodings of nodes as they are in their trie, under way: those of the branches that a walk is in, one behind the other. The lowest is
 * finished first, and makes room for the reference that the one above has to it.
 */
import { blake2b256 } from '../../../crypto/hashes/hashing.ts'
import { headerSize, writeHeader } from '../../trie/nodes/encode.ts'
import { HASH_SIZE, type HeaderVariant } from '../../trie/nodes/node.ts'

const FIRST_BYTES = 64 * 1024
const HASH_PREFIX = HASH_SIZE << 2
/** Below this a loop copies faster than `set` on a view. */
const SMALL_COPY = 64

export class Encodings {
  readonly #proof: Uint8Array
  #bytes = new Uint8Array(FIRST_BYTES)
  #length = 0

  constructor(proof: Uint8Array) {
    this.#proof = proof
  }

  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  /** Adds bytes of the proof as they are. */
  add(start: number, end: number): void {
    const size = end - start
    this.#reserve(size)
    const [proof, bytes, at] = [this.#proof, this.#bytes, this.#length]
    if (size <= SMALL_COPY) for (let i = 0; i < size; i++) bytes[at + i] = proof[start + i] as number
    else bytes.set(proof.subarray(start, end), at)
    this.#length = at + size
  }

  /** Adds a node up to its children, with another header, because its value is on its own: its partial key ends at `keyEnd` of the proof. */
  addHead(variant: HeaderVariant, keyLength: number, keyEnd: number, headEnd: number, valueHash: Uint8Array): void {
    this.#reserve(headerSize(variant, keyLength))
    this.#length += writeHeader(variant, keyLength, this.#bytes.subarray(this.#length))
    this.add(keyEnd - ((keyLength + 1) >> 1), headEnd)
    this.#addHash(valueHash)
  }

  /** Adds a reference to a child. */
  addReference(hash: Uint8Array): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = HASH_PREFIX
    this.#addHash(hash)
  }

  /** Takes off the encoding that begins at `base`, which is finished, and returns its hash. */
  takeHash(base: number): Uint8Array {
    const hash = blake2b256(this.#bytes.subarray(base, this.#length))
    this.#length = base
    return hash
  }

  #addHash(hash: Uint8Array): void {
    this.#reserve(HASH_SIZE)
    this.#bytes.set(hash, this.#length)
    this.#length += HASH_SIZE
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const larger = new Uint8Array((this.#length + size) * 2)
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
