import { expect, it } from 'vitest'
import { toHex } from '../../../../node-core/base/bytes.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { keyPairFromUri } from '../../../../node-core/crypto/keys/secret-uri.ts'
import { MemoryKeystore } from '../../../../node-core/crypto/keys/keystore.ts'
import { encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'
import { blake2b256 } from '../../../../node-core/crypto/hashes/hashing.ts'
import { developmentAccountKeys } from '../../../../node-core/chain/extrinsics/signers.ts'
import { multisigAccount } from '../../../../node-core/chain/spec/multisig.ts'
import { holderOf, type RootHolderDependencies } from '../../../../node-core/chain/upgrades/root-holder.ts'

const alice = devAccount('//Alice').sr25519.publicKey
const members = ['//Alice', '//Bob', '//Charlie'].map((path) => devAccount(path).sr25519.publicKey)
const addresses = members.map((member) => encodeSs58(member))
const NOTHING: RootHolderDependencies = { signing: new MemoryKeystore(), entries: () => [], properties: {} }

function holder(account: Uint8Array | undefined, dependencies: Partial<RootHolderDependencies> = {}, hasWork = false) {
  return holderOf(account, hasWork, { ...NOTHING, ...dependencies })
}

it('is nobody, this node, its locked keystore, or somebody else', () => {
  const entry = { keyType: 'acco', publicKey: toHex(alice), damaged: false }
  expect(holder(undefined)).toEqual({ kind: 'none' })
  expect(holder(alice)).toEqual({ kind: 'elsewhere' })
  expect(holder(alice, { signing: developmentAccountKeys(['Alice']) })).toEqual({ kind: 'here' })
  expect(holder(devAccount('//Alice//stash').sr25519.publicKey, { signing: developmentAccountKeys(['Alice']) })).toEqual({ kind: 'here' })
  expect(holder(alice, { entries: () => [entry] })).toEqual({ kind: 'locked' })
  expect(holder(alice, { entries: () => [{ ...entry, damaged: true }] })).toEqual({ kind: 'elsewhere' })
  expect(holder(alice, { entries: () => [{ ...entry, keyType: 'babe' }] })).toEqual({ kind: 'elsewhere' })
})

it('may have a key of any scheme', () => {
  const ecdsa = keyPairFromUri('ecdsa', '//Alice')
  const signing = new MemoryKeystore().add('acco', ecdsa)
  expect(holder(blake2b256(ecdsa.publicKey), { signing })).toEqual({ kind: 'here' })
})

it('is a multisig where the specification names its members, in any order, and their hash is the account', () => {
  const account = multisigAccount(members, 2)
  const said = (rootMultisig: unknown) => holder(account, { properties: { rootMultisig } })
  expect(said({ members: addresses.toReversed(), threshold: 2 })).toEqual({ kind: 'multisig', members: addresses.toReversed(), threshold: 2 })
  for (const wrong of [{ members: addresses, threshold: 3 }, { members: addresses.slice(1), threshold: 2 }, { members: ['x'], threshold: 2 }, { members: [...addresses, encodeSs58(alice, 0)], threshold: 2 }, { threshold: 2 }, 'x', null]) {
    expect(said(wrong)).toEqual({ kind: 'elsewhere' })
  }
  // The root may have changed since.
  expect(holder(alice, { properties: { rootMultisig: { members: addresses, threshold: 2 } } })).toEqual({ kind: 'elsewhere' })
})

it('is a multisig where something waits for its members', () => {
  expect(holder(multisigAccount(members, 2), {}, true)).toEqual({ kind: 'multisig', members: undefined, threshold: undefined })
})
