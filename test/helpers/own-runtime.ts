/** The runtime of our own networks as it is shipped, and its variants for tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unpackCode } from '../../node-core/chain/runtime/code/code.ts'
import { applyDifference, differenceSchema } from '../../build/runtime/difference.ts'
import { FIXTURES, RUNTIME_FOLDER } from '../../build/runtime/manifest.ts'

/** As it lies at `:code`. */
export function ownRuntime(): Uint8Array {
  return readFileSync(join(RUNTIME_FOLDER, 'nodestead.compact.compressed.wasm'))
}

/** The same sources with Aura in BABE's place. */
export function auraRuntime(): Uint8Array {
  return readFileSync(join(FIXTURES, 'nodestead-aura.compact.compressed.wasm'))
}

/** The next version: the same sources with `spec_version` one higher. Not compressed. */
export function nextOwnRuntime(): Uint8Array {
  return applyDifference(unpackCode(ownRuntime()), differenceSchema.parse(JSON.parse(readFileSync(join(FIXTURES, 'nodestead-next.json'), 'utf8'))))
}
