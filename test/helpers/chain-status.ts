/** What the status of a chain's node says besides what every kind has. */
import type { ChainStatus } from '../../node-core/manager/kinds/chain/types.ts'

export function chainDetails(change: Partial<ChainStatus> = {}): ChainStatus {
  return { kind: 'chain', genesisHash: `0x${'00'.repeat(32)}`, hold: undefined, isPublic: true, sealing: undefined, rpcAddress: undefined, joining: undefined, ...change }
}
