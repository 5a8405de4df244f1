/**
 * What the host functions of one Wasm instance work on.
 *
 * The functions are made once per instance and close over this context; `call` is exchanged for every call.
 */
import type { StateVersion } from '../../trie/types.ts'
import type { GuestMemory } from '../guest/guest-memory.ts'
import { HostFunctionError } from '../errors.ts'
import type { BlockStorage } from '../storage/block-storage.ts'
import type { HostKeystore } from './keystore.ts'
import type { OffchainServices } from './offchain-services.ts'

/** The levels of a runtime's log lines (spec, definition "Log Level"). */
export const RUNTIME_LOG_LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** One i64 or i32 crosses the boundary as BigInt or number. */
export type HostFunction = (...args: never[]) => bigint | number | void
export type HostFunctions = Readonly<Record<string, HostFunction>>

/** What one call into the runtime may use. */
export interface CallContext {
  readonly storage: BlockStorage
  /** Undefined in blocks and in calls that are not about keys: there these functions end the call. */
  readonly keystore: HostKeystore | undefined
  /** Undefined in blocks and in calls that are not made to use it: there these functions end the call. */
  readonly offchain: OffchainServices | undefined
  /** Receives what passes `maxLogLevel`. */
  readonly log: (level: number, target: string, message: string) => void
  /** Index into {@link RUNTIME_LOG_LEVELS}. */
  readonly maxLogLevel: number
  /** The encoded `RuntimeVersion` of other code; undefined where it is no runtime. */
  readonly versionOf: (code: Uint8Array) => Uint8Array | undefined
  /** The last line that was logged as an error, or the panic message: why a trap happened. */
  lastError: string | undefined
  /** Whether every signature of the open batch was good so far; undefined where no batch is open. */
  batch: boolean | undefined
}

export class HostContext {
  readonly memory: GuestMemory
  #call: CallContext | undefined

  constructor(memory: GuestMemory) {
    this.memory = memory
  }

  get call(): CallContext {
    if (this.#call === undefined) throw new HostFunctionError('a host function was called outside of a call')
    return this.#call
  }

  get storage(): BlockStorage {
    return this.call.storage
  }

  begin(call: CallContext): void {
    this.#call = call
  }

  end(): void {
    this.#call = undefined
  }
}

/** The state version that a runtime names: a byte, of which the host sees the lowest eight bits. */
export function stateVersion(version: number): StateVersion {
  const byte = version & 0xff
  if (byte !== 0 && byte !== 1) throw new HostFunctionError(`${version} is not a state version`)
  return byte
}
