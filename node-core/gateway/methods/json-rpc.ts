/**
 * Methods of JSON-RPC, as a gateway sees them: what strangers may ask by default, what an operator may add, and what none is ever asked through here.
 * A method that is in none of the lists does not exist for a gateway, so a new one of the node is not served before somebody has put it into one.
 */
import type { KnownMethods } from './chosen.ts'

const CHANGES = 'it changes the node'
const KEYS = 'it works with the keys of the node'
const COSTS = 'it costs the node much, and the node itself lets only its owner call it'
const SHOWS = 'it shows what only the owner of the node should see'

const USUAL = [
  'account_nextIndex',
  'author_submitExtrinsic', 'author_submitAndWatchExtrinsic', 'author_unwatchExtrinsic',
  'chain_getBlock', 'chain_getBlockHash', 'chain_getFinalisedHead', 'chain_getFinalizedHead', 'chain_getHead', 'chain_getHeader', 'chain_getRuntimeVersion',
  'chain_subscribeAllHeads', 'chain_unsubscribeAllHeads', 'chain_subscribeFinalisedHeads', 'chain_unsubscribeFinalisedHeads', 'chain_subscribeFinalizedHeads', 'chain_unsubscribeFinalizedHeads',
  'chain_subscribeNewHead', 'chain_unsubscribeNewHead', 'chain_subscribeNewHeads', 'chain_unsubscribeNewHeads', 'chain_subscribeRuntimeVersion', 'chain_unsubscribeRuntimeVersion',
  'subscribe_newHead', 'unsubscribe_newHead',
  'chainHead_v1_body', 'chainHead_v1_call', 'chainHead_v1_continue', 'chainHead_v1_follow', 'chainHead_v1_header', 'chainHead_v1_stopOperation', 'chainHead_v1_storage', 'chainHead_v1_unfollow', 'chainHead_v1_unpin',
  'chainSpec_v1_chainName', 'chainSpec_v1_genesisHash', 'chainSpec_v1_properties',
  'grandpa_proveFinality', 'grandpa_subscribeJustifications', 'grandpa_unsubscribeJustifications',
  'payment_queryFeeDetails', 'payment_queryInfo',
  'rpc_methods',
  'state_call', 'state_callAt', 'state_getMetadata', 'state_getReadProof', 'state_getRuntimeVersion', 'state_getStorage', 'state_getStorageAt', 'state_getStorageHash', 'state_getStorageHashAt', 'state_getStorageSize', 'state_getStorageSizeAt',
  'state_getKeysPaged', 'state_getKeysPagedAt', 'state_queryStorageAt',
  'state_subscribeRuntimeVersion', 'state_unsubscribeRuntimeVersion', 'state_subscribeStorage', 'state_unsubscribeStorage',
  'system_accountNextIndex', 'system_chain', 'system_chainType', 'system_health', 'system_name', 'system_properties', 'system_syncState', 'system_version',
  'transaction_v1_broadcast', 'transaction_v1_stop', 'transactionWatch_v1_submitAndWatch', 'transactionWatch_v1_unwatch',
] as const

const FURTHER = [
  'archive_v1_body', 'archive_v1_call', 'archive_v1_finalizedHeight', 'archive_v1_genesisHash', 'archive_v1_hashByHeight', 'archive_v1_header',
  'archive_v1_storage', 'archive_v1_stopStorage', 'archive_v1_storageDiff', 'archive_v1_stopStorageDiff', 'archive_v1_storageDiff_stopStorageDiff',
  'author_pendingExtrinsics',
  'beefy_getFinalizedHead', 'beefy_subscribeJustifications', 'beefy_unsubscribeJustifications',
  'childstate_getKeys', 'childstate_getKeysPaged', 'childstate_getKeysPagedAt', 'childstate_getStorage', 'childstate_getStorageEntries', 'childstate_getStorageHash', 'childstate_getStorageSize',
  'grandpa_roundState',
  'mmr_generateAncestryProof', 'mmr_generateProof', 'mmr_root', 'mmr_verifyProof', 'mmr_verifyProofStateless',
  'state_getChildReadProof', 'state_getKeys',
  'system_localListenAddresses', 'system_localPeerId', 'system_nodeRoles',
] as const

const REFUSED = {
  author_hasKey: KEYS, author_hasSessionKeys: KEYS, author_insertKey: KEYS, author_rotateKeys: KEYS, author_rotateKeysWithOwner: KEYS,
  author_removeExtrinsic: CHANGES,
  babe_epochAuthorship: KEYS,
  engine_createBlock: CHANGES, engine_finalizeBlock: CHANGES,
  offchain_localStorageClear: CHANGES, offchain_localStorageGet: SHOWS, offchain_localStorageSet: CHANGES,
  state_getPairs: COSTS, state_queryStorage: COSTS, state_traceBlock: COSTS,
  system_addLogFilter: CHANGES, system_resetLogFilter: CHANGES,
  system_addReservedPeer: CHANGES, system_removeReservedPeer: CHANGES,
  system_dryRun: COSTS, system_dryRunAt: COSTS,
  system_peers: SHOWS, system_reservedPeers: SHOWS, system_unstable_networkState: SHOWS,
} as const

export const JSON_RPC_METHODS: KnownMethods = { usual: USUAL, further: FURTHER, refused: REFUSED }
