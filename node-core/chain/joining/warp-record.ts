/**
 * How far the proofs have come, over restarts: the set in charge after the newest proven block, and the blocks that ended sets.
 *
 *   joining/proofs          number of steps (u32); the newest block (hash, u32); set id (u64) and authorities in charge after it
 *   joining/step/<n>        header and justification of the n-th block that ended a set
 *   joining/target          the newest finalized block, once its state is being fetched: header, justification, whether it ended a set,
 *                           set id and authorities after it
 *
 * Everything goes when the chain stands on its anchor, and with it these.
 */
import type { Hash } from '../../base/bytes.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { decodeAll, type ScaleReader } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { AuthoritySet, ProvenBlock } from '../core/engines/joining.ts'
import type { BlockRef, Justification } from '../scale/block.ts'
import { encodeHeader, engineBytes, readEngine, readHeader, writeHeader } from '../scale/header.ts'
import type { AuxEntry, ProvenHeader } from '../state/types.ts'
import type { JoinStore, JoinTarget, TrustedStart } from './types.ts'

const PROOFS = 'joining/proofs'
const TARGET = 'joining/target'
const stepKey = (index: number): string => `joining/step/${index}`

/** A key and a weight. */
const AUTHORITY_SIZE = 40

export class WarpRecord {
  readonly #store: Pick<JoinStore, 'getAux' | 'putAux'>
  #count = 0

  constructor(store: Pick<JoinStore, 'getAux' | 'putAux'>) {
    this.#store = store
  }

  /** Steps that are stored. */
  get count(): number {
    return this.#count
  }

  /** Where an earlier start came to; undefined where there was none. */
  load(): TrustedStart | undefined {
    const stored = this.#store.getAux(PROOFS)
    if (stored === undefined) return undefined
    const { count, ...start } = decodeAll(stored, 'the progress of the proofs', (reader) => ({
      count: reader.u32(),
      block: { hash: reader.hash(), number: reader.u32() },
      set: readSet(reader),
    }))
    this.#count = count
    return start
  }

  /** The state that an earlier start was fetching. */
  target(): JoinTarget | undefined {
    const stored = this.#store.getAux(TARGET)
    if (stored === undefined) return undefined
    return decodeAll(stored, 'the target', (reader) => ({ ...readProven(reader), changesSet: reader.bool(), set: readSet(reader) }))
  }

  /** One batch: steps that ended sets, lowest first, and where the proofs stand after them. */
  async add(steps: readonly ProvenBlock[], { block, set }: TrustedStart): Promise<void> {
    const entries: AuxEntry[] = steps.map((step, i) => [stepKey(this.#count + i), writeProven(new ScaleWriter(step.justification.data.length + 1024), step).finish()])
    const count = this.#count + steps.length
    const progress = writeSet(new ScaleWriter(set.authorities.length * AUTHORITY_SIZE + 64).u32(count).hash(block.hash).u32(block.number), set).finish()
    await this.#store.putAux([...entries, [PROOFS, progress]])
    this.#count = count
  }

  async aim(target: JoinTarget): Promise<void> {
    const writer = writeProven(new ScaleWriter(target.justification.data.length + 1024), target).bool(target.changesSet)
    await this.#store.putAux([[TARGET, writeSet(writer, target.set).finish()]])
  }

  /** Every stored step, read one at a time. */
  *steps(): Generator<ProvenHeader & BlockRef> {
    for (let i = 0; i < this.#count; i++) yield this.#step(i)
  }

  #step(index: number): ProvenHeader & BlockRef {
    const stored = this.#store.getAux(stepKey(index))
    if (stored === undefined) throw new Error(`the proven step ${index} is missing`)
    return decodeAll(stored, 'a proven step', readProven)
  }

  /** The last of them; undefined where there is none. */
  last(): (ProvenHeader & BlockRef) | undefined {
    return this.#count === 0 ? undefined : this.#step(this.#count - 1)
  }

  /** Everything that is kept here, to be deleted. */
  leftovers(): AuxEntry[] {
    return [[PROOFS, undefined], [TARGET, undefined], ...Array.from({ length: this.#count }, (_, i): AuxEntry => [stepKey(i), undefined])]
  }
}

function writeProven(writer: ScaleWriter, { header, justification }: ProvenHeader): ScaleWriter {
  return writeHeader(writer, header).raw(engineBytes(justification.engine)).bytes(justification.data)
}

function readProven(reader: ScaleReader): ProvenHeader & BlockRef {
  const header = readHeader(reader)
  const hash: Hash = blake2Hash(encodeHeader(header))
  const justification: Justification = { engine: readEngine(reader), data: reader.bytes() }
  return { hash, number: header.number, header, justification }
}

function writeSet(writer: ScaleWriter, { setId, authorities }: AuthoritySet): ScaleWriter {
  return writer.u64(setId).vec(authorities, (w, { key, weight }) => w.hash(key).u64(weight))
}

function readSet(reader: ScaleReader): AuthoritySet {
  return { setId: reader.u64Number(), authorities: reader.vec((r) => ({ key: r.hash(), weight: r.u64Number() }), AUTHORITY_SIZE) }
}
