/** Which engine a chain gets, by what its genesis runtime says of itself. */
import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../../node-core/base/logger.ts'
import type { EngineDependencies, EngineOptions } from '../../../../../node-core/chain/core/engines/engine.ts'
import { createEngine } from '../../../../../node-core/chain/core/engines/table.ts'
import { apiId } from '../../../../../node-core/chain/runtime/api/by-version.ts'
import type { RuntimeExecutor } from '../../../../../node-core/chain/runtime/types.ts'
import type { BlockStateReader, StateWriter } from '../../../../../node-core/chain/state/types.ts'
import { inThreadBatchVerifier } from '../../../../../node-core/crypto/ed25519/ed25519-batch.ts'
import { MemoryKeystore } from '../../../../../node-core/crypto/keys/keystore.ts'
import { NOTHING_SIGNED } from '../../../../../node-core/crypto/keys/key-memory.ts'
import { inThreadSlotCrypto } from '../../../../../node-core/crypto/worker/slot-crypto.ts'
import { FREE_GUARD } from '../../../../helpers/free-guard.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'

const ROOT: Hash = `0x${'11'.repeat(32)}`
const KEY: Hash = `0x${'22'.repeat(32)}`
const GENESIS = { parentHash: ROOT, number: 0, stateRoot: ROOT, extrinsicsRoot: ROOT, digest: [] }

const ANSWERS: Readonly<Record<string, Uint8Array>> = {
  BabeApi_configuration: new ScaleWriter().u64(3000).u64(600).u64(1).u64(4).vec([KEY], (writer, key) => writer.hash(key).u64(1)).hash(KEY).u8(1).finish(),
  AuraApi_slot_duration: new ScaleWriter().u64(2000).finish(),
  GrandpaApi_grandpa_authorities: new ScaleWriter().vec([KEY], (writer, key) => writer.hash(key).u64(1)).finish(),
}

function dependencies(apis: readonly string[], aux: Readonly<Record<string, Uint8Array>> = {}): EngineDependencies {
  const executor = {
    version: async () => ({ specName: 'made-up', specVersion: 1, apis: apis.map((name) => [apiId(name), name === 'BabeApi' ? 2 : 1]) }),
    call: async (_root: Hash, method: string) => ANSWERS[method] ?? expect.fail(`${method} was called`),
  } as unknown as RuntimeExecutor
  const blocks = { genesisHash: ROOT, header: () => GENESIS, finalized: () => ({ hash: ROOT, number: 0 }), best: () => ({ hash: ROOT, number: 0 }), leaves: () => [] } as unknown as BlockStateReader
  return {
    blocks, executor,
    writer: { getAux: (key: string) => aux[key] } as unknown as StateWriter,
    crypto: { ...inThreadSlotCrypto, ...inThreadBatchVerifier },
    keystore: new MemoryKeystore(),
    signed: NOTHING_SIGNED,
    guard: FREE_GUARD,
    clock: new FakeClock(),
    logger: silentLogger,
    imports: { header: () => GENESIS, arrival: async () => undefined, exclusive: (task) => task() },
    onMisconduct: () => undefined,
    onVote: () => undefined,
  }
}

const VALIDATOR: EngineOptions = { validator: true, forceAuthoring: false }

describe('the engine of a chain', () => {
  it.each([
    [['BabeApi', 'GrandpaApi'], 'BABE with GRANDPA', 3000, ['babe', 'gran']],
    [['AuraApi', 'GrandpaApi'], 'Aura with GRANDPA', 2000, ['aura', 'gran']],
    [['Core', 'AuraApi'], 'Aura', 2000, ['aura']],
    // A runtime on its way from the one to the other.
    [['AuraApi', 'BabeApi'], 'BABE', 3000, ['babe']],
  ] as const)('with %j is %s', async (apis, name, slotDuration, keyTypes) => {
    const engine = await createEngine(dependencies(apis), VALIDATOR)
    expect(engine).toMatchObject({ name, slotDuration, followsClock: true })
    expect(engine.lists.map(({ keyType }) => keyType)).toEqual(keyTypes)
    expect(engine.authoring).toBeDefined()
    expect(engine.finality === undefined).toBe(!(apis as readonly string[]).includes('GrandpaApi'))
  })

  it('makes no blocks where the node is no validator', async () => {
    expect((await createEngine(dependencies(['AuraApi']), { ...VALIDATOR, validator: false })).authoring).toBeUndefined()
  })

  it('is not known where the runtime names none', async () => {
    await expect(createEngine(dependencies(['Core', 'GrandpaApi']), VALIDATOR)).rejects.toMatchObject({
      code: 'ENGINE_UNKNOWN', message: 'The runtime made-up uses none of the supported consensus engines (BabeApi and AuraApi).',
    })
  })

  it.each([
    [['BabeApi', 'GrandpaApi'], 'sealing on request in place of BABE', 3000],
    [['AuraApi', 'GrandpaApi'], 'sealing on request in place of Aura', 2000],
    [['Core'], 'sealing on request', 6000],
  ] as const)('with %j gives way to sealing on request', async (apis, name, slotDuration) => {
    const engine = await createEngine(dependencies(apis), { ...VALIDATOR, validator: false, sealing: { mode: 'manual', finalizeAfterMs: undefined } })
    expect(engine).toMatchObject({ name, slotDuration, followsClock: false, finality: undefined })
    expect(engine.authoring).toBeDefined()
  })

  it('does not go on from blocks that were sealed on request', async () => {
    const sealed = dependencies(['BabeApi'], { 'sealing/mark': Uint8Array.of(1) })
    await expect(createEngine(sealed, VALIDATOR)).rejects.toMatchObject({ code: 'ENGINE_SEALED_CHAIN' })
    await expect(createEngine(sealed, { ...VALIDATOR, sealing: { mode: 'manual', finalizeAfterMs: undefined } })).resolves.toBeDefined()
  })
})
