/**
 * The file that is being fetched, as it grows: `<path>.part` with the data, `<path>.part.state` with what is known of it (sidecar.ts). Both are their owner's
 * alone. When all is there, the data get their name and the rest goes.
 */
import { constants } from 'node:fs'
import { open, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { concatBytes, equalBytes } from '../../../base/bytes.ts'
import { NodeError } from '../../../base/errors.ts'
import { leafHashes } from '../hash-file.ts'
import type { LeafSet } from '../leaf-set.ts'
import { openPlain, openReal } from '../real-file.ts'
import { LEAF_BYTES } from '../tree.ts'
import { Sidecar, rootOf } from './sidecar.ts'

export type PartFileErrorCode = 'NET_RESOURCE_DISK_FULL' | 'NET_RESOURCE_WRITE' | 'NET_RESOURCE_EXISTS' | 'NET_RESOURCE_DAMAGED'

/** What an earlier run left behind. */
export interface Resumed {
  readonly length: number
  readonly had: LeafSet
}

export function partPath(path: string): string {
  return `${path}.part`
}

export function statePath(path: string): string {
  return `${path}.part.state`
}

export class PartFile {
  readonly #path: string
  readonly #root: Uint8Array
  readonly #wasResumed: boolean
  readonly #data: FileHandle
  readonly #sidecar: Sidecar

  /**
   * Looks for what an earlier run left behind. `whole`: the file is there already, and is what was fetched. Rejects with NET_RESOURCE_EXISTS where
   * another file has the name. `isReal`: the path was judged and has no links; what lies elsewhere by now is not written to.
   */
  static async resume(path: string, root: Uint8Array, isReal = false): Promise<PartFile | 'whole' | undefined> {
    return mapped(path, async () => {
      const sidecar = await Sidecar.open(statePath(path), root)
      try {
        const [there, part] = [await sizeOf(path), await sizeOf(partPath(path))]
        if (there !== undefined) {
          // It got its name, and then the node ended.
          if (sidecar !== undefined && part === undefined && there === sidecar.length && sidecar.had.count === sidecar.had.size) {
            await sidecar.remove()
            return 'whole'
          }
          throw exists(path)
        }
        if (sidecar !== undefined && part === sidecar.length) return new PartFile(path, root, sidecar, await openPart(path, isReal, constants.O_RDWR), true)
        await sidecar?.close()
        return undefined
      } catch (error) {
        await sidecar?.close()
        throw error
      }
    })
  }

  /** Begins anew. Rejects with NET_RESOURCE_DISK_FULL where there is no room for so many bytes. */
  static async create(path: string, root: Uint8Array, length: number, needed: number, isReal = false): Promise<PartFile> {
    return mapped(path, async () => {
      const { bavail, bsize } = await statfs(dirname(path))
      if (bavail * bsize < needed) throw diskFull(path, needed - bavail * bsize)
      const data = await openPart(path, isReal, constants.O_RDWR | constants.O_CREAT)
      try {
        await data.truncate(0)
        await data.truncate(length)
        return new PartFile(path, root, await Sidecar.create(statePath(path), root, length), data, false)
      } catch (error) {
        await data.close()
        await rm(partPath(path), { force: true })
        throw error
      }
    })
  }

  private constructor(path: string, root: Uint8Array, sidecar: Sidecar, data: FileHandle, wasResumed: boolean) {
    this.#path = path
    this.#root = root
    this.#sidecar = sidecar
    this.#data = data
    this.#wasResumed = wasResumed
  }

  get resumed(): Resumed {
    return { length: this.#sidecar.length, had: this.#sidecar.had }
  }

  /** Verified data, from a leaf on: pieces that follow on each other. */
  async write(index: number, pieces: readonly Uint8Array[]): Promise<void> {
    return mapped(this.#path, async () => {
      const wanted = pieces.reduce((sum, { length }) => sum + length, 0)
      const { bytesWritten } = await this.#data.writev([...pieces], index * LEAF_BYTES)
      if (bytesWritten === wanted) return
      const rest = concatBytes(...pieces).subarray(bytesWritten)
      for (let at = 0; at < rest.length; ) at += (await this.#data.write(rest, at, rest.length - at, index * LEAF_BYTES + bytesWritten + at)).bytesWritten
    })
  }

  async writeHashes(group: number, hashes: Uint8Array): Promise<void> {
    return mapped(this.#path, () => this.#sidecar.writeHashes(group, hashes))
  }

  /** Resolves when what has been written by now will be there after a crash. `bits`: of leaves that were written before the call, which it may keep. */
  async flush(bits: Uint8Array): Promise<void> {
    return mapped(this.#path, async () => {
      await Promise.all([this.#data.datasync(), this.#sidecar.sync()])
      await this.#sidecar.writeBits(bits)
    })
  }

  /**
   * Everything is written and flushed: whether it is what was fetched. Where some of it is from an earlier run, the file is hashed once more. Rejects with the reason
   * of the signal.
   */
  async isTrue(signal: AbortSignal): Promise<boolean> {
    if (!equalBytes(await rootOf(this.#sidecar.groups()), this.#root)) return false
    return !this.#wasResumed || equalBytes(await rootOf(leafHashes(this.#data, { signal })), this.#root)
  }

  /** Gives the file its name, and deletes the rest. `adopt` may take the leaf hashes over. */
  async finish(adopt: (groups: AsyncIterable<Uint8Array>) => Promise<void>): Promise<void> {
    return mapped(this.#path, async () => {
      if ((await sizeOf(this.#path)) !== undefined) throw exists(this.#path)
      await this.#data.sync()
      await this.#data.close()
      await rename(partPath(this.#path), this.#path)
      await syncFolder(dirname(this.#path))
      await adopt(this.#sidecar.groups())
      await this.#sidecar.remove()
    })
  }

  /** Deletes all of it. */
  async remove(): Promise<void> {
    await this.close()
    await removePart(this.#path)
  }

  /** What is there stays, for another run. */
  async close(): Promise<void> {
    await Promise.all([this.#data.close(), this.#sidecar.close()])
  }
}

/** What another program put there as a link is not followed. */
function openPart(path: string, isReal: boolean, flags: number): Promise<FileHandle> {
  return isReal ? openReal(partPath(path), flags, 0o600) : openPlain(partPath(path), flags, 0o600)
}

/** Deletes what a fetch that is given up left behind. */
export async function removePart(path: string): Promise<void> {
  for (const each of [statePath(path), partPath(path)]) await rm(each, { force: true })
}

function exists(path: string): NodeError<PartFileErrorCode> {
  return new NodeError('NET_RESOURCE_EXISTS', `There is a file of this name already: ${path}.`, { hint: 'Choose another name, or move the file away.' })
}

/** For a file that is no longer what was fetched. */
export function damaged(path: string): NodeError<PartFileErrorCode> {
  return new NodeError('NET_RESOURCE_DAMAGED', `What was fetched has been changed on the disk: ${path}.`, { hint: 'Fetch it again; should this happen twice, have the disk checked.' })
}

function diskFull(path: string, missing?: number): NodeError<PartFileErrorCode> {
  const by = missing === undefined ? '' : ` ${Math.ceil(missing / 2 ** 20)} MiB more are needed.`
  return new NodeError('NET_RESOURCE_DISK_FULL', `The disk is full: ${dirname(path)}.${by}`, { data: missing === undefined ? {} : { missing }, hint: 'Make room and go on: what is here is kept.' })
}

async function mapped<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof NodeError) throw error
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(path)
    throw new NodeError<PartFileErrorCode>('NET_RESOURCE_WRITE', `The file cannot be written: ${path} (${code ?? (error as Error).message}).`, { cause: error, hint: 'Choose a folder that you may write to.' })
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Where the system lets a folder be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
