/**
 * Whose turns there are on top of a block, fork by fork.
 *
 * Headers tell it: a change stands in the block that makes it, and counts from its children on. So the list at a block is the newest one
 * announced on the way to it above the finalized block, or the one in force there, which is kept:
 *
 *   aura/authorities    the list for children of the finalized block
 *
 * Headers do not tell everything. Root may write the list into the storage, a migration may, and a node that began with a state that
 * others sent has seen no header at all. The runtime of the parent knows; to ask it for each header would make checking wait for executing.
 * So it is asked where nothing is kept, and where a header does not fit to what is known here (`fromRuntime`), before that is
 * held against anybody.
 */
import type { Hash } from '../../../../base/bytes.ts'
import { isNodeError } from '../../../../base/errors.ts'
import { Lru } from '../../../../base/lru.ts'
import { decodeAll } from '../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import type { RuntimeExecutor } from '../../../runtime/types.ts'
import type { Header } from '../../../scale/header.ts'
import type { AuxEntry, AuxStore, BlockStateReader } from '../../../state/types.ts'
import type { EngineDependencies } from '../engine.ts'
import { announcedAuthorities, readAuthorities, writeAuthorities } from './digest.ts'
import { AuraError } from './errors.ts'
import { auraAuthorities } from './runtime-api.ts'

export interface AuraAuthoritiesDependencies {
  readonly blocks: Pick<BlockStateReader, 'finalized' | 'header'>
  readonly aux: AuxStore
  readonly imports: Pick<EngineDependencies['imports'], 'header' | 'arrival'>
  readonly executor: Pick<RuntimeExecutor, 'call'>
}

const KEY = 'aura/authorities'

/** Blocks whose lists are remembered; the lists themselves are shared. */
const REMEMBERED = 4096

export class AuraAuthorities {
  readonly #dependencies: AuraAuthoritiesDependencies
  /** By block: for its children. */
  readonly #lists = new Lru<Hash, readonly Hash[]>(REMEMBERED)

  constructor(dependencies: AuraAuthoritiesDependencies) {
    this.#dependencies = dependencies
  }

  /** For a child of `parent`, as far as is known here; where nothing is, by its runtime. */
  async forChild(parent: Header, parentHash: Hash): Promise<readonly Hash[]> {
    return this.#known(parent, parentHash) ?? this.fromRuntime(parent, parentHash)
  }

  /**
   * What the runtime says after `parent`, which may be on its way still. Throws AURA_UNKNOWN_AUTHORITIES where its state is not there (it
   * lies far below the finalized block, or was refused), and what the call throws.
   */
  async fromRuntime(parent: Header, parentHash: Hash): Promise<readonly Hash[]> {
    const { imports, executor } = this.#dependencies
    await imports.arrival(parentHash)
    try {
      return this.#remember(parentHash, await auraAuthorities(executor, parent.stateRoot, { lane: 'import' }))
    } catch (error) {
      if (!isNodeError(error) || error.code !== 'RUNTIME_UNKNOWN_STATE') throw error
      throw new AuraError('AURA_UNKNOWN_AUTHORITIES', `The state of block ${parent.number}, which lists the Aura authorities, is not stored.`, { cause: error })
    }
  }

  /** A header that passed, with the list that it was checked against. */
  note(header: Header, hash: Hash, list: readonly Hash[]): void {
    this.#remember(hash, announcedAuthorities(header) ?? list)
  }

  /** For the batch that makes `head` final: the list from there on, where it is another one. */
  entries(head: Hash): AuxEntry[] {
    const { blocks, aux } = this.#dependencies
    const header = blocks.header(head)
    const list = header === undefined ? undefined : this.#known(header, head)
    if (list === undefined) return []
    const value = writeAuthorities(new ScaleWriter(list.length * 32 + 4), list).finish()
    const kept = aux.getAux(KEY)
    return kept !== undefined && Buffer.compare(kept, value) === 0 ? [] : [[KEY, value]]
  }

  /** Down from the block to the newest that tells it. Nothing that was announced below the finalized block counts there any more. */
  #known(block: Header, hash: Hash): readonly Hash[] | undefined {
    const { blocks, imports } = this.#dependencies
    const final = blocks.finalized()
    let [header, at]: [Header | undefined, Hash] = [block, hash]
    while (header !== undefined) {
      const list = this.#lists.get(at) ?? announcedAuthorities(header) ?? (at === final.hash ? this.#kept() : undefined)
      if (list !== undefined) return this.#remember(hash, list)
      if (header.number <= final.number) return undefined
      at = header.parentHash
      header = imports.header(at)
    }
    return undefined
  }

  #kept(): readonly Hash[] | undefined {
    const stored = this.#dependencies.aux.getAux(KEY)
    return stored === undefined ? undefined : decodeAll(stored, 'the Aura authorities', readAuthorities)
  }

  #remember(hash: Hash, list: readonly Hash[]): readonly Hash[] {
    this.#lists.set(hash, list)
    return list
  }
}
