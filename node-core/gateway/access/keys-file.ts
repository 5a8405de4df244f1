/**
 * The file of keys. It holds no key, only what one is known by; but whoever may write it may let somebody in, so it is its owner's alone, and refused
 * where others can read or write it. Where it cannot be read nobody has a key.
 */
import { mkdir, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { readPrivate } from '../../base/private-file.ts'
import { writeWhole } from '../../base/whole-file.ts'
import { GatewayError } from '../errors.ts'

const MAX_BYTES = 4 * 1024 * 1024

const schema = z.strictObject({
  version: z.literal(1),
  keys: z.array(
    z.strictObject({
      name: z.string(),
      /** SHA-256 of the key, lower-case hexadecimal. */
      keyHash: z.string().regex(/^[0-9a-f]{64}$/),
      /** Milliseconds since the Unix epoch. */
      created: z.number(),
      /** Requests; without it as many as one address may. */
      perMinute: z.int().positive().optional(),
      /** Requests of a day in UTC; without it any number. */
      perDay: z.int().positive().optional(),
    }),
  ),
})

export type StoredKey = Readonly<z.infer<typeof schema>['keys'][number]>

export class KeysFile {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** None where there is no file. Throws GATEWAY_KEYS_FILE_{INVALID,OPEN}. */
  async read(): Promise<readonly StoredKey[]> {
    const refuse = (fault: 'open' | 'odd'): Error => (fault === 'open' ? this.#open() : new Error('it is no file of this kind'))
    try {
      const text = await readPrivate(this.path, { maxBytes: MAX_BYTES, refuse })
      return text === undefined ? [] : schema.parse(JSON.parse(text)).keys
    } catch (error) {
      if (error instanceof NodeError) throw error
      throw new GatewayError('GATEWAY_KEYS_FILE_INVALID', `The keys in ${this.path} cannot be read: ${errorMessage(error)}.`, { hint: 'Delete the file and add the keys again.', data: { path: this.path }, cause: error })
    }
  }

  async write(keys: readonly StoredKey[]): Promise<void> {
    const folder = dirname(this.path)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeWhole(folder, basename(this.path), JSON.stringify({ version: 1, keys }, undefined, 1))
  }

  /** Another text after each change, by whichever process; undefined where there is no file. */
  async mark(): Promise<string | undefined> {
    const found = await stat(this.path, { bigint: true }).catch(() => undefined)
    return found === undefined ? undefined : `${found.ino} ${found.mtimeNs} ${found.size}`
  }

  #open(): GatewayError {
    return new GatewayError('GATEWAY_KEYS_FILE_OPEN', `Other users can read or change the keys in ${this.path}.`, {
      hint: 'Make the file private (chmod 600) if nobody else can have changed it; otherwise delete it and add the keys again.',
      data: { path: this.path },
    })
  }
}
