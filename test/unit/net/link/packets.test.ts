/** IP packets: their ends, whole or not, and how they stand behind each other. */
import { describe, expect, it } from 'vitest'
import { addressKey, eachPacket, packetEnds } from '../../../../node-core/net/link/ip/packets.ts'
import { inOnePiece, ipPacket } from '../../../helpers/ip-packets.ts'

const hex = (address: string): string | undefined => {
  const key = addressKey(address)
  return key === undefined ? undefined : Buffer.from(key, 'latin1').toString('hex')
}

describe('an address', () => {
  it.each([
    ['10.77.0.1', '0a4d0001'],
    ['255.254.253.252', 'fffefdfc'],
    ['::1', '00000000000000000000000000000001'],
    ['fd00::2', 'fd000000000000000000000000000002'],
    ['FD00:0:0:0::0002', 'fd000000000000000000000000000002'],
    ['2001:db8:0:0:1::', '20010db8000000000001000000000000'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['fe80::1%eth0', undefined],
    ['10.77.0', undefined],
    ['host', undefined],
    ['', undefined],
  ])('%s is %s', (address, key) => expect(hex(address)).toBe(key))
})

describe('a packet', () => {
  it.each([['10.77.0.1', '10.77.0.2'], ['fd00::1', 'fd00::2']])('from %s to %s says so', (source, destination) => {
    expect(packetEnds(ipPacket(source, destination, 'hello'))).toEqual({ source: addressKey(source), destination: addressKey(destination) })
  })

  const good = ipPacket('10.77.0.1', '10.77.0.2', 'hello')
  const six = ipPacket('fd00::1', 'fd00::2', 'hello')
  const changed = (packet: Buffer, at: number, to: number): Buffer => {
    const copy = Buffer.from(packet)
    copy[at] = to
    return copy
  }
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['of another version', changed(good, 0, 0x55)],
    ['cut off', good.subarray(0, -1)],
    ['with bytes behind it', Buffer.concat([good, Buffer.alloc(1)])],
    ['shorter than its header', good.subarray(0, 19)],
    ['whose header is too short', changed(good, 0, 0x44)],
    ['whose header is longer than it', changed(good, 0, 0x4f)],
    ['of IPv6, cut off', six.subarray(0, -1)],
    ['of IPv6, shorter than its header', six.subarray(0, 39)],
  ])('%s is none', (_, packet) => expect(packetEnds(packet)).toBeUndefined())

  it('may be as long as there can be', () => {
    expect(packetEnds(ipPacket('10.77.0.1', '10.77.0.2', Buffer.alloc(0xffff - 20)))).toBeDefined()
  })
})

describe('packets behind each other', () => {
  it('are found whatever piece they come in', () => {
    const packets = [Buffer.from('a'), Buffer.alloc(0), Buffer.from('three'), Buffer.alloc(70_000 % 0xffff, 1)]
    const all = inOnePiece(...packets)
    for (let cut = 0; cut <= 14; cut++) {
      const found: Buffer[] = []
      const taken = eachPacket(all.subarray(0, cut), (packet) => found.push(packet))
      eachPacket(Buffer.concat([all.subarray(taken, cut), all.subarray(cut)]), (packet) => found.push(packet))
      expect(found).toEqual(packets)
    }
  })
})
