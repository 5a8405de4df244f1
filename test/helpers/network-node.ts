/**
 * A network service in a process of its own, for tests that put it into another network. Takes NetworkOptions as JSON,
 * says on standard output (one JSON object per line) what changes, and stops on SIGTERM.
 *
 * Run: `node test/helpers/network-node.ts '{"dataPath": "…", "port": 30333, "upnp": true}'`
 */
import { createLogger } from '../../node-core/base/logger.ts'
import { NetworkService } from '../../node-core/network/network-service.ts'
import type { NetworkOptions } from '../../node-core/network/options.ts'
import { PREFIX, RecordingTopic } from './network.ts'

const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)
const options = JSON.parse(process.argv[2] ?? '') as NetworkOptions

class TellingTopic extends RecordingTopic {
  override onOpen(peer: string): void {
    say({ peer, address: network.state.peerDetails().find(({ peerId }) => peerId === peer)?.address })
  }
}

const logger = createLogger([({ message, fields }) => process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`)], { default: 'debug' })
const network = new NetworkService({ logger, namespace: () => ({ prefix: PREFIX }) }, options)
network.topics.register(new TellingTopic())
network.reachability.natEvents.on('changed', (nat) => say({ nat }))
process.on('SIGTERM', () => void network.stop().then(() => process.exit(0)))
await network.start()
say({ listening: network.state.listenAddresses(), id: network.state.localPeerId })
