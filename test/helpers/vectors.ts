/** Real data beside the project. Tests that read from it say so, and are skipped where it is absent. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { SpecWithState } from '../../node-core/chain/spec/schema.ts'
import { withState } from '../../node-core/chain/spec/with-state.ts'

export const VECTORS = join(import.meta.dirname, '../../../shared/vectors')

export function vectorPath(name: string): string {
  return join(VECTORS, name)
}

export function hasVector(name: string): boolean {
  return existsSync(vectorPath(name))
}

export function readVector(name: string): string {
  return readFileSync(vectorPath(name), 'utf8')
}

/** `paseo` or `westend-dev`. */
export function vectorSpec(name: 'paseo' | 'westend-dev'): SpecWithState {
  const path = `specs/${name}.json`
  return withState(parseChainSpec(readVector(path), vectorPath(path)))
}
