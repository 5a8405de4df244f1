/** The IP link between two nodes with devices that the test writes: what is carried, what is dropped, and what becomes of it when something is lost. */
import { streamPair } from '@libp2p/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { LinkError } from '../../../../node-core/net/link/errors.ts'
import type { DeviceEvents, IpDevice } from '../../../../node-core/net/link/ip/device.ts'
import { IpLink, type IpPeerState } from '../../../../node-core/net/link/ip/ip-link.ts'
import { addressKey, type AddressKey } from '../../../../node-core/net/link/ip/packets.ts'
import type { IpRule } from '../../../../node-core/net/link/ip/rule.ts'
import { refusalError } from '../../../../node-core/net/link/wire.ts'
import type { PeerStream } from '../../../../node-core/network/streams.ts'
import { inOnePiece, ipPacket } from '../../../helpers/ip-packets.ts'
import { eventually } from '../../../helpers/network.ts'

const ADA = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const BOB = '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD'

class Side {
  readonly id: string
  readonly written: string[] = []
  readonly faults: string[] = []
  opened = 0
  /** For the device. */
  looked = 0
  isThere = true
  isUp = true
  link: IpLink
  #events: DeviceEvents | undefined

  constructor(id: string, address: string, other: () => Side, rule: IpRule, path: () => PeerStream['path'] = () => 'direct') {
    this.id = id
    this.link = new IpLink(
      {
        clock,
        logger: silentLogger,
        report: (_, { code }) => this.faults.push(code),
        opener: {
          open: async (peer, wanted, { relayed }) => {
            this.opened++
            const there = other()
            const found = peer === there.id ? there.link.finds(this.id, path()) : 'not-opened'
            if (path() === 'relayed' && !relayed) throw new LinkError('NET_LINK_PEER_UNREACHABLE', 'no direct way')
            if (found !== 'open') throw refusalError(peer, wanted, found)
            const [mine, theirs] = await streamPair()
            void there.link.take({ stream: theirs, peer: this.id, protocol: '/nodestead/link/1', path: path() })
            return { stream: mine, peerRest: new Uint8Array() }
          },
        },
        openDevice: async (_, events): Promise<IpDevice> => {
          this.looked++
          if (!this.isThere) throw new LinkError('NET_LINK_TUN_MISSING', 'There is none.')
          this.#events = events
          return {
            write: (packet) => this.isUp && this.written.push(packet.subarray(20).toString()) > 0,
            addresses: (): ReadonlySet<AddressKey> => new Set([addressKey(address) as AddressKey]),
            close: async () => undefined,
          }
        },
      },
      rule,
    )
  }

  /** A program of this computer sends. */
  send(...packets: readonly Buffer[]): void {
    this.#events?.onPackets(inOnePiece(...packets))
  }

  lose(): void {
    this.#events?.onLost(new LinkError('NET_LINK_TUN_FAILED', 'It is gone.'))
  }

  get peer(): IpPeerState {
    return this.link.state.peers[0] as IpPeerState
  }
}

let clock: FakeClock
let path: PeerStream['path']
let ada: Side
let bob: Side
beforeEach(async () => {
  clock = new FakeClock()
  path = 'direct'
  ada = new Side(ADA, '10.77.0.1', () => bob, { device: 'tun0', peers: [{ peer: BOB, addresses: ['10.77.0.2'], relayed: false }] }, () => path)
  bob = new Side(BOB, '10.77.0.2', () => ada, { device: 'tun0', peers: [{ peer: ADA, addresses: ['10.77.0.1', '10.77.0.9'], relayed: false }] }, () => path)
  await ada.link.open()
  await bob.link.open()
})
afterEach(async () => {
  await ada.link.close()
  await bob.link.close()
})

const toBob = (text: string): Buffer => ipPacket('10.77.0.1', '10.77.0.2', text)
const arrived = (side: Side, count: number): Promise<void> => eventually(() => side.written.length === count, `${count} packets`)

