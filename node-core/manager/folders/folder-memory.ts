/**
 * What was last seen of every network's data, kept outside of the data folders: `data-folders.json`, beside the list of networks.
 * Beside it, in `specifications`, lie copies of the files that a network cannot begin anew without.
 *
 * A file that cannot be read costs the memory and not the start: it is put aside, and what is seen next is remembered again.
 */
import { readFileSync, renameSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import { ownFolder, writeWhole } from '../../base/whole-file.ts'
import { seenDataSchema, type SeenData } from './seen-data.ts'

const FILE = 'data-folders.json'
const COPIES = 'specifications'
const fileSchema = z.object({ version: z.literal(1), networks: z.record(z.string(), seenDataSchema) })

export class FolderMemory {
  readonly #folder: string
  readonly #logger: Logger
  readonly #seen = new Map<string, SeenData>()
  readonly #writing = new SerialQueue(1024)
  #waiting = false

  /** `folder` is where networks.json is, too. */
  constructor({ logger }: { readonly logger: Logger }, folder: string) {
    this.#folder = folder
    this.#logger = logger
    this.#load()
  }

  /** By the identifier of the network; undefined where its data were never seen. */
  get(network: string): SeenData | undefined {
    return this.#seen.get(network)
  }

  set(network: string, seen: SeenData): void {
    if (JSON.stringify(this.#seen.get(network)) === JSON.stringify(seen)) return
    this.#seen.set(network, seen)
    this.#save()
  }

  forget(network: string): void {
    if (this.#seen.delete(network)) this.#save()
  }

  /** Keeps copies of these files, by their names; those that are kept already are left alone. */
  async keepFiles(network: string, files: Readonly<Record<string, string>>): Promise<void> {
    const folder = join(this.#folder, COPIES, network)
    for (const [name, text] of Object.entries(files)) {
      if ((await readFile(join(folder, name), 'utf8').catch(() => undefined)) === `${text.trimEnd()}\n`) continue
      await mkdir(join(this.#folder, COPIES), { recursive: true, mode: 0o700 })
      await ownFolder(folder)
      await writeWhole(folder, name, text.trimEnd())
    }
  }

  async keptFiles(network: string): Promise<Readonly<Record<string, string>>> {
    const folder = join(this.#folder, COPIES, network)
    const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'))
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)))
  }

  async dropFiles(network: string): Promise<void> {
    await rm(join(this.#folder, COPIES, network), { recursive: true, force: true })
  }

  /** Resolves when everything is on disk. */
  async flush(): Promise<void> {
    await this.#writing.idle()
  }

  #load(): void {
    const path = join(this.#folder, FILE)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) this.#damaged(path, error)
      return
    }
    try {
      for (const [network, seen] of Object.entries(fileSchema.parse(JSON.parse(text)).networks)) this.#seen.set(network, seen)
    } catch (error) {
      this.#damaged(path, error)
    }
  }

  #damaged(path: string, error: unknown): void {
    this.#logger.warn('the record of data folders cannot be read and was set aside', { path, reason: errorMessage(error) })
    try {
      renameSync(path, `${path}.damaged`)
    } catch {
      // The next writing replaces it.
      return
    }
  }

  /** Changes that come while one is being written are merged into the next writing. */
  #save(): void {
    if (this.#waiting) return
    this.#waiting = true
    this.#writing
      .run(async () => {
        this.#waiting = false
        await mkdir(this.#folder, { recursive: true, mode: 0o700 })
        await writeWhole(this.#folder, FILE, JSON.stringify({ version: 1, networks: Object.fromEntries(this.#seen) }, null, 2))
      })
      .catch((error: unknown) => {
        this.#waiting = false
        this.#logger.warn('the record of data folders cannot be written', { reason: errorMessage(error) })
      })
  }
}
