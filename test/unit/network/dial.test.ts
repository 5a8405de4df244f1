/** Every way in which libp2p says that a peer was not reached. The loopback tests of the same name provoke what can be provoked. */
import { describe, expect, test } from 'vitest'
import { ADDRESS_DIAL_MS, dialError, dialTimeoutMs, whyNotOpen, whyNotReached } from '../../../node-core/network/host/dial.ts'

function failure(name: string, message = '', code?: string): Error {
  return Object.assign(new Error(message), { name }, code === undefined ? {} : { code })
}

describe('how long a dial may take', () => {
  test('is long enough for the third address where the first two swallow packets, and is bounded', () => {
    expect(dialTimeoutMs(0)).toBe(dialTimeoutMs(1))
    for (const count of [1, 2, 3]) expect(dialTimeoutMs(count)).toBeGreaterThan(count * ADDRESS_DIAL_MS)
    expect(dialTimeoutMs(16)).toBe(30_000)
  })
})

describe('why a peer was not reached', () => {
  test.each([
    [failure('Error', 'connect', 'ECONNREFUSED'), 'tcp:open-connection', 'NETWORK_DIAL_REFUSED'],
    [failure('Error', 'connect', 'EHOSTUNREACH'), 'tcp:open-connection', 'NETWORK_DIAL_UNREACHABLE'],
    [failure('Error', 'connect', 'ENETUNREACH'), 'tcp:open-connection', 'NETWORK_DIAL_UNREACHABLE'],
    [failure('Error', 'getaddrinfo', 'ENOTFOUND'), 'tcp:open-connection', 'NETWORK_DIAL_NAME'],
    [failure('DNSQueryFailedError'), 'dial-queue:start-dial', 'NETWORK_DIAL_NAME'],
    [failure('Error', 'connect', 'ETIMEDOUT'), 'tcp:open-connection', 'NETWORK_DIAL_TIMEOUT'],
    [failure('AbortError', 'The operation was aborted'), 'tcp:open-connection', 'NETWORK_DIAL_TIMEOUT'],
    [failure('ConnectionFailedError', 'Could not connect to ws://192.0.2.1'), 'websockets:open-connection', 'NETWORK_DIAL_TIMEOUT'],
    [failure('EncryptionFailedError', 'The operation was aborted due to timeout'), 'upgrader:encrypt-outbound-connection', 'NETWORK_DIAL_SILENT'],
    [failure('TimeoutError', 'Muxer'), 'upgrader:multiplex-outbound-connection', 'NETWORK_DIAL_SILENT'],
    [failure('EncryptionFailedError', 'Unexpected EOF'), 'upgrader:encrypt-outbound-connection', 'NETWORK_DIAL_HUNG_UP'],
    [failure('MuxerUnavailableError', 'Error: closed'), 'upgrader:multiplex-outbound-connection', 'NETWORK_DIAL_HUNG_UP'],
    [failure('Error', 'read', 'ECONNRESET'), 'upgrader:encrypt-outbound-connection', 'NETWORK_DIAL_HUNG_UP'],
    [failure('NoValidAddressesError'), 'dial-queue:start-dial', 'NETWORK_DIAL_NO_WAY'],
    [failure('DialDeniedError'), 'dial-queue:start-dial', 'NETWORK_DIAL_BANNED'],
    [failure('InvalidPeerIdError'), '', 'NETWORK_DIAL_SELF'],
    // A WebSocket tells an event, with no more in it than that there was one.
    [{ type: 'error' }, 'websockets:open-connection', 'NETWORK_DIAL_NO_WEBSOCKET'],
    [new Error('something else'), '', 'NETWORK_DIAL_FAILED'],
    [dialError('NETWORK_DIAL_RELAY_ONLY'), '', 'NETWORK_DIAL_RELAY_ONLY'],
  ])('%s at "%s" is %s', (error, stage, code) => expect(whyNotReached(error, stage).code).toBe(code))

  test('names who answered instead', () => {
    const error = failure('EncryptionFailedError', 'Payload identity key 12D3KooWThere does not match expected remote identity key 12D3KooWAsked')
    expect(whyNotReached(error, 'upgrader:encrypt-outbound-connection')).toMatchObject({ code: 'NETWORK_DIAL_OTHER_PEER', data: { found: '12D3KooWThere' }, cause: error })
  })

  test('of several addresses the one that came nearest counts', () => {
    const refused = failure('Error', 'connect', 'ECONNREFUSED')
    const unreachable = failure('Error', 'connect', 'ENETUNREACH')
    expect(whyNotReached(new AggregateError([unreachable, refused]), '').code).toBe('NETWORK_DIAL_REFUSED')
    expect(whyNotReached(new AggregateError([]), '').code).toBe('NETWORK_DIAL_FAILED')
  })
})

test.each([
  ['open', undefined],
  ['unsupported', 'NETWORK_DIAL_OTHER_NETWORK'],
  ['mismatch', 'NETWORK_DIAL_OTHER_NETWORK'],
  ['silent', 'NETWORK_DIAL_SILENT'],
  ['ended', 'NETWORK_DIAL_DECLINED'],
  ['no-slot', 'NETWORK_DIAL_FAILED'],
] as const)('a gate that is %s: %s', (outcome, code) => expect(whyNotOpen(outcome)?.code).toBe(code))