describe('packets of programs', () => {
  it('reach the peer whose address they name, in order, over one stream each way', async () => {
    ada.send(toBob('one'), toBob('two'))
    await arrived(bob, 2)
    bob.send(ipPacket('10.77.0.2', '10.77.0.1', 'back'))
    ada.send(toBob('three'))
    await arrived(ada, 1)
    await arrived(bob, 3)
    expect([bob.written, ada.written]).toEqual([['one', 'two', 'three'], ['back']])
    expect([ada.opened, bob.opened]).toEqual([1, 1])
    expect(ada.peer).toMatchObject({ state: 'open', isHeard: true, sentPackets: 3, receivedPackets: 1, dropped: 0, foreign: 0 })
  })

  it('for addresses that no peer has are counted, and those between them arrive', async () => {
    ada.send(toBob('one'), ipPacket('10.77.0.1', '10.77.0.3', 'lost'), toBob('two'), ipPacket('fe80::1', 'ff02::2', 'lost'))
    await arrived(bob, 2)
    expect(bob.written).toEqual(['one', 'two'])
    expect(ada.link.state.unknown).toBe(2)
  })

  it('that wait for a stream too long or find none are dropped, and the peer is asked again after a while', async () => {
    bob.link.setPeers([])
    ada.send(toBob('lost'))
    await eventually(() => ada.peer.state === 'refused', 'the refusal')
    expect(ada.peer).toMatchObject({ refusal: 'NET_LINK_NOT_OPENED', dropped: 1 })
    bob.link.setPeers([{ peer: ADA, addresses: ['10.77.0.1'], relayed: false }])
    ada.send(toBob('lost, too'))
    expect([ada.opened, ada.peer.dropped]).toEqual([1, 2])
    clock.advance(5_000)
    ada.send(toBob('here'))
    await arrived(bob, 1)
    expect(ada.peer).toMatchObject({ state: 'open', refusal: undefined })
  })

  it('wait while the stream is opened, up to 256 KiB', async () => {
    const large = ipPacket('10.77.0.1', '10.77.0.2', Buffer.alloc(60_000, 'x'))
    for (let i = 0; i < 6; i++) ada.send(large)
    await arrived(bob, 4)
    expect(ada.peer.dropped).toBe(2)
  })

  it('go over another stream when the first broke', async () => {
    ada.send(toBob('one'))
    await arrived(bob, 1)
    bob.link.setPeers([{ peer: ADA, addresses: ['10.77.0.1'], relayed: true }])
    await eventually(() => ada.peer.state === 'idle', 'the end of the stream')
    ada.send(toBob('two'))
    await arrived(bob, 2)
    expect(ada.opened).toBe(2)
  })

  it('go over a relay where both sides allow it, and not otherwise', async () => {
    path = 'relayed'
    ada.send(toBob('lost'))
    await eventually(() => ada.peer.refusal === 'NET_LINK_PEER_UNREACHABLE', 'the refusal')
    clock.advance(5_000)
    ada.link.setPeers([{ peer: BOB, addresses: ['10.77.0.2'], relayed: true }])
    ada.send(toBob('lost'))
    await eventually(() => ada.peer.refusal === 'NET_LINK_RELAYED', 'the other refusal')
    bob.link.setPeers([{ peer: ADA, addresses: ['10.77.0.1'], relayed: true }])
    clock.advance(5_000)
    ada.send(toBob('here'))
    await arrived(bob, 1)
  })
})

describe('packets of a peer', () => {
  it('are dropped where they name another source than its own, or another computer', async () => {
    ada.send(ipPacket('10.77.0.3', '10.77.0.2', 'another source'), toBob('good'))
    await arrived(bob, 1)
    // The address is ada's to write to, but not bob's device's.
    ada.link.setPeers([{ peer: BOB, addresses: ['10.77.0.2', '192.168.1.1'], relayed: false }])
    ada.send(ipPacket('10.77.0.1', '192.168.1.1', 'another computer'), ipPacket('10.77.0.9', '10.77.0.2', 'also its own'))
    await arrived(bob, 2)
    expect(bob.written).toEqual(['good', 'also its own'])
    await eventually(() => bob.peer.foreign === 2, 'what was dropped')
  })

  it('that are none cost it, and its stream is reset', async () => {
    ada.send(Buffer.from('no packet'))
    // What is no packet goes nowhere from here; a peer of another make may send it.
    expect(ada.link.state.unknown).toBe(1)
    const [mine, theirs] = await streamPair()
    const taken = bob.link.take({ stream: theirs, peer: ADA, protocol: '/nodestead/link/1', path: 'direct' })
    mine.send(inOnePiece(toBob('good'), Buffer.from('no packet'), toBob('behind it')))
    await taken
    expect(bob.faults).toEqual(['malformed'])
    expect(bob.written).toEqual(['good'])
    expect(bob.peer.isHeard).toBe(false)
  })

  it('that the device does not take are counted', async () => {
    bob.isUp = false
    ada.send(toBob('lost'))
    await eventually(() => bob.peer.dropped === 1, 'what was dropped')
  })
})

describe('a device', () => {
  it('that is lost is told with the reason, and used again when it is back', async () => {
    ada.isThere = false
    ada.lose()
    expect(ada.link.state.failure).toMatchObject({ code: 'NET_LINK_TUN_FAILED' })
    clock.advance(10_000)
    await eventually(() => ada.link.state.failure?.code === 'NET_LINK_TUN_MISSING', 'the next look')
    ada.isThere = true
    clock.advance(10_000)
    await eventually(() => ada.link.state.failure === undefined, 'the device')
    ada.send(toBob('here'))
    await arrived(bob, 1)
  })

  it('that is not there is refused at once where a user opens the link', async () => {
    await ada.link.close()
    const other = new Side(ADA, '10.77.0.1', () => bob, { device: 'tun0', peers: [] })
    other.isThere = false
    await expect(other.link.open()).rejects.toMatchObject({ code: 'NET_LINK_TUN_MISSING' })
  })

  it('is not looked for when the link is closed', async () => {
    ada.isThere = false
    ada.lose()
    await ada.link.close()
    clock.advance(60_000)
    expect(ada.looked).toBe(1)
  })
})
