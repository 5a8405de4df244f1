/**
 * The version of runtime code that is not in any state yet.
 *
 * The genesis block needs it: the state version decides how the genesis state is stored, and only its own runtime knows.
 * It runs in the calling thread, once for a new chain; compiling and calling takes some ten milliseconds.
 */
import { NodeStore } from '../trie/node-store.ts'
import { EMPTY_ROOT, Trie } from '../trie/trie.ts'
import { decodeVersion } from './api/version.ts'
import { compileCode } from './code.ts'
import type { CallContext } from './host/context.ts'
import { EMPTY_KEYSTORE } from './host/keystore.ts'
import { LoadedRuntime } from './loaded-runtime.ts'
import { BlockStorage } from './storage/block-storage.ts'
import { CachedState } from './storage/state-view.ts'
import type { RuntimeVersion } from './types.ts'

const NO_NODES = new NodeStore({ get: () => undefined })

/** `code` as it lies at `:code`. Throws RUNTIME_INVALID_CODE, or whatever its `Core_version` fails with. */
export function readCodeVersion(code: Uint8Array): RuntimeVersion {
  return decodeVersion(new LoadedRuntime(compileCode(code)).version(emptyContext))
}

/** A call without state, that can do nothing. */
export function emptyContext(): CallContext {
  return {
    storage: new BlockStorage(NO_NODES, EMPTY_ROOT, new CachedState(new Trie(NO_NODES))),
    keystore: EMPTY_KEYSTORE,
    offchain: undefined,
    log: () => undefined,
    maxLogLevel: 0,
    versionOf: () => undefined,
    lastError: undefined,
    batch: undefined,
  }
}
