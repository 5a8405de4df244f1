/**
 * Which finalized blocks changed the GRANDPA authorities.
 *
 * Nobody writes that down; the headers say it. They are read once, from genesis on, in small slices between which the
 * event loop goes on, when somebody asks for the first time; later only the new ones. What is final does not change.
 */
import type { BlockRef, BlockStateReader } from '../../state/types.ts'
import type { AuthorityChange } from './sync.ts'

export interface RecordedChange extends BlockRef {
  readonly kind: NonNullable<ReturnType<AuthorityChange>>
}

export interface AuthorityChangeDependencies {
  readonly blocks: Pick<BlockStateReader, 'header' | 'hashByNumber'>
  readonly authorityChange: AuthorityChange
}

/** Headers that are read in one go: well below a millisecond each. */
const SLICE = 64

export class AuthorityChangeIndex {
  readonly #blocks: Pick<BlockStateReader, 'header' | 'hashByNumber'>
  readonly #authorityChange: AuthorityChange
  /** By height. */
  readonly #changes: RecordedChange[] = []
  #next = 1

  constructor({ blocks, authorityChange }: AuthorityChangeDependencies) {
    this.#blocks = blocks
    this.#authorityChange = authorityChange
  }

  /** Reads up to and including this finalized height. Where `signal` ends it early, the next call goes on from there. */
  async scan(finalized: number, signal: AbortSignal): Promise<void> {
    while (this.#next <= finalized && !signal.aborted) {
      const end = Math.min(this.#next + SLICE, finalized + 1)
      for (; this.#next < end; this.#next++) this.#read(this.#next)
      if (this.#next <= finalized) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Changes above `from` and up to `to`, lowest first. */
  after(from: number, to: number): RecordedChange[] {
    return this.#changes.filter(({ number }) => number > from && number <= to)
  }

  #read(number: number): void {
    const hash = this.#blocks.hashByNumber(number)
    const header = hash === undefined ? undefined : this.#blocks.header(hash)
    if (hash === undefined || header === undefined) throw new Error(`finalized block ${number} is missing`)
    const kind = this.#authorityChange(header)
    if (kind !== undefined) this.#changes.push({ hash, number, kind })
  }
}
