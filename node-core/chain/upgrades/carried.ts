/**
 * The runtime that this version of the app carries for networks of our own: what it is is read at the start, its code and its
 * description when somebody upgrades or wants to know what changes.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Hash } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { UpgradeError } from './errors.ts'

export interface CarriedRuntime {
  readonly specName: string
  readonly specVersion: number
  /** blake2b-256 of the code as it lies at `:code`: by this an upgrade is authorized. */
  readonly codeHash: Hash
  /** Throws UPGRADE_FILES_DAMAGED. */
  code(): Promise<Uint8Array>
  /** Begins with `meta`. Throws UPGRADE_FILES_DAMAGED. */
  metadata(): Promise<Uint8Array>
}

export const CARRIED_FILES = { manifest: 'runtime.json', code: 'nodestead.compact.compressed.wasm', metadata: 'metadata.scale' } as const

/** Where an installation has them: beside the specifications that ship with it. */
export function carriedFolder(chainsPath: string): string {
  return join(chainsPath, 'runtime')
}

const manifestSchema = z.object({
  specName: z.string(),
  specVersion: z.number().int().nonnegative(),
  wasm: z.object({ codeHash: z.string().regex(/^0x[0-9a-f]{64}$/) }),
})

/** `folder` holds {@link CARRIED_FILES}. Undefined where this installation carries none. Throws UPGRADE_FILES_DAMAGED where the manifest does not read. */
export async function readCarried(folder: string): Promise<CarriedRuntime | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, CARRIED_FILES.manifest), 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw damaged(CARRIED_FILES.manifest, error)
  }
  let manifest: z.infer<typeof manifestSchema>
  try {
    manifest = manifestSchema.parse(JSON.parse(text))
  } catch (error) {
    throw damaged(CARRIED_FILES.manifest, error)
  }
  const { specName, specVersion } = manifest
  const codeHash = manifest.wasm.codeHash as Hash
  const read = (name: string): Promise<Uint8Array> =>
    readFile(join(folder, name)).catch((error: unknown) => {
      throw damaged(name, error)
    })
  return {
    specName, specVersion, codeHash,
    async code() {
      const code = await read(CARRIED_FILES.code)
      if (blake2Hash(code) !== codeHash) throw damaged(CARRIED_FILES.code, new Error('it is another code than the manifest says'))
      return code
    },
    metadata: () => read(CARRIED_FILES.metadata),
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function damaged(name: string, error: unknown): UpgradeError {
  return new UpgradeError('UPGRADE_FILES_DAMAGED', `The bundled runtime is unusable (${name}): ${errorMessage(error)}.`, {
    hint: 'The installation is damaged. Reinstall the app.',
    cause: error,
  })
}
