/**
 * A state from outside becomes the one on which the chain stands here: its block is best and final, and blocks are imported on top of it, as
 * after joining by proofs (joining.ts). What engines must know of the block is asked of the state itself.
 *
 * Nothing proves the block but whoever hands it in. The state is checked: its entries must build to the root in the block's header.
 * Entries come in the order of their keys and are written as they come, so that memory does not grow with them. Until the last batch the
 * chain stands at its genesis, and what was written belongs to no block: it goes where the state is refused, and what a kill left, before the next.
 */
import { toHex, type Hash } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import { anchorByState } from '../core/engines/table.ts'
import { TrieAssembler, type AssembledTrie } from '../joining/state/assembler.ts'
import { levelRecords } from '../joining/state/records.ts'
import type { Block, Justification } from '../scale/block.ts'
import { headerHash } from '../scale/header.ts'
import { createLevel } from '../state/trie-source.ts'
import { childRootKey } from '../trie/child.ts'
import { isHashed } from '../trie/nodes/node.ts'
import type { Entry, StateVersion } from '../trie/types.ts'
import { offlineState, type OfflineEnvironment } from './offline.ts'

export interface RestoredState {
  readonly block: Block & { readonly justifications: readonly Justification[] | undefined }
  /** Of the chain that it is a block of. */
  readonly genesisHash: Hash
  readonly version: StateVersion
  /** By ascending keys, without the roots of child tries. Taken once, behind the children. */
  readonly top: Iterable<Entry>
  /** By ascending keys of the child tries, without their prefix; the entries of each are taken before the next. An empty one is none. */
  readonly children: Iterable<readonly [key: Uint8Array, entries: Iterable<Entry>]>
  /** Its blocks are sealed on request. */
  readonly isSealed: boolean
}

const FLUSH_BYTES = 256 * 1024

/** With the reference to the child trie whose root the value is. */
type RootedEntry = readonly [key: Uint8Array, value: Uint8Array, child?: number]

/**
 * `onProgress` hears how many entries of the main trie are written. Rejects with STATE_WRONG_GENESIS, STATE_KNOWN_BLOCK where the chain has left
 * its genesis block, RESTORED_STATE_INVALID where the root comes out as another one, and what the engine or its runtime say of the state.
 */
export async function restoreState(environment: OfflineEnvironment, { block, genesisHash, version, top, children, isSealed }: RestoredState, onProgress: (entries: number) => void): Promise<void> {
  const { dataPath, state, runtime } = offlineState(environment)
  const { header, body, justifications = [] } = block
  const hash = headerHash(header)
  try {
    await state.start()
    const { blocks, anchoring } = state
    if (blocks.genesisHash !== genesisHash) {
      throw new NodeError('STATE_WRONG_GENESIS', `The state is of the chain with genesis ${genesisHash}; these data are of ${blocks.genesisHash}.`, { hint: 'Name the network that the state was exported of (--chain).' })
    }
    if (blocks.best().number > 0) {
      throw new NodeError('STATE_KNOWN_BLOCK', `There are blocks here already, up to ${blocks.best().number}.`, { hint: 'Choose another folder (--base-path), or delete the blocks first (purge-chain).' })
    }
    const level = createLevel(dataPath)
    await level.open({ createIfMissing: false })
    try {
      const records = levelRecords(level)
      await records.removeLeftovers()
      const target = await records.begin()
      let done = 0
      const build = async (entries: Iterable<RootedEntry>, isMain: boolean): Promise<AssembledTrie<number>> => {
        const assembler = new TrieAssembler(target)
        for (const [key, value, child] of entries) {
          assembler.add(key, key.length, value, isHashed(value, version), child)
          if (isMain) done++
          if (target.pendingBytes < FLUSH_BYTES) continue
          await target.flush()
          if (isMain) onProgress(done)
        }
        return assembler.finish()
      }
      const roots: RootedEntry[] = []
      for (const [child, entries] of children) {
        const { root, reference } = await build(entries, false)
        if (reference !== undefined) roots.push([childRootKey(child), root, reference])
      }
      const { root, reference = 0 } = await build(inOrder(top, roots), true)
      if (toHex(root) !== header.stateRoot) {
        throw new NodeError('RESTORED_STATE_INVALID', `The state has the root ${toHex(root)}; the header of block ${header.number} has ${header.stateRoot}.`, { hint: 'The file is damaged or was changed: export the state again.' })
      }
      await target.flush()
      onProgress(done)
      await anchoring.adopt({ hash, header }, { root: reference, first: target.first, next: target.next })
    } catch (error) {
      await levelRecords(level).removeLeftovers()
      throw error
    } finally {
      await level.close()
    }
    await runtime.start()
    const aux = await anchorByState({ executor: runtime, storage: state.storage, logger: environment.logger }, { hash, number: header.number, header }, isSealed)
    await anchoring.anchor({ hash, header, body, justification: justifications[0], steps: [], aux })
  } finally {
    await runtime.stop()
    await state.stop()
  }
}

/** Both, by ascending keys. */
function* inOrder(top: Iterable<Entry>, roots: readonly RootedEntry[]): Generator<RootedEntry> {
  let next = 0
  for (const [key, value] of top) {
    for (let root = roots[next]; root !== undefined && Buffer.compare(root[0], key) < 0; root = roots[++next]) yield root
    yield [key, value]
  }
  yield* roots.slice(next)
}
