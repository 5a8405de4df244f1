/** The runtime of our own networks on our executor: what it asks of its host, what it says of itself, and which geneses it makes. */
import { describe, expect, test } from 'vitest'
import { fromUtf8, toHex } from '../../../node-core/base/bytes.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { decodeBabeConfiguration } from '../../../node-core/chain/core/engines/babe/runtime-api.ts'
import { decodeVersion } from '../../../node-core/chain/runtime/api/version.ts'
import { compileCode, unpackCode, versionFromSections } from '../../../node-core/chain/runtime/code/code.ts'
import { emptyContext, readCodeVersion } from '../../../node-core/chain/runtime/code/code-version.ts'
import { LoadedRuntime } from '../../../node-core/chain/runtime/guest/loaded-runtime.ts'
import { GuestMemory } from '../../../node-core/chain/runtime/guest/guest-memory.ts'
import { HostContext } from '../../../node-core/chain/runtime/host/context.ts'
import { createHostFunctions } from '../../../node-core/chain/runtime/host/index.ts'
import { GenesisFault } from '../../../node-core/chain/spec/runtime-genesis/builder.ts'
import type { ExactObject } from '../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { ScaleReader } from '../../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../../node-core/scale/writer.ts'
import { OwnChain } from '../../helpers/own-chain.ts'
import { ownSpec } from '../../helpers/own-spec.ts'
import { transferCall } from '../../helpers/dev-extrinsic.ts'
import { auraRuntime, nextOwnRuntime, ownRuntime } from '../../helpers/own-runtime.ts'

const UNIT = 10n ** 12n
const BUILDS: [string, () => Uint8Array][] = [['the shipped runtime', ownRuntime], ['the one with Aura', auraRuntime], ['the next version', nextOwnRuntime]]
/** blake2b-64 of an interface's name. */
const API = { BabeApi: '0xcbca25e39f142387', AuraApi: '0xdd718d5cc53262d4', GrandpaApi: '0xed99c5acb25eedf5', GenesisBuilder: '0xfbc577b9d747efd6', ContractsApi: '0x68b66ba122c93fa7', MmrApi: '0x91d5df18b0d2cf58' }

const key = (name: string): Uint8Array => devAccount(`//${name}`).sr25519.publicKey

describe.each(BUILDS)('%s', (_, load) => {
  const code = load()

  test('imports nothing that our host lacks', () => {
    const known = Object.keys(createHostFunctions(new HostContext(new GuestMemory())))
    const module = new WebAssembly.Module(unpackCode(code) as Uint8Array<ArrayBuffer>)
    const imports = WebAssembly.Module.imports(module)
    expect(imports.filter(({ kind }) => kind === 'memory')).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
    const functions = imports.filter(({ kind }) => kind !== 'memory')
    expect(functions.length).toBeGreaterThan(30)
    expect(functions.filter(({ module: from, name, kind }) => from !== 'env' || kind !== 'function' || !known.includes(name))).toEqual([])
  })

  test('says the same of itself in its sections and when it is asked', () => {
    const { module } = compileCode(code)
    const told = decodeVersion(new LoadedRuntime(compileCode(code)).call('Core_version', new Uint8Array(), emptyContext()))
    const inSections = decodeVersion(versionFromSections(module) ?? new Uint8Array())
    expect({ ...inSections, apis: inSections.apis.toSorted() }).toEqual({ ...told, apis: told.apis.toSorted() })
    expect(told).toMatchObject({ transactionVersion: 1, stateVersion: 1, systemVersion: 1 })
  })

  test.each([14, 15, 16])('has metadata of version %i', (version) => {
    const answer = new LoadedRuntime(compileCode(code)).call('Metadata_metadata_at_version', new ScaleWriter().u32(version).finish(), emptyContext())
    const metadata = new ScaleReader(answer).option((reader) => reader.bytes())
    expect([fromUtf8(metadata?.slice(0, 4) ?? new Uint8Array()), metadata?.[4]]).toEqual(['meta', version])
  })

  test('keeps its instances for the next call', () => {
    expect(compileCode(code).layout.reusable).toBe(true)
  })
})

test('the three differ in what they should', () => {
  const [own, aura, next] = [ownRuntime(), auraRuntime(), nextOwnRuntime()].map(readCodeVersion)
  const has = (apis: readonly (readonly [string, number])[] = [], id: string): boolean => apis.some(([name]) => name === id)
  expect([own?.specName, own?.specVersion, aura?.specName, next?.specName, next?.specVersion]).toEqual(['nodestead', 1, 'nodestead-aura', 'nodestead', 2])
  expect([has(own?.apis, API.BabeApi), has(own?.apis, API.AuraApi)]).toEqual([true, false])
  expect([has(aura?.apis, API.BabeApi), has(aura?.apis, API.AuraApi)]).toEqual([false, true])
  for (const id of [API.GrandpaApi, API.GenesisBuilder, API.ContractsApi, API.MmrApi]) expect(has(own?.apis, id)).toBe(true)
})

