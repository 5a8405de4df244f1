import { beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { AddressBans } from '../../../node-core/network/peers/address-bans.ts'
import { Judge } from '../../../node-core/network/peers/judge.ts'
import { PeerRegistry } from '../../../node-core/network/peers/registry.ts'
import { Reputation } from '../../../node-core/network/peers/reputation.ts'

const BAD = { code: 'forged', cost: -600 }
const WORST = { code: 'hostile', cost: -1000, ban: true }

let registry: PeerRegistry
let reputation: Reputation
let addressBans: AddressBans
let judge: Judge
let disconnected: string[]

beforeEach(() => {
  const clock = new FakeClock()
  registry = new PeerRegistry(clock, { inPeers: 9, outPeers: 9, reservedOnly: false, perAddress: 9, perSubnet: 9 })
  reputation = new Reputation(clock, { load: () => Promise.resolve([]), save: () => undefined })
  addressBans = new AddressBans(clock)
  disconnected = []
  judge = new Judge({ logger: silentLogger, registry, reputation, addressBans, disconnect: (peer, reason) => disconnected.push(`${peer} ${reason}`) })
})

function connect(peer: string, ip = '192.0.2.1'): void {
  registry.add(peer, 'inbound', `/ip4/${ip}/tcp/1`, ip)
}

test('faults add up to a ban, which ends the connection once and is charged no further', () => {
  connect('a')
  judge.report('a', BAD)
  expect([reputation.points('a'), disconnected]).toEqual([-600, []])
  judge.report('a', BAD)
  judge.report('a', BAD)
  expect([reputation.bans().map(({ peerId, reason }) => [peerId, reason]), disconnected]).toEqual([[['a', 'forged']], ['a banned: forged']])
})

test('a reserved peer is charged, and never banned; nor is its address', () => {
  connect('a')
  registry.setReserved('a', true)
  for (let i = 0; i < 9; i++) judge.report('a', WORST)
  expect([reputation.points('a'), reputation.bans(), disconnected, addressBans.isBanned('192.0.2.1')]).toEqual([-1000, [], [], false])
})

test('what several peers of one address did shuts it for new ones', () => {
  for (const peer of ['a', 'b', 'c', 'd']) {
    expect(addressBans.isBanned('192.0.2.1')).toBe(false)
    connect(peer)
    judge.report(peer, WORST)
  }
  expect([addressBans.isBanned('192.0.2.1'), addressBans.isBanned('192.0.2.2')]).toEqual([true, false])
})

test('a reward is points for good behaviour, and pays an old fault off', () => {
  judge.report('a', { code: 'small', cost: -20 })
  judge.reward('a', 30)
  expect(reputation.points('a')).toBe(10)
})
