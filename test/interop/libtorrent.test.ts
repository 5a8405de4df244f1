/** Trees of files as libtorrent makes them: the same root, and the same layer for each piece length. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { concatBytes, toHex } from '../../node-core/base/bytes.ts'
import { leafHashes } from '../../node-core/net/resources/hash-file.ts'
import { HashTree, LEAF_BYTES, leafCount, rootLayer } from '../../node-core/net/resources/tree.ts'
import { pythonWith } from '../helpers/python-venv.ts'

const found = pythonWith('libtorrent', '2.1.1', 'libtorrent')

/** Says root and piece layer of a file for some piece lengths, as hexadecimal. */
const SCRIPT = `
import json, os, sys, libtorrent as lt
folder, name, *lengths = sys.argv[1:]
told = {}
for length in map(int, lengths):
    files = lt.file_storage()
    # It makes no torrent of an empty file alone.
    for each in (name, 'beside'):
        files.add_file(os.path.join('set', each), os.path.getsize(os.path.join(folder, 'set', each)))
    torrent = lt.create_torrent(files, length, lt.create_torrent.v2_only)
    lt.set_piece_hashes(torrent, folder)
    made = torrent.generate()
    told[length] = {
        'root': made[b'info'][b'file tree'][name.encode()][b''].get(b'pieces root', b'').hex(),
        'layers': {root.hex(): layer.hex() for root, layer in made.get(b'piece layers', {}).items()},
    }
print(lt.__version__, json.dumps(told), sep='\\n')
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-tree-'))
  await mkdir(join(folder, 'set'))
  await writeFile(join(folder, 'set/beside'), 'x')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const PIECES = [LEAF_BYTES, 4 * LEAF_BYTES, 1 << 20, 8 << 20]

/** Bytes that repeat nowhere near. */
function content(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = length | 1
  for (let i = 0; i < length; i++) bytes[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24
  return bytes
}

async function treeOf(path: string, length: number): Promise<HashTree> {
  const file = await open(path)
  try {
    const groups: Uint8Array[] = []
    for await (const group of leafHashes(file)) groups.push(group)
    return new HashTree(concatBytes(...groups), leafCount(length))
  } finally {
    await file.close()
  }
}

const title = found.missing === undefined ? '' : ` (skipped: ${found.missing})`
it.skipIf(found.missing !== undefined).for([0, 1, 16_383, 16_384, 16_385, 65_537, 10 ** 8])(`libtorrent agrees on a file of %d bytes${title}`, { timeout: 120_000 }, async (length) => {
  if (found.missing !== undefined) return
  const name = `${length}.bin`
  await writeFile(join(folder, 'set', name), content(length))
  const tree = await treeOf(join(folder, 'set', name), length)
  const { stdout } = await promisify(execFile)(found.python, ['-c', SCRIPT, folder, name, ...PIECES.map(String)], { maxBuffer: 1 << 24 })
  const [version, told] = stdout.split('\n') as [string, string]
  expect(version).toBe('2.1.1.0')
  const root = toHex(tree.root).slice(2)
  for (const [piece, theirs] of Object.entries(JSON.parse(told) as Record<string, { root: string; layers: Record<string, string> }>)) {
    // There an empty file has no root at all.
    expect(theirs.root).toBe(length === 0 ? '' : root)
    const layer = Math.log2(Number(piece) / LEAF_BYTES)
    // A file that fits into one piece has no layer: its root says it.
    expect(theirs.layers).toEqual(length > Number(piece) ? { [root]: toHex(tree.layer(Math.min(layer, rootLayer(leafCount(length))))).slice(2) } : {})
  }
  if (length === 0) expect(root).toBe('00'.repeat(32))
})