describe('a genesis', () => {
  test.each([['development', 1], ['local_testnet', 4]] as const)('of the preset %s has its authorities, its people and its root', (preset, count) => {
    const chain = new OwnChain(preset)
    const stashes = ['Alice', 'Bob', 'Charlie', 'Dave'].slice(0, count).map((name) => toHex(key(`${name}//stash`)))
    expect(chain.accounts('Session', 'Validators')).toEqual(stashes)
    expect(chain.accounts('Authorities', 'Accounts')).toEqual(stashes)
    const { epochLength, slotDuration, authorities } = decodeBabeConfiguration(chain.call('BabeApi_configuration'))
    expect({ epochLength, slotDuration, authorities: authorities.map((authority) => authority.key) }).toEqual({
      epochLength: 600, slotDuration: 6000, authorities: ['Alice', 'Bob', 'Charlie', 'Dave'].slice(0, count).map((name) => toHex(key(name))),
    })
    expect(toHex(chain.item('Sudo', 'Key') ?? new Uint8Array())).toBe(toHex(key('Alice')))
    for (const name of ['Alice', 'Ferdie', 'Eve//stash']) expect(chain.balance(key(name)).free).toBe(10_000_000n * UNIT)
  })

  test('decides slots and epochs, what an account must hold, and who is root', () => {
    const chain = new OwnChain('development', { settings: { slotDuration: 1000, epochLength: 30, existentialDeposit: 5_000_000 }, sudo: { key: null } })
    expect(decodeBabeConfiguration(chain.call('BabeApi_configuration'))).toMatchObject({ slotDuration: 1000, epochLength: 30 })
    expect(chain.item('Sudo', 'Key')).toBeUndefined()
    const poor = key('poor')
    chain.block(chain.sign('//Alice', transferCall(poor, 4_999_999n)))
    expect(chain.balance(poor).free).toBe(0n)
    chain.block(chain.sign('//Alice', transferCall(poor, 5_000_000n)))
    expect(chain.balance(poor).free).toBe(5_000_000n)
  })

  test('decides whether transactions cost anything; the author gets what they cost', () => {
    for (const fees of [true, false]) {
      const chain = new OwnChain('development', { settings: { fees } })
      chain.block(chain.sign('//Bob', transferCall(key('Charlie'), UNIT)))
      const lost = 10_000_000n * UNIT - UNIT - chain.balance(key('Bob')).free
      expect(lost > 0n).toBe(fees)
      expect(chain.balance(key('Alice//stash')).free).toBe(10_000_000n * UNIT + lost)
    }
  })

  test('prices by what it calls a token', () => {
    const cost = (unit: number): bigint => {
      const chain = new OwnChain('development', { settings: { unit } })
      chain.block(chain.sign('//Bob', transferCall(key('Charlie'), UNIT)))
      return 10_000_000n * UNIT - UNIT - chain.balance(key('Bob')).free
    }
    const usual = cost(1e12)
    expect(cost(1e9)).toBe(usual / 1000n)
    expect(usual > UNIT / 100_000n && usual < UNIT / 100n).toBe(true)
  })

  /** Of Alice's stash, and her own. */
  const address = '5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY'
  const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
  const keysOf = (name: string): ExactObject => ({ grandpa: '5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu', babe: name })
  test.each<[string, ExactObject, RegExp]>([
    ['a slot that is too short', { settings: { slotDuration: 98 } }, /slotDuration is 98 ms; it has to be from 100 to 60000/],
    ['a slot that is too long', { settings: { slotDuration: 60_002 } }, /slotDuration is 60002 ms/],
    ['an odd slot', { settings: { slotDuration: 1001 } }, /slotDuration is 1001 ms; it has to be even/],
    ['an epoch without slots', { settings: { epochLength: 0 } }, /epochLength is 0 slots; it has to be from 2 to 604800/],
    ['no existential deposit', { settings: { existentialDeposit: 0 } }, /existentialDeposit is 0/],
    ['no unit', { settings: { unit: 0 } }, /unit is 0; it has to be from 1 to 10\^30/],
    ['a word for a number', { settings: { fees: 'no' } }, /invalid type: string "no", expected a boolean/],
    ['a setting that is not known', { settings: { slots: 6 } }, /unknown field `slots`, expected one of `slotDuration`/],
    ['a balance below the existential deposit', { balances: { balances: [[alice, 5]] } }, new RegExp(`${alice} has 5; the existential deposit is 1000000000`)],
    ['a balance given twice', { balances: { balances: [[alice, 1e10], [alice, 1e10]] } }, new RegExp(`${alice} is there twice`)],
    ['nobody who makes blocks', { authorities: { accounts: [] } }, /authorities\.accounts is empty: nobody would make blocks/],
    ['an authority twice', { authorities: { accounts: [address, address] } }, new RegExp(`${address} is there twice`)],
    ['an authority without keys', { authorities: { accounts: [alice] } }, new RegExp(`${alice} has no entry in session.keys`)],
    ['keys under two accounts', { session: { keys: [[address, alice, keysOf(alice)]] } }, /stands beside another account/],
    ['keys of an account twice', { session: { keys: [[address, address, keysOf(alice)], [address, address, keysOf(address)]] } }, /is there twice/],
    ['one key for two accounts', { session: { nonAuthorityKeys: [[alice, alice, keysOf(alice)]] } }, new RegExp(`a key of ${alice} is another account's already`)],
    ['authorities for BABE beside', { babe: { authorities: [[alice, 1]] } }, /babe\.authorities has to be empty/],
    ['authorities for GRANDPA beside', { grandpa: { authorities: [['5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu', 1]] } }, /grandpa\.authorities has to be empty/],
    ['a chance of slots above 1', { babe: { epochConfig: { c: [3, 2], allowed_slots: 'PrimarySlots' } } }, /epochConfig\.c is 3\/2; it has to be above 0 and at most 1/],
  ])('with %s is refused with the reason', (_, patch, reason) => {
    expect(() => ownSpec({ patch })).toThrow(GenesisFault)
    expect(() => ownSpec({ patch })).toThrow(reason)
  })
})

test('the presets are those that the network uses', () => {
  const names = new ScaleReader(new LoadedRuntime(compileCode(ownRuntime())).call('GenesisBuilder_preset_names', new Uint8Array(), emptyContext()))
  expect(names.vec((reader) => fromUtf8(reader.bytes()))).toEqual(['development', 'local_testnet'])
})
