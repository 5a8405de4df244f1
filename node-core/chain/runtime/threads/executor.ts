/**
 * The runtime executor: how the rest of the node calls into the Wasm runtime.
 *
 * Runtimes run in worker threads, so that a slow call never holds up the main thread. There are three lanes: `import`
 * executes and builds blocks, `query` answers RPC and the pool, `proofs` serves light clients; none can keep another waiting.
 * The thread of `import` is always there. The others begin with the first request and end when there was none for a while, because
 * a thread takes some 25 MB; so what comes with every block goes by `import`, however small, or it would keep `query` awake.
 * This side encodes and decodes what is small and hands on what is large.
 *
 * worker.ts is the thread; runner.ts and builder.ts what it does; instance.ts a Wasm instance; host/ the functions that a
 * runtime imports; storage/ what it reads and writes; api/ the typed forms of its entries.
 */
import { EMPTY, concatBytes, fromBinaryString, type Hash } from '../../../base/bytes.ts'
import { systemClock, type Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import { Lru } from '../../../base/lru.ts'
import { beginThread } from '../../../base/threads.ts'
import { decodeBody, encodeBody, type Extrinsic } from '../../scale/block.ts'
import { decodeHeader, encodeHeader, type Header } from '../../scale/header.ts'
import { ScaleError } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { Service } from '../../../base/service.ts'
import type { StateChanges } from '../../state/types.ts'
import { byVersion } from '../api/by-version.ts'
import { decodeGeneratedSessionKeys, encodeGenerateSessionKeys } from '../api/session-keys.ts'
import { decodeVersion } from '../api/version.ts'
import { NO_SUBSTITUTES, type CodeSubstitution } from '../code/code-substitutes.ts'
import { RuntimeError } from '../errors.ts'
import type { WorkerThread } from './lane-worker.ts'
import { Lane, type LaneOptions } from './lane.ts'
import { ProofLane } from './proof-lane.ts'
import { RememberedCalls } from './remembered-calls.ts'
import { unpackChanges, unpackNodes, type ExecutorWorkerData, type OperationName, type PackedChanges, type Params, type Result } from './protocol.ts'
import type {
  ApplyOutcome, BlockBuilder, BuildRequest, CallOptions, ExecutionPlace, InherentData, RuntimeExecutor, RuntimeProver, RuntimeSubmitter, RuntimeVersion, SessionKeyMaker, SubmittingCall,
} from '../types.ts'

export interface RuntimeWorkersDependencies {
  readonly logger: Logger
  readonly clock?: Clock
}

export interface RuntimeWorkersOptions {
  /** The database folder; the workers open it, too. */
  readonly dataPath: string
  /** The script of the worker threads; another file where the node is bundled. */
  readonly workerUrl?: URL
  /** Limits of one call in milliseconds. */
  readonly importTimeoutMs?: number
  readonly queryTimeoutMs?: number
  /** Calls that may wait in each lane. */
  readonly maxQueue?: number
  /** Milliseconds that a worker may take to start. */
  readonly startTimeoutMs?: number
  /** Milliseconds that `stop` waits for running calls. */
  readonly stopTimeoutMs?: number
  /** Milliseconds without a request after which a thread goes that is not always there. */
  readonly idleMs?: number
  /** Index into RUNTIME_LOG_LEVELS: what runtimes may write to the log. */
  readonly maxLogLevel?: number
  /** Asked whenever a worker starts. */
  readonly substitution?: () => CodeSubstitution
}

const DEFAULTS = {
  importTimeoutMs: 60_000,
  queryTimeoutMs: 10_000,
  maxQueue: 4096,
  startTimeoutMs: 30_000,
  stopTimeoutMs: 5_000,
  idleMs: 30_000,
  maxLogLevel: 3,
  substitution: () => NO_SUBSTITUTES,
}

/** Blocks, or calls, that lie at the thread that executes them while another one runs there. */
const SENT_AHEAD = 7

/** Proofs that may wait for the thread that makes them. */
const MAX_PROOFS = 64

/** States whose version is remembered. */
const MAX_VERSIONS = 256
const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`

export class RuntimeWorkers implements RuntimeExecutor, RuntimeProver, RuntimeSubmitter, SessionKeyMaker, Service {
  readonly #options: Required<RuntimeWorkersOptions>
  readonly #import: Lane
  readonly #query: Lane
  readonly #proofLane: Lane
  readonly #prover: ProofLane
  readonly #versions = new Lru<Hash, RuntimeVersion>(MAX_VERSIONS)
  readonly #remembered = new RememberedCalls()
  /** The number after the records of the newest changes that came back: a worker that takes over must not give them out again. */
  #nextNode = 0

  constructor({ logger, clock = systemClock }: RuntimeWorkersDependencies, options: RuntimeWorkersOptions) {
    this.#options = { ...DEFAULTS, workerUrl: new URL('./worker.ts', import.meta.url), ...options }
    const createWorker = (inBackground: boolean): WorkerThread => {
      const { dataPath, maxLogLevel, substitution } = this.#options
      // It may run other code on the same states.
      this.#remembered.forget()
      const workerData: ExecutorWorkerData = { dataPath, maxLogLevel, substitution: substitution(), inBackground, nextNode: this.#nextNode }
      return beginThread(this.#options.workerUrl, { name: 'runtime', workerData })
    }
    const { maxQueue, startTimeoutMs, stopTimeoutMs, idleMs, queryTimeoutMs: timeoutMs } = this.#options
    const common = { maxQueue, startTimeoutMs, stopTimeoutMs }
    const lane = (options: Partial<LaneOptions> & { readonly name: string }, inBackground = false): Lane =>
      new Lane({ createWorker: () => createWorker(inBackground), clock, logger: logger.child('runtime') }, { ...common, ...options })
    this.#import = lane({ name: 'import', ahead: SENT_AHEAD })
    this.#query = lane({ name: 'query', idleMs, ahead: SENT_AHEAD })
    this.#proofLane = lane({ name: 'proofs', maxQueue: Math.min(maxQueue, MAX_PROOFS), idleMs }, true)
    this.#prover = new ProofLane(this.#proofLane, clock, { timeoutMs })
  }

  /** Also after a stop: the threads then see the database as it is by now. */
  async start(): Promise<void> {
    for (const each of [this.#import, this.#query, this.#proofLane]) each.reopen()
    try {
      await this.#import.start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#import.stop(), this.#query.stop(), this.#proofLane.stop()])
    this.#remembered.forget()
  }

  /** Resolves when everything that was asked so far is answered. */
  async idle(): Promise<void> {
    await Promise.all([this.#import.idle(), this.#query.idle(), this.#proofLane.idle()])
  }

  async call(stateRoot: Hash, method: string, args: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const isPure = options.begin === undefined && options.offchain !== true
    return options.remembered === true && isPure ? this.#remembered.answer(stateRoot, method, args, () => this.#call(stateRoot, method, args, options)) : this.#call(stateRoot, method, args, options)
  }

  async #call(stateRoot: Hash, method: string, args: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    // Copies, because the buffers go to the worker.
    const begin = options.begin === undefined ? {} : { begin: Uint8Array.from(options.begin) }
    return this.#request(options, 'call', { stateRoot, method, args: Uint8Array.from(args), offchain: options.offchain === true, ...begin })
  }

  prove(...request: Parameters<RuntimeProver['prove']>): ReturnType<RuntimeProver['prove']> {
    return this.#prover.prove(...request)
  }

  readProof(...request: Parameters<RuntimeProver['readProof']>): ReturnType<RuntimeProver['readProof']> {
    return this.#prover.readProof(...request)
  }

  async callSubmitting(stateRoot: Hash, method: string, args: Uint8Array): Promise<SubmittingCall> {
    const { result, submitted } = await this.#request({}, 'submit', { stateRoot, method, args: Uint8Array.from(args) })
    return { result, submitted: unpackNodes(submitted) }
  }

  makeSessionKeys(stateRoot: Hash, owner: Uint8Array = EMPTY): ReturnType<SessionKeyMaker['makeSessionKeys']> {
    return byVersion(this, stateRoot, 'SessionKeys', async (version) => {
      const { answer, made } = await this.#request({}, 'makeKeys', { stateRoot, args: encodeGenerateSessionKeys(version, owner) })
      try {
        const { keys, proof } = decodeGeneratedSessionKeys(version, answer)
        return { encoded: keys, proof, made }
      } catch (error) {
        for (const { secret } of made) secret.fill(0)
        throw error
      }
    })
  }

  async version(stateRoot: Hash, options: Pick<CallOptions, 'lane' | 'timeoutMs'> = {}): Promise<RuntimeVersion> {
    const known = this.#versions.get(stateRoot)
    if (known !== undefined) return known
    const encoded = await this.#request(options, 'version', { stateRoot })
    const version = decodeResult(() => decodeVersion(encoded))
    this.#versions.set(stateRoot, version)
    return version
  }

  async executeBlock(parentStateRoot: Hash, header: Header, body: readonly Extrinsic[], place?: ExecutionPlace): Promise<StateChanges> {
    const block = concatBytes(encodeHeader(header), encodeBody(body))
    const params = { stateRoot: parentStateRoot, block, expectedRoot: header.stateRoot, place }
    return this.#unpack(await this.#request({ lane: 'import' }, 'execute', params))
  }

  async buildBlock(request: BuildRequest): Promise<{ readonly builder: BlockBuilder; readonly inherents: readonly Extrinsic[] }> {
    const { parentHash, number, digest } = request
    const header = encodeHeader({ parentHash, number, digest, stateRoot: ZERO_HASH, extrinsicsRoot: ZERO_HASH })
    const params = { stateRoot: request.parentStateRoot, header, inherentData: encodeInherentData(request.inherents) }
    const { importTimeoutMs } = this.#options
    const { result, generation } = await this.#import.request('build', params, importTimeoutMs)
    const builder = new RemoteBuilder(this.#import, result, generation, importTimeoutMs, (changes) => this.#unpack(changes))
    return { builder, inherents: decodeResult(() => decodeBody(result.inherents)) }
  }

  #unpack(changes: PackedChanges): StateChanges {
    this.#nextNode = Math.max(this.#nextNode, changes.nodes.next)
    return unpackChanges(changes)
  }

  async #request<Name extends OperationName>(options: CallOptions, name: Name, params: Params<Name>): Promise<Result<Name>> {
    const isImport = options.lane === 'import'
    const timeoutMs = options.timeoutMs ?? (isImport ? this.#options.importTimeoutMs : this.#options.queryTimeoutMs)
    const { result } = await (isImport ? this.#import : this.#query).request(name, params, timeoutMs)
    return result
  }
}

/** A block that is under construction in one particular worker. */
class RemoteBuilder implements BlockBuilder {
  readonly onlyInherents: boolean
  readonly #lane: Lane
  readonly #builder: number
  readonly #generation: number
  readonly #timeoutMs: number
  readonly #unpack: (changes: PackedChanges) => StateChanges
  #open = true

  constructor(lane: Lane, { builder, onlyInherents }: Result<'build'>, generation: number, timeoutMs: number, unpack: (changes: PackedChanges) => StateChanges) {
    this.onlyInherents = onlyInherents
    this.#lane = lane
    this.#builder = builder
    this.#generation = generation
    this.#timeoutMs = timeoutMs
    this.#unpack = unpack
  }

  async apply(extrinsic: Extrinsic): Promise<ApplyOutcome> {
    return this.#request('apply', { builder: this.#builder, extrinsic: Uint8Array.from(extrinsic) })
  }

  async finish(): Promise<{ readonly header: Header; readonly changes: StateChanges }> {
    this.#open = false
    const { header, changes } = await this.#request('finish', { builder: this.#builder })
    return { header: decodeResult(() => decodeHeader(header)), changes: this.#unpack(changes) }
  }

  drop(): void {
    if (!this.#open) return
    this.#open = false
    // Where the worker is gone, so is the block.
    this.#request('drop', { builder: this.#builder }).catch(() => undefined)
  }

  async #request<Name extends OperationName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    return (await this.#lane.request(name, params, this.#timeoutMs, this.#generation)).result
  }
}

/** `InherentData`: a SCALE vector of 8-byte identifiers and byte strings (spec, section 3.3.5 "Inherents"), ordered by identifier. */
export function encodeInherentData(inherents: InherentData): Uint8Array {
  const sorted = [...inherents].sort(([a], [b]) => (a < b ? -1 : 1))
  return new ScaleWriter().vec(sorted, (writer, [id, value]) => writer.raw(fromBinaryString(id)).bytes(value)).finish()
}

function decodeResult<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ScaleError) throw new RuntimeError('RUNTIME_BAD_RESULT', error.message, { cause: error })
    throw error
  }
}
