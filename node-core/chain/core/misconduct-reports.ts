/**
 * Tells the chain of authorities that signed two things where one was allowed (Polkadot Host spec, section 5.7 "Block Validation" and
 * 6.2 "Vote Aggregation"): the runtime decides what becomes of them.
 *
 *   misconduct ──> who owned the key then? ──> the runtime's own extrinsic ──> the pool, as a local one
 *
 * Whoever proves it needs the authorities of its time, and whoever checks it, too. So the proof is made on the state that
 * the engine names first, where the key was certainly in force, and on the best block where that state does not know it.
 *
 * A report is an act of good will: one that fails is logged and forgotten. Others saw the same, and report it as well. During a major
 * sync nothing is reported, as what is seen then is old, and neither is a fault of this node's own keys.
 */
import { toHex, type Hash } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Keystore } from '../../crypto/keys/keystore.ts'
import { equivocationReport, keyOwnershipProof } from '../runtime/api/equivocations.ts'
import type { RuntimeExecutor, RuntimeSubmitter } from '../runtime/types.ts'
import type { Extrinsic } from '../scale/block.ts'
import type { BlockStateReader } from '../state/types.ts'
import type { Misconduct } from './engines/engine.ts'

export interface MisconductReportsDependencies {
  readonly blocks: Pick<BlockStateReader, 'best' | 'header'>
  readonly runtime: Pick<RuntimeExecutor, 'call'> & RuntimeSubmitter
  readonly submit: (extrinsic: Extrinsic) => Promise<unknown>
  readonly isMajorSyncing: () => boolean
  readonly keystore: Pick<Keystore, 'publicKeys'>
  readonly logger: Logger
}

/** Reports under way at one time; whoever makes more faults than that is reported for enough of them. */
const MAX_OPEN = 16

export class MisconductReports {
  readonly #deps: MisconductReportsDependencies
  readonly #open = new Set<Promise<void>>()

  constructor(dependencies: MisconductReportsDependencies) {
    this.#deps = dependencies
  }

  /** Returns at once. */
  report(misconduct: Misconduct): void {
    if (this.#open.size >= MAX_OPEN || this.#deps.isMajorSyncing() || this.#isOwn(misconduct)) return
    const { api, offender } = misconduct
    const open = this.#report(misconduct)
      .catch((error: unknown) => this.#deps.logger.info('an equivocation could not be reported', { api, offender, reason: errorMessage(error) }))
      .finally(() => this.#open.delete(open))
    this.#open.add(open)
  }

  /** Resolves when no report is under way. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  #isOwn({ keyType, offender }: Misconduct): boolean {
    return this.#deps.keystore.publicKeys(keyType).some((key) => toHex(key) === offender)
  }

  async #report({ api, offender, when, at, proof }: Misconduct): Promise<void> {
    const { blocks, runtime, submit, logger } = this.#deps
    const best = blocks.best().hash
    const ownership = (await this.#ownership(at, api, when, offender)) ?? (await this.#ownership(best, api, when, offender))
    if (ownership === undefined) return logger.debug('who equivocated is no authority any more', { api, offender })
    const root = blocks.header(best)?.stateRoot
    if (root === undefined) return
    for (const extrinsic of await equivocationReport(runtime, root, api, proof, ownership)) await submit(extrinsic)
    logger.info('reported an equivocation to the chain', { api, offender, when })
  }

  async #ownership(block: Hash, api: string, when: number, offender: Hash): Promise<Uint8Array | undefined> {
    const root = this.#deps.blocks.header(block)?.stateRoot
    return root === undefined ? undefined : keyOwnershipProof(this.#deps.runtime, root, api, when, offender)
  }
}
