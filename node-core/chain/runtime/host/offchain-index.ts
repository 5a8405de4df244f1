/**
 * `ext_offchain_index_*` and `ext_transaction_index_*` (Polkadot Host spec, section B.6 "Offchain").
 *
 * A block writes here what calls outside of blocks will read: the nodes of the Merkle mountain range, of which light proofs
 * for bridges are made, lie nowhere else. It is written like storage, rolled back with its transactions, and goes to the
 * database with the block. Unlike storage it is under no root, and a block cannot read it: nothing of it is consensus.
 *
 * The index of transactions serves nodes that offer the content of blocks for download. This one does not, and keeps none.
 */
import type { HostContext, HostFunctions } from './context.ts'

const HASH_SIZE = 32

export function offchainIndexFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  return {
    ext_offchain_index_set_version_1(key: bigint, value: bigint) {
      context.storage.offchain.set(memory.key(key), memory.copy(value))
    },
    ext_offchain_index_clear_version_1(key: bigint) {
      context.storage.offchain.set(memory.key(key), undefined)
    },
    ext_transaction_index_index_version_1: (_extrinsic: number, _size: number, hash: number) => void memory.at(hash, HASH_SIZE),
    ext_transaction_index_renew_version_1: (_extrinsic: number, hash: number) => void memory.at(hash, HASH_SIZE),
  }
}
