/**
 * That nothing is signed, because a key of this folder signed on another computer too, kept beside the keys over restarts:
 *
 *   signing-record/<16 digits of the genesis hash>-sole.json
 *
 * The file is there from the first such stop on. After a person has said that this is the only computer, it says up to where that was. What
 * cannot be read counts as a stop: nobody has answered for it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Hash } from '../base/bytes.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { ownFolder, writeWhole } from '../base/whole-file.ts'
import { KEY_TYPE_FORM } from './key-files.ts'

const HEX = /^0x([0-9a-f]{2}){32,33}$/
const hex = z.custom<Hash>((value) => typeof value === 'string' && HEX.test(value))
const count = z.number().int().nonnegative()
const heard = { keyType: z.string().regex(KEY_TYPE_FORM), publicKey: hex, at: count, number: count }
const fileSchema = z.strictObject({
  version: z.literal(1),
  genesisHash: hex,
  stop: z.union([
    z.strictObject({ kind: z.literal('block'), ...heard, slot: count, hash: hex }),
    z.strictObject({ kind: z.literal('vote'), ...heard, setId: count, round: count }),
    z.literal('unreadable'),
  ]).optional(),
  sole: z.strictObject({ slot: count, setId: count, round: count }).optional(),
})

type FileContent = z.infer<typeof fileSchema>
export interface StopState {
  readonly stop: FileContent['stop']
  readonly sole: FileContent['sole']
}

export class SigningStop {
  readonly #folder: string
  readonly #genesisHash: () => Hash
  readonly #logger: Logger

  constructor({ logger, genesisHash }: { readonly logger: Logger; readonly genesisHash: () => Hash }, options: { readonly folder: string }) {
    this.#logger = logger
    this.#genesisHash = genesisHash
    this.#folder = options.folder
  }

  async read(): Promise<StopState> {
    const path = join(this.#folder, this.#name())
    try {
      const { genesisHash, stop, sole } = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
      if (genesisHash !== this.#genesisHash()) throw new Error('it is of another network')
      return { stop, sole }
    } catch (error) {
      if (isAbsent(error)) return { stop: undefined, sole: undefined }
      this.#logger.error('the record of foreign signatures cannot be read', { path, reason: errorMessage(error) })
      return { stop: 'unreadable', sole: undefined }
    }
  }

  async write({ stop, sole }: StopState): Promise<void> {
    await ownFolder(this.#folder)
    await writeWhole(this.#folder, this.#name(), JSON.stringify({ version: 1, genesisHash: this.#genesisHash(), stop, sole }, null, 2))
  }

  #name(): string {
    return `${this.#genesisHash().slice(2, 18)}-sole.json`
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
