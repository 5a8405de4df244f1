/**
 * Running runtimes, without threads: what a worker does with one request.
 *
 * The runner finds the state and its code, makes the storage of the call, calls, and says what came of it. Calls are
 * dropped; a block's changes are handed over; a block under construction stays here until it is finished or dropped.
 */
import { EMPTY, fromHex, toHex, type Hash } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import type { StateChanges } from '../state/types.ts'
import { TrieError } from '../trie/errors.ts'
import { NodeStore, isRecordSource } from '../trie/nodes/node-store.ts'
import type { NodeCounter } from '../trie/nodes/packed-records.ts'
import { proofWithin, recordingSource, type ProofRequest } from '../trie/proofs/proof.ts'
import { Trie } from '../trie/trie.ts'
import type { TrieRoot } from '../trie/types.ts'
import { decodeVersion } from './api/version.ts'
import { DEFAULT_HEAP_PAGES, codeIdentity, compileCode, invalidCode } from './code/code.ts'
import { NO_SUBSTITUTES, substituteFor, type CodeSubstitution } from './code/code-substitutes.ts'
import { emptyContext, encodedCodeVersion } from './code/code-version.ts'
import { RuntimeError, toPlainError } from './errors.ts'
import type { CallContext } from './host/context.ts'
import type { HostKeystore } from './host/keystore.ts'
import type { OffchainServices } from './host/offchain-services.ts'
import { LoadedRuntime } from './guest/loaded-runtime.ts'
import { BlockStorage } from './storage/block-storage.ts'
import { CachedState } from './storage/state-view.ts'
import type { ExecutionPlace, ProvenCall, RuntimeErrorCode, SubmittingCall } from './types.ts'

export interface RunnerDependencies {
  readonly store: NodeStore
  /** New records get their numbers from it. */
  readonly counter: NodeCounter
  /** The record of the root of a block's state: two blocks with the same root may have records of their own. Looked up by the root where this is left out. */
  readonly blockRoot?: (block: Uint8Array) => number | undefined
  /** For offchain calls alone, both of them. */
  readonly keystore: HostKeystore
  readonly offchain: OffchainServices
  readonly log: CallContext['log']
}

export interface RunnerOptions {
  /** Index into RUNTIME_LOG_LEVELS. */
  readonly maxLogLevel: number
  /** Code that runs in the place of a chain's own; none where it is left out. */
  readonly substitution?: CodeSubstitution
}

/** A state with its code, and what a call in it writes to. */
export interface Execution {
  readonly runtime: LoadedRuntime
  readonly storage: BlockStorage
  /** Calls into the runtime with this storage. A storage transaction that the call leaves open is rolled back. */
  call(method: string, args: Uint8Array): Uint8Array
}

/** What a call may use of this machine: a block nothing, as it has to come to the same end on every one. */
type CallServices = Pick<CallContext, 'keystore' | 'offchain'>

const NO_SERVICES: CallServices = { keystore: undefined, offchain: undefined }

const CODE_KEY = ':code'
/** Code that takes effect with the next block (system version 3): blocks run on it already, questions do not. */
const PENDING_CODE_KEY = ':pending_code'
const HEAP_PAGES_KEY = ':heappages'

/** Compiled runtimes and states that are kept. */
const MAX_RUNTIMES = 4
const MAX_STATES = 3
/** Blocks that may be on their way into the database, with room to spare. */
const MAX_EXECUTED = 64

/** What everybody comes to who runs the same call on the same state; anything else is this host's own trouble. */
const REPEATABLE_FAILURES: ReadonlySet<RuntimeErrorCode> = new Set(['RUNTIME_NO_SUCH_API', 'RUNTIME_TRAP'])

export class Runner {
  readonly #dependencies: RunnerDependencies
  readonly #options: RunnerOptions
  readonly #runtimes = new Lru<string, LoadedRuntime>(MAX_RUNTIMES)
  readonly #states = new Lru<Hash, CachedState>(MAX_STATES)
  /** States that blocks led to which were executed or built here: they are asked for before they are stored. */
  readonly #made = new Lru<Hash, number>(MAX_STATES)
  /** The records of the roots after blocks that were executed here, by block: their children may come before they are stored. */
  readonly #executed = new Lru<Hash, number>(MAX_EXECUTED)

  #lastCalled: LoadedRuntime | undefined

