/**
 * The JSON form of a chain specification, as `build-spec` of any Substrate node prints it.
 *
 * Fields that this node does not act on are kept as they are, so that a specification survives being read and printed.
 * Hashes and code are brought to lower case, because they are compared as text. A field that says null says nothing.
 */
import { z } from 'zod'
import type { Hash, Hex } from '../../base/bytes.ts'
import { HEX_EXPECTED, normalHex, type RawGenesis } from './raw-genesis.ts'
import type { RuntimeGenesis } from './runtime-genesis/written.ts'

/** Every rule says in words of its own what it wants: what the validator would say is for programmers. */
const text = z.string({ error: 'expected text' })

const hex = z.unknown().transform((value, context): Hex => {
  const bytes = normalHex(value)
  if (bytes !== undefined) return bytes
  context.addIssue({ code: 'custom', message: HEX_EXPECTED })
  return z.NEVER
})

const HASH_LENGTH = 66
const blockHash = hex.refine((value) => value.length === HASH_LENGTH, 'expected the hash of a block: 0x and 64 hexadecimal digits')

/** What stands at `genesis.stateRootHash`. */
export const stateRootSchema = hex.refine((value) => value.length === HASH_LENGTH, 'expected the root of a state: 0x and 64 hexadecimal digits')

const MAX_BLOCK_NUMBER = 0xffff_ffff
const NUMBER_EXPECTED = 'expected the number of a block'
const blockNumber = z.number({ error: NUMBER_EXPECTED }).int(NUMBER_EXPECTED).min(0, NUMBER_EXPECTED).max(MAX_BLOCK_NUMBER, NUMBER_EXPECTED)

/** At one height there is one block. */
const forkBlocks = z.array(z.tuple([blockNumber, blockHash], { error: 'expected a pair: the number of a block and its hash' }), { error: 'expected a list' }).refine(
  (entries) => new Set(entries.map(([number]) => number)).size === new Set(entries.map(([number, hash]) => `${number} ${hash}`)).size,
  'two different blocks are asked for at one height',
)

const substitutes = z.record(z.string(), hex, { error: 'expected an object' }).superRefine((entries, context) => {
  for (const key of Object.keys(entries)) {
    if (/^\d{1,10}$/.test(key) && Number(key) <= MAX_BLOCK_NUMBER) continue
    context.addIssue({ code: 'custom', path: [key], message: 'the key must be a block number; specifications from before 2022 used block hashes' })
  }
})

export const chainSpecSchema = z.looseObject({
  name: z.string({ error: 'the name of the network is missing' }).min(1, 'the name of the network is empty'),
  id: z.string({ error: 'the identifier of the network is missing' }).regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, _ or -, because it names a folder'),
  chainType: z
    .union([z.enum(['Live', 'Development', 'Local']), z.object({ Custom: z.string() })], { error: 'expected Live, Development, Local or {"Custom": "…"}' })
    .nullish()
    .transform((type) => type ?? 'Live'),
  bootNodes: z.array(text, { error: 'expected a list of addresses' }).nullish().transform((addresses) => addresses ?? []),
  telemetryEndpoints: z.unknown().optional(),
  protocolId: text.nullish(),
  forkId: text.nullish(),
  properties: z.record(z.string(), z.unknown(), { error: 'expected an object' }).nullish(),
  forkBlocks: forkBlocks.nullish(),
  badBlocks: z.array(blockHash, { error: 'expected a list' }).nullish(),
  codeSubstitutes: substitutes.nullish(),
  consensusEngine: z.unknown().optional(),
  lightSyncState: z.unknown().optional(),
  nodestead: z.unknown().optional(),
  genesis: z.unknown().optional(),
})

/** A validated specification. Fields beyond these are kept when it is printed again. */
export interface ChainSpec {
  readonly name: string
  readonly id: string
  readonly chainType: 'Live' | 'Development' | 'Local' | { readonly Custom: string }
  readonly bootNodes: readonly string[]
  /** The chain's name in protocol names of before 2022, and in those that older nodes still speak. */
  readonly protocolId?: string | null | undefined
  /** Part of the protocol names of today: tells apart networks that share a genesis block. */
  readonly forkId?: string | null | undefined
  readonly properties?: Readonly<Record<string, unknown>> | null | undefined
  /** At these heights no other block is taken. */
  readonly forkBlocks?: readonly (readonly [number, Hash])[] | null | undefined
  readonly badBlocks?: readonly Hash[] | null | undefined
  /** Runtime code by the number of the block whose state it is the first to run on (see runtime/code/code-substitutes.ts). */
  readonly codeSubstitutes?: Readonly<Record<string, Hex>> | null | undefined
  /** What this app adds for the people of a network, and other tools ignore (see members.ts). */
  readonly nodestead?: unknown
  /** As the file has it; `lightSyncStateOf` reads it (light-sync-state.ts). */
  readonly lightSyncState?: unknown
  readonly genesis: SpecGenesis
}

/** The genesis state; or its root alone, as light clients are given it: the genesis block follows from it, and no block can be executed on it. */
export type SpecGenesis = { readonly raw: RawGenesis } | { readonly stateRootHash: Hash }

/** A specification that block 1 can be executed with. */
export interface SpecWithState extends ChainSpec {
  readonly genesis: { readonly raw: RawGenesis }
}

/** A specification as it is written: its genesis state may be one that its runtime has still to make (see resolve.ts). */
export type WrittenSpec = Omit<ChainSpec, 'genesis'> & { readonly genesis: SpecGenesis | { readonly runtimeGenesis: RuntimeGenesis } }

/** `Live`, `Development`, `Local`, or the name of a custom type. */
export function chainTypeName(spec: Pick<ChainSpec, 'chainType'>): string {
  return typeof spec.chainType === 'string' ? spec.chainType : spec.chainType.Custom
}
