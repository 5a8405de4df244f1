/**
 * A network service with the net API in a process of its own, whose channels count: every message carries its number, and the receiving end says how many came in order
 * and how many did not. Takes NetworkOptions as JSON. Is told on standard input, a JSON object per line: `{"dial": "<address>"}` opens a channel to the service
 * `count` there and sends on it; `{"end": true}` ends the channels when the other side has all. Says on standard output (one JSON object per line) how
 * each end is whenever its path is another, and when it ends; and what became of attempts at direct connections. Stops on SIGTERM.
 *
 * Run: `node test/helpers/counting-node.ts '{"dataPath": "…", "port": 30333}'`
 */
import { createInterface } from 'node:readline'
import { systemClock } from '../../node-core/base/clock.ts'
import { errorMessage } from '../../node-core/base/errors.ts'
import { createLogger } from '../../node-core/base/logger.ts'
import type { Channel } from '../../node-core/net/channels/types.ts'
import { Net } from '../../node-core/net/net.ts'
import { NetworkService } from '../../node-core/network/network-service.ts'
import type { NetworkOptions } from '../../node-core/network/options.ts'
import { NET_GATE } from './net-gate.ts'
import { PREFIX } from './network.ts'

/** A relay gives away 128 KiB: a minute of these. */
const MESSAGE_BYTES = 128
const EVERY_MS = 100

const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)
const options = JSON.parse(process.argv[2] ?? '') as NetworkOptions
const logger = createLogger([({ message, fields }) => process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`)], { default: 'debug' })
const network = new NetworkService({ logger, namespace: () => ({ prefix: PREFIX }) }, { ...options, openTable: true })
const net = new Net({ network, metrics: { read: () => [] }, clock: systemClock, logger, name: () => 'lab' }, { dataPath: options.dataPath, keepsForOthers: false, rates: () => ({ bytesPerSecond: 0, peerBytesPerSecond: 0, fetchBytesPerSecond: 0 }) })

/** Says how an end of a channel is, whenever its path changed. */
function watch(channel: Channel, count: () => object): (because: string) => void {
  let path: string | undefined
  const tell = (because: string): boolean => {
    const { moved, resumed } = net.channels.peers().find(({ peer }) => peer === channel.peer) ?? {}
    return say({ because, direction: channel.state.direction, path: channel.state.path, found: channel.state.found, moved, resumed, sent: channel.metrics.sent.messages, received: channel.metrics.received.messages, ...count() })
  }
  const timer = setInterval(() => {
    if (channel.state.path === path) return
    path = channel.state.path
    tell('path')
  }, 20)
  void channel.closed.then((error) => {
    clearInterval(timer)
    say({ because: 'closed', direction: channel.state.direction, failure: error?.code, ...count() })
  })
  return tell
}

let ending = false
async function send(channel: Channel): Promise<void> {
  let number = 0
  const tell = watch(channel, () => ({ numbered: number }))
  while (!ending && channel.state.open) {
    const message = new Uint8Array(MESSAGE_BYTES).fill(number % 251)
    new DataView(message.buffer).setUint32(0, number++)
    await channel.send(message)
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
  tell('end')
  await channel.end()
}

network.topics.register(NET_GATE)
await network.start()
await net.start()
/** Numbers that come in order, until the other side has sent all. */
async function count(channel: Channel): Promise<void> {
  let [inOrder, wrong] = [0, 0]
  watch(channel, () => ({ inOrder, wrong }))
  for await (const message of channel) {
    const isNext = message.length === MESSAGE_BYTES && new DataView(message.buffer, message.byteOffset).getUint32(0) === inOrder && message.subarray(4).every((byte) => byte === inOrder % 251)
    if (isNext) inOrder++
    else wrong++
  }
  await channel.close()
}

net.api.listen('count', { onChannel: (channel) => void count(channel).catch((error: unknown) => say({ failed: errorMessage(error) })) })
createInterface(process.stdin).on('line', (line) => {
  const { dial } = JSON.parse(line) as { readonly dial?: string }
  if (dial === undefined) ending = true
  else net.api.dial(dial, { service: 'count' }).then(send).catch((error: unknown) => say({ failed: errorMessage(error) }))
})
let told = ''
setInterval(() => {
  const now = JSON.stringify({ punching: network.state.holePunching() })
  if (now !== told) process.stdout.write(`${now}\n`)
  told = now
}, 50)
process.on('SIGTERM', () => void net.stop().then(() => network.stop()).then(() => process.exit(0)))
say({ listening: network.state.listenAddresses(), id: network.state.localPeerId })
