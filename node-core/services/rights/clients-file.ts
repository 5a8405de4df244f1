/**
 * The file of clients of the service API. It holds no token, only what a token is known by; but whoever may write it may let somebody in, so it is
 * treated like a key: its owner's alone, and refused where others can read or write it. What cannot be read lets nobody in.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { withFileLock } from '../../base/file-lock.ts'
import { readPrivate } from '../../base/private-file.ts'
import { ownFolder, writeWhole } from '../../base/whole-file.ts'
import { ServiceError } from '../errors.ts'
import { SCOPE_NAMES } from './scopes.ts'

export const CLIENTS_FILE = 'service-clients.json'
const MAX_BYTES = 1024 * 1024

const schema = z.strictObject({
  version: z.literal(1),
  clients: z.array(
    z.strictObject({
      name: z.string(),
      /** SHA-256 of the token, lower-case hexadecimal. */
      tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
      scopes: z.array(z.enum(SCOPE_NAMES)),
      /** Milliseconds since the Unix epoch. */
      created: z.number(),
    }),
  ),
})

export type StoredClient = Readonly<z.infer<typeof schema>['clients'][number]>

export class ClientsFile {
  readonly path: string
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    this.path = join(folder, CLIENTS_FILE)
  }

  /** Nobody where there is no file. Throws SERVICE_CLIENTS_FILE_{INVALID,OPEN}. */
  async read(): Promise<readonly StoredClient[]> {
    const refuse = (fault: 'open' | 'odd'): Error => (fault === 'open' ? this.#open() : new Error('it is no file of this kind'))
    try {
      const text = await readPrivate(this.path, { maxBytes: MAX_BYTES, refuse })
      return text === undefined ? [] : schema.parse(JSON.parse(text)).clients
    } catch (error) {
      if (error instanceof NodeError) throw error
      throw new ServiceError('SERVICE_CLIENTS_FILE_INVALID', `The list of clients in ${this.path} cannot be read: ${errorMessage(error)}.`, {
        hint: 'Delete the file and add the clients again; until then none is answered.',
        data: { path: this.path },
        cause: error,
      })
    }
  }

  /**
   * Runs `change`, which reads and writes the file, while no other process changes it. The folder is made where it is not there. Throws
   * SERVICE_CLIENTS_FILE_LOCKED.
   */
  async changing<T>(clock: Clock, change: () => Promise<T>): Promise<T> {
    await ownFolder(this.#folder)
    return withFileLock(`${this.path}.lock`, change, { clock, refuse: (holder) => this.#locked(holder) })
  }

  /** Within {@link changing}. */
  async write(clients: readonly StoredClient[]): Promise<void> {
    await writeWhole(this.#folder, CLIENTS_FILE, JSON.stringify({ version: 1, clients }, undefined, 1))
  }

  /** Another text after each change, by whichever process; undefined where there is no file. */
  async mark(): Promise<string | undefined> {
    const found = await stat(this.path, { bigint: true }).catch(() => undefined)
    return found === undefined ? undefined : `${found.ino} ${found.mtimeNs} ${found.size}`
  }

  #locked(holder: number | undefined): ServiceError {
    const path = `${this.path}.lock`
    return new ServiceError('SERVICE_CLIENTS_FILE_LOCKED', `The list of clients is being changed by another program${holder === undefined ? '' : ` (process ${holder})`}, and was not free within 30 seconds.`, {
      hint: `Try again. Where no program of Nodestead changes it, delete ${path}.`,
      data: { path },
    })
  }

  #open(): ServiceError {
    return new ServiceError('SERVICE_CLIENTS_FILE_OPEN', `Other users can read or change the list of clients in ${this.path}.`, {
      hint: 'Make the file private (chmod 600) if nobody else can have changed it; otherwise delete it and add the clients again.',
      data: { path: this.path },
    })
  }
}
