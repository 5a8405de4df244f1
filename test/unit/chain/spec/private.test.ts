import { describe, expect, it } from 'vitest'
import { describeError } from '../../../../node-core/base/errors.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { decodeSs58, encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'
import { buildGenesis } from '../../../../node-core/chain/spec/genesis.ts'
import { multisigAccount } from '../../../../node-core/chain/spec/multisig.ts'
import { markedSpec, privateSpec, type PrivateNetworkChoices } from '../../../../node-core/chain/spec/private.ts'
import { rootMultisigOf } from '../../../../node-core/chain/spec/properties.ts'
import { madeSpec } from '../../../../node-core/chain/spec/resolve.ts'
import { printExact, type ExactObject, type ExactValue } from '../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { decodeBabeConfiguration } from '../../../../node-core/chain/core/engines/babe/runtime-api.ts'
import { shippedRuntime } from '../../../../node-core/chain/spec/load.ts'
import { CHAINS } from '../../../helpers/chain-files.ts'
import { specRunner } from '../../../helpers/runtime-state.ts'

const code = await shippedRuntime({ chainsPath: CHAINS })
const choices: PrivateNetworkChoices = { name: 'Ours', authorities: [{ account: 'alice' }], balances: [{ address: 'bob', amount: 5 }] }
const address = (uri: string): string => encodeSs58(devAccount(uri).sr25519.publicKey)
const [ALICE, BOB, CHARLIE] = ['//Alice', '//Bob', '//Charlie'].map(address) as [string, string, string]

function patchOf(more: Partial<PrivateNetworkChoices> = {}): ExactObject {
  const { genesis } = privateSpec(code, { ...choices, ...more }, 'ours')
  if (!('runtimeGenesis' in genesis) || genesis.runtimeGenesis.how.kind !== 'patch') throw new Error('another form')
  return genesis.runtimeGenesis.how.patch as ExactObject
}

const balances = (patch: ExactObject): string => printExact((patch['balances'] as ExactObject)['balances'] as ExactValue)

function problem(more: Partial<PrivateNetworkChoices>): string {
  try {
    privateSpec(code, { ...choices, ...more }, 'ours')
    return 'none'
  } catch (error) {
    return describeError(error)
  }
}

describe('the account of a multisig', () => {
  it('is the one that wallets compute, in whatever order its members are named', () => {
    const members = [ALICE, BOB, CHARLIE].map((text) => decodeSs58(text).publicKey)
    expect(encodeSs58(multisigAccount(members, 2))).toBe('5DjYJStmdZ2rcqXbXGX7TW85JsrW6uG4y9MUcLq2BoPMpRA7')
    expect(multisigAccount(members.toReversed(), 2)).toEqual(multisigAccount(members, 2))
    expect(multisigAccount(members, 3)).not.toEqual(multisigAccount(members, 2))
    expect(() => multisigAccount([...members, ...members], 2)).toThrow(RangeError)
  })
})

