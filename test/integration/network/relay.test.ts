/**
 * A node that nobody reaches but over a relay. Loopback addresses are none that two strangers would try for a direct
 * connection, so here it ends where it must without one; with one, see upnp.test.ts.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { multiaddr } from '@multiformats/multiaddr'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { startHost, stopHost, type Host } from '../../../node-core/network/host/host.ts'
import { loadIdentity } from '../../../node-core/network/host/identity.ts'
import { NetworkService } from '../../../node-core/network/network-service.ts'
import { ProtocolNames } from '../../../node-core/network/protocol-names.ts'
import { Traffic } from '../../../node-core/network/host/traffic.ts'
import { eventually, PREFIX, RecordingTopic, TestNetwork } from '../../helpers/network.ts'

let network = new TestNetwork()
let hosts: Host[] = []

/** A bare host, to look at the connection itself. */
async function bareHost(): Promise<Host> {
  const host = await startHost({
    identity: await loadIdentity(await network.folder(), undefined),
    names: new ProtocolNames({ prefix: PREFIX }),
    listen: [],
    announce: [],
    mdns: false,
    relayServer: false,
    openTable: false,
    maxConnections: 10,
    gater: {},
    metrics: new Traffic().component(),
  })
  hosts.push(host)
  return host
}

afterEach(async () => {
  await Promise.all(hosts.map((host) => stopHost(host)))
  await network.stop()
  hosts = []
  network = new TestNetwork()
})

describe('a relay', () => {
  it('is what a node is only where it was asked for', async () => {
    const plain = await network.start([])
    const hidden = network.start([], { listenAddrs: [`${plain.address}/p2p-circuit`] })
    await expect(hidden).rejects.toMatchObject({ code: 'NETWORK_LISTEN_FAILED' })
  })

  it('makes a node reachable that listens nowhere, within limits', async () => {
    const relay = await network.start([], { relayServer: true })
    const hidden = await network.start([], { listenAddrs: [`${relay.address}/p2p-circuit`] })
    await eventually(() => hidden.network.state.listenAddresses().length > 0, 'the reservation')
    const address = hidden.network.state.listenAddresses()[0] ?? ''
    expect(address).toContain(`${relay.id}/p2p-circuit`)

    const host = await bareHost()
    const connection = await host.dial(multiaddr(address))
    expect(connection.remotePeer.toString()).toBe(hidden.id)
    expect(connection.limits?.bytes).toBeLessThanOrEqual(128n * 1024n)
    expect(connection.limits?.seconds).toBeDefined()
    // Whoever comes over a relay is not a peer yet, and opens no topics.
    expect(hidden.network.state.peerDetails().map(({ peerId }) => peerId)).toEqual([relay.id])
    await expect(connection.newStream(`${PREFIX}/block-announces/1`)).rejects.toThrow()
  })

  it('is given up when no direct connection comes of it', async () => {
    const relay = await network.start([new RecordingTopic()], { relayServer: true })
    const hidden = await network.start([new RecordingTopic()], { listenAddrs: [`${relay.address}/p2p-circuit`] })
    await eventually(() => hidden.network.state.listenAddresses().length > 0, 'the reservation')
    const clock = new FakeClock()
    const logs: LogRecord[] = []
    // It has no address either that the hidden one could learn of from the relay's table.
    const seeker = new NetworkService(
      { logger: createLogger([(record) => logs.push(record)], { default: 'debug' }), clock, namespace: () => ({ prefix: PREFIX }) },
      { dataPath: await network.folder(), port: 0, listenAddrs: [`${relay.address}/p2p-circuit`], bootnodes: [hidden.network.state.listenAddresses()[0] ?? ''] },
    )
    const topic = new RecordingTopic()
    seeker.topics.register(topic)
    await seeker.start()
    try {
      const relayed = (): boolean => relay.network.state.protocolTraffic().some(({ protocol }) => protocol.endsWith('relay/0.2.0/stop'))
      await eventually(relayed, 'the relayed connection')
      await eventually(() => {
        clock.advance(1_000)
        return logs.some(({ fields }) => fields?.['code'] === 'NETWORK_DIAL_RELAY_ONLY')
      }, 'the end of it')
      expect(topic.opened).not.toContain(hidden.id)
      expect(seeker.state.peerDetails().map(({ peerId }) => peerId)).toEqual([relay.id])
    } finally {
      await seeker.stop()
    }
  })
})
