/**
 * Justifications of old blocks, which a node that began with a later one is given: whether they prove what they say.
 *
 * Who was in charge then is known as far as the changes since are: those of the proofs by which the node joined, and of the blocks after that.
 * Where it is not known (below the block at which these proofs began, and around forced or delayed changes), nothing counts as proven.
 */
import { errorMessage } from '../../../../../base/errors.ts'
import type { Logger } from '../../../../../base/logger.ts'
import type { BatchVerifier } from '../../../../../crypto/ed25519/ed25519-batch.ts'
import type { BlockRef, Justification } from '../../../../scale/block.ts'
import type { BlockStateReader } from '../../../../state/types.ts'
import type { AuthorityFork } from '../../engine.ts'
import { GRANDPA_ENGINE, grandpaLogs } from '../digest.ts'
import type { AuthorityChangeIndex } from '../sets/change-index.ts'
import { VoterSet } from '../sets/voter-set.ts'
import { decodeJustification } from './encoding.ts'
import { verifyJustificationIn } from './justification.ts'

export interface OldProofsDependencies {
  readonly blocks: Pick<BlockStateReader, 'finalized' | 'header'>
  readonly changes: Pick<AuthorityChangeIndex, 'scan' | 'after' | 'since'>
  /** In charge above the finalized block. */
  readonly current: () => VoterSet
  readonly authorityForks: readonly AuthorityFork[]
  readonly crypto: BatchVerifier
  readonly logger: Logger
}

export class OldProofs {
  readonly #dependencies: OldProofsDependencies

  constructor(dependencies: OldProofsDependencies) {
    this.#dependencies = dependencies
  }

  /** `block` is an ancestor of the finalized one. Never rejects. */
  async proves(block: BlockRef, { engine, data }: Justification): Promise<boolean> {
    if (engine !== GRANDPA_ENGINE) return false
    try {
      const voters = await this.#votersOf(block.number)
      if (voters === undefined) return false
      await verifyJustificationIn(this.#dependencies.crypto, decodeJustification(data), voters, block)
      return true
    } catch (error) {
      this.#dependencies.logger.debug('a justification of an old block is not kept', { number: block.number, reason: errorMessage(error) })
      return false
    }
  }

  /** Who finalized the block at this height: a block that changes the set is signed by the one before. */
  async #votersOf(number: number): Promise<VoterSet | undefined> {
    const { blocks, changes, current, authorityForks } = this.#dependencies
    const finalized = blocks.finalized().number
    await changes.scan(finalized, new AbortController().signal)
    if (number <= changes.since) return undefined
    const present = current()
    const above = changes.after(number - 1, finalized)
    if (above.some(({ kind }) => kind === 'other')) return undefined
    if (above.length === 0) return present
    const last = changes.after(changes.since, number - 1).at(-1)
    const header = last?.kind === 'scheduled' ? blocks.header(last.hash) : undefined
    if (last === undefined || header === undefined) return undefined
    const agreed = authorityForks.find(({ block }) => block === last.hash)?.authorities.map((key) => ({ key, weight: 1 }))
    const authorities = agreed ?? grandpaLogs(header).find((log) => log.kind === 'scheduled')?.authorities
    return authorities && new VoterSet(present.setId - above.length, authorities)
  }
}
