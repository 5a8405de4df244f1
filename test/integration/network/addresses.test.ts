/** The forms of address that boot nodes of public networks have: names, WebSockets, WebSockets behind TLS, several for one node. */
import { readFileSync } from 'node:fs'
import { connect, createServer as createPlain, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createSecure, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const TLS = join(import.meta.dirname, '../../fixtures/tls')
const [cert, key] = [readFileSync(join(TLS, 'localhost.cert.pem'), 'utf8'), readFileSync(join(TLS, 'localhost.key.pem'), 'utf8')]

let net = new TestNetwork()
const servers: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  setDefaultCACertificates(getCACertificates('bundled'))
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
  await net.stop()
  net = new TestNetwork()
})

async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const node = (listenAddrs: readonly string[], options: { readonly networkBootnodes?: readonly string[] } = {}): Promise<TestPeer> => net.start([new RecordingTopic()], { listenAddrs, ...options })
const portOf = (address: string): string => /\/tcp\/(\d+)/.exec(address)?.[1] ?? ''

/** What a reverse proxy does in front of a node's WebSocket. */
function tlsInFrontOf(port: string): Promise<number> {
  return listening(
    createSecure({ cert, key }, (secure) => {
      const plain = connect(Number(port), '127.0.0.1')
      sockets.push(secure.on('error', () => undefined), plain.on('error', () => undefined))
      secure.pipe(plain).pipe(secure)
    }),
  )
}

/** True where the follower finds the node by what its network's specification names. */
async function finds(target: TestPeer, bootNodes: readonly string[]): Promise<void> {
  const follower = await node(['/ip4/127.0.0.1/tcp/0'], { networkBootnodes: bootNodes })
  await eventually(() => follower.network.state.peerDetails().some(({ peerId, direction }) => peerId === target.id && direction === 'outbound'), `a connection by ${bootNodes.join(', ')}`)
}

describe('a boot node', () => {
  test.each(['dns', 'dns4'])('is found by its name (/%s)', async (protocol) => {
    const target = await node(['/ip4/127.0.0.1/tcp/0'])
    await finds(target, [`/${protocol}/localhost/tcp/${portOf(target.address)}/p2p/${target.id}`])
  })

  test('is found behind a WebSocket', async () => {
    const target = await node(['/ip4/127.0.0.1/tcp/0/ws'])
    await finds(target, [`/dns/localhost/tcp/${portOf(target.address)}/ws/p2p/${target.id}`])
  })

  test.each(['wss', 'tls/ws'])('is found behind a WebSocket with a certificate that is trusted (/%s), and not behind one that is not', async (form) => {
    const target = await node(['/ip4/127.0.0.1/tcp/0/ws'])
    const address = `/dns/localhost/tcp/${await tlsInFrontOf(portOf(target.address))}/${form}/p2p/${target.id}`
    const stranger = await node(['/ip4/127.0.0.1/tcp/0'])
    await expect(stranger.network.actions.call(address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_NO_WEBSOCKET' })
    setDefaultCACertificates([cert])
    await finds(target, [address])
  })

  test('is found by the one of its addresses that leads to it', async () => {
    const target = await node(['/ip4/127.0.0.1/tcp/0/ws'])
    const gone = createPlain()
    const port = await listening(gone)
    gone.close()
    const hangsUp = await listening(createPlain((socket) => void socket.destroy()))
    await finds(target, [
      `/dns/localhost/tcp/${port}/p2p/${target.id}`,
      `/dns/nowhere.invalid/tcp/30333/p2p/${target.id}`,
      `/dns/localhost/tcp/${hangsUp}/p2p/${target.id}`,
      `/dns/localhost/tcp/${portOf(target.address)}/ws/p2p/${target.id}`,
    ])
  })

  test('that cannot be named so is passed over, and the others are used', async () => {
    const target = await node(['/ip4/127.0.0.1/tcp/0'])
    await finds(target, ['/dns/localhost/tcp/1/http-path', '/ip4/127.0.0.1/tcp/1', target.address])
  })
})
