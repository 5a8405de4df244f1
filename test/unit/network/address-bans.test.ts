import { beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { AddressBans } from '../../../node-core/network/peers/address-bans.ts'

const BANNED = { code: 'forged', cost: -1000, ban: true }

let clock: FakeClock
let bans: AddressBans
beforeEach(() => {
  clock = new FakeClock()
  bans = new AddressBans(clock)
})

test('an address from which four peers were banned lets nobody in for ten minutes', () => {
  const ips = ['2001:db8:1:1::1', '2001:db8:1:1::2', '2001:db8:1:1:ffff::3']
  expect(ips.map((ip) => bans.charge(ip, BANNED))).toEqual([false, false, false])
  expect(bans.isBanned('2001:db8:1:1::9')).toBe(false)
  expect(bans.charge('2001:db8:1:1::4', BANNED)).toBe(true)
  expect(['2001:db8:1:1::9', '2001:db8:1:2::1', '192.0.2.1'].map((ip) => bans.isBanned(ip))).toEqual([true, false, false])
  clock.advance(10 * 60_000)
  expect(bans.isBanned('2001:db8:1:1::9')).toBe(false)
})

test('what many peers did long ago, or little of it, bans no address', () => {
  for (let i = 0; i < 20; i++) {
    bans.charge('192.0.2.1', BANNED)
    clock.advance(10 * 60_000)
  }
  for (let i = 0; i < 100; i++) bans.charge('192.0.2.2', { code: 'small', cost: -20 })
  expect(['192.0.2.1', '192.0.2.2'].map((ip) => bans.isBanned(ip))).toEqual([false, false])
})

test('this computer and private networks are never banned', () => {
  for (const ip of ['127.0.0.1', '172.17.0.1', 'fd00::1']) {
    for (let i = 0; i < 10; i++) expect(bans.charge(ip, BANNED)).toBe(false)
    expect(bans.isBanned(ip)).toBe(false)
  }
})
