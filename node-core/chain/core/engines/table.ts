/**
 * Which engine a chain has: the one place that knows all of them.
 *
 * A runtime lists the APIs that it has (`RuntimeVersion.apis`, by the hash of each name). A chain's engine is chosen by the runtime at the
 * finalized block, which is that of genesis at first, because the next block needs one already: the first line of each list whose API is
 * there. Where the node is told to seal on request, that takes the place of both. A further engine is a folder of its own and a line here.
 */
import { NodeError } from '../../../base/errors.ts'
import type { Hash } from '../../../base/bytes.ts'
import type { KeyMemory } from '../../../crypto/keys/key-memory.ts'
import type { ConsensusKey } from '../../../crypto/keys/keystore.ts'
import { versionOfApi, type KnownApi } from '../../runtime/api/by-version.ts'
import type { RuntimeExecutor, RuntimeVersion } from '../../runtime/types.ts'
import type { BlockRef } from '../../scale/block.ts'
import type { AuxEntry, AuxStore, BlockStateReader } from '../../state/types.ts'
import { createAura } from './aura/create.ts'
import { AURA_API } from './aura/runtime-api.ts'
import { anchorBabe } from './babe/anchor.ts'
import { createBabe } from './babe/create.ts'
import { revertedEpochs } from './babe/epochs.ts'
import { BABE_API } from './babe/runtime-api.ts'
import { combine } from './combine.ts'
import type { Engine, EngineDependencies, EngineOptions } from './engine.ts'
import type { AuthoringPart, FinalityPart, PartDependencies } from './parts.ts'
import { createGrandpa } from './grandpa/create.ts'
import { grandpaProofs } from './grandpa/proofs/following.ts'
import { lastForcedChange, revertedAuthorities } from './grandpa/sets/authority-record.ts'
import { GRANDPA_API } from './grandpa/runtime-api.ts'
import type { AnchorAuthoring, AnchorBlock, ProofDependencies, ProofSource } from './joining.ts'
import { assertNotSealed, createSealing, isSealed, sealedEntries } from './sealing/create.ts'
import { SlotClaims } from './slots/slot-claims.ts'

interface Line<Create> {
  readonly api: KnownApi
  /** What it keeps of a block that is taken back, for the batch that removes it; left out where it keeps nothing of single blocks. */
  readonly reverted?: (aux: AuxStore, block: BlockRef) => readonly AuxEntry[]
  /** The height below which blocks cannot be taken back, though they are not final; left out where there is none. */
  readonly revertLimit?: (aux: AuxStore, blocks: Pick<BlockStateReader, 'header'>) => number
  /** What its authorities sign with, as far as development accounts are among them. */
  readonly keys: ConsensusKey
  readonly create: Create
}

interface AuthoringLine extends Line<(dependencies: PartDependencies, options: EngineOptions) => Promise<AuthoringPart>> {
  /** What it keeps to go on from the middle of a chain; left out where it asks the runtime anyway. */
  readonly anchor?: AnchorAuthoring
}

interface FinalityLine extends Line<(dependencies: PartDependencies, options: EngineOptions, authoring: AuthoringPart) => Promise<FinalityPart>> {
  readonly following: ProofSource
}

/** Who may write blocks. */
const AUTHORING: readonly AuthoringLine[] = [
  { api: BABE_API, keys: { keyType: 'babe', scheme: 'sr25519' }, create: createBabe, anchor: anchorBabe, reverted: revertedEpochs },
  { api: AURA_API, keys: { keyType: 'aura', scheme: 'sr25519' }, create: createAura },
]

