/**
 * Messages per second of a topic of services against js-libp2p's gossipsub, signed and unsigned: one source and its receivers, all connected, each
 * in a process of its own. A message counts when the slowest receiver's service has it. Among two nodes nobody passes anything on, and gossip costs
 * what its frames cost; among three each receiver tells the other.
 *
 * The contenders take turns, each in its own processes, so that none works on what another left in memory; and a figure is the median of its turns. Beside it stands what all processes spent on a message together, which
 * depends less on what else this machine does.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { loadavg } from 'node:os'
import type { Report } from './report.ts'
import type { Contender, FromNode, ToNode } from './topics-node.ts'

const MESHES = [2, 3]
const ROUNDS = 5
const WARM_UPS = 1
const SIZES = [256, 4096]
/** Of one turn. */
const MESSAGES = 4_096
const CONTENDERS: readonly Contender[] = ['services', 'signed', 'unsigned']
const GOALS = { signed: 1.5, unsigned: 0.9 } as const

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
      for (let i = 0; i < count; i++) own.push(await Node.start(contender))
      await Promise.all(own.map((node, i) => node.ask({ do: 'connect', addresses: own.slice(0, i).map(({ address }) => address), peers: count - 1 }, 'connected')))
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
async function take([source, ...receivers]: readonly Node[], bytes: number): Promise<Turn> {
  if (source === undefined) throw new Error('there is no source')
  for (const node of [source, ...receivers]) await node.ask({ do: 'begin' }, 'begun')
  const begin = performance.now()
  const done = Promise.all(receivers.map((node) => node.received(MESSAGES, () => source.tell({ do: 'go on', received: Math.min(...receivers.map(({ count }) => count)) }))))
  source.tell({ do: 'send', bytes, messages: MESSAGES })
  await done
  const seconds = (performance.now() - begin) / 1000
  let cpuMs = 0
  for (const node of [source, ...receivers]) cpuMs += (await node.ask({ do: 'tell the cost' }, 'cpuMs')).cpuMs
  return { perSecond: MESSAGES / seconds, microseconds: (cpuMs * 1000) / MESSAGES }
}

class Node {
  readonly address: string
  readonly #process: ChildProcess
  /** Messages of this turn. */
  count = 0

  private constructor(process: ChildProcess, address: string) {
    this.#process = process
    this.address = address
  }

  static async start(contender: Contender): Promise<Node> {
    const child = fork(new URL('topics-node.ts', import.meta.url), [contender])
    const { address } = await answer(child, 'address')
    return new Node(child, address)
  }

  tell(message: ToNode): void {
    this.#process.send(message)
  }

  async ask<Key extends string>(message: ToNode, key: Key): Promise<Extract<FromNode, Record<Key, unknown>>> {
    const answered = answer(this.#process, key)
    this.tell(message)
    return answered
  }

  /** Resolves when so many have come; says each time that some have. */
  received(wanted: number, onSome: () => void): Promise<void> {
    this.count = 0
    return new Promise((resolve) => {
      const onMessage = (message: FromNode): void => {
        if (!('received' in message)) return
        this.count = message.received
        onSome()
        if (this.count < wanted) return
        this.#process.off('message', onMessage)
        resolve()
      }
      this.#process.on('message', onMessage)
    })
  }

  stop(): void {
    if (this.#process.connected) this.#process.disconnect()
  }
}

/** The next message of the process that has this key. Rejects where the process ends before. */
function answer<Key extends string>(child: ChildProcess, key: Key): Promise<Extract<FromNode, Record<Key, unknown>>> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('a node ended'))
    child.once('exit', onExit)
    const onMessage = (message: FromNode): void => {
      if (!(key in message)) return
      child.off('message', onMessage)
      child.off('exit', onExit)
      resolve(message as Extract<FromNode, Record<Key, unknown>>)
    }
    child.on('message', onMessage)
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
