/** Bans in `network/bans.json` of the data folder. A file that cannot be read costs the bans, not the start. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ownSubfolder } from '../../base/whole-file.ts'
import { NodeError, errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Ban, BanStore } from './reputation.ts'

const schema = z.array(z.object({ peerId: z.string(), until: z.number(), reason: z.string(), times: z.number().int().min(1) }))

/** Reads the file's text. Throws a NodeError `BAN_FILE_INVALID`. */
export function parseBans(text: string): readonly Ban[] {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new NodeError('BAN_FILE_INVALID', `The ban list is invalid: ${errorMessage(cause)}`, { cause })
  }
}

export class BanFile implements BanStore {
  readonly #folder: string
  readonly #path: string
  readonly #logger: Logger
  #writing: Promise<void> = Promise.resolve()
  #next: readonly Ban[] | undefined

  constructor(dataPath: string, logger: Logger) {
    this.#folder = join(dataPath, 'network')
    this.#path = join(this.#folder, 'bans.json')
    this.#logger = logger
  }

  async load(): Promise<readonly Ban[]> {
    try {
      return parseBans(await readFile(this.#path, 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#logger.warn('the list of banned peers cannot be read', { reason: errorMessage(error) })
      return []
    }
  }

  /** Lists that come while one is being written are merged into the next write. */
  save(bans: readonly Ban[]): void {
    const waiting = this.#next !== undefined
    this.#next = bans
    if (!waiting) this.#writing = this.#writing.then(() => this.#write())
  }

  /** Resolves when everything is on disk. */
  async flush(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    const bans = this.#next
    this.#next = undefined
    try {
      await ownSubfolder(this.#folder)
      await writeFile(`${this.#path}.new`, JSON.stringify(bans), { mode: 0o600 })
      await rename(`${this.#path}.new`, this.#path)
    } catch (error) {
      this.#logger.warn('the list of banned peers cannot be written', { reason: errorMessage(error) })
    }
  }
}
