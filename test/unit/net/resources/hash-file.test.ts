import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { concatBytes } from '../../../../node-core/base/bytes.ts'
import { leafHashes } from '../../../../node-core/net/resources/hash-file.ts'
import { GROUP_LEAVES, HASH_BYTES, LEAF_BYTES, hashLeaf } from '../../../../node-core/net/resources/tree.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'nodestead-hash-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function groupsOf(bytes: Uint8Array, options?: Parameters<typeof leafHashes>[1]): Promise<Uint8Array[]> {
  const path = join(folder, 'file')
  await writeFile(path, bytes)
  const file = await open(path)
  try {
    const groups: Uint8Array[] = []
    for await (const group of leafHashes(file, options)) groups.push(group)
    return groups
  } finally {
    await file.close()
  }
}

// Around a leaf, a read, and a group.
it.each([0, 1, LEAF_BYTES, LEAF_BYTES + 1, 64 * LEAF_BYTES - 1, 64 * LEAF_BYTES, 64 * LEAF_BYTES + 1, GROUP_LEAVES * LEAF_BYTES, GROUP_LEAVES * LEAF_BYTES + 5])(
  'hashes each leaf of a file of %d bytes',
  async (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) ^ (i >> 14))
    const read: number[] = []
    const groups = await groupsOf(bytes, { onRead: (so) => read.push(so) })
    expect(groups.map((group) => group.length / HASH_BYTES)).toEqual(
      Array.from({ length: Math.ceil(length / LEAF_BYTES / GROUP_LEAVES) }, (_, i) => Math.min(GROUP_LEAVES, Math.ceil(length / LEAF_BYTES) - i * GROUP_LEAVES)),
    )
    const leaves = Array.from({ length: Math.ceil(length / LEAF_BYTES) }, (_, i) => hashLeaf(bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES)))
    expect(Buffer.compare(concatBytes(...groups), concatBytes(...leaves))).toBe(0)
    expect(read.at(-1)).toBe(length)
  },
)

it('ends when it is told to', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  await expect(groupsOf(new Uint8Array(200 * LEAF_BYTES), { signal: stop.signal, onRead: () => stop.abort(reason) })).rejects.toBe(reason)
})