/** What makes blocks final. */
const FINALITY: readonly FinalityLine[] = [
  { api: GRANDPA_API, keys: { keyType: 'gran', scheme: 'ed25519' }, create: createGrandpa, following: grandpaProofs, reverted: revertedAuthorities, revertLimit: lastForcedChange },
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

/** How finality is followed where nothing of a chain is here but its genesis state, of which `runtime` is; undefined where no engine can. */
export function proofSourceOf(runtime: RuntimeVersion): ProofSource | undefined {
  return lineOf(FINALITY, runtime)?.following
}

/** The same for a chain of which a specification says no more than who decides on finality: the only engine of that kind. */
export const LIGHT_PROOFS: ProofSource = grandpaProofs

/** What the engine keeps to go on from a block of which the state is here. Rejects with ENGINE_UNKNOWN and what the engine rejects with. */
export async function anchorAuthoring(executor: RuntimeExecutor, anchor: AnchorBlock): Promise<AuxEntry[]> {
  const runtime = await executor.version(anchor.header.stateRoot, { lane: 'import' })
  const line = lineOf(AUTHORING, runtime)
  if (line === undefined) throw unknownEngine(runtime)
  return (await line.anchor?.(executor, anchor)) ?? []
}

/**
 * What engines keep to go on from a block of which only the state is here: all of it is what that says. `isSealed`: its blocks are sealed on
 * request. Rejects with what reading the state, or calling its runtime, rejects with.
 */
export async function anchorByState(state: Pick<ProofDependencies, 'storage' | 'logger'> & { readonly executor: RuntimeExecutor }, anchor: AnchorBlock, isSealed: boolean): Promise<AuxEntry[]> {
  const authoring = await anchorAuthoring(state.executor, anchor)
  if (isSealed) return [...authoring, ...sealedEntries()]
  const finality = lineOf(FINALITY, await state.executor.version(anchor.header.stateRoot, { lane: 'import' }))
  return [...authoring, ...((await finality?.following.entriesByState({ ...state, caller: state.executor }, anchor)) ?? [])]
}

/**
 * The engine of the chain whose state is open, by the runtime at its finalized block, whose state is always here. Throws ENGINE_UNKNOWN,
 * ENGINE_SEALED_CHAIN, and what the engine throws about what that runtime says.
 */
export async function createEngine(dependencies: EngineDependencies, options: EngineOptions): Promise<Engine> {
  const { blocks, executor } = dependencies
  const baseRoot = blocks.header(blocks.finalized().hash)?.stateRoot
  if (baseRoot === undefined) throw new Error('the state service has no finalized block')
  const runtime = await executor.version(baseRoot, { lane: 'import' })
  const part = { ...dependencies, baseRoot }

  const { sealing } = options
  const create = lineOf(AUTHORING, runtime)?.create
  if (sealing !== undefined) return combine(createSealing(part, sealing, await create?.(part, { ...options, validator: false })), undefined)
  assertNotSealed(dependencies.writer)
  const authoring = await create?.(part, options)
  if (authoring === undefined) throw unknownEngine(runtime)
  return combine(authoring, await lineOf(FINALITY, runtime)?.create(part, options, authoring))
}

/** What engines keep of a block that is taken back, for the batch that removes it. */
export function revertedEntries(aux: AuxStore, block: BlockRef): AuxEntry[] {
  return [...AUTHORING, ...FINALITY].flatMap(({ reverted }) => reverted?.(aux, block) ?? [])
}

/** The height below which blocks cannot be taken back, though they are not final; 0 where there is none. */
export function revertLimit(aux: AuxStore, blocks: Pick<BlockStateReader, 'header'>): number {
  return Math.max(0, ...[...AUTHORING, ...FINALITY].map((line) => line.revertLimit?.(aux, blocks) ?? 0))
}

/** Whether the blocks of the chain were sealed on request: then no other engine can go on from them. */
export function isSealedChain(aux: AuxStore): boolean {
  return isSealed(aux)
}

function lineOf<Of extends Line<unknown>>(lines: readonly Of[], runtime: RuntimeVersion): Of | undefined {
  return lines.find(({ api }) => versionOfApi(runtime, api) !== undefined)
}

function unknownEngine({ specName }: RuntimeVersion): NodeError {
  const names = AUTHORING.map(({ api }) => api.name).join(' and ')
  return new NodeError('ENGINE_UNKNOWN', `The runtime ${specName} uses none of the supported consensus engines (${names}).`, {
    hint: 'Check whether a newer version of this program supports it.',
  })
}
