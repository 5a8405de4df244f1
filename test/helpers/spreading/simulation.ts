/** Lets a crowd spread messages and measures what comes of it. The same seed gives the same figures. */
import { Random } from '../../fuzz/random.ts'
import { Crowd, type Conduct, type CrowdOptions, type Member } from './crowd.ts'
import { EventClock } from './event-clock.ts'
import { GossipConduct, type GossipFrame } from './gossip-conduct.ts'
import { TreeConduct, type SimulatedTreeFrame, type TreeConductOptions } from './tree-conduct.ts'

export interface SimulationOptions extends CrowdOptions {
  readonly seed: number
  readonly messages: number
  /** Messages before those that are measured: nodes learn of each other. */
  readonly warmUp: number
  readonly messageBytes: number
  /** Between two messages, ms; each has a source of its own. */
  readonly everyMs: number
}

/** Of honest nodes that were there when a message was published and stayed for the 20 s after it. Times in ms. */
export interface SpreadFigures {
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Share of these nodes and messages, 0 to 1. */
  readonly delivered: number
  /** What a node sends for a message, overhead of the wire included. */
  readonly bytesPerNode: number
  /** The same in lengths of the message. */
  readonly copiesPerNode: number
  /** Of a node, in the mean. */
  readonly links: number
}

/** Until the mesh stands and everybody has peers. */
const WARM_UP_MS = 5_000
const SETTLE_MS = 20_000

export function simulateTree(options: SimulationOptions, tree: TreeConductOptions): SpreadFigures {
  return simulate<SimulatedTreeFrame>(options, (member, crowd) => new TreeConduct(crowd, member, options.messageBytes, tree))
}

export function simulateGossip(options: SimulationOptions): SpreadFigures {
  return simulate<GossipFrame>(options, (member, crowd) => new GossipConduct(crowd, member, options.messageBytes))
}

function simulate<Frame>(options: SimulationOptions, conductOf: (member: Member<Frame>, crowd: Crowd<Frame>) => Conduct<Frame>): SpreadFigures {
  const clock = new EventClock()
  const random = new Random(options.seed)
  const crowd = new Crowd(clock, random, options, conductOf)
  clock.runUntil(WARM_UP_MS)
  for (let message = 0; message < options.warmUp; message++) {
    crowd.pickHonest().conduct.publish(options.messages + message)
    clock.runUntil(clock.now() + options.everyMs)
  }
  const sentBefore = sentBytes(crowd)
  const times: number[] = []
  for (let message = 0; message < options.messages; message++) {
    const at = clock.now()
    crowd.pickHonest().conduct.publish(message)
    times.push(at)
    clock.runUntil(at + options.everyMs)
  }
  clock.runUntil((times.at(-1) ?? 0) + SETTLE_MS)
  crowd.stop()
  const delays: number[] = []
  let missed = 0
  for (const [message, at] of times.entries()) {
    for (const { isSilent, joinedAt, leftAt, heardAt } of crowd.everybody) {
      if (isSilent || joinedAt >= at || leftAt < at + SETTLE_MS) continue
      const heard = heardAt.get(message)
      if (heard === undefined) missed++
      else delays.push(heard - at)
    }
  }
  delays.sort((a, b) => a - b)
  const bytesPerNode = (sentBytes(crowd) - sentBefore) / options.nodes / options.messages
  return {
    mean: delays.reduce((sum, each) => sum + each, 0) / delays.length,
    p50: delays[Math.floor(0.5 * delays.length)] as number,
    p99: delays[Math.floor(0.99 * delays.length)] as number,
    max: delays.at(-1) as number,
    delivered: delays.length / (delays.length + missed),
    bytesPerNode,
    copiesPerNode: bytesPerNode / options.messageBytes,
    links: crowd.present.reduce((sum, { links }) => sum + links.size, 0) / crowd.present.length,
  }
}

function sentBytes(crowd: Crowd<unknown> | { readonly everybody: readonly { readonly station: { readonly bytesSent: number } }[] }): number {
  return crowd.everybody.reduce((sum, { station }) => sum + station.bytesSent, 0)
}
