/** Which chain an offline command works on, and where its data are. */
import { join } from 'node:path'
import { chainDataPath, loadChainSpec, readNamedSpec } from '../chain/spec/load.ts'
import { oldChainIn, oldChainSpec } from '../chain/spec/old-chains.ts'
import { addressPrefixOf } from '../chain/spec/properties.ts'
import type { ChainSpec } from '../chain/spec/schema.ts'
import type { Installation } from './definition/command.ts'
import { defaultBasePath } from './base-path.ts'

export interface ChainValues {
  readonly chain?: string
  readonly dev?: true
  readonly 'base-path'?: string
}

export interface ChainFolder {
  readonly id: string
  readonly name: string
  readonly dataPath: string
  /** SS58. */
  readonly prefix: number
}

function chainOf({ chain, dev }: ChainValues): string {
  return chain ?? (dev === true ? 'dev' : 'polkadot')
}

/** Without making a genesis. Throws a ChainSpecError. */
export async function chainFolder(values: ChainValues, { folder, workerUrls }: Installation): Promise<ChainFolder> {
  const basePath = values['base-path'] ?? defaultBasePath()
  const old = oldChainIn(basePath, chainOf(values))
  if (old !== undefined) return { id: old.id, name: old.name, dataPath: chainDataPath(basePath, old), prefix: 42 }
  const { spec } = await readNamedSpec(chainOf(values), { chainsPath: join(folder, 'chains'), genesisWorkerUrl: workerUrls?.genesis })
  return { id: spec.id, name: spec.name, dataPath: chainDataPath(basePath, spec), prefix: addressPrefixOf(spec.properties) }
}

/** With its genesis. Throws a ChainSpecError. */
export async function chainSpecOf(values: ChainValues, { folder, workerUrls }: Installation): Promise<{ readonly spec: ChainSpec; readonly basePath: string }> {
  const basePath = values['base-path'] ?? defaultBasePath()
  const old = oldChainIn(basePath, chainOf(values))
  const spec = old === undefined ? await loadChainSpec(chainOf(values), { chainsPath: join(folder, 'chains'), basePath, genesisWorkerUrl: workerUrls?.genesis }) : await oldChainSpec(basePath, old)
  return { spec, basePath }
}
