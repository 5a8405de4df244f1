/**
 * `assets/runtime/runtime.json`: what the shipped runtime is, what it was made of, and with what. The suite holds the files against it,
 * so that sources which were changed without a new build are noticed.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { toHex } from '../../node-core/base/bytes.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { ROOT } from '../terminal.ts'

/** The Cargo workspace, with the compiled runtime in it. */
export const RUNTIME_FOLDER = join(ROOT, 'assets', 'runtime')
export const MANIFEST = join(RUNTIME_FOLDER, 'runtime.json')
export const FIXTURES = join(ROOT, 'test', 'fixtures', 'runtime')

const sha256Text = z.string().regex(/^[0-9a-f]{64}$/)

const builtFile = z.object({
  /** From the project's root. */
  file: z.string(),
  bytes: z.number(),
  sha256: sha256Text,
})

export const runtimeManifest = z.object({
  specName: z.string(),
  specVersion: z.number(),
  implVersion: z.number(),
  transactionVersion: z.number(),
  stateVersion: z.number(),
  /** As it lies at `:code`. The code hash is BLAKE2b-256 of that, by which an upgrade is authorized. */
  wasm: builtFile.extend({ codeHash: z.string() }),
  /** As the linker made it, which is what another build comes to. */
  unpacked: z.object({ bytes: z.number(), sha256: sha256Text }),
  metadata: builtFile.extend({ version: z.number() }),
  /** See sources.ts. */
  sources: sha256Text,
  toolchain: z.record(z.string(), z.string()),
  /** For tests: the same sources with Aura, and what the next version changes in the bytes. */
  fixtures: z.object({ aura: builtFile, next: builtFile }),
})

export type RuntimeManifest = z.infer<typeof runtimeManifest>
export type BuiltFile = z.infer<typeof builtFile>

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function codeHash(code: Uint8Array): string {
  return toHex(blake2b256(code))
}
