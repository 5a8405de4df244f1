/**
 * What is known of a file that is not whole yet, in a file beside it: which leaves are written, and the leaf hashes that were proven.
 *
 *     0      magic:16 root:32 length:8 checksum:8     written once, whole or not at all
 *     4096   a bit for each leaf, up to a multiple of 4096 bytes
 *            hashes, 32 bytes for each leaf; zeros where none are known
 *
 * Bits are only ever set, and only after the data of their leaves and the hashes are on the disk. Whatever part of them a crash leaves behind is
 * true therefore, and needs no checksum. Hashes are only ever written with their one true value.
 */
import { hash, randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { concatBytes, equalBytes, utf8 } from '../../../base/bytes.ts'
import { readFull } from '../hash-file.ts'
import { LeafSet } from '../leaf-set.ts'
import { GROUP_LAYER, GROUP_LEAVES, HASH_BYTES, HashTree, isLength, leafCount, reduceRun } from '../tree.ts'

const MAGIC = utf8('nodestead-part-1')
const PAGE = 4096
const CHECKSUM_BYTES = 8

export class Sidecar {
  readonly length: number
  readonly #path: string
  readonly #file: FileHandle
  readonly #leaves: number
  /** As they are in the file. */
  readonly #bits: Uint8Array

  /** What an earlier run left for this root; undefined where there is nothing that can be used. */
  static async open(path: string, root: Uint8Array): Promise<Sidecar | undefined> {
    const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (file === undefined) return undefined
    const head = new Uint8Array(64)
    const read = await readFull(file, head, 0)
    const length = Number(new DataView(head.buffer).getBigUint64(48))
    if (read < 64 || !isLength(length) || !equalBytes(head, headOf(root, length))) {
      await file.close()
      return undefined
    }
    const bits = new Uint8Array(bitsBytes(length))
    await readFull(file, bits, PAGE)
    return new Sidecar(path, file, length, bits)
  }

  /** In place of any that is there. */
  static async create(path: string, root: Uint8Array, length: number): Promise<Sidecar> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.new`
    const file = await open(temporary, 'wx+', 0o600)
    try {
      // Written out, and not left as a hole: on a disk that is full, bits can still be set.
      const start = new Uint8Array(hashesAt(length))
      start.set(headOf(root, length))
      await file.writeFile(start)
      await file.sync()
      await rename(temporary, path)
    } catch (error) {
      await file.close()
      await rm(temporary, { force: true })
      throw error
    }
    return new Sidecar(path, file, length, new Uint8Array(bitsBytes(length)))
  }

  private constructor(path: string, file: FileHandle, length: number, bits: Uint8Array) {
    this.#path = path
    this.#file = file
    this.length = length
    this.#leaves = leafCount(length)
    this.#bits = bits
  }

  /** The leaves that are written. */
  get had(): LeafSet {
    return new LeafSet(this.#leaves, this.#bits)
  }

  async writeHashes(group: number, hashes: Uint8Array): Promise<void> {
    await this.#file.write(hashes, 0, hashes.length, hashesAt(this.length) + group * GROUP_LEAVES * HASH_BYTES)
  }

  /** Has the hashes on the disk. */
  async sync(): Promise<void> {
    await this.#file.datasync()
  }

  /** Sets the bits of leaves whose data and hashes are on the disk. Resolves when the bits are as well. */
  async writeBits(bits: Uint8Array): Promise<void> {
    let changed = false
    for (let at = 0; at < bits.length; at += PAGE) {
      const page = bits.subarray(at, at + PAGE)
      if (equalBytes(page, this.#bits.subarray(at, at + page.length))) continue
      await this.#file.write(page, 0, page.length, PAGE + at)
      this.#bits.set(page, at)
      changed = true
    }
    if (changed) await this.#file.datasync()
  }

  /** Leaf hashes group by group, as they are in the file. */
  async *groups(): AsyncGenerator<Uint8Array> {
    for (let group = 0; group * GROUP_LEAVES < this.#leaves; group++) yield await this.group(group)
  }

  /** Leaf hashes of one group, as they are in the file. */
  async group(index: number): Promise<Uint8Array> {
    const first = index * GROUP_LEAVES
    const hashes = new Uint8Array(Math.min(GROUP_LEAVES, this.#leaves - first) * HASH_BYTES)
    await readFull(this.#file, hashes, hashesAt(this.length) + first * HASH_BYTES)
    return hashes
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async remove(): Promise<void> {
    await this.close()
    await rm(this.#path, { force: true })
  }
}

/** The root above leaf hashes that come group by group. */
export async function rootOf(groups: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const upper: Uint8Array[] = []
  let leaves = 0
  let only: Uint8Array = new Uint8Array(0)
  for await (const group of groups) {
    leaves += group.length / HASH_BYTES
    upper.push(reduceRun(group, GROUP_LAYER))
    only = group
  }
  return leaves <= GROUP_LEAVES ? new HashTree(only, leaves).root : new HashTree(concatBytes(...upper), leaves, GROUP_LAYER).root
}

function headOf(root: Uint8Array, length: number): Uint8Array {
  const head = new Uint8Array(64)
  head.set(MAGIC)
  head.set(root, 16)
  new DataView(head.buffer).setBigUint64(48, BigInt(length))
  head.set(hash('sha256', head.subarray(0, 56), 'buffer').subarray(0, CHECKSUM_BYTES), 56)
  return head
}

function bitsBytes(length: number): number {
  return Math.ceil(leafCount(length) / 8)
}

function hashesAt(length: number): number {
  return PAGE + Math.ceil(bitsBytes(length) / PAGE) * PAGE
}
