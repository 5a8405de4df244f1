import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8, type Hex } from '../../../../../node-core/base/bytes.ts'
import { devAccount } from '../../../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2b128, twox128 } from '../../../../../node-core/crypto/hashes/hashing.ts'
import { CODE_KEY } from '../../../../../node-core/chain/spec/raw-genesis.ts'
import { buildRawGenesis, GenesisFault, withoutPreset } from '../../../../../node-core/chain/spec/runtime-genesis/builder.ts'
import { parseExact } from '../../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { buildInThread } from '../../../../../node-core/chain/spec/runtime-genesis/thread.ts'
import type { GenesisConfiguration } from '../../../../../node-core/chain/spec/runtime-genesis/written.ts'
import { ScaleReader } from '../../../../../node-core/scale/reader.ts'
import { readChainFile } from '../../../../helpers/chain-files.ts'
import { ownRuntime } from '../../../../helpers/own-runtime.ts'

const code = toHex(ownRuntime())
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const ALICE_STASH = '5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY'
const preset = (name: string, patch = {}): GenesisConfiguration => ({ kind: 'namedPreset', name, patch })

/** `System.Account` of Alice, its free balance. */
function balanceOfAlice(top: Readonly<Record<string, Hex>>): bigint {
  const account = devAccount('//Alice').sr25519.publicKey
  const key = Buffer.concat([twox128(utf8('System')), twox128(utf8('Account')), blake2b128(account), account])
  const reader = new ScaleReader(fromHex(top[toHex(key)] ?? '0x'))
  reader.raw(16)
  return reader.u128()
}

function fault(how: GenesisConfiguration, runtime = code): string {
  try {
    buildRawGenesis({ code: runtime, how })
    return 'none'
  } catch (error) {
    return error instanceof GenesisFault ? error.message : `not a fault: ${String(error)}`
  }
}

describe('a genesis made by its runtime', () => {
  it.each(['development', 'local_testnet'])('the preset %s gives the same state each time, here and in a thread', async (name) => {
    const first = buildRawGenesis({ code, how: preset(name) })
    expect(first.top[CODE_KEY]).toBe(code)
    expect(Object.keys(first.top).length).toBeGreaterThan(40)
    expect(Object.keys(first.top)).toEqual(Object.keys(first.top).toSorted())
    expect(buildRawGenesis({ code, how: preset(name) })).toEqual(first)
    expect(await buildInThread({ code, how: preset(name) })).toEqual(first)
  })

  it('a preset written out as a patch is the same genesis', () => {
    const written = withoutPreset({ code, how: preset('local_testnet', { sudo: { key: null } }) })
    expect(written.how).toMatchObject({ kind: 'patch', patch: { sudo: { key: null } } })
    expect(buildRawGenesis(written)).toEqual(buildRawGenesis({ code, how: preset('local_testnet', { sudo: { key: null } }) }))
    expect(buildRawGenesis(written)).not.toEqual(buildRawGenesis({ code, how: preset('local_testnet') }))
  })

  it('balances beyond 2^53 arrive to the last unit', async () => {
    const patch = parseExact(`{"balances": {"balances": [["${ALICE}", 123456789012345678901234567890123456789], ["${ALICE_STASH}", 1000000000000]]}}`)
    const how: GenesisConfiguration = { kind: 'namedPreset', name: 'development', patch }
    expect(balanceOfAlice(buildRawGenesis({ code, how }).top)).toBe(123456789012345678901234567890123456789n)
    expect(balanceOfAlice((await buildInThread({ code, how })).top)).toBe(123456789012345678901234567890123456789n)
  })

  it('a whole configuration must be whole', () => {
    expect(fault({ kind: 'config', config: {} })).toMatch(/^the runtime refuses it: .*missing field/)
  })

  it.each([
    [{ kind: 'patch', patch: { nothing: {} } }, /^the runtime refuses it: .*unknown field `nothing`, expected one of .*`balances`/],
    [{ kind: 'patch', patch: { balances: { balances: [[ALICE, 'much']] } } }, /^the runtime refuses it: /],
    [preset('mainnet'), /^the runtime has no preset "mainnet"; it has .*development.*local_testnet/],
  ] as [GenesisConfiguration, RegExp][])('%j is refused with a sentence', (how, expected) => {
    expect(fault(how)).toMatch(expected)
    expect(fault(how)).not.toMatch(/line \d+|panicked at|\n|\.$/)
  })

  it('a thread tells the same fault', async () => {
    await expect(buildInThread({ code, how: preset('mainnet') })).rejects.toThrow(/no preset "mainnet"/)
  })

  it('a runtime of before GenesisBuilder says so', () => {
    const old = readChainFile('westend').genesis.raw.top[CODE_KEY] as Hex
    expect(fault(preset('development'), old)).toContain('it has no GenesisBuilder')
  })

  it('what is no runtime says so', () => {
    expect(fault(preset('development'), '0x0061736d')).toContain('the runtime code of this state is unusable')
  })
})
