/** The runtime that ships with the app, for tests. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex, type Hex } from '../../node-core/base/bytes.ts'

const FILE = join(import.meta.dirname, '../../assets/runtime/nodestead.compact.compressed.wasm')

export const hasOwnRuntime = existsSync(FILE)

/** As it lies at `:code`: compressed. */
export function ownRuntime(): Hex {
  return toHex(readFileSync(FILE))
}
