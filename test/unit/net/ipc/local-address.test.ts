import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { describeAddress, localAddress } from '../../../../node-core/net/ipc/daemon/local-address.ts'

const unix = (path: string): Uint8Array => Uint8Array.from([0x90, 0x03, path.length, ...Buffer.from(path)])
const of = (text: string): Uint8Array => multiaddr(text).bytes

describe('where a program listens', () => {
  it('is a Unix socket, with a slash in front or without', () => {
    expect(localAddress(unix('/tmp/a.sock'))).toEqual({ kind: 'unix', path: '/tmp/a.sock' })
    expect(localAddress(unix('tmp/a.sock'))).toEqual({ kind: 'unix', path: '/tmp/a.sock' })
  })

  it('is TCP on loopback', () => {
    expect(localAddress(of('/ip4/127.0.0.1/tcp/8080'))).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 8080 })
    expect(describeAddress(localAddress(of('/ip4/127.8.9.1/tcp/1')))).toBe('127.8.9.1:1')
    expect(describeAddress(localAddress(of('/ip6/::1/tcp/65535')))).toBe('[::1]:65535')
  })

  it.each([
    ['another host', of('/ip4/10.0.0.1/tcp/80')],
    ['all addresses', of('/ip4/0.0.0.0/tcp/80')],
    ['another host of IPv6', of('/ip6/2001:db8::1/tcp/80')],
    ['a mapped address', of('/ip6/::ffff:127.0.0.1/tcp/80')],
    ['a name', of('/dns4/localhost/tcp/80')],
    ['UDP', of('/ip4/127.0.0.1/udp/80')],
    ['a WebSocket', of('/ip4/127.0.0.1/tcp/80/ws')],
    ['no port', of('/ip4/127.0.0.1/tcp/0')],
    ['a path with a zero', unix('/tmp/a\0b')],
    ['an empty path', unix('')],
    ['a long path', Uint8Array.from([0x90, 0x03, 120, ...Buffer.from(`/${'x'.repeat(119)}`)])],
    ['a path that is cut off', unix('/tmp/a.sock').subarray(0, 8)],
    ['a path with more behind it', Uint8Array.from([...unix('/tmp/a'), 1])],
    ['nothing', new Uint8Array(0)],
    ['an endless number', new Uint8Array(20).fill(0xff)],
  ])('is not %s', (_name, bytes) => {
    expect(() => localAddress(bytes, 'linux')).toThrow(expect.objectContaining({ code: 'NET_ADDRESS_NOT_LOCAL' }) as Error)
  })
})
