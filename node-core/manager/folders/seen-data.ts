/**
 * What was last seen of a network's data: whose they are, and how far they had come. It is written down twice, in the data folder
 * itself (`instance.json`, its marker) and outside of it (folder-memory.ts), so that a folder which is gone, another's or an old copy
 * can be told from one that never was.
 *
 * The marker goes where the folder goes: a copy of it says the same, and only what is remembered outside gives an old copy away.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeWhole } from '../../base/whole-file.ts'

export const MARKER_FILE = 'instance.json'

const hex = z.custom<`0x${string}`>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/.test(value))
const position = z.object({ number: z.int().nonnegative(), hash: hex })

export const seenDataSchema = z.object({
  version: z.literal(1),
  /** By what the kind of node tells its networks apart; of a chain the genesis hash. */
  network: z.string().min(1).max(256),
  /** Of this data folder and no other of the same network, unless it is a copy. */
  instance: z.string().regex(/^[0-9a-f]{32}$/),
  /** Base58; left out where the identity is not kept in the folder. */
  peerId: z.string().min(1).max(128).optional(),
  newest: position.optional(),
  settled: position.optional(),
  /** The node was stopped after this was seen, so that all of it was in the hands of the system. */
  clean: z.boolean(),
  /** There was a database. */
  database: z.boolean(),
  /** A passphrase was chosen for its keystore, as for any that has keys. */
  keys: z.boolean(),
  /** Nobody else makes this network's blocks: where these data are lost, so is the chain. */
  soleAuthority: z.boolean().default(false),
})

export type SeenData = z.output<typeof seenDataSchema>

export function newInstanceId(): string {
  return randomBytes(16).toString('hex')
}

/** Undefined where there is no marker, or none that makes sense. */
export async function readMarker(dataPath: string): Promise<SeenData | undefined> {
  const text = await readFile(join(dataPath, MARKER_FILE), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseSeen(text)
}

function parseSeen(text: string): SeenData | undefined {
  try {
    return seenDataSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Into a folder that is there. */
export async function writeMarker(dataPath: string, seen: SeenData): Promise<void> {
  await writeWhole(dataPath, MARKER_FILE, JSON.stringify(seen))
}
