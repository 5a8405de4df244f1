import { expect, test } from 'vitest'
import { ProtocolNames } from '../../../node-core/network/protocol-names.ts'

const SYNC = { protocol: '/sync/2' }
const VOTES = { protocol: '/votes/1', olderName: '/of-old/votes/1' }
const names = new ProtocolNames({ prefix: '/here/now', olderPrefix: '/before' })

test('the present name comes first, then the one with the older prefix, or the one that the protocol has', () => {
  expect(names.of(SYNC)).toEqual(['/here/now/sync/2', '/before/sync/2'])
  expect(names.of(VOTES)).toEqual(['/here/now/votes/1', '/of-old/votes/1'])
})

test('without an older prefix there are no older names', () => {
  const young = new ProtocolNames({ prefix: '/here' })
  expect([young.of(SYNC), young.of(VOTES)]).toEqual([['/here/sync/2'], ['/here/votes/1']])
})

test('every name of a protocol is counted as one, and only the present one says which network it is', () => {
  expect(names.of(SYNC).map((name) => [names.withoutPrefix(name), names.isPresent(name)])).toEqual([['/sync/2', true], ['/sync/2', false]])
  const others = ['/ipfs/ping/1.0.0', '/befores/sync/2', '/of-old/votes/1', '/here/sync/2']
  expect(others.map((name) => [names.withoutPrefix(name), names.isPresent(name)])).toEqual(others.map((name) => [name, false]))
})
