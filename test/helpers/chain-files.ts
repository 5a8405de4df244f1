/** The chain specifications that the build step makes, for tests and benchmarks. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { SpecWithState } from '../../node-core/chain/spec/schema.ts'
import { withState } from '../../node-core/chain/spec/with-state.ts'

/** Where they are. */
export const CHAINS = join(import.meta.dirname, '../../out/chains')

type Name = 'polkadot' | 'kusama' | 'westend' | 'dev' | 'local'

const read = new Map<Name, SpecWithState>()

export function readChainFile(name: Name): SpecWithState {
  const known = read.get(name)
  if (known !== undefined) return known
  const path = join(CHAINS, `${name}.json`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`${path} is missing: run "npm run build" first, which makes the chain specifications`, { cause: error })
  }
  const spec = withState(parseChainSpec(text, path))
  read.set(name, spec)
  return spec
}
