/**
 * The namespace of a chain's protocols (Polkadot Host spec, 4.8.1).
 *
 * A present name begins with the genesis hash; chains that share a genesis block and went apart later add their fork id behind
 * it. Nodes from before 2022 know only an older name, which begins with the chain specification's protocol id. Protocol ids are
 * not unique: every development chain without one is called `sup`.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Namespace } from '../../network/protocol-names.ts'

/** The protocol id of a chain whose specification has none, as everywhere in this family of networks. */
const DEFAULT_PROTOCOL_ID = 'sup'

/** As the chain specification has it. */
export interface ProtocolIdentity {
  readonly forkId?: string | null | undefined
  readonly protocolId?: string | null | undefined
}

export function chainNamespace(genesisHash: Hash, { forkId, protocolId }: ProtocolIdentity): Namespace {
  const genesis = `/${genesisHash.slice(2)}`
  return {
    prefix: forkId === undefined || forkId === null ? genesis : `${genesis}/${forkId}`,
    olderPrefix: `/${protocolId ?? DEFAULT_PROTOCOL_ID}`,
  }
}
