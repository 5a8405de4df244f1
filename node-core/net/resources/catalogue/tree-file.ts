/**
 * The hashes of a resource on disk: first those of all leaves, then, where there is more than one group, one for each group. 32 bytes each, nothing else.
 *
 * To serve a group takes its own hashes and the small tree above the groups, which is kept in memory while the resource is served: 32 bytes for each
 * 8 MiB of the file. What is read is checked against it, so hashes that the disk damaged are never sent as true.
 */
import { randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { concatBytes, equalBytes } from '../../../base/bytes.ts'
import { readFull } from '../hash-file.ts'
import { GROUP_LAYER, GROUP_LEAVES, HASH_BYTES, HashTree, leafCount, reduceRun, rootLayer } from '../tree.ts'
import { ServeError } from '../types.ts'

export function treeFileName(root: string): string {
  return `${root}.tree`
}

/** Writes the tree of a file whose leaf hashes come group by group. Resolves with the file, on disk under a temporary name: {@link NewTree}. */
export async function writeTree(folder: string, groups: AsyncIterable<Uint8Array>): Promise<NewTree> {
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.new`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    const upper: Uint8Array[] = []
    let leaves = 0
    let only: Uint8Array | undefined
    for await (const group of groups) {
      await file.writeFile(group)
      leaves += group.length / HASH_BYTES
      upper.push(reduceRun(group, GROUP_LAYER))
      only = group
    }
    const isSmall = leaves <= GROUP_LEAVES
    const above = concatBytes(...upper)
    if (!isSmall) await file.writeFile(above)
    await file.sync()
    const tree = isSmall ? new HashTree(only ?? new Uint8Array(0), leaves) : new HashTree(above, leaves, GROUP_LAYER)
    return { root: tree.root, leaves, temporary }
  } catch (error) {
    await file.close()
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

export interface NewTree {
  readonly root: Uint8Array
  readonly leaves: number
  readonly temporary: string
}

/** Gives a new tree its name; from here on it lasts. */
export async function keepTree(folder: string, { temporary }: NewTree, root: string): Promise<void> {
  await rename(temporary, join(folder, treeFileName(root)))
}

export async function dropTree({ temporary }: NewTree): Promise<void> {
  await rm(temporary, { force: true })
}

/** The part of a tree that stays in memory. */
export interface UpperTree {
  readonly tree: HashTree
  readonly leaves: number
}

/** Reads what is above the groups. Rejects with a ServeError where it does not give the root. */
export async function readUpper(file: FileHandle, root: Uint8Array, length: number): Promise<UpperTree> {
  const leaves = leafCount(length)
  const isSmall = leaves <= GROUP_LEAVES
  const hashes = new Uint8Array((isSmall ? leaves : Math.ceil(leaves / GROUP_LEAVES)) * HASH_BYTES)
  const read = await readFull(file, hashes, isSmall ? 0 : leaves * HASH_BYTES)
  const tree = new HashTree(hashes, leaves, isSmall ? 0 : GROUP_LAYER)
  if (read !== hashes.length || !equalBytes(tree.root, root)) throw new ServeError('changed', 'The hashes of the file are damaged.')
  return { tree, leaves }
}

/** Leaf hashes of a group and its uncles. Rejects with a ServeError. */
export async function readGroup(file: FileHandle, { tree, leaves }: UpperTree, group: number): Promise<{ readonly hashes: Uint8Array; readonly uncles: Uint8Array }> {
  const first = group * GROUP_LEAVES
  if (first >= leaves) throw new ServeError('outside', `The file has no group ${group}.`)
  if (leaves <= GROUP_LEAVES) return { hashes: tree.layer(0), uncles: tree.uncles(rootLayer(leaves), 0) }
  const hashes = new Uint8Array(Math.min(GROUP_LEAVES, leaves - first) * HASH_BYTES)
  const read = await readFull(file, hashes, first * HASH_BYTES)
  if (read !== hashes.length || !equalBytes(reduceRun(hashes, GROUP_LAYER), tree.layer(GROUP_LAYER).subarray(group * HASH_BYTES, (group + 1) * HASH_BYTES))) {
    throw new ServeError('changed', 'The hashes of the file are damaged.')
  }
  return { hashes, uncles: tree.uncles(GROUP_LAYER, group) }
}
