/**
 * The file of programs, in the node's data folder. It holds no token, only what a token is known by; but whoever may write it may let a program
 * in, so it is treated like a key: its owner's alone, and refused where others can read or write it. What cannot be read lets nobody in.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { readPrivate, type PrivateFileFault } from '../../base/private-file.ts'
import { ownFolder, writeWhole } from '../../base/whole-file.ts'
import { IpcError } from './errors.ts'

const PROGRAMS_FILE = 'programs.json'
/** Of as many programs as there may be, each with as many scopes, of folders. */
const MAX_BYTES = 16 * 1024 * 1024

const schema = z.strictObject({
  version: z.literal(1),
  programs: z.array(
    z.strictObject({
      name: z.string(),
      /** SHA-256 of the token, lower-case hexadecimal. */
      tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
      scopes: z.array(z.string()),
      /** It has a socket of its own, on which it needs no token. */
      ownSocket: z.boolean(),
      /** Milliseconds since the Unix epoch. */
      created: z.number(),
    }),
  ),
})

export type StoredProgram = Readonly<z.infer<typeof schema>['programs'][number]>

export class ProgramsFile {
  readonly path: string
  readonly #folder: string
  readonly #platform: NodeJS.Platform

  constructor(folder: string, platform: NodeJS.Platform = process.platform) {
    this.#folder = folder
    this.#platform = platform
    this.path = join(folder, PROGRAMS_FILE)
  }

  /** Nobody where there is no file. Throws NET_PROGRAMS_FILE_INVALID and NET_PROGRAMS_FILE_OPEN. */
  async read(): Promise<readonly StoredProgram[]> {
    try {
      const refuse = (fault: PrivateFileFault): Error => (fault === 'open' ? this.#open() : new Error('it is no file of this kind'))
      const text = await readPrivate(this.path, { maxBytes: MAX_BYTES, refuse, platform: this.#platform })
      return text === undefined ? [] : schema.parse(JSON.parse(text)).programs
    } catch (error) {
      if (error instanceof NodeError) throw error
      throw new IpcError('NET_PROGRAMS_FILE_INVALID', `The list of local programs in ${this.path} cannot be read: ${errorMessage(error)}.`, {
        hint: 'Delete the file and add the programs again; until then none can connect.',
        data: { path: this.path },
        cause: error,
      })
    }
  }

  async write(programs: readonly StoredProgram[]): Promise<void> {
    await ownFolder(this.#folder)
    await writeWhole(this.#folder, PROGRAMS_FILE, JSON.stringify({ version: 1, programs }, undefined, 1))
  }

  #open(): IpcError {
    return new IpcError('NET_PROGRAMS_FILE_OPEN', `Other users can read or change the list of local programs in ${this.path}.`, {
      hint: 'Make the file private (chmod 600) if nobody else can have changed it; otherwise delete it and add the programs again.',
      data: { path: this.path },
    })
  }
}
