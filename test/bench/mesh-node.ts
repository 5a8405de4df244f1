/**
 * One node of mesh.ts, in a process of its own: a topic of services in a fixed topology. Its parent tells it, by messages between processes, what to
 * send; it tells what has come.
 *
 * Run by fork: `mesh-node.ts <topology file> <kB per second that it may send, 0 for no limit>`
 */
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../node-core/base/clock.ts'
import { createLogger } from '../../node-core/base/logger.ts'
import { ed25519Sign, ed25519Verify } from '../../node-core/crypto/ed25519/ed25519.ts'
import { NET_GATE } from '../helpers/net-gate.ts'
import { TopicTable } from '../../node-core/net/topics/topic-table.ts'
import { ChunksSpreader } from '../../node-core/network/spread/chunks/chunks.ts'
import { DirectSpreader } from '../../node-core/network/spread/direct.ts'
import type { Way } from '../../node-core/network/spread/spread.ts'
import { eventually, TestNetwork } from '../helpers/network.ts'

export type ToMember =
  | { readonly do: 'tell when open'; readonly peers: number }
  | { readonly do: 'send'; readonly way: Way; readonly bytes: number }
  | { readonly do: 'tell what went out' }

export type FromMember =
  | { readonly id: string; readonly address: string }
  | { readonly open: true }
  /** Bytes of the message that came. */
  | { readonly received: number }
  /** On the topic's streams, since the start; and over the wire, whatever it was. */
  | { readonly topicBytes: number; readonly wireBytes: number }

const TOPIC = 'mesh'
const MIB = 1024 * 1024
const RATE = { perSecond: 1000, burst: 1000 }

const [, , topologyFile = '', uploadLimit = '0'] = process.argv
const seed = new Uint8Array(randomBytes(32))
const logger = createLogger([({ message, fields }) => process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`)], { default: 'warn' })
const { network, id, address } = await new TestNetwork().start([NET_GATE], { topologyFile, uploadLimit: Number(uploadLimit), nodeKey: Buffer.from(seed).toString('hex') })
const topics = new TopicTable({
  clock: systemClock,
  logger,
  door: network.topics,
  localPeer: () => id,
  random: (length) => new Uint8Array(randomBytes(length)),
  ways: (links, sink) => [
    new DirectSpreader({ links: links('direct'), sink }),
    new ChunksSpreader({ links: links('chunks'), sink, clock: systemClock, judge: network.judge, network: 'bench', sign: (message) => ed25519Sign(seed, message), verify: ed25519Verify }),
  ],
})
topics.declare({ name: TOPIC, maxMessageBytes: 16 * MIB, rate: RATE, topology: 'mesh' })
topics.subscribe(TOPIC, 'bench', ({ payload }) => tell({ received: payload.length }))

function tell(message: FromMember): void {
  process.send?.(message)
}

process.on('message', (message: ToMember) => {
  switch (message.do) {
    case 'tell when open':
      return void eventually(() => network.topics.openPeers(`net/${TOPIC}`).length === message.peers, 'the topic with everybody').then(() => tell({ open: true }))
    case 'send':
      return void topics.publish(TOPIC, new Uint8Array(randomBytes(message.bytes)), { service: 'bench', way: message.way })
    case 'tell what went out':
      return tell({ topicBytes: network.state.topicStatistics().find(({ topic }) => topic === `net/${TOPIC}`)?.bytesOut ?? 0, wireBytes: network.state.bandwidth().bytesOut })
  }
})
process.on('disconnect', () => process.exit())
tell({ id, address })
