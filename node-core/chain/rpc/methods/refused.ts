/**
 * Methods of other nodes that this one does not serve, each with the reason. Who calls one learns more than that it is not found;
 * `rpc_methods` does not list them, so that tools which go by that list leave them alone.
 */
import { CODE, RpcError } from '../errors.ts'
import type { Method } from '../method.ts'

const OFFCHAIN = 'this node keeps no offchain storage that can be reached from outside'
const BEEFY = 'this node does not take part in BEEFY, whose votes bridges follow; GRANDPA finality is in grandpa_subscribeJustifications'
const STATEMENTS = 'this node keeps no statement store'
const TRACING = 'this node does not trace how blocks are executed'

const REASONS: Readonly<Record<string, string>> = {
  system_unstable_networkState: 'its form was never promised; peers are in system_peers, and more of the network is in the dashboard',
  state_traceBlock: TRACING,
  state_callRecorded: TRACING,
  dev_getBlockStats: TRACING,
  state_trieMigrationStatus: 'this node does not watch the migration of states to another version',
  sync_state_genSyncSpec: 'this node writes no checkpoints; light clients warp-sync from it without one',
  offchain_localStorageGet: OFFCHAIN,
  offchain_localStorageSet: OFFCHAIN,
  offchain_localStorageClear: OFFCHAIN,
  beefy_getFinalizedHead: BEEFY,
  beefy_subscribeJustifications: BEEFY,
  beefy_unsubscribeJustifications: BEEFY,
  statement_submit: STATEMENTS,
  statement_subscribeStatement: STATEMENTS,
  statement_unsubscribeStatement: STATEMENTS,
  statement_unstable_subscribe: STATEMENTS,
  statement_unstable_unsubscribe: STATEMENTS,
  statement_unstable_add_filter: STATEMENTS,
  statement_unstable_remove_filter: STATEMENTS,
  statement_unstable_submit: STATEMENTS,
  mixnet_submitExtrinsic: 'this node is part of no mix network',
  bitswap_v1_get: 'this node serves no transaction storage',
  contracts_call: 'the runtime answers this itself: call ContractsApi_call with state_call',
  contracts_instantiate: 'the runtime answers this itself: call ContractsApi_instantiate with state_call',
}

/** Those that are not among the methods that exist. */
export function refusedMethods(existing: readonly Method[]): Method[] {
  const names = new Set(existing.flatMap((method) => method.names))
  return Object.entries(REASONS).flatMap(([name, why]) => (names.has(name) ? [] : [refusal(name, why)]))
}

function refusal(name: string, why: string): Method {
  return {
    names: [name],
    listed: false,
    run() {
      throw new RpcError(CODE.methodNotFound, `Method not found: ${name} is not served here, since ${why}`)
    },
  }
}
