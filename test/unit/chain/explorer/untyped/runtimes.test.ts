/** Runtimes whose metadata names types without describing them: what of them the book of types covers. */
import { describe, expect, it } from 'vitest'
import { EMPTY, toHex } from '../../../../../node-core/base/bytes.ts'
import { devAccount } from '../../../../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../../../../node-core/crypto/keys/ss58.ts'
import { Decoder } from '../../../../../node-core/chain/explorer/decoder.ts'
import { readMetadata } from '../../../../../node-core/chain/explorer/metadata.ts'
import type { RuntimeTypes } from '../../../../../node-core/chain/explorer/runtime-types.ts'
import { ScaleReader } from '../../../../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import { GENESIS_FORMS, signedRemark } from '../../../../helpers/old-extrinsics.ts'
import { genesisRunner } from '../../../../helpers/runtime-state.ts'

const NETWORKS = ['kusama', 'westend', 'polkadot'] as const
type Network = (typeof NETWORKS)[number]

function metadataOf(network: Network): Uint8Array {
  const { runner, root } = genesisRunner(network)
  return new ScaleReader(runner.call(root, 'Metadata_metadata', EMPTY)).bytes()
}

/** The types that nobody knows, and that a call or an event would need. */
function unknownTypes({ types }: RuntimeTypes): string[] {
  return types.flatMap(({ path, def }) => (path[0] === 'unknown' && def.tag === 'variant' && def.value.length === 0 ? [path.at(-1) as string] : [])).sort()
}

describe.each(NETWORKS)('the genesis runtime of %s', (network) => {
  const metadata = metadataOf(network)
  const types = readMetadata(metadata, network)

  it('has calls and events by the numbers that its blocks use', () => {
    const outer = (type: number) => {
      const def = types.types[type]?.def
      return def?.tag === 'variant' ? Object.fromEntries(def.value.map(({ name, index }) => [name, index])) : {}
    }
    expect(outer(types.call)).toMatchObject({ System: 0, Timestamp: { kusama: 2, westend: 2, polkadot: 3 }[network] })
    expect(outer(types.call)['RandomnessCollectiveFlip']).toBeUndefined()
  })

  it('uses few types that the book does not know', () => {
    const rare = { kusama: ['AttestedCandidate'], westend: ['AttestedCandidate', 'DoubleVoteReport'], polkadot: ['AttestedCandidate', 'DoubleVoteReport'] }
    expect(unknownTypes(types)).toEqual(rare[network])
  })

  it('decodes a signed transaction: who, until when, which nonce, and what', () => {
    const signer = devAccount('//Alice').sr25519
    const decoder = new Decoder({ addressPrefix: 42, isPublic: true })
    expect(decoder.open(`${network}/0/0`, metadata)).toMatchObject({ kind: 'open' })
    const body = [signedRemark(signer, GENESIS_FORMS[network], `0x${'11'.repeat(32)}`, 5)]
    const [extrinsic] = decoder.block({ runtime: `${network}/0/0`, body, events: undefined, digest: [], justifications: [] }).extrinsics
    expect(extrinsic).toMatchObject({
      problem: undefined,
      call: { pallet: 'System', name: 'remark', args: [{ name: '_remark', value: { kind: 'bytes', hex: '0x010203' } }] },
      signed: { account: { kind: 'account', account: { address: encodeSs58(signer.publicKey) } }, nonce: '5', tip: '0', mortality: { period: 64, phase: 0 } },
    })
  })
})

it('an address by number is told as one', () => {
  const decoder = new Decoder({ addressPrefix: 2, isPublic: true })
  decoder.open('kusama/1020/0', metadataOf('kusama'))
  // Balances.transfer to account 7, then to account 1000: one byte, and three.
  const transfer = (address: readonly number[]) => new ScaleWriter().bytes(Uint8Array.from([4, 4, 0, ...address, 40])).finish()
  const { extrinsics } = decoder.block({ runtime: 'kusama/1020/0', body: [transfer([7]), transfer([0xfc, 0xe8, 0x03])], events: undefined, digest: [], justifications: [] })
  expect(extrinsics.map(({ call, problem }) => [problem, call?.args.map(({ name, value }) => `${name} ${value.kind === 'variant' ? `${value.name} ${value.fields.map((field) => (field.value.kind === 'number' ? field.value.text : '')).join('')}` : value.kind === 'balance' ? value.text : value.kind}`)])).toEqual([
    [undefined, ['dest Index 7 ', 'value 10']],
    [undefined, ['dest Index 1000', 'value 10']],
  ])
})

it('an account is kept where the runtime keeps it, and told part by part', () => {
  const decoder = new Decoder({ addressPrefix: 0, isPublic: true })
  decoder.open('polkadot/0/0', metadataOf('polkadot'))
  const { publicKey } = devAccount('//Alice').sr25519
  expect(decoder.accountKey('polkadot/0/0', publicKey).storageKey).toBe(`0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9de1e86a9a8c739864cf3cc5ec2bea59f${toHex(publicKey).slice(2)}`)
  const value = new ScaleWriter().u32(3).u8(1).u128(100n).u128(20n).u128(0n).u128(0n).finish()
  expect(decoder.account('polkadot/0/0', value)).toMatchObject([
    { name: 'nonce', value: { text: '3' } }, { name: 'references', value: { text: '1' } },
    { name: 'data', value: { kind: 'fields', fields: [{ name: 'free', value: { kind: 'balance', text: '100' } }, { name: 'reserved' }, { name: 'misc_frozen' }, { name: 'fee_frozen' }] } },
  ])
})

it('versions of before 9 are refused, and named', () => {
  const old = metadataOf('kusama').slice()
  old[4] = 8
  expect(() => readMetadata(old, 'kusama')).toThrow(expect.objectContaining({ code: 'EXPLORER_OLD_METADATA', data: { version: 8 } }))
})
