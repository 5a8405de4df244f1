/** `BabeApi_configuration` and `BabeApi_current_epoch_start` (Polkadot Host spec, sections C.12.1 and C.12.2). */
import { EMPTY, type Hash } from '../../../../base/bytes.ts'
import { isNodeError } from '../../../../base/errors.ts'
import { ScaleError, ScaleReader, decodeAll } from '../../../../scale/reader.ts'
import type { CallOptions } from '../../../runtime/types.ts'
import { readAuthorities, type SecondarySlots } from './digest.ts'
import { byVersion, type ApiCaller, type KnownApi } from '../../../runtime/api/by-version.ts'

export interface BabeConfiguration {
  /** Milliseconds. */
  readonly slotDuration: number
  /** In slots. */
  readonly epochLength: number
  /** The chance that a slot has a primary author, as a fraction. */
  readonly c: readonly [numerator: number, denominator: number]
  /** Authorities of the first epoch: sr25519 public key and weight. */
  readonly authorities: readonly { readonly key: Hash; readonly weight: number }[]
  /** 32 bytes. */
  readonly randomness: Hash
  readonly secondarySlots: SecondarySlots
}

/** Version 2 has the kind of secondary slots where 1 has a flag. */
export const BABE_API: KnownApi = { name: 'BabeApi', newest: 2 }

const SECONDARY: readonly SecondarySlots[] = ['none', 'plain', 'vrf']
/** Version of the API. */
const FIRST_WITH_KINDS = 2
const EPOCH_HEAD = 24

/** Version 1 of the API has a flag where version 2 has the kind of secondary slots. Throws RUNTIME_NO_SUCH_API or a ScaleError. */
export function babeConfiguration(caller: ApiCaller, stateRoot: Hash, options?: CallOptions): Promise<BabeConfiguration> {
  return byVersion(caller, stateRoot, BABE_API, async (version) =>
    decodeBabeConfiguration(await caller.call(stateRoot, 'BabeApi_configuration', EMPTY, options), version),
  )
}

/** The first slot of the epoch that the runtime is in after the block with this state; undefined where it has no such function. */
export async function babeCurrentEpochStart(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash, options?: CallOptions): Promise<number | undefined> {
  try {
    const answer = await caller.call(stateRoot, 'BabeApi_current_epoch_start', EMPTY, options)
    return decodeAll(answer, 'the start of the BABE epoch', (reader) => reader.u64Number())
  } catch (error) {
    if (isNodeError(error) && error.code === 'RUNTIME_NO_SUCH_API') return undefined
    throw error
  }
}

/** The authorities of the epoch that the runtime is in after the block with this state. */
export async function babeAuthorities(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash): Promise<Hash[]> {
  const reader = new ScaleReader(await caller.call(stateRoot, 'BabeApi_current_epoch', EMPTY))
  // Index, first slot and length come first.
  reader.raw(EPOCH_HEAD)
  return readAuthorities(reader).map(({ key }) => key)
}

/** With the flag of version 1 set, secondary slots are plain: the second kind of version 2. Throws a ScaleError. */
export function decodeBabeConfiguration(input: Uint8Array, version = 2): BabeConfiguration {
  const reader = new ScaleReader(input)
  const configuration = {
    slotDuration: reader.u64Number(),
    epochLength: reader.u64Number(),
    c: [reader.u64Number(), reader.u64Number()] as const,
    authorities: reader.vec((r) => ({ key: r.hash(), weight: r.u64Number() }), 40),
    randomness: reader.hash(),
  }
  const index = version < FIRST_WITH_KINDS ? Number(reader.bool()) : reader.u8()
  const secondarySlots = SECONDARY[index]
  if (secondarySlots === undefined) throw new ScaleError('SCALE_INVALID', `unknown kind of secondary slots ${index}`)
  reader.end('the BABE configuration')
  return { ...configuration, secondarySlots }
}
