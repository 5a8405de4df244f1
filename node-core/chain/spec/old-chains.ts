/**
 * The development networks of before this app had a runtime of its own. They ran on a relay chain's runtime of 2021, whose specification
 * does not ship any more; their geneses are other ones than those of the networks that are called the same today.
 *
 * Such a data folder opens as what it is: its specification is put together from the genesis state that its database keeps. A
 * folder that has a network of today beside it is left to that one.
 */
import { existsSync } from 'node:fs'
import { systemClock, type Clock } from '../../base/clock.ts'
import { readStoredGenesis } from '../state/stored-genesis.ts'
import { databasePath } from '../state/trie-source.ts'
import { chainDataPath } from './load.ts'
import { KNOWN_NETWORKS } from './networks.ts'
import type { ChainSpec } from './schema.ts'

/** What such a specification says besides its genesis. */
export type OldChain = Pick<ChainSpec, 'name' | 'id' | 'chainType'>

const OLD_CHAINS: Readonly<Record<string, OldChain>> = {
  dev: { name: 'Development', id: 'dev', chainType: 'Development' },
  local: { name: 'Local Testnet', id: 'local_testnet', chainType: 'Local' },
}

/** Names of the runtimes that such networks, and private ones of the time, run on. */
const OLD_RUNTIMES: readonly string[] = ['rococo']

/** The old chain whose data this folder has in the place of the network that is called so today; undefined where it has none. `name` is any that `--chain` takes. */
export function oldChainIn(basePath: string, name: string): OldChain | undefined {
  const known = KNOWN_NETWORKS.find(({ names }) => names.includes(name))
  const old = known && OLD_CHAINS[known.id]
  if (old === undefined || hasDatabase(basePath, known?.specId ?? '')) return undefined
  return hasDatabase(basePath, old.id) ? old : undefined
}

/** The old chain with this `id` in its specification. */
export function oldChainOf(specId: string): OldChain | undefined {
  return Object.values(OLD_CHAINS).find(({ id }) => id === specId)
}

/** Its specification from its data. Throws what opening a database throws. */
export async function oldChainSpec(basePath: string, chain: OldChain, clock: Clock = systemClock): Promise<ChainSpec> {
  return {
    ...chain,
    bootNodes: [],
    protocolId: chain.id,
    properties: { ss58Format: 42, tokenDecimals: 12, tokenSymbol: 'UNIT' },
    codeSubstitutes: {},
    genesis: { raw: await readStoredGenesis(chainDataPath(basePath, chain), clock) },
  }
}

/** True for a network of one's own on a runtime that this app lent it once. */
export function runsOnOldRuntime(specName: string, chainType: ChainSpec['chainType']): boolean {
  return OLD_RUNTIMES.includes(specName) && chainType !== 'Live'
}

function hasDatabase(basePath: string, id: string): boolean {
  return existsSync(databasePath(chainDataPath(basePath, { id })))
}
