/** A file of the catalogue as it is served to one peer: it is looked at before each read whether it is still the one that was hashed. */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { NotThereError, openReal } from '../real-file.ts'
import { LEAF_BYTES } from '../tree.ts'
import { ServeError, type OpenResource } from '../types.ts'
import type { CatalogueEntry } from './entries.ts'
import { readGroup, readUpper, type UpperTree } from './tree-file.ts'

export class OpenFile implements OpenResource {
  readonly ranges = 'all'
  readonly #entry: CatalogueEntry
  readonly #file: FileHandle
  readonly #hashes: FileHandle
  readonly #upper: UpperTree

  /** Rejects with a ServeError where it is not what it was. `upper` is read where it is not at hand. */
  static async open(entry: CatalogueEntry, treePath: string, upper?: UpperTree): Promise<OpenFile> {
    const file = await opened(openReal(entry.path, constants.O_RDONLY))
    let hashes: FileHandle | undefined
    try {
      hashes = await opened(open(treePath, 'r'))
      const resource = new OpenFile(entry, file, hashes, upper ?? (await readUpper(hashes, Buffer.from(entry.root, 'hex'), entry.length)))
      await resource.#check()
      return resource
    } catch (error) {
      await Promise.all([file.close(), hashes?.close()])
      throw error
    }
  }

  private constructor(entry: CatalogueEntry, file: FileHandle, hashes: FileHandle, upper: UpperTree) {
    this.#entry = entry
    this.#file = file
    this.#hashes = hashes
    this.#upper = upper
  }

  get upper(): UpperTree {
    return this.#upper
  }

  get length(): number {
    return this.#entry.length
  }

  proof(group: number): Promise<{ readonly hashes: Uint8Array; readonly uncles: Uint8Array }> {
    return readGroup(this.#hashes, this.#upper, group)
  }

  async read(index: number, into: readonly Uint8Array[]): Promise<void> {
    const wanted = into.reduce((sum, { length }) => sum + length, 0)
    // Behind the read: what was written before it is seen, and so is what came in between.
    const { bytesRead } = await this.#file.readv([...into], index * LEAF_BYTES)
    await this.#check()
    if (bytesRead !== wanted) throw new ServeError('changed', 'The file is shorter than it was.')
  }

  async close(): Promise<void> {
    await Promise.all([this.#file.close(), this.#hashes.close()])
  }

  async #check(): Promise<void> {
    const { size, mtimeMs } = await this.#file.stat()
    if (size !== this.#entry.length || mtimeMs !== this.#entry.modified) throw new ServeError('changed', 'The file has changed since it was shared.')
  }
}

async function opened(opening: Promise<FileHandle>): Promise<FileHandle> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof NotThereError) throw new ServeError('changed', 'Its place is taken by something else.')
    throw new ServeError('changed', `It cannot be opened: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}.`)
  }
}
