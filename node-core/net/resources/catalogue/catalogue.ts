/**
 * The files that this node offers to others, by the roots of their hash trees.
 *
 * A file stays where it is; the catalogue keeps its path, length, time of change and the hashes of its leaves, so that after a start nothing is
 * hashed again. Serving trusts that size and time of change tell whether a file is still the same. One that is not is withdrawn: it stays in the list with
 * the reason, and is not served. Its owner adds it again, under its new root, or takes it out.
 *
 * Everything lies in one folder (0700): `catalogue.json` and a file of hashes for each resource (0600). Files are added one at a time.
 */
import { constants } from 'node:fs'
import { readdir, realpath, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { NodeError, errorMessage } from '../../../base/errors.ts'
import { Emitter, type EventSource } from '../../../base/events.ts'
import { Lru } from '../../../base/lru.ts'
import type { Logger } from '../../../base/logger.ts'
import { SerialQueue } from '../../../base/serial-queue.ts'
import { ownFolder } from '../../../base/whole-file.ts'
import { leafHashes } from '../hash-file.ts'
import { NotThereError, openReal } from '../real-file.ts'
import { LEAF_BYTES, MAX_LENGTH, isLength } from '../tree.ts'
import { ServeError, type OpenResource, type ResourceShelf } from '../types.ts'
import { MAX_RESOURCES, readEntries, writeEntries, type CatalogueEntry } from './entries.ts'
import { OpenFile } from './open-file.ts'
import { dropTree, keepTree, treeFileName, writeTree, type NewTree, type UpperTree } from './tree-file.ts'

export type { CatalogueEntry } from './entries.ts'

export type CatalogueErrorCode =
  | 'NET_RESOURCE_CATALOGUE'
  | 'NET_RESOURCE_CATALOGUE_FULL'
  | 'NET_RESOURCE_UNREADABLE'
  | 'NET_RESOURCE_TOO_LONG'
  | 'NET_RESOURCE_CHANGED'
  | 'NET_RESOURCE_ROOT'

export interface CatalogueEvents {
  added: CatalogueEntry
  /** It is no longer offered: `withdrawn` says why, where nobody took it out. */
  gone: CatalogueEntry
}

/** How often every file is looked at. */
const LOOK_MS = 60_000
const MAX_WAITING = 64
/** Bytes of upper trees in memory. */
const MAX_UPPER_BYTES = 16 * 1024 * 1024

/** A file that is being hashed. */
export interface Adding {
  readonly path: string
  /** Hashed so far, and of how many. */
  readonly bytes: number
  readonly of: number
}

export interface AddOptions {
  /** The path was judged and has no links: a file that lies elsewhere by now is refused. Otherwise links are followed. */
  readonly isReal?: boolean
  readonly signal?: AbortSignal
  /** Told how many bytes have been hashed, and of how many. */
  readonly onProgress?: (bytes: number, of: number) => void
}

export class ResourceCatalogue implements ResourceShelf {
  readonly #deps: { readonly clock: Clock; readonly logger: Logger }
  readonly #folder: string
  readonly #entries = new Map<string, CatalogueEntry>()
  readonly #uppers = new Lru<string, UpperTree>(MAX_UPPER_BYTES, ({ leaves }) => 1024 + leaves / 8)
  readonly #events = new Emitter<CatalogueEvents>()
  readonly #queue = new SerialQueue(MAX_WAITING)
  readonly #stopping = new AbortController()
  #adding: Adding | undefined
  #timer: Disposer | undefined

  constructor(dependencies: { readonly clock: Clock; readonly logger: Logger }, { folder }: { readonly folder: string }) {
    this.#deps = dependencies
    this.#folder = folder
  }

  get events(): EventSource<CatalogueEvents> {
    return this.#events
  }

  /** Reads the list and looks at every file. Rejects with NET_RESOURCE_CATALOGUE. */
  async start(): Promise<void> {
    await ownFolder(this.#folder)
    for (const entry of await readEntries(this.#folder)) this.#entries.set(entry.root, entry)
    await this.#tidy()
    await this.check()
    this.#look()
  }

  /** Ends what is being added; what was served is closed by whoever serves it. */
  async stop(): Promise<void> {
    this.#timer?.()
    this.#stopping.abort(new NodeError('QUEUE_CLOSED', 'The node is stopping.'))
    await this.#queue.close()
  }

  /** In the order in which they were added. */
  list(): readonly CatalogueEntry[] {
    return [...this.#entries.values()]
  }

  /** The file that {@link add} hashes now; others wait their turn. */
  get adding(): Adding | undefined {
    return this.#adding
  }

  /** By root: 64 hexadecimal digits. */
  get(root: string): CatalogueEntry | undefined {
    return this.#entries.get(root)
  }

  /**
   * Offers a file: hashes it first. Resolves with its entry; one with the same content is replaced. Rejects with a {@link CatalogueErrorCode} and with the
   * reason of the signal.
   */
  add(path: string, { isReal = false, signal, onProgress }: AddOptions = {}): Promise<CatalogueEntry> {
    return this.#queue.run(async () => {
      const either = AbortSignal.any([this.#stopping.signal, ...(signal === undefined ? [] : [signal])])
      either.throwIfAborted()
      const { file, real } = await openFile(path, isReal)
      try {
        const { size } = await file.stat()
        const onRead = (bytes: number): void => {
          this.#adding = { path, bytes, of: size }
          onProgress?.(bytes, size)
        }
        this.#adding = { path, bytes: 0, of: size }
        return await this.#put(real, file, leafHashes(file, { signal: either, onRead }))
      } finally {
        this.#adding = undefined
        await file.close()
      }
    })
  }

  /** Offers a file whose leaf hashes are known, group by group. Rejects with NET_RESOURCE_ROOT where they do not give `root`. */
  adopt(path: string, root: string, groups: AsyncIterable<Uint8Array>): Promise<CatalogueEntry> {
    return this.#queue.run(async () => {
      const { file, real } = await openFile(path)
      try {
        return await this.#put(real, file, groups, root)
      } finally {
        await file.close()
      }
    })
  }

  /** Takes a file out of the list; the file itself stays. Whether it was there. */
  remove(root: string): Promise<boolean> {
    return this.#queue.run(async () => {
      const entry = this.#entries.get(root)
      if (entry === undefined) return false
      this.#entries.delete(root)
      this.#uppers.delete(root)
      await this.#save()
      await rm(join(this.#folder, treeFileName(root)), { force: true })
      if (entry.withdrawn === undefined) this.#events.emit('gone', entry)
      return true
    })
  }

  /** Looks at every file, or at one, and withdraws what has changed. */
  check(root?: string): Promise<void> {
    return this.#queue.run(async () => {
      let changed = false
      for (const entry of root === undefined ? this.list() : this.list().filter((each) => each.root === root)) {
        const reason = entry.withdrawn === undefined ? await whyChanged(entry) : undefined
        if (reason === undefined) continue
        changed = true
        await this.#withdraw(entry, reason)
      }
      if (changed) await this.#save()
    })
  }

  async open(root: Uint8Array): Promise<OpenResource | undefined> {
    const name = Buffer.from(root).toString('hex')
    const entry = this.#entries.get(name)
    if (entry === undefined) return undefined
    if (entry.withdrawn !== undefined) throw new ServeError('changed', entry.withdrawn)
    try {
      const opened = await OpenFile.open(entry, join(this.#folder, treeFileName(name)), this.#uppers.get(name))
      this.#uppers.set(name, opened.upper)
      return opened
    } catch (error) {
      if (error instanceof ServeError) this.withdraw(name, error.message)
      throw error
    }
  }

  /** What is served was found to be no longer what it was. */
  withdraw(root: string, reason: string): void {
    const task = this.#queue.run(async () => {
      const entry = this.#entries.get(root)
      if (entry === undefined || entry.withdrawn !== undefined) return
      await this.#withdraw(entry, (await whyChanged(entry)) ?? reason)
      await this.#save()
    })
    task.catch((error: unknown) => this.#deps.logger.warn('a changed file is still in the list', { reason: errorMessage(error) }))
  }

  async #put(path: string, file: FileHandle, groups: AsyncIterable<Uint8Array>, expected?: string): Promise<CatalogueEntry> {
    const before = await file.stat()
    if (!isLength(before.size)) throw new NodeError('NET_RESOURCE_TOO_LONG', `The file is longer than ${MAX_LENGTH / 2 ** 40} TiB: ${path}.`, { hint: 'Share it in parts.' })
    const tree = await writeTree(this.#folder, groups)
    try {
      return await this.#keep(path, file, before, tree, expected)
    } catch (error) {
      await dropTree(tree)
      throw error
    }
  }

  async #keep(path: string, file: FileHandle, before: { readonly size: number; readonly mtimeMs: number }, tree: NewTree, expected: string | undefined): Promise<CatalogueEntry> {
    const root = Buffer.from(tree.root).toString('hex')
    if (expected !== undefined && root !== expected) throw new NodeError('NET_RESOURCE_ROOT', `The hashes are not those of the file: ${path}.`)
    const after = await file.stat()
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || tree.leaves !== Math.ceil(before.size / LEAF_BYTES)) {
      throw new NodeError('NET_RESOURCE_CHANGED', `The file was written to while it was hashed: ${path}.`, { hint: 'Share it again when nothing writes to it any more.' })
    }
    const entry: CatalogueEntry = { root, path, length: before.size, modified: before.mtimeMs, added: this.#deps.clock.now() }
    // What the same path held before is gone.
    const former = this.list().filter((each) => each.path === entry.path && each.root !== root)
    if (!this.#entries.has(root) && this.#entries.size - former.length >= MAX_RESOURCES) {
      throw new NodeError('NET_RESOURCE_CATALOGUE_FULL', `${MAX_RESOURCES} files are shared already.`, { hint: 'Take out those that nobody needs any more.' })
    }
    await keepTree(this.#folder, tree, root)
    for (const each of former) this.#entries.delete(each.root)
    this.#entries.delete(root)
    this.#entries.set(root, entry)
    this.#uppers.delete(root)
    await this.#save()
    for (const each of former) {
      await rm(join(this.#folder, treeFileName(each.root)), { force: true })
      if (each.withdrawn === undefined) this.#events.emit('gone', each)
    }
    this.#events.emit('added', entry)
    return entry
  }

  async #withdraw(entry: CatalogueEntry, withdrawn: string): Promise<void> {
    const gone = { ...entry, withdrawn }
    this.#entries.set(entry.root, gone)
    this.#uppers.delete(entry.root)
    await rm(join(this.#folder, treeFileName(entry.root)), { force: true })
    this.#deps.logger.warn('a shared file is no longer offered', { path: entry.path, reason: withdrawn })
    this.#events.emit('gone', gone)
  }

  #save(): Promise<void> {
    return writeEntries(this.#folder, this.list())
  }

  /** What a crash left behind: hashes that no entry names. */
  async #tidy(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const isNamed = this.#entries.has(name.replace(/\.tree$/, ''))
      if (name.endsWith('.new') || (name.endsWith('.tree') && !isNamed)) await rm(join(this.#folder, name), { force: true })
    }
  }

  #look(): void {
    this.#timer = this.#deps.clock.schedule(LOOK_MS, () => {
      this.check()
        .catch((error: unknown) => this.#deps.logger.warn('the shared files could not be looked at', { reason: errorMessage(error) }))
        .finally(() => {
          if (!this.#stopping.signal.aborted) this.#look()
        })
    })
  }
}

async function openFile(path: string, isReal = false): Promise<{ readonly file: FileHandle; readonly real: string }> {
  try {
    const real = isReal ? path : await realpath(path)
    return { file: await openReal(real, constants.O_RDONLY), real }
  } catch (error) {
    if (error instanceof NotThereError) throw new NodeError('NET_RESOURCE_UNREADABLE', `This is no file: ${path}.`, { hint: 'Choose a file; a folder can be shared as an archive.' })
    throw new NodeError('NET_RESOURCE_UNREADABLE', `The file cannot be read: ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`, { cause: error, hint: 'Choose a file that you may read.' })
  }
}

/** Why a file is not what it was; undefined where it is. */
async function whyChanged({ path, length, modified }: CatalogueEntry): Promise<string | undefined> {
  try {
    const now = await stat(path)
    if (now.size !== length) return `Its length has changed from ${length} to ${now.size} bytes.`
    return now.mtimeMs === modified ? undefined : 'It has been written to since it was shared.'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'It is no longer there.' : `It cannot be read any more: ${code ?? 'unknown reason'}.`
  }
}
