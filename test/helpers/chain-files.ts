/** The chain specifications that the build step makes, for tests and benchmarks. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'

const FOLDER = join(import.meta.dirname, '../../out/chains')

export function readChainFile(name: 'polkadot' | 'kusama' | 'westend' | 'dev' | 'local'): ChainSpec {
  const path = join(FOLDER, `${name}.json`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`${path} is missing: run "npm run build" first, which makes the chain specifications`, { cause: error })
  }
  return parseChainSpec(text, path)
}
