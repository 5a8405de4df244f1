/**
 * A network service with the net API in a process of its own, for tests that put it into another network. Takes NetworkOptions as JSON. Says on standard output
 * (one JSON object per line) who its peers are, what came on its topic, and what became of what it was told to send. Is told on standard input, a JSON object
 * per line: `{"publish": {"bytes": 100, "only": ["12D3…"]}}`, `{"ip": {"device": "tun0", "peers": […]}}` (an IP link, or none for null), `{"tell": "ip"}`. Stops on
 * SIGTERM.
 *
 * Run: `node test/helpers/net-node.ts '{"dataPath": "…", "port": 30333, "topologyFile": "…"}'`
 */
import { createInterface } from 'node:readline'
import { systemClock } from '../../node-core/base/clock.ts'
import { errorMessage, isNodeError } from '../../node-core/base/errors.ts'
import { createLogger } from '../../node-core/base/logger.ts'
import type { IpRule } from '../../node-core/net/link/ip/rule.ts'
import { Net } from '../../node-core/net/net.ts'
import { NET_GATE } from './net-gate.ts'
import { NetworkService } from '../../node-core/network/network-service.ts'
import type { NetworkOptions } from '../../node-core/network/options.ts'
import { PREFIX } from './network.ts'

/** A line of standard input. */
type Told = { readonly publish: { readonly bytes: number; readonly only?: readonly string[] } } | { readonly ip: IpRule | null } | { readonly tell: 'ip' }

const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)
const options = JSON.parse(process.argv[2] ?? '') as NetworkOptions
const logger = createLogger([({ message, fields }) => process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`)], { default: 'debug' })
const network = new NetworkService({ logger, namespace: () => ({ prefix: PREFIX }) }, { ...options, openTable: true })
const net = new Net({ network, metrics: { read: () => [] }, clock: systemClock, logger, name: () => 'lab' }, { dataPath: options.dataPath, keepsForOthers: false, rates: () => ({ bytesPerSecond: 0, peerBytesPerSecond: 0, fetchBytesPerSecond: 0 }) })
network.topics.register(NET_GATE)
await network.start()
await net.start()
net.topics.declare({ name: 'news', topology: 'mesh', maxMessageBytes: 2_000_000, rate: { perSecond: 1000, burst: 1000 } })
net.topics.subscribe('news', 'reader', ({ source, way, payload }) => void say({ got: payload.length, source, way }))

/** Peers with whom the topic is open, whenever they are others; and members that were not reached, with why. */
let told = ''
setInterval(() => {
  const peers = [...(net.topics.figures()[0]?.peers ?? [])].sort()
  const refused = network.state.topology()?.members.flatMap(({ id, failure }) => (failure === undefined ? [] : [{ id, code: failure.code, found: failure.found }])) ?? []
  const now = JSON.stringify({ peers, refused })
  if (now !== told) say({ peers, refused })
  told = now
}, 50)

createInterface(process.stdin).on('line', (line) => {
  const told = JSON.parse(line) as Told
  if ('tell' in told) return void say({ ip: net.link.ip() ?? null })
  if ('ip' in told) {
    void (told.ip === null ? net.link.closeIp() : net.link.openIp(told.ip)).then(() => say({ done: 'ip' }), (error: unknown) => say({ failed: isNodeError(error) ? error.code : errorMessage(error) }))
    return
  }
  const { publish } = told
  net.api.broadcast('news', new Uint8Array(publish.bytes).fill(7), publish.only === undefined ? {} : { to: { only: publish.only } }).then(
    ({ way, sent, taken, undelivered }) => say({ published: publish.bytes, way, sent: sent.length, taken, undelivered }),
    (error: unknown) => say({ published: publish.bytes, failed: errorMessage(error) }),
  )
})
process.on('SIGTERM', () => void net.stop().then(() => network.stop()).then(() => process.exit(0)))
say({ listening: network.state.listenAddresses(), id: network.state.localPeerId })
