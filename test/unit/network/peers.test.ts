import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { isNearby, subnetOf, subscriberOf } from '../../../node-core/network/peers/address-block.ts'
import { ipOf, parsePeerAddress } from '../../../node-core/network/peers/address.ts'
import { BanFile } from '../../../node-core/network/peers/ban-file.ts'
import { Connector } from '../../../node-core/network/peers/connector.ts'
import { PeerRegistry } from '../../../node-core/network/peers/registry.ts'
import { Reputation, type Ban } from '../../../node-core/network/peers/reputation.ts'

const MINUTE = 60_000

describe('reputation', () => {
  function make() {
    const clock = new FakeClock(1_000_000)
    let saved: readonly Ban[] = []
    const reputation = new Reputation(clock, { load: () => Promise.resolve(saved), save: (bans) => (saved = bans) })
    return { clock, reputation, saved: () => saved }
  }

  test('fades by half in ten minutes', () => {
    const { clock, reputation } = make()
    reputation.add('p', -800)
    clock.advance(10 * MINUTE)
    expect(reputation.points('p')).toBe(-400)
    clock.advance(20 * MINUTE)
    expect(reputation.points('p')).toBe(-100)
  })

  test('bans at the threshold, whatever the sign of the cost, and longer each time', () => {
    const { clock, reputation } = make()
    expect(reputation.charge('p', { code: 'a', cost: -600 })).toBeUndefined()
    expect(reputation.charge('p', { code: 'b', cost: 400 })).toMatchObject({ reason: 'b', times: 1 })
    expect(reputation.isBanned('p')).toBe(true)
    clock.advance(10 * MINUTE)
    expect(reputation.isBanned('p')).toBe(false)
    expect(reputation.points('p')).toBe(0)
    expect(reputation.charge('p', { code: 'c', cost: 0, ban: true })).toMatchObject({ times: 2, until: clock.now() + 20 * MINUTE })
    reputation.pardon('p')
    expect(reputation.isBanned('p')).toBe(false)
  })

  test('keeps its list bounded', () => {
    const { reputation, saved } = make()
    for (let i = 0; i < 1100; i++) reputation.ban(`p${i}`, 'x')
    expect(saved()).toHaveLength(1024)
  })

  test('is written to a file and read again; a broken file costs the bans only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-bans-'))
    try {
      const clock = new FakeClock(5)
      const file = new BanFile(folder, silentLogger)
      const reputation = new Reputation(clock, file)
      await reputation.load()
      reputation.ban('p', 'x', 100)
      reputation.ban('q', 'y', 100)
      await file.flush()
      const again = new Reputation(clock, new BanFile(folder, silentLogger))
      await again.load()
      expect(again.bans()).toEqual([
        { peerId: 'p', reason: 'x', times: 1, until: 105 },
        { peerId: 'q', reason: 'y', times: 1, until: 105 },
      ])
      const path = join(folder, 'network', 'bans.json')
      await writeFile(path, (await readFile(path, 'utf8')).slice(0, 20))
      expect(await new BanFile(folder, silentLogger).load()).toEqual([])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('slots', () => {
  const limits = { inPeers: 3, outPeers: 1, reservedOnly: false, perAddress: 1, perSubnet: 2 }

  test('are limited by direction, and unlimited for reserved peers', () => {
    const registry = new PeerRegistry(new FakeClock(), limits)
    for (const id of ['a', 'b', 'c']) registry.add(id, 'outbound', '/x', undefined)
    registry.setReserved('c', true)
    expect(['a', 'b', 'c', 'a', 'nobody'].map((id) => registry.claimSlot(id))).toEqual([true, false, true, true, false])
    registry.freeSlot('a')
    expect(registry.claimSlot('b')).toBe(true)
    expect([registry.slotsTaken('outbound'), registry.slotsTaken('reserved')]).toEqual([1, 1])
  })

  test('are few for one address and one subnet, this computer excepted', () => {
    const registry = new PeerRegistry(new FakeClock(), limits)
    const claim = (id: string, ip: string) => registry.add(id, 'inbound', '/x', ip) && registry.claimSlot(id)
    expect([claim('a', '192.0.2.1'), claim('b', '192.0.2.1'), claim('c', '192.0.2.2'), claim('d', '192.0.2.3')]).toEqual([true, false, true, false])
    expect(claim('e', '127.0.0.1')).toBe(true)
    const own = new PeerRegistry(new FakeClock(), limits)
    expect(['a', 'b', 'c'].map((id) => own.add(id, 'inbound', '/x', '::1') && own.claimSlot(id))).toEqual([true, true, true])
  })

  test('are counted by the /64 and the /48 in IPv6, because a subscriber has a whole one', () => {
    const registry = new PeerRegistry(new FakeClock(), limits)
    const claim = (ip: string) => registry.add(ip, 'inbound', '/x', ip) && registry.claimSlot(ip)
    expect(['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:3::1', '2001:db8:1:4::1', '2001:db8:2::1'].map(claim)).toEqual([true, false, true, false, true])
  })

  test('peers of one subnet of the internet are one group; those nearby, and those that a person chose, are each their own', () => {
    const registry = new PeerRegistry(new FakeClock(), limits)
    const groupOf = (id: string, ip: string | undefined): string => registry.groupOf(registry.add(id, 'inbound', '/x', ip).peerId)
    expect([groupOf('a', '45.33.32.1'), groupOf('b', '45.33.32.200'), groupOf('c', '45.33.33.1')]).toEqual(['45.33.32', '45.33.32', '45.33.33'])
    expect(groupOf('d', '2001:4860:1:2::1')).toBe(groupOf('e', '2001:4860:1:3::1'))
    expect([groupOf('f', '192.168.1.5'), groupOf('g', '127.0.0.1'), groupOf('h', undefined), registry.groupOf('nobody')]).toEqual(['f', 'g', 'h', 'nobody'])
    registry.setReserved('b', true)
    expect(registry.groupOf('b')).toBe('b')
  })

  test('are not counted by address in private networks, where many may share one', () => {
    const registry = new PeerRegistry(new FakeClock(), limits)
    const claim = (id: string) => registry.add(id, 'inbound', '/x', '172.17.0.1') && registry.claimSlot(id)
    expect(['a', 'b', 'c', 'd'].map(claim)).toEqual([true, true, true, false])
  })

  describe('of light clients', () => {
    const withLight = { ...limits, light: { peers: 5, perAddress: 3, perSubnet: 4 } }
    const light = { light: true }

    test('are their own: many behind one router, not all of them, and none of the full nodes', () => {
      const registry = new PeerRegistry(new FakeClock(), withLight)
      const claim = (id: string, ip: string, as = {}) => registry.add(id, 'inbound', '/x', ip) && registry.claimSlot(id, as)
      const home = '198.51.100.7'
      expect(['a', 'b', 'c', 'd'].map((id) => claim(id, home, light))).toEqual([true, true, true, false])
      expect([claim('e', '198.51.100.8', light), claim('f', '198.51.100.9', light), claim('g', '203.0.113.1', light), claim('h', '203.0.113.2', light)]).toEqual([true, false, true, false])
      expect([claim('full', home), registry.slotsTaken('inbound'), registry.slotsTaken('light')]).toEqual([true, 1, 5])
    })

    test('are changed for others by who turns out to be another kind of peer', () => {
      const registry = new PeerRegistry(new FakeClock(), { ...withLight, inPeers: 1 })
      for (const id of ['a', 'b']) registry.add(id, 'inbound', '/x', undefined)
      registry.add('called', 'outbound', '/x', undefined)
      expect([registry.claimSlot('a', light), registry.claimSlot('a'), registry.get('a')?.slot]).toEqual([true, true, 'inbound'])
      // It said that it is light, and is not: there is no place for it.
      expect([registry.claimSlot('b', light), registry.claimSlot('b')]).toEqual([true, false])
      expect([registry.claimSlot('called'), registry.claimSlot('called', light), registry.slotsTaken('outbound')]).toEqual([true, true, 0])
    })
  })

  test('are for reserved peers only, where so wished', () => {
    const registry = new PeerRegistry(new FakeClock(), { ...limits, reservedOnly: true })
    registry.setReserved('b', true)
    expect(['a', 'b'].map((id) => registry.add(id, 'inbound', '/x', undefined) && registry.claimSlot(id))).toEqual([false, true])
  })

  test.each([
    ['192.0.2.77', '192.0.2'],
    ['2001:db8:1:2::3', '2001:db8:1'],
    ['2001::1', '2001:0:0'],
    ['::1', '0:0:0'],
    ['2001:DB8:0001::', '2001:db8:1'],
    ['::ffff:c000:24d', '192.0.2'],
    ['64:ff9b::192.0.2.77', '192.0.2'],
    ['fe80::1%eth0', 'fe80:0:0'],
  ])('the subnet of %s is %s', (ip, subnet) => expect(subnetOf(ip)).toBe(subnet))

  test.each([
    ['192.0.2.77', '192.0.2.77'],
    ['2001:db8:1:2:3::4', '2001:db8:1:2'],
    ['::ffff:192.0.2.77', '192.0.2.77'],
    ['::ffff:c000:24d', '192.0.2.77'],
  ])('the subscriber of %s is %s', (ip, subscriber) => expect(subscriberOf(ip)).toBe(subscriber))

  test('the addresses of this computer and of private networks are nearby, no others', () => {
    const nearby = ['127.0.0.1', '::1', '10.1.2.3', '172.16.0.1', '172.31.255.1', '192.168.0.7', '169.254.1.1', '100.64.0.1', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '::ffff:7f00:1']
    const far = ['192.0.2.1', '172.32.0.1', '172.15.0.1', '11.0.0.1', '100.128.0.1', '192.169.0.1', '2001:db8::1', '64:ff9b::c000:201', '::2', 'fec0::1']
    expect([nearby.filter((ip) => !isNearby(ip)), far.filter(isNearby)]).toEqual([[], []])
  })

  test('an IPv4 address inside an IPv6 one is read as what it is', () => {
    expect(ipOf(multiaddr('/ip6/::ffff:192.0.2.1/tcp/1'))).toBe('192.0.2.1')
  })

  test('an address without a peer id, or none at all, names its flag', () => {
    expect(() => parsePeerAddress('bootnodes', '/ip4/1.2.3.4/tcp/1')).toThrow(/has no peer id/)
    expect(() => parsePeerAddress('bootnodes', 'nonsense')).toThrow(/not a multiaddress/)
  })
})

describe('the connector', () => {
  function make(slots: number, reservedOnly = false) {
    const clock = new FakeClock()
    const dials: string[] = []
    const settle = new Map<string, (success: boolean) => void>()
    const asked: { readonly addresses: readonly string[]; readonly signal: AbortSignal | undefined }[] = []
    const connected = new Set<string>()
    const connector = new Connector(
      clock,
      {
        connect: (peer, addresses, signal) => {
          dials.push(peer)
          asked.push({ addresses, signal })
          return new Promise((resolve, reject) =>
            settle.set(peer, (success) => {
              if (success) connected.add(peer)
              if (success) resolve()
              else reject(new Error('not reached'))
            }),
          )
        },
        isConnected: (peer) => connected.has(peer),
        isBanned: (peer) => peer === 'banned',
        freeSlots: () => slots - connected.size,
      },
      { reservedOnly },
    )
    connector.start()
    const finish = async (peer: string, success: boolean) => {
      settle.get(peer)?.(success)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { clock, connector, dials, asked, finish, connected }
  }

  test('dials while slots are free, and never the banned', async () => {
    const { connector, dials, finish } = make(2)
    for (const peer of ['banned', 'a', 'b', 'c']) connector.know(peer, ['/x'])
    expect(dials).toEqual(['a', 'b'])
    await finish('a', true)
    expect(dials).toEqual(['a', 'b'])
    await finish('b', false)
    expect(dials).toEqual(['a', 'b', 'c'])
  })

  test('begins with those that were good before: boot nodes may all be dead', () => {
    const { connector, dials } = make(1)
    connector.stop()
    for (const peer of ['boot 1', 'boot 2', 'boot 3']) connector.know(peer, ['/x'], { kept: true })
    connector.know('good before', ['/x'], { met: true })
    connector.start()
    expect(dials).toEqual(['good before'])
  })

  test('waits longer after each failure', async () => {
    const { clock, connector, dials, finish } = make(1)
    connector.know('a', ['/x'])
    await finish('a', false)
    clock.advance(4999)
    expect(dials).toHaveLength(1)
    clock.advance(1)
    expect(dials).toHaveLength(2)
    await finish('a', false)
    clock.advance(9999)
    expect(dials).toHaveLength(2)
    clock.advance(1)
    expect(dials).toHaveLength(3)
  })

  test('is told that the way may be another one: everybody is due, and what failed before is forgotten', async () => {
    const { clock, connector, dials, finish } = make(1)
    connector.know('a', ['/x'])
    for (const pause of [5_000, 10_000, 20_000]) {
      await finish('a', false)
      clock.advance(pause)
    }
    await finish('a', false)
    expect(dials).toHaveLength(4)
    connector.retry()
    expect(dials).toHaveLength(5)
    await finish('a', false)
    clock.advance(5_000)
    expect(dials).toHaveLength(6)
  })

  test('is told so during a dial: when that has failed, the next begins at once, and no more than one', async () => {
    const { clock, connector, dials, finish } = make(1)
    connector.know('a', ['/x'])
    connector.retry()
    expect(dials).toHaveLength(1)
    await finish('a', false)
    expect(dials).toHaveLength(2)
    await finish('a', false)
    expect(dials).toHaveLength(2)
    clock.advance(5_000)
    expect(dials).toHaveLength(3)
  })

  test('dials reserved peers without a slot, comes back to who was lost, and stops', async () => {
    const { clock, connector, connected, dials, finish } = make(0, true)
    connector.know('a', ['/x'])
    connector.know('r', ['/x'], { reserved: true, kept: true })
    expect(dials).toEqual(['r'])
    await finish('r', true)
    connected.delete('r')
    connector.onLost('r')
    clock.advance(5000)
    expect(dials).toEqual(['r', 'r'])
    await finish('r', false)
    connector.stop()
    clock.advance(60 * MINUTE)
    expect(dials).toEqual(['r', 'r'])
  })

  test('calls whom a person asks for at once, and tells what came of it; from then on it is a reserved peer', async () => {
    const { clock, connector, dials, asked, finish } = make(0)
    const { signal } = new AbortController()
    const refused = expect(connector.call('r', '/x', signal)).rejects.toThrow('not reached')
    expect(asked).toEqual([{ addresses: ['/x'], signal }])
    await finish('r', false)
    await refused
    clock.advance(4999)
    expect(dials).toEqual(['r'])
    clock.advance(1)
    expect(dials).toEqual(['r', 'r'])
  })

  test('a call to whom it dials already is another dial, at the address that the person gave', async () => {
    const { connector, asked, finish } = make(1)
    connector.know('a', ['/old'])
    const call = connector.call('a', '/new')
    expect(asked.map(({ addresses }) => addresses)).toEqual([['/old'], ['/new']])
    await finish('a', true)
    await expect(call).resolves.toBeUndefined()
  })

  test('knows a bounded number, and forgets who failed', () => {
    const { connector } = make(0)
    connector.know('kept', ['/x'], { kept: true })
    for (let i = 0; i < 1200; i++) connector.know(`p${i}`, ['/x'])
    expect(connector.knownPeers).toBe(1000)
  })
})
