/**
 * Live relay chains, on which this node is no validator.
 *
 * A validator of a relay chain makes its blocks and votes on them, and besides backs the blocks of parachains, keeps pieces of them for
 * others, and checks and disputes what others backed. This node does the former alone. Where it took a validator's place all the same, the
 * network would be short of one checker, and its stake would be at risk. So it follows such chains and signs nothing. A relay runtime on a
 * network for development has nothing at stake: there it may author.
 *
 * A runtime tells by the API `ParachainHost` that its chain is a relay chain. A chain that has none yet may be given one by an
 * upgrade, so a node that runs looks again (node/relay-role.ts).
 */
import { NodeError } from '../../base/errors.ts'
import { apiId } from '../runtime/api/by-version.ts'
import { apiVersion } from '../runtime/api/version.ts'
import { readCodeVersion } from '../runtime/code/code-version.ts'
import type { RuntimeVersion } from '../runtime/types.ts'
import { genesisCode } from './genesis.ts'
import { knownNetworkOf } from './networks.ts'
import type { ChainSpec } from './schema.ts'
import { hasState } from './with-state.ts'

export type RoleErrorCode = 'ROLE_RELAY_VALIDATOR'

export function isRelayRuntime({ apis }: Pick<RuntimeVersion, 'apis'>): boolean {
  return apiVersion(apis, apiId('ParachainHost')) !== undefined
}

/** As far as its specification tells: a network that ships, or one whose genesis runtime says so. */
export function isLiveRelay(spec: ChainSpec): boolean {
  if (spec.chainType !== 'Live') return false
  return knownNetworkOf(spec)?.isRelay === true || (hasState(spec) && isRelayRuntime(readCodeVersion(genesisCode(spec))))
}

/** Throws ROLE_RELAY_VALIDATOR. */
export function refuseRelayValidator(spec: ChainSpec): void {
  if (!isLiveRelay(spec)) return
  throw new NodeError<RoleErrorCode>('ROLE_RELAY_VALIDATOR', `This node cannot be a validator of ${spec.name}: a validator of a relay chain must also back and check blocks of parachains, which this node does not do.`, {
    hint: 'Leave --validator out: it follows the chain as a full node.',
  })
}
