/** The worker's side of the protocol, without the thread: requests in, answers out. */
import { threadTimeMs } from '../../../base/threads.ts'
import { encodeBody } from '../../scale/block.ts'
import { GENERATE_SESSION_KEYS } from '../api/session-keys.ts'
import { BlockConstruction } from '../builder.ts'
import { RuntimeError, toPlainError } from '../errors.ts'
import { CollectingKeystore } from '../host/collecting-keystore.ts'
import { packChanges, packNodes, unpackNodes, type OperationName, type Params, type Request, type Result, type WorkerMessage } from './protocol.ts'
import { parentOf, type Runner } from '../runner.ts'

/** What the length of a byte string takes at the most. */
const LENGTH_SIZE = 4

/** Extrinsics that one call may submit: a report is one. */
const MAX_SUBMITTED = 16

/** Blocks under construction at one time. */
const MAX_BUILDERS = 8

export class WorkerService {
  readonly #runner: Runner
  readonly #builders = new Map<number, BlockConstruction>()
  #lastBuilder = 0

  constructor(runner: Runner) {
    this.#runner = runner
  }

  /** Never throws: errors are answers. */
  answer({ id, name, params }: Request): WorkerMessage {
    try {
      const operation = this.#operations[name] as (params: Params<OperationName>) => Result<OperationName>
      const since = threadTimeMs()
      const result = operation(params)
      return { kind: 'result', id, result, workMs: threadTimeMs() - since }
    } catch (error) {
      return { kind: 'error', id, error: toPlainError(error) }
    }
  }

  readonly #operations: { readonly [Name in OperationName]: (params: Params<Name>) => Result<Name> } = {
    call: ({ stateRoot, method, args, offchain, begin }) => this.#runner.call(stateRoot, method, args, offchain, begin),
    submit: ({ stateRoot, method, args }) => {
      const { result, submitted } = this.#runner.callSubmitting(stateRoot, method, args, MAX_SUBMITTED)
      return { result, submitted: packNodes(submitted) }
    },
    prove: ({ stateRoot, method, args, maxBytes }) => {
      const { result, proof } = this.#runner.prove(stateRoot, method, args)
      return { result: result ?? null, proof: packWithin(proof, maxBytes) }
    },
    readProof: ({ stateRoot, keys, childKey, maxBytes }) => {
      const proof = this.#runner.readProof(stateRoot, { keys: unpackNodes(keys), childKey: childKey ?? undefined, maxBytes })
      return proof === undefined ? null : packWithin(proof, maxBytes)
    },
    makeKeys: ({ stateRoot, args }) => {
      const keystore = new CollectingKeystore()
      try {
        const answer = this.#runner.callWithKeys(stateRoot, GENERATE_SESSION_KEYS, args, keystore)
        return { answer, made: keystore.take() }
      } catch (error) {
        for (const { secret } of keystore.take()) secret.fill(0)
        throw error
      }
    },
    // Kept by the runner, so a copy goes.
    version: ({ stateRoot }) => this.#runner.version(stateRoot).slice(),
    execute: ({ stateRoot, block, expectedRoot, place }) => packChanges(this.#runner.executeBlock(stateRoot, block, expectedRoot, place)),
    build: ({ stateRoot, header, inherentData }) => {
      if (this.#builders.size >= MAX_BUILDERS) {
        throw new RuntimeError('RUNTIME_OUT_OF_MEMORY', `${MAX_BUILDERS} blocks are under construction already: finish or drop one`)
      }
      const construction = new BlockConstruction(this.#runner, this.#runner.blockExecution(stateRoot, parentOf(header)))
      const inherents = encodeBody(construction.begin(header, inherentData))
      const builder = ++this.#lastBuilder
      this.#builders.set(builder, construction)
      return { builder, inherents, onlyInherents: construction.onlyInherents }
    },
    apply: ({ builder, extrinsic }) => this.#builder(builder).apply(extrinsic),
    finish: ({ builder }) => {
      const construction = this.#builder(builder)
      this.#builders.delete(builder)
      const { header, changes } = construction.finish()
      return { header, changes: packChanges(changes) }
    },
    drop: ({ builder }) => {
      this.#builders.delete(builder)
      return null
    },
    close: () => {
      this.#builders.clear()
      return null
    },
  }

  #builder(id: number): BlockConstruction {
    const construction = this.#builders.get(id)
    if (construction === undefined) throw new RuntimeError('RUNTIME_STOPPED', 'this block was finished, dropped or lost')
    return construction
  }
}

function packWithin(proof: readonly Uint8Array[], maxBytes: number): Uint8Array | null {
  const size = proof.reduce((sum, node) => sum + node.length + LENGTH_SIZE, LENGTH_SIZE)
  return size > maxBytes ? null : packNodes(proof)
}
