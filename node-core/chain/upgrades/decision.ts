/**
 * Which stage an upgrade is at: decided anew from the chain's own state and from what this node does, so that it is the same
 * after a restart.
 *
 *   offered -> authorizing -> authorized -> applying -> waiting-for-finality -> done
 *
 * Two steps on the chain: root authorizes the hash of the code (a small call, which a multisig makes as well), then anybody brings the code.
 * Whatever is final counts; the best block only says that something is on its way. What this node does itself is known
 * earlier than the chain shows it.
 */
import type { Hash } from '../../base/bytes.ts'
import type { UpgradeFailure, UpgradeStage, UpgradeStep } from './types.ts'

/** What the state of one block says. */
export interface RuntimeFacts {
  /** Of the code that the next block runs. */
  readonly specVersion: number
  /** Hash of the code that root authorized and nobody brought yet. */
  readonly authorized: Hash | undefined
}

/** What this node does for the upgrade. */
export type OwnWork =
  | { readonly kind: 'idle' }
  /** `inBlock`: the number of the block that took it, not final yet. */
  | { readonly kind: 'step'; readonly step: UpgradeStep; readonly inBlock: number | undefined }
  | { readonly kind: 'failed'; readonly failure: UpgradeFailure }

export interface Situation {
  readonly carried: { readonly specVersion: number; readonly codeHash: Hash }
  readonly finalized: RuntimeFacts
  readonly best: RuntimeFacts
  readonly work: OwnWork
  /** The chain came to its version by an upgrade that people may not have noticed yet. */
  readonly isRecent: boolean
}

export interface Decision {
  readonly stage: UpgradeStage
  /** See {@link UpgradeState.target}. */
  readonly target: number | undefined
  readonly canApply: boolean
}

export function decide({ carried, finalized, best, work, isRecent }: Situation): Decision {
  const isNewer = carried.specVersion > finalized.specVersion
  const authorized = finalized.authorized ?? best.authorized
  const isOurs = authorized === undefined || authorized === carried.codeHash
  const stageAt = (stage: UpgradeStage, target: number | undefined): Decision => ({ stage, target, canApply: false })
  // The chain is ahead of what this node knows of its own work.
  if (best.specVersion > finalized.specVersion) return stageAt('waiting-for-finality', best.specVersion)
  if (work.kind === 'step') {
    const stages = { authorize: 'authorizing', apply: work.inBlock === undefined ? 'applying' : 'waiting-for-finality' } as const
    return stageAt(isNewer ? stages[work.step] : 'done', carried.specVersion)
  }
  const target = isOurs && isNewer ? carried.specVersion : undefined
  // Brought by a block that is not final: nothing else takes an authorization away.
  if (finalized.authorized !== undefined && best.authorized === undefined) return stageAt('waiting-for-finality', target)
  const canApply = finalized.authorized === carried.codeHash && isNewer
  if (work.kind === 'failed' && isNewer) return { stage: 'failed', target: carried.specVersion, canApply }
  if (finalized.authorized !== undefined) return { stage: 'authorized', target, canApply }
  if (best.authorized !== undefined) return stageAt('authorizing', target)
  if (isNewer) return stageAt('offered', carried.specVersion)
  return isRecent ? stageAt('done', finalized.specVersion) : stageAt('none', undefined)
}
