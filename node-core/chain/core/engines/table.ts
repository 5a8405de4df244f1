/**
 * Which engine a chain has: the one place that knows all of them.
 *
 * A runtime lists the APIs that it has (`RuntimeVersion.apis`, by the hash of each name). A chain's engine is chosen by its genesis
 * runtime, because the first block needs one already: the first line of each list whose API is there. Where the node is told to seal on
 * request, that takes the place of both. A further engine is a folder of its own and a line here.
 */
import { NodeError } from '../../../base/errors.ts'
import type { Hash } from '../../../base/bytes.ts'
import type { KeyMemory } from '../../../crypto/keys/key-memory.ts'
import type { ConsensusKey } from '../../../crypto/keys/keystore.ts'
import { versionOfApi, type KnownApi } from '../../runtime/api/by-version.ts'
import { createAura } from './aura/create.ts'
import { AURA_API } from './aura/runtime-api.ts'
import { createBabe } from './babe/create.ts'
import { BABE_API } from './babe/runtime-api.ts'
import { combine } from './combine.ts'
import type { AuthoringPart, Engine, EngineDependencies, EngineOptions, FinalityPart, PartDependencies } from './engine.ts'
import { createGrandpa } from './grandpa/create.ts'
import { GRANDPA_API } from './grandpa/runtime-api.ts'
import { assertNotSealed, createSealing } from './sealing/create.ts'
import { SlotClaims } from './slots/slot-claims.ts'

interface Line<Create> {
  readonly api: KnownApi
  /** What its authorities sign with, as far as development accounts are among them. */
  readonly keys: ConsensusKey
  readonly create: Create
}

/** Who may write blocks. */
const AUTHORING: readonly Line<(dependencies: PartDependencies, options: EngineOptions) => Promise<AuthoringPart>>[] = [
  { api: BABE_API, keys: { keyType: 'babe', scheme: 'sr25519' }, create: createBabe },
  { api: AURA_API, keys: { keyType: 'aura', scheme: 'sr25519' }, create: createAura },
]

/** What makes blocks final. */
const FINALITY: readonly Line<(dependencies: PartDependencies, options: EngineOptions, authoring: AuthoringPart) => Promise<FinalityPart>>[] = [
  { api: GRANDPA_API, keys: { keyType: 'gran', scheme: 'ed25519' }, create: createGrandpa },
]

/** What the authorities of any engine sign with. */
export const ENGINE_KEYS: readonly ConsensusKey[] = [...AUTHORING, ...FINALITY].map(({ keys }) => keys)

/** What blocks and votes are signed with, whatever the engine. */
export const AUTHORING_KEY_TYPES: readonly string[] = AUTHORING.map(({ keys }) => keys.keyType)
export const VOTING_KEY_TYPES: readonly string[] = FINALITY.map(({ keys }) => keys.keyType)

/** The last slot that a key of an authoring type claimed. Throws SIGNING_RECORD_UNREADABLE. */
export function lastClaimedSlot(signed: KeyMemory, keyType: string, key: Hash): number | undefined {
  return new SlotClaims(signed, keyType).lastOf(key)
}

/** The engine of the chain whose state is open. Throws ENGINE_UNKNOWN, ENGINE_SEALED_CHAIN, and what the engine throws about what the genesis runtime says. */
export async function createEngine(dependencies: EngineDependencies, options: EngineOptions): Promise<Engine> {
  const { blocks, executor } = dependencies
  const genesisRoot = blocks.header(blocks.genesisHash)?.stateRoot
  if (genesisRoot === undefined) throw new Error('the state service has no genesis block')
  const runtime = await executor.version(genesisRoot, { lane: 'import' })
  const pick = <Create>(lines: readonly Line<Create>[]): Create | undefined => lines.find(({ api }) => versionOfApi(runtime, api) !== undefined)?.create
  const part = { ...dependencies, genesisRoot }

  const { sealing } = options
  if (sealing !== undefined) return combine(createSealing(part, sealing, await pick(AUTHORING)?.(part, { ...options, validator: false })), undefined)
  assertNotSealed(dependencies.writer)
  const authoring = await pick(AUTHORING)?.(part, options)
  if (authoring === undefined) {
    const names = AUTHORING.map(({ api }) => api.name).join(' and ')
    throw new NodeError('ENGINE_UNKNOWN', `The runtime ${runtime.specName} has none of the consensus engines that this node knows (${names}).`, {
      hint: 'A newer version of this program may know it.',
    })
  }
  return combine(authoring, await pick(FINALITY)?.(part, options, authoring))
}
