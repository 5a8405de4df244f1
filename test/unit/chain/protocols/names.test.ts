import { expect, test } from 'vitest'
import { chainNamespace } from '../../../../node-core/chain/protocols/names.ts'

const GENESIS = `0x${'ab'.repeat(32)}` as const

test('a namespace is the genesis hash, and before 2022 it was the protocol id', () => {
  expect(chainNamespace(GENESIS, { protocolId: 'dot' })).toEqual({ prefix: `/${'ab'.repeat(32)}`, olderPrefix: '/dot' })
})

test('a fork id stands behind the genesis hash, and in no older name', () => {
  expect(chainNamespace(GENESIS, { forkId: 'classic', protocolId: 'dot' })).toEqual({ prefix: `/${'ab'.repeat(32)}/classic`, olderPrefix: '/dot' })
})

test('a specification that says null, or nothing, has neither, and the protocol id of everybody without one', () => {
  for (const spec of [{}, { forkId: null, protocolId: null }]) expect(chainNamespace(GENESIS, spec)).toEqual({ prefix: `/${'ab'.repeat(32)}`, olderPrefix: '/sup' })
})
