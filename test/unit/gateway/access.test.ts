import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, silentLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { ClientAddresses, networkOf, prefixOf } from '../../../node-core/gateway/access/addresses.ts'
import { Buckets } from '../../../node-core/gateway/access/buckets.ts'
import { Keys } from '../../../node-core/gateway/access/keys.ts'
import { KeysFile } from '../../../node-core/gateway/access/keys-file.ts'
import { Usage, USAGE_FILE, WRITE_EVERY_MS } from '../../../node-core/gateway/access/usage.ts'

const NOON = Date.UTC(2026, 0, 15, 12)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-gateway-access-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const refusedWith = (code: string) => expect.objectContaining({ code }) as Error

describe('the address of a client', () => {
  const behind = new ClientAddresses(['10.0.0.0/8', '2001:db8::1'])

  it('is that of the connection where no proxy is trusted, whatever the header says', () => {
    expect(new ClientAddresses([]).addressOf('192.0.2.1', '198.51.100.7')).toBe('192.0.2.1')
    expect(behind.addressOf('192.0.2.1', '198.51.100.7')).toBe('192.0.2.1')
    expect(behind.addressOf('::ffff:192.0.2.1', undefined)).toBe('192.0.2.1')
  })

  it('is the last in the header that no trusted proxy has', () => {
    expect(behind.addressOf('10.1.2.3', '6.6.6.6, 198.51.100.7, 10.9.9.9')).toBe('198.51.100.7')
    expect(behind.addressOf('2001:db8::1', 'invented, [2001:db8:5::7]:443')).toBe('2001:db8:5::7')
    expect(behind.addressOf('10.1.2.3', ['6.6.6.6', '198.51.100.7:1234'])).toBe('198.51.100.7')
    // What is no address ends it: the proxy behind it is the last that is known.
    expect(behind.addressOf('10.1.2.3', '6.6.6.6, nonsense')).toBe('10.1.2.3')
    expect(behind.addressOf('10.1.2.3', '10.0.0.1')).toBe('10.0.0.1')
  })

  it.each(['10.0.0.0/33', '10.0.0.0/8/8', 'proxy.example', '', '::/129'])('a proxy called %j is refused', (text) => {
    expect(() => new ClientAddresses([text])).toThrow(refusedWith('GATEWAY_OPTION_INVALID'))
  })

  it('counts as one with its network, and is logged without its end', () => {
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8:0:0:ffff::9'))
    expect(prefixOf('192.0.2.1')).toBe('192.0.2.0/24')
    expect(prefixOf('2001:db8:1:2::9')).toBe('2001:db8:1::/48')
  })
})

describe('a rate', () => {
  it('lets a full minute through at once, and then one each time its share has passed', () => {
    const clock = new FakeClock(NOON)
    const buckets = new Buckets(clock)
    const take = () => buckets.take('a', 60)
    for (let count = 0; count < 60; count++) expect(take()).toBe(0)
    expect(take()).toBe(1000)
    clock.advance(999)
    expect(take()).toBeGreaterThan(0)
    clock.advance(1)
    expect(take()).toBe(0)
    expect(take()).toBeGreaterThan(0)
    expect(buckets.take('b', 60)).toBe(0)
    clock.advance(3_600_000)
    for (let count = 0; count < 60; count++) expect(take()).toBe(0)
    expect(take()).toBeGreaterThan(0)
  })

  it('is remembered of a bounded number', () => {
    const buckets = new Buckets(new FakeClock(NOON), 10)
    for (let count = 0; count < 100; count++) buckets.take(String(count), 5)
    expect(buckets.size).toBe(10)
  })
})

describe('keys', () => {
  it('are kept as hashes, in a file of their owner, and found by what was shown once', async () => {
    const path = join(folder, 'new', 'keys.json')
    const clock = new FakeClock(NOON)
    const [keys, running] = [new Keys(new KeysFile(path), clock), new Keys(new KeysFile(path), clock)]
    await running.load()
    const { key, info } = await keys.add('wallet', { perMinute: 60, perDay: 1000 })
    expect(info).toEqual({ name: 'wallet', created: NOON, perMinute: 60, perDay: 1000 })
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await readFile(path, 'utf8')).not.toContain(key)
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
    clock.advance(1_001)
    const held = await running.find(key)
    expect(held).toMatchObject({ name: 'wallet', perMinute: 60 })
    expect(await running.find(key.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')))).toBeUndefined()
    await expect(keys.add('wallet', {})).rejects.toThrow(refusedWith('GATEWAY_KEY_EXISTS'))
    await expect(keys.add('No Name', {})).rejects.toThrow(refusedWith('GATEWAY_KEY_NAME_INVALID'))
    await keys.add('other', {})
    clock.advance(1_001)
    await running.look()
    expect(held?.revoked.aborted).toBe(false)
    await keys.revoke('wallet')
    clock.advance(1_001)
    expect(await running.find(key)).toBeUndefined()
    expect(held?.revoked.aborted).toBe(true)
    await expect(keys.revoke('wallet')).rejects.toThrow(refusedWith('GATEWAY_KEY_UNKNOWN'))
  })

  it.skipIf(process.platform === 'win32')('are refused where others can read them, and where they are no list of keys', async () => {
    const path = join(folder, 'open.json')
    await writeFile(path, '{"version":1,"keys":[]}', { mode: 0o600 })
    await chmod(path, 0o644)
    await expect(new Keys(new KeysFile(path), new FakeClock()).load()).rejects.toThrow(refusedWith('GATEWAY_KEYS_FILE_OPEN'))
    await chmod(path, 0o600)
    await writeFile(path, '{"version":1,"keys":[{"name":"a"}]}')
    await expect(new Keys(new KeysFile(path), new FakeClock()).load()).rejects.toThrow(refusedWith('GATEWAY_KEYS_FILE_INVALID'))
  })
})

describe('a quota', () => {
  it('lasts a day of UTC, and survives a restart and, but for seconds, a kill', async () => {
    const own = await mkdtemp(join(folder, 'usage-'))
    const clock = new FakeClock(NOON)
    const first = new Usage(own, clock, silentLogger)
    await first.load()
    for (let count = 0; count < 3; count++) expect(first.take('wallet', 3)).toBe(0)
    expect(first.take('wallet', 3)).toBe(12 * 3_600_000)
    clock.advance(WRITE_EVERY_MS)
    await first.stop()
    expect(JSON.parse(await readFile(join(own, USAGE_FILE), 'utf8'))).toMatchObject({ used: { wallet: 3 } })
    const second = new Usage(own, clock, silentLogger)
    await second.load()
    expect(second.of('wallet')).toBe(3)
    expect(second.take('wallet', 3)).toBeGreaterThan(0)
    clock.advance(12 * 3_600_000)
    expect(second.take('wallet', 3)).toBe(0)
    expect(second.of('wallet')).toBe(1)
    await second.stop()
  })

  it('begins anew where its file is damaged, and says so', async () => {
    const own = await mkdtemp(join(folder, 'usage-'))
    await writeFile(join(own, USAGE_FILE), '{"version":1,"day":', { mode: 0o600 })
    const logs: LogRecord[] = []
    const usage = new Usage(own, new FakeClock(NOON), createLogger([(record) => logs.push(record)]))
    await usage.load()
    expect(usage.of('wallet')).toBe(0)
    expect(logs.map(({ level }) => level)).toEqual(['warn'])
  })
})
