/**
 * A long chain on which finality changes hands in nearly every epoch of six slots, and a node that comes late: how long it takes to join over
 * all changes, and whether it follows further ones.
 */
import { ChangingChain } from '../helpers/changing-chain.ts'
import { DevNode } from '../helpers/dev-node.ts'

export interface ChangesReport {
  readonly blocks: number
  readonly changes: number
  readonly makingSeconds: number
  /** From its start until its chain stood on a recent block. */
  readonly joiningSeconds: number
  readonly followingSeconds: number
  readonly fragments: number
  readonly anchor: number
  /** Changes that it followed afterwards. */
  readonly followed: number
}

/** Throws where the late node has other authorities than the others, or a problem in its log. */
export async function changesCampaign(blocks: number, onLine: (line: string) => void = () => undefined): Promise<ChangesReport> {
  const chain = await ChangingChain.start()
  let late: DevNode | undefined
  try {
    const { author, spec } = chain
    const started = performance.now()
    while (author.node.blocks.best().number < blocks) {
      await chain.blocks(250)
      onLine(`${author.node.blocks.best().number} blocks, ${chain.changes().length} changes`)
    }
    const before = chain.changes()
    const made = performance.now()
    late = await DevNode.start({ spec, clock: author.clock, validator: false, bootnodes: [author.address], sync: 'warp' })
    const { node } = late
    await author.reach('joining', () => node.blocks.best().number > 0 && node.joining.status() === undefined)
    const joined = performance.now()
    const outcome = node.joining.outcome()
    if (outcome?.kind !== 'joined') throw new Error('it did not join')
    while (chain.changes().length < before.length + 5) await chain.blocks(6)
    const after = chain.changes()
    await author.reach('following', () => node.blocks.finalized().number >= after.at(-1)!.number && node.blocks.best().hash === author.node.blocks.best().hash)
    const [theirs, ours] = [author, late].map((of) => JSON.stringify(of.node.core.engine.voters()))
    if (theirs !== ours) throw new Error(`it has the authorities ${ours}, the others have ${theirs}`)
    const problems = late.problems()
    if (problems.length > 0) throw new Error(problems.join('\n'))
    const seconds = (from: number, to: number): number => Math.round(to - from) / 1000
    return {
      blocks: author.node.blocks.best().number, changes: after.length, makingSeconds: seconds(started, made), joiningSeconds: seconds(made, joined),
      followingSeconds: seconds(joined, performance.now()), fragments: outcome.fragments, anchor: outcome.block.number, followed: after.length - before.length,
    }
  } finally {
    await late?.stop()
    await chain.stop()
  }
}
