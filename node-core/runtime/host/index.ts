/**
 * The host functions: everything that a runtime may import from `env` (Polkadot Host spec, appendix B "Host API").
 *
 * One file per family. What is not here can be imported all the same: it ends the call with its name when it is called
 * (see instance.ts), so that a runtime which merely mentions it runs.
 */
import { allocatorFunctions } from './allocator.ts'
import { childStorageFunctions } from './child-storage.ts'
import type { HostContext, HostFunctions } from './context.ts'
import { cryptoKeyFunctions } from './crypto-keys.ts'
import { cryptoFunctions } from './crypto.ts'
import { hashingFunctions } from './hashing.ts'
import { loggingFunctions } from './logging.ts'
import { miscFunctions } from './misc.ts'
import { offchainFunctions } from './offchain.ts'
import { storageFunctions } from './storage.ts'
import { trieFunctions } from './trie.ts'

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
    ...offchainFunctions(context),
  }
}
