/**
 * The version of runtime code that is not in any state yet.
 *
 * The genesis block needs it: the state version decides how the genesis state is stored, and only its own runtime knows.
 * And a runtime asks for the version of the code that is to replace it. It runs in the calling thread; compiling and calling
 * takes some ten milliseconds.
 */
import { NodeStore } from '../../trie/nodes/node-store.ts'
import { EMPTY_ROOT, Trie } from '../../trie/trie.ts'
import { decodeVersion } from '../api/version.ts'
import { compileCode, unpackCode, versionFromSections } from './code.ts'
import { RuntimeError } from '../errors.ts'
import type { CallContext } from '../host/context.ts'
import { LoadedRuntime } from '../guest/loaded-runtime.ts'
import { BlockStorage } from '../storage/block-storage.ts'
import { CachedState } from '../storage/state-view.ts'
import type { RuntimeVersion } from '../types.ts'

const NO_NODES = new NodeStore({ get: () => undefined })

/** `code` as it lies at `:code`. Throws RUNTIME_INVALID_CODE, or whatever its `Core_version` fails with. */
export function readCodeVersion(code: Uint8Array): RuntimeVersion {
  return decodeVersion(new LoadedRuntime(compileCode(code)).version(emptyContext))
}

/**
 * The encoded version of code that a runtime was handed; undefined where it is none. Code that says it in its sections need
 * not be able to run here.
 */
export function encodedCodeVersion(code: Uint8Array): Uint8Array | undefined {
  try {
    return versionFromSections(new WebAssembly.Module(unpackCode(code) as Uint8Array<ArrayBuffer>)) ?? new LoadedRuntime(compileCode(code)).version(emptyContext)
  } catch (error) {
    if (error instanceof RuntimeError || error instanceof WebAssembly.CompileError) return undefined
    throw error
  }
}

/** A call without state, that can do nothing. */
export function emptyContext(): CallContext {
  return {
    storage: new BlockStorage(NO_NODES, EMPTY_ROOT, new CachedState(new Trie(NO_NODES))),
    keystore: undefined,
    offchain: undefined,
    log: () => undefined,
    maxLogLevel: 0,
    versionOf: () => undefined,
    lastError: undefined,
    batch: undefined,
  }
}
