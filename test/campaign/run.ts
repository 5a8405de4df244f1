/**
 * `npm run campaign`: what takes too long for the suite, which has small samples of it. Ends with 1 where something went wrong.
 *
 *   blocks    20,000 blocks (`--blocks N`) exported and imported into a fresh folder, killed 20 times (`--kills N`) at random moments (`--seed N`)
 *   changes   5,000 blocks (`--blocks N`) with a change of the authorities in nearly every epoch, then a node that joins late
 *   kills     a node that joins is killed 50 times (`--kills N`) at random moments (`--seed N`) of every stage
 *   schemathesis  requests made up out of the OpenAPI document (`--examples N` of each method, `--seed N`) to a development node; needs Python
 *   spreading large messages among 2,000 nodes (`--nodes N`), 30 of them (`--messages N`), by the tree and by gossip (`--seed N`)
 */
import { parseArgs } from 'node:util'
import { blocksCampaign } from './blocks.ts'
import { changesCampaign } from './changes.ts'
import { killCampaign } from './kills.ts'
import { schemathesis, schemathesisCampaign } from './schemathesis.ts'
import { spreadingCampaign } from './spreading.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { blocks: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string', default: '1' }, examples: { type: 'string', default: '20' }, nodes: { type: 'string', default: '2000' }, messages: { type: 'string', default: '30' } },
})

function numberOf(name: keyof typeof values, fallback?: number): number {
  const value = Number(values[name] ?? fallback)
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} takes a whole number, not "${values[name]}"`)
  return value
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const CAMPAIGNS = {
  blocks: async () => {
    const { blocks, bytes, kills, makingSeconds, exportPerSecond, importPerSecond, head } = await blocksCampaign({ blocks: numberOf('blocks', 20_000), kills: numberOf('kills', 20), seed: numberOf('seed'), binary: true, onLine: say })
    say(`${blocks} blocks made in ${makingSeconds} s, ${(bytes / 1e6).toFixed(1)} MB in a file; undisturbed, ${exportPerSecond} exported and ${importPerSecond} imported a second`)
    say(`killed ${kills.export} exports and ${kills.import} imports; the same bytes, and the same head ${head.number} ${head.hash} with the same state`)
  },
  changes: async () => {
    const { blocks, changes, makingSeconds, joiningSeconds, followingSeconds, fragments, anchor, followed } = await changesCampaign(numberOf('blocks', 5000), say)
    say(`${blocks} blocks with ${changes} changes made in ${makingSeconds} s; joined at ${anchor} by ${fragments} fragments in ${joiningSeconds} s; followed ${followed} more changes in ${followingSeconds} s`)
  },
  kills: async () => {
    const { kills, joined, changes, undisturbedMs } = await killCampaign({ kills: numberOf('kills', 50), seed: numberOf('seed'), blocks: 150, keys: 100_000, gap: true, onLine: say })
    const most = Math.max(...joined)
    say(`killed ${JSON.stringify(kills)}; ${joined.length} nodes joined with the right state, after ${most} kills at the most; ${changes} changes, ${((undisturbedMs ?? 0) / 1000).toFixed(1)} s undisturbed`)
  },
  schemathesis: async () => {
    const { python, missing } = schemathesis()
    if (python === undefined) return say(`skipped: ${missing}`)
    const { isClean } = await schemathesisCampaign({ python, examples: numberOf('examples'), seed: numberOf('seed'), onLine: say })
    if (!isClean) throw new Error('schemathesis found faults: they stand above')
  },
  spreading: () => {
    const { tree, gossip, reachesGoal } = spreadingCampaign({ nodes: numberOf('nodes'), messages: numberOf('messages'), seed: numberOf('seed'), onLine: say })
    say(`the tree sends ${tree.copiesPerNode.toFixed(2)} lengths of a message a node, gossip ${gossip.copiesPerNode.toFixed(2)}`)
    if (!reachesGoal) throw new Error('the tree misses its goal: a mean of 0.6 s, 99 of 100 within 2 s, 99.9 % delivered')
  },
} as const

const names = positionals.length === 0 ? Object.keys(CAMPAIGNS) : positionals
for (const name of names) {
  const campaign = CAMPAIGNS[name as keyof typeof CAMPAIGNS]
  if (campaign === undefined) throw new RangeError(`there is no campaign "${name}": ${Object.keys(CAMPAIGNS).join(', ')}`)
  say(`── ${name}`)
  await campaign()
}
