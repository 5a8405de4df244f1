/**
 * Blocks as `chain_getBlock` gives them, kept as text for a while: at each new block every client asks for the same one, and reading and
 * encoding it takes more than all the rest of the answer.
 *
 * A block never changes, but its justification comes later, with finality, and so do the ends of forks and of bodies that are not kept. So what was
 * read is good until the next finalized block.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import { signedBlockJson } from '../json.ts'
import { JsonText } from '../method.ts'
import type { BlockQueries } from '../types.ts'

/** Of all that are kept, in characters. One that is larger by itself is kept alone. */
const MAX_CHARACTERS = 8 * 1024 * 1024

export class BlockTexts {
  readonly #blocks: BlockQueries
  readonly #texts = new Lru<Hash, JsonText>(MAX_CHARACTERS, ({ text }) => text.length)
  #finalized: Hash | undefined

  constructor(blocks: BlockQueries) {
    this.#blocks = blocks
  }

  /** Null where the block, or its body, is not stored. */
  of(hash: Hash): JsonText | null | Promise<JsonText | null> {
    const finalized = this.#blocks.finalized().hash
    if (finalized !== this.#finalized) this.#texts.clear()
    this.#finalized = finalized
    return this.#texts.get(hash) ?? this.#read(hash, finalized)
  }

  async #read(hash: Hash, finalized: Hash): Promise<JsonText | null> {
    const blocks = this.#blocks
    const header = blocks.header(hash)
    if (header === undefined) return null
    const [body, justifications] = await Promise.all([blocks.body(hash), blocks.justifications(hash)])
    if (body === undefined) return null
    const text = new JsonText(JSON.stringify(signedBlockJson(header, body, justifications)))
    if (blocks.finalized().hash === finalized && this.#finalized === finalized) this.#texts.set(hash, text)
    return text
  }
}
