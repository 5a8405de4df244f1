import { describe, expect, it } from 'vitest'
import { isAddressHost, isAllowedHost } from '../../../../node-core/base/host-check.ts'
import { isLoopbackAddress, isTrusted, refusalOf } from '../../../../node-core/chain/rpc/server/guard.ts'
import { isAllowedOrigin } from '../../../../node-core/web/origins.ts'
import { listeningInodes } from '../../../../node-core/chain/rpc/server/port-holder.ts'
import { DEFAULT_RPC_OPTIONS } from '../../../../node-core/chain/rpc/options.ts'

const { hosts, origins } = DEFAULT_RPC_OPTIONS

describe('Host', () => {
  it.each(['localhost', 'localhost:9944', 'LOCALHOST:1', '127.0.0.1:9944', '[::1]', '[::1]:9944'])('lets %s in', (host) => {
    expect(isAllowedHost(host, hosts)).toBe(true)
  })
  const strangers = ['evil.example', 'evil.example:9944', 'localhost.evil.example', '127.0.0.1.evil.example:9944']
  it.each([undefined, '', ...strangers, 'localhost:9944:1', '::1', 'localhost:x'])('keeps %s out', (host) => {
    expect(isAllowedHost(host, hosts)).toBe(false)
  })
})

describe('Origin', () => {
  const ours = ['http://localhost', 'http://localhost:3000', 'https://127.0.0.1:443', 'http://[::1]:8080', 'https://polkadot.js.org']
  it.each([undefined, ...ours])('lets %s in', (origin) => {
    expect(isAllowedOrigin(origin, origins)).toBe(true)
  })
  const strangers = ['https://evil.example', 'http://localhost.evil.example', 'http://localhost:80.evil.example']
  it.each(['null', 'file://', ...strangers, 'http://polkadot.js.org', 'https://polkadot.js.org:444'])('keeps %s out', (origin) => {
    expect(isAllowedOrigin(origin, origins)).toBe(false)
  })
  it('lets all in where that is wanted', () => {
    expect(isAllowedOrigin('https://evil.example', ['*'])).toBe(true)
  })
})

describe('trust', () => {
  it('knows loopback addresses', () => {
    expect(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'].every(isLoopbackAddress)).toBe(true)
    expect([undefined, '192.168.1.2', '::', '::ffff:10.0.0.1', '128.0.0.1', '127.evil'].some(isLoopbackAddress)).toBe(false)
  })
  it('is not given to what a proxy passes on', () => {
    const own = (methods: 'auto' | 'safe' | 'unsafe') => ({ methods, external: false })
    expect(isTrusted(own('auto'), '127.0.0.1', {})).toBe(true)
    expect(isTrusted(own('auto'), '127.0.0.1', { 'x-forwarded-for': '8.8.8.8' })).toBe(false)
    expect(isTrusted(own('auto'), '10.0.0.9', {})).toBe(false)
    expect(isTrusted(own('safe'), '127.0.0.1', {})).toBe(false)
    expect(isTrusted(own('unsafe'), '10.0.0.9', {})).toBe(true)
  })
  it('is given to nobody by itself where other machines are served', () => {
    expect(isTrusted({ methods: 'auto', external: true }, '127.0.0.1', {})).toBe(false)
    expect(isTrusted({ methods: 'unsafe', external: true }, '10.0.0.9', {})).toBe(true)
  })
})

describe('other machines', () => {
  it('come under an address of this one, or by any name where every page may come', () => {
    const external = { hosts, origins, external: true }
    for (const host of ['192.168.1.2:9944', '[2001:db8::1]:9944', '8.8.8.8', 'localhost']) expect(refusalOf({ host }, external)).toBeUndefined()
    expect(refusalOf({ host: 'node.example:9944' }, external)?.hint).toContain('--rpc-cors all')
    expect(refusalOf({ host: 'node.example:9944' }, { ...external, origins: ['*'] })).toBeUndefined()
    expect(refusalOf({}, { ...external, origins: ['*'] })?.message).toContain('host name')
    expect(refusalOf({ host: '192.168.1.2:9944', origin: 'https://evil.example' }, external)?.message).toContain('origin')
    expect(refusalOf({ host: '192.168.1.2:9944' }, { hosts, origins: ['*'], external: false })?.hint).toContain('localhost')
  })
  it.each(['1.2.3.4', '[::1]:80', '10.0.0.1:1'])('know %s for an address', (host) => expect(isAddressHost(host)).toBe(true))
  it.each([undefined, '', '1.2.3', '1.2.3.4.example', '::1', '[zz]', '1.2.3.4:x'])('know that %s is none', (host) => expect(isAddressHost(host)).toBe(false))
})

describe('who holds a port', () => {
  it('finds the listening sockets in the table of the kernel', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:26D8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
   1: 0100007F:26D8 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 5555 1 0 100 0 0 10 0
   2: 0100007F:26D9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6666 1 0 100 0 0 10 0
`
    expect(listeningInodes(table, 9944)).toEqual(['4242'])
  })
})
