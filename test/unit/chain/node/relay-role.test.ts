/** The role of a validator on live relay chains: what the specification, and later the runtime, say of it. */
import { afterEach, describe, expect, it } from 'vitest'
import { toHex } from '../../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { RelayRole } from '../../../../node-core/chain/node/relay-role.ts'
import { isLiveRelay, isRelayRuntime, refuseRelayValidator } from '../../../../node-core/chain/spec/relay.ts'
import type { ChainSpec } from '../../../../node-core/chain/spec/schema.ts'
import { apiId } from '../../../../node-core/chain/runtime/api/by-version.ts'
import type { DigestItem } from '../../../../node-core/chain/scale/header.ts'
import type { RuntimeVersion } from '../../../../node-core/chain/runtime/types.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { MemoryKeystore } from '../../../../node-core/crypto/keys/keystore.ts'
import { BlockChain } from '../../../helpers/block-chain.ts'
import { hasVector, vectorSpec } from '../../../helpers/vectors.ts'

const PLAIN: RuntimeVersion['apis'] = [[apiId('Core'), 4]]
const RELAY: RuntimeVersion['apis'] = [...PLAIN, [apiId('ParachainHost'), 13]]
const light = { stateRootHash: `0x${'aa'.repeat(32)}` } as const
const spec = (change: Partial<ChainSpec> = {}): ChainSpec => ({ name: 'Ours', id: 'ours', chainType: 'Live', bootNodes: [], genesis: light, ...change })
const POLKADOT = spec({ name: 'Polkadot', id: 'polkadot' })

const pair = devAccount('//Alice').sr25519
const keystore = new MemoryKeystore().add('babe', pair)

let running: RelayRole | undefined
afterEach(() => running?.stop())

/** A role on a chain whose runtime answers as `apis` says; undefined where its state is not there. */
async function started(of: ChainSpec, apis: RuntimeVersion['apis'] | undefined, validator = true) {
  const blocks = new BlockChain()
  const runtime = { apis }
  const version = async (): Promise<RuntimeVersion> => {
    if (runtime.apis === undefined) throw new Error('the state is not there')
    return { apis: runtime.apis } as RuntimeVersion
  }
  running = new RelayRole({ blocks, runtime: { version }, keystore, logger: silentLogger }, { spec: of, validator })
  await running.start()
  const role = running
  const keys = () => [role.publicKeys('babe').map(toHex), role.secret('babe', pair.publicKey) !== undefined]
  return { role, blocks, runtime, keys }
}

const ALL = [[toHex(pair.publicKey)], true]
const NONE = [[], false]
const grow = (blocks: BlockChain, digest: readonly DigestItem[] = []) => blocks.setBest(blocks.add(blocks.best().hash, [], digest).hash)
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a node that is to validate', () => {
  it('is a full node on a live relay chain that ships, from the beginning', async () => {
    const { role, keys } = await started(POLKADOT, undefined)
    expect([role.validator, role.isRefused, keys()]).toEqual([false, true, NONE])
    expect(() => role.sign('babe', pair.publicKey, Uint8Array.of(1))).toThrow('does not have this babe key')
  })

  it('has no keys on a live network whose runtime says that it is a relay chain', async () => {
    const { role, keys } = await started(spec(), RELAY)
    expect([role.validator, role.isRefused, keys()]).toEqual([true, true, NONE])
  })

  it('has its keys on any other live network, and on a relay runtime for development', async () => {
    for (const [of, apis] of [[spec(), PLAIN], [spec({ chainType: 'Development' }), RELAY], [spec({ chainType: 'Local' }), RELAY]] as const) {
      const { role, keys } = await started(of, apis)
      expect([role.validator, role.isRefused, keys()]).toEqual([true, false, ALL])
      await role.stop()
    }
  })

  it('waits for its keys until there is a state to ask', async () => {
    const { role, blocks, runtime, keys } = await started(spec(), undefined)
    expect([role.isRefused, keys()]).toEqual([false, NONE])
    runtime.apis = PLAIN
    grow(blocks)
    await settle()
    expect([role.isRefused, keys()]).toEqual([false, ALL])
  })

  it('loses them when an upgrade makes the chain a relay chain, and not before', async () => {
    const { role, blocks, runtime, keys } = await started(spec(), PLAIN)
    runtime.apis = RELAY
    grow(blocks)
    await settle()
    expect(keys()).toEqual(ALL)
    grow(blocks, [{ type: 'runtimeEnvironmentUpdated' }])
    await settle()
    expect([role.isRefused, keys()]).toEqual([true, NONE])
  })
})

it('a full node of a relay chain is refused nothing', async () => {
  const { role, keys } = await started(POLKADOT, RELAY, false)
  expect([role.validator, role.isRefused, keys()]).toEqual([false, false, ALL])
})

describe('what the specification tells', () => {
  it('is by name where the network ships, and only of live ones', () => {
    expect([POLKADOT, spec({ name: 'Paseo', id: 'paseo' }), { ...POLKADOT, chainType: 'Local' as const }, spec()].map(isLiveRelay)).toEqual([true, true, false, false])
    expect(() => refuseRelayValidator(POLKADOT)).toThrow(expect.objectContaining({ code: 'ROLE_RELAY_VALIDATOR' }))
    expect(() => refuseRelayValidator(spec())).not.toThrow()
  })

  it.skipIf(!hasVector('specs/paseo.json'))('is by the genesis runtime elsewhere (skipped where the folder beside the project is absent)', () => {
    expect(isLiveRelay(vectorSpec('paseo'))).toBe(true)
    expect(isLiveRelay(vectorSpec('westend-dev'))).toBe(false)
    expect(isLiveRelay({ ...vectorSpec('westend-dev'), chainType: 'Live' })).toBe(true)
    expect(isRelayRuntime({ apis: PLAIN })).toBe(false)
  })
})
