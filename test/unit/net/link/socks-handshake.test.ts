/** The words of SOCKS5, byte for byte (RFC 1928, RFC 1929). */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../node-core/base/bytes.ts'
import { REPLIES, reply } from '../../../../node-core/net/link/socks-handshake.ts'
import { socksOutcome } from '../../../fuzz/socks-outcome.ts'

const bytes = (...values: (number | string)[]): Uint8Array => Uint8Array.from(values.flatMap((value) => (typeof value === 'string' ? [...utf8(value)] : [value])))
const refusalOf = (input: Uint8Array, withPassword = false): number[] | undefined => {
  const { end } = socksOutcome([input], withPassword)
  return end?.kind === 'refuse' ? [...end.bytes] : undefined
}
const GREETING = bytes(5, 1, 0)
const after = (...values: (number | string)[]): Uint8Array => bytes(...GREETING, ...values)

describe('a SOCKS handshake', () => {
  it('ends with the host and the port that are wanted, and what came behind', () => {
    const { said, end } = socksOutcome([after(5, 1, 0, 3, 5, 'hello', 0x1f, 0x90, 'GET')])
    expect([...said]).toEqual([5, 0])
    expect(end).toEqual({ kind: 'request', request: { host: 'hello', port: 8080, rest: utf8('GET') } })
  })

  it('has no host where an IP address is wanted', () => {
    expect(socksOutcome([after(5, 1, 0, 1, 127, 0, 0, 1, 0, 80)]).end).toMatchObject({ kind: 'request', request: { host: undefined, port: 80 } })
    expect(socksOutcome([after(5, 1, 0, 4, ...new Uint8Array(16), 1, 0)]).end).toMatchObject({ kind: 'request', request: { host: undefined, port: 256 } })
  })

  it('waits for what is not there yet', () => {
    const whole = after(5, 1, 0, 3, 5, 'hello', 0, 80)
    for (let length = 0; length < whole.length; length++) expect(socksOutcome([whole.subarray(0, length)]).end).toBeUndefined()
  })

  it('asks for a password where one is wanted, and takes the right one only', () => {
    const { said, end } = socksOutcome([bytes(5, 2, 0, 2, 1, 1, 'a', 1, 'b', 5, 1, 0, 3, 1, 'x', 0, 1)], true)
    expect([...said]).toEqual([5, 2, 1, 0])
    expect(end).toMatchObject({ kind: 'request', request: { host: 'x' } })
    expect(refusalOf(bytes(5, 1, 2, 1, 1, 'a', 1, 'c'), true)).toEqual([1, 1])
    expect(refusalOf(bytes(5, 1, 2, 1, 0, 0), true)).toEqual([1, 1])
    expect(refusalOf(bytes(5, 1, 2, 2), true)).toEqual([1, 1])
    expect(refusalOf(bytes(5, 1, 0), true)).toEqual([5, 0xff])
  })

  it.each([
    ['SOCKS 4', bytes(4, 1), []],
    ['HTTP', bytes('CONNECT'), []],
    ['methods without the one that there is', bytes(5, 1, 2), [5, 0xff]],
    ['no methods', bytes(5, 0), [5, 0xff]],
    ['BIND', after(5, 2, 0, 1), [...reply('command-unknown')]],
    ['UDP', after(5, 3, 0, 3), [...reply('command-unknown')]],
    ['an address of another type', after(5, 1, 0, 2), [...reply('address-unknown')]],
    ['a request of another version', after(4), [...reply('failed')]],
    ['a host with a space', after(5, 1, 0, 3, 3, 'a b', 0, 1), [...reply('not-allowed')]],
    ['a host with a zero', after(5, 1, 0, 3, 2, 'a', 0, 0, 1), [...reply('not-allowed')]],
    ['a host that is no ASCII', after(5, 1, 0, 3, 2, 0xc3, 0xa4, 0, 1), [...reply('not-allowed')]],
  ])('refuses %s', (_, input, said) => {
    expect(refusalOf(input)).toEqual(said)
  })

  it('replies with ten bytes, in which no address is said', () => {
    for (const [name, code] of Object.entries(REPLIES)) expect([...reply(name as keyof typeof REPLIES)]).toEqual([5, code, 0, 1, 0, 0, 0, 0, 0, 0])
  })

  it('is the same in whatever pieces the bytes come', () => {
    const words = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.record({ host: fc.stringMatching(/^[!-~]{0,60}$/), port: fc.nat(0xffff), rest: fc.uint8Array({ maxLength: 20 }) }).map(({ host, port, rest }) => after(5, 1, 0, 3, host.length, host, port >> 8, port & 0xff, ...rest)),
    )
    fc.assert(
      fc.property(words, fc.array(fc.nat(100), { maxLength: 8 }), fc.boolean(), (input, cuts, withPassword) => {
        const places = [0, ...cuts.map((cut) => Math.min(cut, input.length)).sort((a, b) => a - b), input.length]
        const pieces = places.slice(1).map((end, i) => input.subarray(places[i], end))
        expect(socksOutcome(pieces, withPassword)).toEqual(socksOutcome([input], withPassword))
      }),
    )
  })

  it('says what any host and port are', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{0,255}$/), fc.nat(0xffff), (host, port) => {
        expect(socksOutcome([after(5, 1, 0, 3, host.length, host, port >> 8, port & 0xff)]).end).toMatchObject({ kind: 'request', request: { host, port } })
      }),
    )
  })
})
