/** The kind `chain`: nodes of Polkadot-family networks. */
import type { NodeOptions } from '../../../chain/node/options.ts'
import { loadChainSpec } from '../../../chain/spec/load.ts'
import type { ChainSpec } from '../../../chain/spec/schema.ts'
import { forgetDevelopmentSigned } from '../../../keystore/forget-signed.ts'
import type { Installation } from '../installation.ts'
import type { NodeKind } from '../kind.ts'
import { HostedChain } from './hosted.ts'
import { chainProfiles } from './networks.ts'
import { nodeOptionsOf, type ChainProfile } from './profile.ts'
import { hasDatabase, repairKeeping, setDatabaseAside } from './set-aside.ts'
import { keepOldSpec } from './spec-file.ts'
import { explainFailure, NEEDS_PERSON } from './troubles.ts'

/** What a node of a chain is built with. */
export interface ChainPlan {
  readonly spec: ChainSpec
  readonly options: NodeOptions
}

export const CHAIN = {
  screens: ['sync', 'blocks', 'keys'],
  profiles: chainProfiles,
  plan: async (profile, { chainsPath, workerUrls }: Installation) => {
    const options = nodeOptionsOf(profile)
    await keepOldSpec(profile)
    return { spec: await loadChainSpec(options.chain, { chainsPath, basePath: options.basePath, genesisWorkerUrl: workerUrls?.genesis }), options }
  },
  create: async ({ spec, options }, { installation: { chainsPath, workerUrls }, logger, clock, keys, seen }) => {
    // Most of the program is the node of a chain: it is read when the first one starts, not before the window stands.
    const { Node } = await import('../../../chain/node/node.ts')
    const { carriedRuntime } = await import('../../../chain/node/carried-runtime.ts')
    const carried = await carriedRuntime(chainsPath, logger)
    const node = await Node.create({ spec, options, logger, keys, clock, workerUrls, carried, seen })
    return new HostedChain(node, { logger, clock, chainType: spec.chainType })
  },
  needsPerson: NEEDS_PERSON,
  explain: explainFailure,
  hasDatabase,
  setAside: setDatabaseAside,
  forgetPublicKeys: forgetDevelopmentSigned,
  repair: repairKeeping,
} as const satisfies NodeKind<ChainProfile, ChainPlan>