describe('a private network', () => {
  it('has the usual settings where nothing else is chosen, and the first authority as root', () => {
    const patch = patchOf()
    expect(JSON.parse(printExact(patch['settings'] as ExactValue))).toEqual({ slotDuration: 6000, epochLength: 600, existentialDeposit: 1_000_000_000, fees: true, unit: 1_000_000_000_000 })
    expect(patch['authorities']).toEqual({ accounts: [address('//Alice//stash')] })
    expect(patch['sudo']).toEqual({ key: ALICE })
    expect(JSON.parse(balances(patch))).toEqual([[BOB, 5e12], [address('//Alice//stash'), 1e15], [ALICE, 1e15]])
  })

  it('has what was chosen', () => {
    const spec = privateSpec(code, { ...choices, slotSeconds: 2, epochLength: 50, existentialDeposit: '0,5', fees: false, token: { symbol: 'OAK', decimals: 18 }, root: { account: 'bob' } }, 'ours')
    expect(spec).toMatchObject({ id: 'ours', name: 'Ours', chainType: 'Local', properties: { tokenSymbol: 'OAK', tokenDecimals: 18 } })
    const patch = patchOf({ slotSeconds: 2, epochLength: 50, existentialDeposit: '0,5', fees: false, token: { symbol: 'OAK', decimals: 18 }, root: { account: 'bob' } })
    expect(printExact(patch['settings'] as ExactValue)).toBe('{"slotDuration":2000,"epochLength":50,"existentialDeposit":500000000000000000,"fees":false,"unit":1000000000000000000}')
    expect(patch['sudo']).toEqual({ key: BOB })
    expect(balances(patch)).toContain(`["${BOB}",5000000000000000000]`)
  })

  it('may have a multisig as root, whose members can pay for what they sign', () => {
    const patch = patchOf({ root: { members: ['alice', BOB, 'charlie'], threshold: 2 } })
    expect(patch['sudo']).toEqual({ key: '5DjYJStmdZ2rcqXbXGX7TW85JsrW6uG4y9MUcLq2BoPMpRA7' })
    // From the account nobody could tell who they are.
    const { properties } = privateSpec(code, { ...choices, root: { members: ['alice', BOB, 'charlie'], threshold: 2 } }, 'ours')
    expect(rootMultisigOf(properties ?? {})).toEqual({ members: [ALICE, BOB, CHARLIE], threshold: 2 })
    expect(rootMultisigOf(privateSpec(code, choices, 'ours').properties ?? {})).toBeUndefined()
    for (const account of ['5DjYJStmdZ2rcqXbXGX7TW85JsrW6uG4y9MUcLq2BoPMpRA7', ALICE, CHARLIE]) expect(balances(patch)).toContain(`["${account}",1000000000000000]`)
  })

  it('adds balances of one account, and leaves those of nothing out', () => {
    const patch = patchOf({ balances: [{ address: 'bob', amount: 5 }, { address: BOB, amount: 2 }, { address: 'charlie', amount: 0 }] })
    expect(balances(patch)).toContain(`["${BOB}",7000000000000]`)
    expect(balances(patch)).not.toContain(CHARLIE)
  })

  it.each([
    [{ authorities: [] }, 'needs at least one authority'],
    [{ authorities: [{ account: 'alice' }, { account: 'Alice' }] }, 'Two authorities have the same account'],
    [{ authorities: [{ account: 'zoe' }] }, '"zoe" is not a development account'],
    [{ authorities: [{ stash: ALICE, sessionKeys: `0x${'11'.repeat(63)}` }] }, 'The session keys of'],
    [{ balances: [{ address: 'nobody', amount: 1 }] }, 'A balance: "nobody" is not an address'],
    [{ balances: [{ address: 'bob', amount: 1.5 }] }, '1.5 is not a balance'],
    [{ slotSeconds: 61 }, 'A slot duration of 61 s is not possible'],
    [{ slotSeconds: 1.5 }, 'A slot duration of 1.5 s is not possible'],
    [{ epochLength: 1 }, 'An epoch length of 1 slots is not possible'],
    [{ token: { symbol: 'OAK', decimals: 3 } }, 'A token with 3 decimals is not possible'],
    [{ existentialDeposit: '0' }, '"0" is not an existential deposit'],
    [{ existentialDeposit: '0.0000000000001' }, 'is not an existential deposit'],
    [{ root: { account: 'nobody' } }, 'The account that is root: "nobody" is not an address'],
    [{ root: { members: ['alice', ALICE], threshold: 2 } }, 'Two members of the root multisig are the same account'],
    [{ root: { members: ['alice', 'bob'], threshold: 3 } }, 'A root multisig of 2 accounts with the threshold 3 is not possible'],
  ] as [Partial<PrivateNetworkChoices>, string][])('%j is refused: %s', (more, expected) => {
    expect(problem(more)).toContain(expected)
  })

  it('is one that its runtime makes, with the pace that was chosen', () => {
    const spec = madeSpec(privateSpec(code, { ...choices, slotSeconds: 3, epochLength: 40, root: { members: ['alice', 'bob'], threshold: 2 } }, 'ours'), 'ours')
    const { runner, root } = specRunner(spec)
    expect(decodeBabeConfiguration(runner.call(root, 'BabeApi_configuration', new Uint8Array(0)))).toMatchObject({ slotDuration: 3000, epochLength: 40 })
  })

  it('says what its runtime refuses', () => {
    const written = privateSpec(code, { ...choices, existentialDeposit: '6' }, 'ours')
    expect(() => madeSpec(written, 'Ours')).toThrow(/The genesis of Ours cannot be built: the runtime refuses it: balances: 5FHneW46.* has 5000000000000; the existential deposit is 6000000000000/)
  })

  it('has a genesis of its own, though another has the same choices', () => {
    const spec = madeSpec(privateSpec(code, choices, 'ours'), 'ours')
    const hashes = [spec, markedSpec(spec), markedSpec(spec), markedSpec(spec, new Uint8Array(16)), markedSpec(spec, new Uint8Array(16))].map((each) => buildGenesis(each).hash)
    expect(new Set(hashes).size).toBe(4)
    expect(hashes[3]).toBe(hashes[4])
  })
})
