/**
 * The JSON form of a raw chain specification, as `build-spec --raw` of any Substrate node prints it.
 *
 * Fields that this node does not act on are kept as they are, so that a specification survives being read and printed.
 */
import { z } from 'zod'
import { isHex, type Hex } from '../base/bytes.ts'

const hex = z.custom<Hex>(isHex, { error: 'expected an even number of hexadecimal digits behind 0x' })
const storage = z.record(hex, hex)

export const rawGenesisSchema = z.looseObject({
  top: storage,
  /** Default child tries: storage key of the child without its prefix, to its entries. */
  childrenDefault: z.record(hex, storage).optional(),
})

export const chainSpecSchema = z.looseObject({
  name: z.string().min(1),
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, _ or -, because it names a folder'),
  chainType: z
    .union([z.enum(['Live', 'Development', 'Local']), z.object({ Custom: z.string() })])
    .default('Live'),
  bootNodes: z.array(z.string()).default([]),
  telemetryEndpoints: z.unknown().optional(),
  protocolId: z.string().nullish(),
  forkId: z.string().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
  forkBlocks: z.array(z.tuple([z.number(), hex])).nullish(),
  badBlocks: z.array(hex).nullish(),
  /** Block number to replacement of the runtime code from there on until the next upgrade. */
  codeSubstitutes: z.record(z.string(), hex).nullish(),
  consensusEngine: z.unknown().optional(),
  lightSyncState: z.unknown().optional(),
  genesis: z.unknown().optional(),
})

export type RawGenesis = z.infer<typeof rawGenesisSchema>

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
  readonly forkBlocks?: readonly (readonly [number, Hex])[] | null | undefined
  readonly badBlocks?: readonly Hex[] | null | undefined
  readonly codeSubstitutes?: Readonly<Record<string, Hex>> | null | undefined
  readonly genesis: { readonly raw: RawGenesis }
}

/** `Live`, `Development`, `Local`, or the name of a custom type. */
export function chainTypeName(spec: ChainSpec): string {
  return typeof spec.chainType === 'string' ? spec.chainType : spec.chainType.Custom
}
