/**
 * A block under construction (Polkadot Host spec, section 5.2.7 "Block Building Process", and C.7 "BlockBuilder").
 *
 * Initialize, ask the runtime for its inherents, apply those, then extrinsic after extrinsic, finalize. Whatever an
 * extrinsic did that does not end up in the block is rolled back; so is what the runtime did while it wrote inherents.
 */
import { EMPTY } from '../../base/bytes.ts'
import { readExtrinsic, type Extrinsic } from '../scale/block.ts'
import { decodeHeader } from '../scale/header.ts'
import { decodeAll, ScaleError } from '../../scale/reader.ts'
import type { StateChanges } from '../state/types.ts'
import { decodeApplyResult } from './api/apply.ts'
import { RuntimeError } from './errors.ts'
import type { Execution, Runner } from './runner.ts'
import type { ApplyOutcome } from './types.ts'

export interface FinishedBlock {
  /** Encoded; without a seal. */
  readonly header: Uint8Array
  readonly changes: StateChanges
}

/** Which extrinsics a block may have. */
const INCLUSION = { allExtrinsics: 0, onlyInherents: 1 } as const

export class BlockConstruction {
  readonly #runner: Runner
  readonly #execution: Execution
  #onlyInherents = false

  constructor(runner: Runner, execution: Execution) {
    this.#runner = runner
    this.#execution = execution
  }

  /** The runtime takes no transactions into this block. Known once it is begun. */
  get onlyInherents(): boolean {
    return this.#onlyInherents
  }

  /** `header` is encoded and has parent, number and pre-runtime digest; returns the inherents, which are applied. */
  begin(header: Uint8Array, inherentData: Uint8Array): Extrinsic[] {
    const { storage } = this.#execution
    this.#onlyInherents = readsOnlyInherents(this.#execution.call('Core_initialize_block', header))
    storage.journal.start()
    let encoded: Uint8Array
    try {
      encoded = this.#execution.call('BlockBuilder_inherent_extrinsics', inherentData)
    } finally {
      storage.journal.rollback()
    }
    const inherents = decodeResult(() => decodeAll(encoded, 'the inherents', (reader) => reader.vec(readExtrinsic)))
    for (const inherent of inherents) {
      const outcome = this.apply(inherent)
      if (outcome.kind !== 'included') throw badResult(`the runtime refused an inherent of its own: ${describe(outcome)}`)
    }
    return inherents
  }

  /** A trap counts as "invalid" for good: the extrinsic must not be tried again, and the block goes on without it. */
  apply(extrinsic: Extrinsic): ApplyOutcome {
    const { journal } = this.#execution.storage
    const { depth } = journal
    journal.start()
    try {
      const outcome = this.#applied(extrinsic)
      if (outcome.kind === 'included') journal.commit()
      return outcome
    } finally {
      journal.rollbackTo(depth)
    }
  }

  /** Nothing can be applied afterwards. */
  finish(): FinishedBlock {
    const header = this.#execution.call('BlockBuilder_finalize_block', EMPTY)
    const { stateRoot } = decodeResult(() => decodeHeader(header))
    return { header, changes: this.#runner.finish(this.#execution, stateRoot) }
  }

  #applied(extrinsic: Extrinsic): ApplyOutcome {
    let result: Uint8Array
    try {
      result = this.#execution.call('BlockBuilder_apply_extrinsic', extrinsic)
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'RUNTIME_TRAP') return { kind: 'invalid', reason: error.message, later: false }
      throw error
    }
    return decodeResult(() => decodeApplyResult(result))
  }
}

/** `ExtrinsicInclusionMode`, from version 5 of the Core API on; before, the entry returns nothing. */
function readsOnlyInherents(result: Uint8Array): boolean {
  const [mode = INCLUSION.allExtrinsics] = result
  if (result.length <= 1 && mode <= INCLUSION.onlyInherents) return mode === INCLUSION.onlyInherents
  throw badResult('the runtime does not say in a known way which extrinsics the block may have')
}

function decodeResult<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ScaleError) throw badResult(error.message)
    throw error
  }
}

function badResult(reason: string): RuntimeError {
  return new RuntimeError('RUNTIME_BAD_RESULT', reason)
}

function describe(outcome: ApplyOutcome): string {
  return outcome.kind === 'invalid' ? outcome.reason : outcome.kind
}
