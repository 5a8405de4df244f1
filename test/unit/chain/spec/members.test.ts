import { describe, expect, it } from 'vitest'
import { membersOf, type Member } from '../../../../node-core/chain/spec/members.ts'

const ALICE: Member = {
  name: 'Alice',
  stash: '5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY',
  sessionKeys: [
    { keyType: 'gran', publicKey: '0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee' },
    { keyType: 'babe', publicKey: '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d' },
  ],
  peerId: '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp',
}

describe('membersOf', () => {
  it('gives the list of the specification in its order', () => {
    const bob = { ...ALICE, name: 'Bob', peerId: undefined }
    expect(membersOf({ nodestead: { version: 1, members: [bob, ALICE], other: true } })).toEqual([bob, ALICE])
  })

  it('is empty where nobody is named', () => {
    expect(membersOf({})).toEqual([])
    expect(membersOf({ nodestead: { version: 1 } })).toEqual([])
  })

  it.each([
    ['an address with a wrong character', { ...ALICE, stash: ALICE.stash.replace('5G', '5H') }],
    ['a key that is too short', { ...ALICE, sessionKeys: [{ keyType: 'babe', publicKey: '0xd435' }] }],
    ['a name that turns what follows around', { ...ALICE, name: 'Ali\u202ece' }],
    ['a peer id that is none', { ...ALICE, peerId: '/ip4/127.0.0.1' }],
  ])('takes nothing of a list with %s', (_what, member) => {
    expect(membersOf({ nodestead: { members: [ALICE, member] } })).toEqual([])
  })
})
