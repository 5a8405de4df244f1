/**
 * Blocks whose contracts create, read and destroy child tries, on the state before each: as another implementation made them. Read from
 * the folder beside the project; skipped where it is absent.
 */
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, type Hash, type Hex } from '../../../node-core/base/bytes.ts'
import { decodeVersion } from '../../../node-core/chain/runtime/api/version.ts'
import { readCodeVersion } from '../../../node-core/chain/runtime/code/code-version.ts'
import { decodeHeader, encodeHeader } from '../../../node-core/chain/scale/header.ts'
import { buildTrie } from '../../../node-core/chain/trie/build.ts'
import { childRootKey } from '../../../node-core/chain/trie/child.ts'
import type { Entry, StateVersion } from '../../../node-core/chain/trie/types.ts'
import { encodeBlock } from '../../helpers/dev-blocks.ts'
import { MemoryNodes, runnerOn } from '../../helpers/runtime-state.ts'
import { hasVector, readVector } from '../../helpers/vectors.ts'
import { oracleRoot } from '../trie/oracle.ts'

type Storage = Readonly<Record<Hex, Hex>>

interface Vector {
  readonly block: { readonly header: Hex; readonly body: readonly Hex[] }
  readonly parentStorage: { readonly mainTrie: Storage; readonly childTries: Readonly<Record<Hex, Storage>> }
}

const CODE_KEY = '0x3a636f6465'
const NAMES = ['create-one', 'create-multiple', 'read-basic', 'destroy'] as const

const entriesOf = (storage: Storage): Entry[] => Object.entries(storage).map(([key, value]) => [fromHex(key), fromHex(value)])

/** The state before the block, with its child tries. */
function parentState({ mainTrie, childTries }: Vector['parentStorage'], version: StateVersion): { nodes: MemoryNodes; root: Hash } {
  const nodes = new MemoryNodes()
  for (const storage of Object.values(childTries)) nodes.add(buildTrie(entriesOf(storage), version).nodes)
  const { root, nodes: packed } = buildTrie(entriesOf(mainTrie), version)
  nodes.add(packed)
  return { nodes, root: toHex(root) }
}

describe.each(NAMES)('the block that does "%s" to child tries', (name) => {
  const file = `child-trie/child-trie-${name}.json`

  it.skipIf(!hasVector(file))('leads to the state root in its header', async () => {
    const { block, parentStorage } = JSON.parse(readVector(file)) as Vector
    const version = readCodeVersion(fromHex(parentStorage.mainTrie[CODE_KEY] as Hex)).stateVersion
    const { nodes, root } = parentState(parentStorage, version)
    expect(root).toBe(toHex(await oracleRoot(entriesOf(parentStorage.mainTrie), version)))
    for (const [key, storage] of Object.entries(parentStorage.childTries)) {
      // The roots of the children in the main trie are those of their contents.
      expect(parentStorage.mainTrie[toHex(childRootKey(fromHex(key)))]).toBe(toHex(await oracleRoot(entriesOf(storage), version)))
    }
    const { runner } = runnerOn(nodes)
    expect(decodeVersion(runner.version(root)).stateVersion).toBe(version)
    const header = decodeHeader(fromHex(block.header))
    const changes = runner.executeBlock(root, encodeBlock(header, block.body.map(fromHex)), header.stateRoot)
    expect(changes.stateRoot).toBe(header.stateRoot)
    expect(changes.stateRoot).not.toBe(root)
    // Anything else about the block is refused.
    const other = { ...header, stateRoot: root }
    expect(() => runner.executeBlock(root, concatBytes(encodeHeader(other), encodeBlock(header, block.body.map(fromHex)).subarray(encodeHeader(header).length)), root)).toThrow()
  })
})
