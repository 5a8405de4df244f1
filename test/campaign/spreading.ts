/**
 * How a large message reaches 2,000 nodes: the product's tree beside a model of gossipsub, on a simulated internet with a fake clock. Nodes leave and
 * come at a tenth of all per minute, one in twenty is silent. test/helpers/spreading has the model: delays and lines (internet.ts), links, churn and
 * silence (crowd.ts), gossipsub (gossip-conduct.ts). A message goes out every 2 s; the first 20 are not measured, so that nodes know as much of their lines and peers as one
 * learns in 40 s.
 *
 * The first line of the tree is what the product does; each further one changes one thing, so that it shows what that costs, in time and in bytes.
 */
import { TREE_DEFAULTS } from '../../node-core/network/spread/tree/options.ts'
import { simulateGossip, simulateTree, type SimulationOptions, type SpreadFigures } from '../helpers/spreading/simulation.ts'
import type { TreeConductOptions } from '../helpers/spreading/tree-conduct.ts'

const KIB = 1024
/** Of a message of 64 KiB by the tree: times in ms. */
const GOAL = { mean: 600, p99: 2_000, delivered: 0.999 } as const

export interface SpreadingOptions {
  readonly nodes: number
  readonly messages: number
  readonly seed: number
  readonly onLine: (line: string) => void
}

export interface SpreadingReport {
  readonly tree: SpreadFigures
  readonly gossip: SpreadFigures
  readonly reachesGoal: boolean
}


const VARIANTS: readonly (readonly [name: string, change: Partial<TreeConductOptions>])[] = [
  ['all copies at once', { parallel: 64 }],
  ['silent nodes answer, and still pass nothing on', { liars: true }],
  ['no spares (beta 1)', { beta: 1 }],
  ['one spare (beta 2)', { beta: 2 }],
  ['two copies for each bucket', { copies: 2 }],
  ['buckets halved once', { split: 1 }],
  ['no repair', { repairRounds: 0 }],
  ['no spares, no repair', { beta: 1, repairRounds: 0 }],
]

export function spreadingCampaign({ nodes, messages, seed, onLine }: SpreadingOptions): SpreadingReport {
  const base: SimulationOptions = { seed, nodes, messages, messageBytes: 64 * KIB, silentShare: 0.05, churnPerMinute: 0.1, outPerBucket: 3, warmUp: 20, everyMs: 2_000 }
  const tell = (name: string, figures: SpreadFigures): SpreadFigures => {
    onLine(lineOf(name, figures))
    return figures
  }
  const gossip = tell('64 KiB  gossip', simulateGossip(base))
  const tree = tell('64 KiB  tree', simulateTree(base, TREE_DEFAULTS))
  for (const [name, change] of VARIANTS) tell(`64 KiB  tree: ${name}`, simulateTree(base, { ...TREE_DEFAULTS, ...change }))
  tell('64 KiB  tree: two peers sought in each bucket, not three', simulateTree({ ...base, outPerBucket: 2 }, TREE_DEFAULTS))
  tell('64 KiB  tree: four', simulateTree({ ...base, outPerBucket: 4 }, TREE_DEFAULTS))
  tell('64 KiB  tree: nobody leaves and nobody is silent', simulateTree({ ...base, churnPerMinute: 0, silentShare: 0 }, TREE_DEFAULTS))
  for (const kib of [16, 128, 512]) {
    tell(`${kib} KiB  gossip`, simulateGossip({ ...base, messageBytes: kib * KIB }))
    tell(`${kib} KiB  tree`, simulateTree({ ...base, messageBytes: kib * KIB }, TREE_DEFAULTS))
  }
  return { tree, gossip, reachesGoal: tree.mean <= GOAL.mean && tree.p99 <= GOAL.p99 && tree.delivered >= GOAL.delivered }
}

function lineOf(name: string, { mean, p50, p99, max, delivered, bytesPerNode, copiesPerNode, links }: SpreadFigures): string {
  const ms = [mean, p50, p99, max].map((each) => each.toFixed(0).padStart(5))
  return `${name.padEnd(58)} mean ${ms[0]} p50 ${ms[1]} p99 ${ms[2]} max ${ms[3]} ms  delivered ${(100 * delivered).toFixed(3)} %  ${(bytesPerNode / KIB).toFixed(1)} KiB a node, ${copiesPerNode.toFixed(2)} lengths  ${links.toFixed(0)} links`
}
