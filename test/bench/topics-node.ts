/**
 * One node of topics.ts, in a process of its own: with a topic of services, or with gossipsub of one kind. Its parent tells it, by messages between
 * processes, whom to connect with and how much to send; it tells what has come.
 *
 * Run: `node test/bench/topics-node.ts services`, by fork.
 */
import type { GossipSub } from '@libp2p/gossipsub'
import { randomBytes, randomFillSync } from 'node:crypto'
import { systemClock } from '../../node-core/base/clock.ts'
import { createLogger } from '../../node-core/base/logger.ts'
import { NET_GATE } from '../helpers/net-gate.ts'
import { TopicTable } from '../../node-core/net/topics/topic-table.ts'
import { DirectSpreader } from '../../node-core/network/spread/direct.ts'
import type { GossipKind } from '../../node-core/network/spread/gossip.ts'
import { eventually, TestNetwork, type TestPeer } from '../helpers/network.ts'

/** Who carries messages: a topic of services, and gossipsub of both kinds. */
export type Contender = 'services' | 'signed' | 'unsigned'

export type ToNode =
  | { readonly do: 'connect'; readonly addresses: readonly string[]; readonly peers: number }
  | { readonly do: 'send'; readonly bytes: number; readonly messages: number }
  /** As much has come to everybody. */
  | { readonly do: 'go on'; readonly received: number }
  | { readonly do: 'begin' }
  | { readonly do: 'tell the cost' }

export type FromNode =
  | { readonly address: string }
  | { readonly connected: true }
  | { readonly begun: true }
  /** Messages since then. */
  | { readonly received: number }
  /** Milliseconds of the processor since then. */
  | { readonly cpuMs: number }

const TOPIC = 'bench'
/** Messages that are under way. */
const WINDOW = 512
const TELL_EVERY = 64
/** Messages in one turn of the event loop. */
const TOGETHER = 16
const AMPLE = 100_000

let received = 0
let cpu = process.cpuUsage()
let releasedUpTo = 0
let release: (() => void) | undefined

function tell(message: FromNode): void {
  process.send?.(message)
}

function onMessage(): void {
  if (++received % TELL_EVERY === 0) tell({ received })
}

interface Carrier {
  publish(content: Uint8Array): Promise<unknown>
  peers(): number
}

/** As a service has it: encoded, judged, named, queued. */
function topicOfServices({ network, id }: TestPeer): Carrier {
  const topics = new TopicTable({
    clock: systemClock,
    logger: createLogger([({ message, fields }) => process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`)], { default: 'warn' }),
    door: network.topics,
    localPeer: () => id,
    random: (length) => new Uint8Array(randomBytes(length)),
    ways: (links, sink) => [new DirectSpreader({ links: links('direct'), sink })],
  })
  topics.declare({ name: TOPIC, maxMessageBytes: 64 * 1024, rate: { perSecond: AMPLE, burst: AMPLE }, queueLength: 2 * WINDOW, topology: 'mesh' })
  topics.subscribe(TOPIC, 'bench', onMessage)
  return { publish: (content) => topics.publish(TOPIC, content, { service: 'bench' }), peers: () => network.topics.openPeers(`net/${TOPIC}`).length }
}

/** As js-libp2p has it, without what a topic of services puts around it. */
function bareGossip({ network }: TestPeer, kind: GossipKind): Carrier {
  const gossip = network.gossip(kind) as GossipSub & { getMeshPeers(topic: string): readonly string[] }
  gossip.subscribe(TOPIC)
  gossip.addEventListener('message', onMessage)
  return { publish: (content) => gossip.publish(TOPIC, content), peers: () => gossip.getMeshPeers(TOPIC).length }
}

const contender = process.argv[2] as Contender
const net = new TestNetwork()
const node = await net.start([NET_GATE], { gossip: contender === 'services' ? [] : [contender] })
const carrier = contender === 'services' ? topicOfServices(node) : bareGossip(node, contender)

async function connect(addresses: readonly string[], peers: number): Promise<void> {
  for (const other of addresses) node.network.actions.addReserved(other)
  await eventually(() => carrier.peers() === peers, 'the topic with everybody')
  tell({ connected: true })
}

async function send(bytes: number, messages: number): Promise<void> {
  const contents = Array.from({ length: WINDOW }, () => new Uint8Array(randomBytes(bytes)))
  for (let sent = 0; sent < messages; sent++) {
    // Another content each time: unsigned gossip takes the same one for the same message.
    const content = (contents[sent % WINDOW] as Uint8Array).slice()
    randomFillSync(content, 0, 16)
    await carrier.publish(content)
    if (sent % TOGETHER === TOGETHER - 1) await new Promise((resolve) => setImmediate(resolve))
    while (sent - releasedUpTo >= WINDOW) await new Promise<void>((resolve) => (release = resolve))
  }
}

process.on('message', (message: ToNode) => {
  switch (message.do) {
    case 'connect':
      return void connect(message.addresses, message.peers)
    case 'begin':
      received = releasedUpTo = 0
      cpu = process.cpuUsage()
      return tell({ begun: true })
    case 'tell the cost': {
      const { user, system } = process.cpuUsage(cpu)
      return tell({ cpuMs: (user + system) / 1000 })
    }
    case 'send':
      return void send(message.bytes, message.messages)
    case 'go on':
      releasedUpTo = message.received
      return release?.()
  }
})
process.on('disconnect', () => process.exit())
tell({ address: node.address })
