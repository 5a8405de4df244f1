import type { MultiaddrConnection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { Traffic } from '../../../node-core/network/host/traffic.ts'

/** As much of a libp2p stream as is counted; a send takes half of what it is given. */
class FakeStream {
  readonly timeline = { open: 1 }
  readonly remoteAddr
  readonly protocol: string
  received = 0

  constructor({ address = '/ip4/127.0.0.1/tcp/1', protocol = '' } = {}) {
    this.remoteAddr = multiaddr(address)
    this.protocol = protocol
  }
  onData(data: Uint8Array): void {
    this.received += data.byteLength
  }
  sendData(data: Uint8Array): { sentBytes: number } {
    return { sentBytes: data.byteLength / 2 }
  }
}

function setUp() {
  const traffic = new Traffic()
  const component = traffic.component((protocol) => protocol.replace(/^\/here(?=\/)/, ''))
  const connection = (address?: string): FakeStream => {
    const stream = new FakeStream(address === undefined ? {} : { address })
    component.trackMultiaddrConnection(stream as unknown as MultiaddrConnection)
    return stream
  }
  const stream = (protocol: string): FakeStream => {
    const opened = new FakeStream({ protocol })
    component.trackProtocolStream(opened as unknown as Stream)
    return opened
  }
  return { traffic, connection, stream }
}

describe('traffic', () => {
  it('counts what arrives and what was really sent, and passes both on', () => {
    const { traffic, connection } = setUp()
    const socket = connection()
    socket.onData(new Uint8Array(10))
    expect(socket.sendData(new Uint8Array(8))).toEqual({ sentBytes: 4 })
    expect(socket.received).toBe(10)
    expect(traffic.bandwidth()).toEqual({ bytesIn: 10, bytesOut: 4 })
  })

  it('gives a peer all bytes of its connections, those before it was known too', () => {
    const { traffic, connection } = setUp()
    const peer = { bytesIn: 0, bytesOut: 0 }
    const first = connection()
    const second = connection()
    first.onData(new Uint8Array(3))
    traffic.attribute(first, peer)
    traffic.attribute(first, peer)
    first.onData(new Uint8Array(4))
    traffic.attribute(second, peer)
    second.sendData(new Uint8Array(20))
    expect(peer).toEqual({ bytesIn: 7, bytesOut: 10 })
    expect(traffic.bandwidth()).toEqual(peer)
  })

  it('does not count a relayed connection twice in the bandwidth', () => {
    const { traffic, connection } = setUp()
    const peer = { bytesIn: 0, bytesOut: 0 }
    const relayed = connection('/ip4/127.0.0.1/tcp/1/p2p-circuit')
    traffic.attribute(relayed, peer)
    relayed.onData(new Uint8Array(5))
    expect(peer.bytesIn).toBe(5)
    expect(traffic.bandwidth().bytesIn).toBe(0)
  })

  it('counts streams by protocol, under their labels, and bounds the protocols', () => {
    const { traffic, stream } = setUp()
    stream('/here/sync/2').onData(new Uint8Array(2))
    stream('/ipfs/ping/1.0.0').sendData(new Uint8Array(64))
    expect(traffic.protocols()).toEqual([
      { protocol: '/sync/2', bytesIn: 2, bytesOut: 0 },
      { protocol: '/ipfs/ping/1.0.0', bytesIn: 0, bytesOut: 32 },
    ])
    for (let i = 0; i < 100; i++) stream(`/made-up/${i}`).onData(new Uint8Array(1))
    expect(traffic.protocols()).toHaveLength(33)
    expect(traffic.protocols().at(-1)).toEqual({ protocol: 'other', bytesIn: 70, bytesOut: 0 })
  })
})
