/**
 * Messages per second of a topic of services against js-libp2p's gossipsub, signed and unsigned: one source and its receivers, all connected, each
 * in a process of its own. A message counts when the slowest receiver's service has it. Among two nodes nobody passes anything on, and gossip costs
 * what its frames cost; among three each receiver tells the other.
 *
 * The contenders take turns, each in its own processes, so that none works on what another left in memory; and a figure is the median of its turns. Beside it stands what all processes spent on a message together, which
 * depends less on what else this machine does.
 */
import { loadavg } from 'node:os'
import { BenchChild } from './child.ts'
import type { Report } from './report.ts'
import type { Contender, FromNode, ToNode } from './topics-node.ts'

type Node = BenchChild<ToNode, FromNode>

const MESHES = [2, 3]
const ROUNDS = 5
const WARM_UPS = 1
const SIZES = [256, 4096]
/** Of one turn. */
const MESSAGES = 4_096
const CONTENDERS: readonly Contender[] = ['services', 'signed', 'unsigned']
const GOALS = { signed: 1.5, unsigned: 0.9 } as const

interface Receiver {
  readonly node: Node
  /** Messages of this turn. */
  count: number
}

interface Turn {
  readonly perSecond: number
  /** Of the processor, of all nodes, for one message. */
  readonly microseconds: number
}

export async function benchTopics(report: Report): Promise<void> {
  for (const nodes of MESHES) await among(nodes, report)
}

async function among(count: number, report: Report): Promise<void> {
  const nodes: Record<Contender, Node[]> = { services: [], signed: [], unsigned: [] }
  try {
    for (const contender of CONTENDERS) {
      const own = nodes[contender]
      const addresses: string[] = []
      for (let i = 0; i < count; i++) {
        const node: Node = new BenchChild('topics-node.ts', [contender])
        own.push(node)
        addresses.push((await node.next('address')).address)
      }
      await Promise.all(own.map((node, i) => node.ask({ do: 'connect', addresses: addresses.slice(0, i), peers: count - 1 }, 'connected')))
    }
    for (const bytes of SIZES) {
      const turns: Record<Contender, Turn[]> = { services: [], signed: [], unsigned: [] }
      for (let round = -WARM_UPS; round < ROUNDS; round++) {
        for (const contender of CONTENDERS) {
          const turn = await take(nodes[contender], bytes)
          if (round >= 0) turns[contender].push(turn)
        }
      }
      for (const kind of ['signed', 'unsigned'] as const) {
        const [ours, theirs] = [medians(turns.services), medians(turns[kind])]
        report(
          `${count} nodes, ${bytes} B: topic / gossipsub ${kind} (goal >= ${GOALS[kind]})`, ours.perSecond / theirs.perSecond,
          `${told(ours)} against ${told(theirs)}, load ${(loadavg()[0] as number).toFixed(1)}`,
        )
      }
    }
  } finally {
    for (const node of Object.values(nodes).flat()) node.stop()
  }
}

/** Lets the first node send, and goes on as the slower of the others has had. */
async function take(nodes: readonly Node[], bytes: number): Promise<Turn> {
  const [source, ...others] = nodes
  if (source === undefined) throw new Error('there is no source')
  for (const node of nodes) await node.ask({ do: 'begin' }, 'begun')
  const receivers = others.map((node): Receiver => ({ node, count: 0 }))
  const goOn = (): void => source.tell({ do: 'go on', received: Math.min(...receivers.map(({ count }) => count)) })
  const begin = performance.now()
  const done = Promise.all(receivers.map((receiver) => received(receiver, MESSAGES, goOn)))
  source.tell({ do: 'send', bytes, messages: MESSAGES })
  await done
  const seconds = (performance.now() - begin) / 1000
  let cpuMs = 0
  for (const node of nodes) cpuMs += (await node.ask({ do: 'tell the cost' }, 'cpuMs')).cpuMs
  return { perSecond: MESSAGES / seconds, microseconds: (cpuMs * 1000) / MESSAGES }
}

/** Resolves when so many have come; says each time that some have. */
function received(receiver: Receiver, wanted: number, onSome: () => void): Promise<void> {
  receiver.count = 0
  return new Promise((resolve) => {
    const stop = receiver.node.onMessage((message) => {
      if (!('received' in message)) return
      receiver.count = message.received
      onSome()
      if (receiver.count < wanted) return
      stop()
      resolve()
    })
  })
}

function medians(turns: readonly Turn[]): Turn {
  return { perSecond: median(turns.map(({ perSecond }) => perSecond)), microseconds: median(turns.map(({ microseconds }) => microseconds)) }
}

function told({ perSecond, microseconds }: Turn): string {
  return `${(perSecond / 1000).toFixed(1)}k/s, ${microseconds.toFixed(0)} us of the processor each`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}