  constructor(dependencies: RunnerDependencies, options: RunnerOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** Tidies up after the last call. It need not be called; where it is, the next call starts earlier. */
  settle(): void {
    this.#lastCalled?.settle()
    this.#lastCalled = undefined
  }

  /** Any entry; what it changes is dropped. `begin` is the encoded header of a block that is begun first. */
  call(stateRoot: Hash, method: string, args: Uint8Array, offchain = false, begin?: Uint8Array): Uint8Array {
    const execution = this.execution(stateRoot, offchain ? this.#dependencies : NO_SERVICES)
    if (begin !== undefined) execution.call('Core_initialize_block', begin)
    return execution.call(method, args)
  }

  /** A call that is made for the extrinsics that it submits, with them: at most `limit`, the runtime is told where there are more. */
  callSubmitting(stateRoot: Hash, method: string, args: Uint8Array, limit: number): SubmittingCall {
    const submitted: Uint8Array[] = []
    const { keystore, offchain } = this.#dependencies
    const submit = (extrinsic: Uint8Array): boolean => submitted.length < limit && submitted.push(extrinsic) > 0
    const result = this.execution(stateRoot, { keystore, offchain: { ...offchain, submit } }).call(method, args)
    return { result, submitted }
  }

  /** A call with keys of its own. */
  callWithKeys(stateRoot: Hash, method: string, args: Uint8Array, keystore: HostKeystore): Uint8Array {
    return this.execution(stateRoot, { ...NO_SERVICES, keystore }).call(method, args)
  }

  /**
   * A call whose every read of the state is noted, around all caches. The code itself is found in the usual way: who
   * checks the proof has it already.
   */
  prove(stateRoot: Hash, method: string, args: Uint8Array): ProvenCall {
    const runtime = this.#runtime(stateRoot, CODE_KEY)
    const root = this.#root(stateRoot)
    const recording = recordingSource(this.#dependencies.store.source)
    const store = new NodeStore(recording)
    const storage = new BlockStorage(store, root, new CachedState(new Trie(store, root)))
    this.#lastCalled = runtime
    try {
      return { result: runtime.call(method, args, this.#context(storage, NO_SERVICES)), proof: recording.nodes() }
    } catch (error) {
      if (REPEATABLE_FAILURES.has(toPlainError(error).code)) return { result: undefined, proof: recording.nodes() }
      throw error
    }
  }

  /** The nodes that prove keys of this state; undefined where they take too much. */
  readProof(stateRoot: Hash, request: ProofRequest): Uint8Array[] | undefined {
    // Around the cache: what a proof needs must be seen being read.
    const root = this.#root(stateRoot)
    this.#state(stateRoot, root)
    return proofWithin(this.#dependencies.store.source, root, request)
  }

  /** The encoded `RuntimeVersion` of the code at this state. */
  version(stateRoot: Hash): Uint8Array {
    const { runtime, storage } = this.execution(stateRoot, NO_SERVICES)
    return runtime.version(() => this.#context(storage, NO_SERVICES))
  }

  /**
   * Executes a block, given as its encoding without the seal. Throws RUNTIME_TRAP where the runtime refuses it, and
   * RUNTIME_BAD_RESULT where the state root is not `expectedRoot`, which would be a fault of this host.
   */
  executeBlock(parentStateRoot: Hash, block: Uint8Array, expectedRoot: Hash, { hash, parentStored = true }: Partial<ExecutionPlace> = {}): StateChanges {
    try {
      const execution = this.blockExecution(parentStateRoot, parentOf(block), parentStored)
      execution.call('Core_execute_block', block)
      const changes = this.finish(execution, expectedRoot)
      if (hash !== undefined) this.#executed.set(hash, changes.nodes.root)
      return changes
    } catch (error) {
      // Read by the runner itself: its code, or what the new root is made of.
      if (error instanceof TrieError) throw unknownState(parentStateRoot)
      throw error
    }
  }

  /** The changes of a block that is done; the state they lead to is kept at hand. */
  finish({ runtime, storage }: Execution, expectedRoot: Hash): StateChanges {
    // A runtime computes its root itself; its state version is asked only where it did not.
    const version = storage.lastVersion ?? decodeVersion(runtime.version(() => this.#context(storage, NO_SERVICES))).stateVersion
    const changes = storage.changes(version, this.#dependencies.counter)
    if (changes.stateRoot !== expectedRoot) {
      throw new RuntimeError('RUNTIME_BAD_RESULT', `the block leads to state root ${changes.stateRoot}; its header says ${expectedRoot}`, {
        data: { expected: expectedRoot, computed: changes.stateRoot },
      })
    }
    const { root } = changes.nodes
    this.#made.set(changes.stateRoot, root)
    this.#states.set(changes.stateRoot, storage.succeedingView())
    return changes
  }

  /** Prepares the calls of a block on the state of `parent`. Throws RUNTIME_UNKNOWN_STATE where that is neither stored nor known from its execution here. */
  blockExecution(parentStateRoot: Hash, parent: Uint8Array, parentStored = true): Execution {
    // What is stored counts: a block that was executed twice has two sets of records, of which one was kept.
    const id = this.#dependencies.blockRoot?.(parent) ?? this.#executed.get(toHex(parent))
    if (id === undefined && !parentStored) throw unknownState(parentStateRoot)
    return this.#execution(parentStateRoot, id === undefined ? this.#root(parentStateRoot) : { hash: fromHex(parentStateRoot), id })
  }

  /** Prepares calls that share one storage. `services` are undefined for blocks, which have none. */
  execution(stateRoot: Hash, services?: CallServices): Execution {
    return this.#execution(stateRoot, this.#root(stateRoot), services)
  }

  #execution(stateRoot: Hash, root: TrieRoot, services?: CallServices): Execution {
    const state = this.#state(stateRoot, root)
    const isBlock = services === undefined
    const runtime = this.#runtime(stateRoot, isBlock && state.valueRef(PENDING_CODE_KEY) !== undefined ? PENDING_CODE_KEY : CODE_KEY, state)
    const storage = new BlockStorage(this.#dependencies.store, root, state)
    return {
      runtime,
      storage,
      call: (method, args) => {
        this.#lastCalled = runtime
        return storage.journal.enclose(() => onState(stateRoot, () => runtime.call(method, args, this.#context(storage, services ?? NO_SERVICES))))
      },
    }
  }

  #context(storage: BlockStorage, { keystore, offchain }: CallServices): CallContext {
    const { log } = this.#dependencies
    return {
      storage, keystore, offchain, log,
      maxLogLevel: this.#options.maxLogLevel,
      versionOf: encodedCodeVersion,
      lastError: undefined,
      batch: undefined,
    }
  }

  /** Its record, where there are records. */
  #root(stateRoot: Hash): TrieRoot {
    const hash = fromHex(stateRoot)
    const { source } = this.#dependencies.store
    const id = isRecordSource(source) ? (source.rootId(hash) ?? this.#made.get(stateRoot)) : undefined
    return { hash, id: id ?? 0 }
  }

  #state(stateRoot: Hash, root = this.#root(stateRoot)): CachedState {
    let state = this.#states.get(stateRoot)
    // Two blocks may have one state in records of their own.
    if (state === undefined || state.rootId !== root.id) {
      try {
        const trie = new Trie(this.#dependencies.store, root)
        state = state?.moved(trie) ?? new CachedState(trie)
      } catch (error) {
        if (!(error instanceof TrieError)) throw error
        throw unknownState(stateRoot)
      }
      this.#states.set(stateRoot, state)
    }
    return state
  }

  /** What runs on a state: its own code, or what stands in for it. */
  #runtime(stateRoot: Hash, codeKey: string, state = this.#state(stateRoot)): LoadedRuntime {
    const reference = state.valueRef(codeKey)
    if (reference === undefined) throw invalidCode('there is none (no value at :code)')
    const heapPages = readHeapPages(state.get(HEAP_PAGES_KEY))
    const own = this.#loaded(codeIdentity(reference, heapPages), () => state.load(codeKey) ?? EMPTY, heapPages)
    const { substitution = NO_SUBSTITUTES } = this.#options
    if (substitution.substitutes.length === 0) return own
    const { specVersion } = decodeVersion(own.version(emptyContext))
    const substitute = substituteFor(substitution, { stateRoot, get: (key) => state.get(key) }, specVersion)
    if (substitute === undefined) return own
    return this.#loaded(`substitute ${substitute.block}/${heapPages ?? 'default'}`, () => substitute.code, heapPages)
  }

  #loaded(identity: string, code: () => Uint8Array, heapPages: number | undefined): LoadedRuntime {
    let runtime = this.#runtimes.get(identity)
    if (runtime === undefined) {
      runtime = new LoadedRuntime(compileCode(code(), heapPages ?? DEFAULT_HEAP_PAGES))
      this.#runtimes.set(identity, runtime)
    }
    return runtime
  }
}

function unknownState(stateRoot: Hash): RuntimeError {
  return new RuntimeError('RUNTIME_UNKNOWN_STATE', `the state ${stateRoot} is not stored`, { data: { stateRoot } })
}

/** A state may be given up while it is read: the error says which. */
function onState<T>(stateRoot: Hash, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'RUNTIME_UNKNOWN_STATE') throw error
    throw new RuntimeError(error.code, error.message, { data: { ...error.data, stateRoot } })
  }
}

/** A block begins with its header, and that with the hash of its parent. */
export function parentOf(block: Uint8Array): Uint8Array {
  return block.subarray(0, 32)
}

/** `:heappages` is a u64; undefined where it is not there or makes no sense. */
function readHeapPages(value: Uint8Array | undefined): number | undefined {
  if (value?.length !== 8) return undefined
  const pages = new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true)
  return pages === 0n || pages > 65_536n ? undefined : Number(pages)
}
