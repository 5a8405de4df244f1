import { expect, test } from 'vitest'
import { ProtocolNames } from '../../../node-core/network/protocol-names.ts'

const GENESIS = 'ab'.repeat(32)
const SYNC = { protocol: '/sync/2' }
const GRANDPA = { protocol: '/grandpa/1', olderName: '/paritytech/grandpa/1' }

test('the present name comes first, then the older one of the protocol id, or the one that the protocol has', () => {
  const names = new ProtocolNames({ genesisHex: GENESIS, protocolId: 'dot' })
  expect(names.of(SYNC)).toEqual([`/${GENESIS}/sync/2`, '/dot/sync/2'])
  expect(names.of(GRANDPA)).toEqual([`/${GENESIS}/grandpa/1`, '/paritytech/grandpa/1'])
})

test('a fork id stands behind the genesis hash, and in no older name', () => {
  const names = new ProtocolNames({ genesisHex: GENESIS, forkId: 'classic', protocolId: 'dot' })
  expect(names.of(SYNC)).toEqual([`/${GENESIS}/classic/sync/2`, '/dot/sync/2'])
  expect(names.isPresent(`/${GENESIS}/sync/2`)).toBe(false)
})

test('without a protocol id there are no older names', () => {
  const names = new ProtocolNames({ genesisHex: GENESIS, forkId: null })
  expect([names.of(SYNC), names.of(GRANDPA)]).toEqual([[`/${GENESIS}/sync/2`], [`/${GENESIS}/grandpa/1`]])
})

test('every name of a protocol is counted as one, and only the present one says which chain it is', () => {
  const names = new ProtocolNames({ genesisHex: GENESIS, forkId: 'classic', protocolId: 'dot' })
  expect(names.of(SYNC).map((name) => [names.withoutChain(name), names.isPresent(name)])).toEqual([['/sync/2', true], ['/sync/2', false]])
  expect(['/ipfs/ping/1.0.0', '/dots/sync/2', '/paritytech/grandpa/1'].map((name) => names.withoutChain(name))).toEqual(['/ipfs/ping/1.0.0', '/dots/sync/2', '/paritytech/grandpa/1'])
})
