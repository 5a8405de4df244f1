/**
 * The host functions: everything that a runtime may import from `env` (Polkadot Host spec, appendix B "Host API"), and what
 * the spec has not caught up with: every function that Substrate's nodes of 2026 offer.
 *
 * One file per family. A function whose service this node does not have gives the answer of a full node without that
 * service, which is the end of the call where that node would panic. What is not here can be imported all the same: it ends
 * the call with its name when it is called (see instance.ts), so that a runtime which merely mentions it runs.
 */
import { allocatorFunctions } from './allocator.ts'
import { childStorageFunctions } from './child-storage.ts'
import type { HostContext, HostFunctions } from './context.ts'
import { cryptoKeyFunctions } from './crypto-keys.ts'
import { cryptoFunctions } from './crypto.ts'
import { hashingFunctions } from './hashing.ts'
import { lateFunctions } from './late-functions.ts'
import { loggingFunctions } from './logging.ts'
import { miscFunctions } from './misc.ts'
import { offchainIndexFunctions } from './offchain-index.ts'
import { offchainFunctions } from './offchain.ts'
import { proofSizeFunctions } from './proof-size.ts'
import { statementStoreFunctions } from './statement-store.ts'
import { storageFunctions } from './storage.ts'
import { trieFunctions } from './trie.ts'
import { wasmTracingFunctions } from './wasm-tracing.ts'

export function createHostFunctions(context: HostContext): HostFunctions {
  return {
    ...storageFunctions(context),
    ...childStorageFunctions(context),
    ...cryptoFunctions(context),
    ...cryptoKeyFunctions(context),
    ...hashingFunctions(context),
    ...trieFunctions(context),
    ...miscFunctions(context),
    ...allocatorFunctions(context),
    ...loggingFunctions(context),
    ...wasmTracingFunctions(context),
    ...offchainFunctions(context),
    ...offchainIndexFunctions(context),
    ...statementStoreFunctions(context),
    ...proofSizeFunctions(),
    ...lateFunctions(context),
  }
}
