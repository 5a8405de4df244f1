/** The node behind a real router (miniupnpd) in network namespaces; what it says, and what the kernel forwards. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NatState } from '../../../node-core/network/types.ts'
import { comes, OUTSIDE, RouterLab, whyNoLab, type LabProcess } from '../../helpers/router-lab.ts'

const reason = whyNoLab()
let number = 0
let lab: RouterLab

const natOf = ({ lines }: LabProcess): NatState | undefined => lines.findLast(({ nat }) => nat !== undefined)?.['nat'] as NatState | undefined
const idOf = ({ lines }: LabProcess): string | undefined => lines.find(({ id }) => id !== undefined)?.['id'] as string | undefined
const peersOf = ({ lines }: LabProcess): unknown[] => lines.flatMap(({ peer }) => (peer === undefined ? [] : [peer]))
const is = (status: NatState['status'], node: LabProcess) => (): NatState | undefined => (natOf(node)?.status === status ? natOf(node) : undefined)

describe.skipIf(reason !== undefined)(`a node behind a router${reason === undefined ? '' : ` (left out: ${reason})`}`, { timeout: 180_000 }, () => {
  beforeEach(() => {
    lab = new RouterLab(number++)
  })

  afterEach(async () => {
    await lab.remove()
  })

  it('is reached from outside, verified by who reached it, and leaves no port open', async () => {
    lab.startRouter()
    const node = lab.startNode('home', 'node', { port: 30333, upnp: true })
    const mapped = await comes(is('mapped', node), 'the mapping', [node])
    expect(mapped.mappings.map(({ externalAddress, externalPort }) => [externalAddress, externalPort])).toEqual([[OUTSIDE, 30333], [OUTSIDE, 30334]])
    expect(lab.forwarded()).toEqual(['30333>10.77.0.2:30333', '30334>10.77.0.2:30334'])

    const id = await comes(() => idOf(node), 'the identity', [node])
    const peer = lab.startNode('wan', 'peer', { port: 30333, bootnodes: [`/ip4/${OUTSIDE}/tcp/30333/p2p/${id}`] })
    await comes(() => peersOf(peer).includes(id), 'the peer outside', [node, peer])
    await comes(is('verified', node), 'the verification', [node, peer])

    await lab.stop(node.child)
    expect(natOf(node)?.status).toBe('off')
    expect(lab.forwarded()).toEqual([])
  })

  it('has its ports for peers passed on, and those of JSON-RPC and the dashboard never', async () => {
    lab.startRouter()
    const node = lab.startCli('home', '--dev', '--upnp', '--port', '30333', '--rpc-port', '9944', '--dashboard-port', '9955', '--base-path', join(lab.folder, 'data'))
    await comes(() => lab.forwarded().length >= 2, 'the mapping', [node])
    expect(lab.forwarded()).toEqual(['30333>10.77.0.2:30333', '30334>10.77.0.2:30334'])
    await lab.stop(node.child)
    expect(lab.forwarded()).toEqual([])
  })

  it('with QUIC has its UDP port passed on too, is reached by it, and still no other port is open', async () => {
    lab.startRouter()
    const node = lab.startCli('home', '--dev', '--upnp', '--quic', '--port', '30333', '--rpc-port', '9944', '--dashboard-port', '9955', '--prometheus-port', '9966', '--base-path', join(lab.folder, 'data'))
    await comes(() => lab.forwarded().length >= 3, 'the mappings', [node])
    expect(lab.forwarded()).toEqual(['30333>10.77.0.2:30333', '30333>10.77.0.2:30333 udp', '30334>10.77.0.2:30334'])
    await lab.stop(node.child)
    expect(lab.forwarded()).toEqual([])

    const bare = lab.startNode('home', 'node', { port: 30333, upnp: true, quic: true })
    await comes(is('mapped', bare), 'the mapping', [bare])
    const id = await comes(() => idOf(bare), 'the identity', [bare])
    const peer = lab.startNode('wan', 'peer', { port: 30333, quic: true, bootnodes: [`/ip4/${OUTSIDE}/udp/30333/quic-v1/p2p/${id}`] })
    await comes(() => peersOf(peer).includes(id), 'the peer outside', [bare, peer])
    expect(peer.lines.find(({ peer: other }) => other === id)?.['address']).toContain('/quic-v1')
  })

  it('asks again before the time is over', async () => {
    lab.startRouter()
    const node = lab.startNode('home', 'node', { port: 30333, upnp: true, upnpLeaseSeconds: 4 })
    await comes(is('mapped', node), 'the mapping', [node])
    const until = Date.now() + 10_000
    await comes(() => {
      expect(lab.forwarded()).toHaveLength(2)
      return Date.now() > until
    }, 'the end of two and a half leases', [node])
    // A node that dies instead asks no more: then the router itself closes the port.
    node.child.kill('SIGKILL')
    await comes(() => lab.forwarded().length === 0, 'the end of the lease')
  })

  it('says that there is no router, and runs on', async () => {
    const node = lab.startNode('home', 'node', { port: 30333, upnp: true })
    expect((await comes(is('failed', node), 'the failure', [node])).problem?.code).toBe('NAT_ROUTER_ABSENT')
    expect(node.child.exitCode).toBeNull()
  })

  it('says that the router refuses', async () => {
    lab.startRouter(OUTSIDE, true)
    const node = lab.startNode('home', 'node', { port: 30333, upnp: true })
    expect((await comes(is('failed', node), 'the failure', [node])).problem?.code).toBe('NAT_ROUTER_REFUSED')
    expect(lab.forwarded()).toEqual([])
  })

  it('says that the router has no address of the internet', async () => {
    lab.startRouter('203.0.113.1')
    const node = lab.startNode('home', 'node', { port: 30333, upnp: true })
    expect((await comes(is('failed', node), 'the failure', [node])).problem?.code).toBe('NAT_ROUTER_OFFLINE')
    expect(lab.forwarded()).toEqual([])
  })

  it('says that the router sends nonsense, and runs on', async () => {
    const script = join(lab.folder, 'nonsense.mjs')
    writeFileSync(script, NONSENSE)
    const router = lab.start('router', [process.execPath, script])
    await comes(() => router.lines.length > 0, 'the router', [router])
    const node = lab.startNode('home', 'node', { port: 30333, upnp: true })
    expect((await comes(is('failed', node), 'the failure', [node, router])).problem?.code).toBe('NAT_ROUTER_MALFORMED')
    expect(node.child.exitCode).toBeNull()
  })

  it('and another node reach each other directly after they met over a relay', async () => {
    const relay = lab.startNode('wan', 'relay', { port: 30400, relayServer: true })
    const relayId = await comes(() => idOf(relay), 'the relay', [relay])
    const circuit = `/ip4/45.33.32.2/tcp/30400/p2p/${relayId}/p2p-circuit`
    const node = lab.startNode('home', 'node', { port: 30333, listenAddrs: ['/ip4/0.0.0.0/tcp/30333', circuit] })
    const id = await comes(() => idOf(node), 'the node', [node, relay])
    const seeker = lab.startNode('wan', 'seeker', { port: 30500, bootnodes: [`${circuit}/p2p/${id}`] })
    await comes(() => peersOf(seeker).includes(id), 'the direct connection', [seeker, node, relay])
    expect(seeker.lines.find(({ peer }) => peer === id)?.['address']).toContain(`/ip4/${OUTSIDE}/tcp/`)
  })
})

/** Answers every search, and describes itself as no router would. */
const NONSENSE = `
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
createServer((_, response) => response.end('<root><device></root>')).listen(5000, '10.77.0.1', () => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.on('message', (_, { port, address }) =>
    socket.send('HTTP/1.1 200 OK\\r\\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\\r\\nLOCATION: http://10.77.0.1:5000/\\r\\n\\r\\n', port, address))
  socket.bind(1900, () => {
    socket.addMembership('239.255.255.250', '10.77.0.1')
    console.log('{}')
  })
})
`
