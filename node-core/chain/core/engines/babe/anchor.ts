/**
 * BABE from the middle of a chain: where the block stands, by its own state.
 *
 * The epoch that the block is in and the one that was announced are asked of the runtime (`BabeApi_current_epoch`, `BabeApi_next_epoch`:
 * Polkadot Host spec, section C.12). The primary blocks before it are not known and count as none: forks are compared above it only.
 */
import { EMPTY } from '../../../../base/bytes.ts'
import { ScaleReader } from '../../../../scale/reader.ts'
import { byVersion, type ApiCaller } from '../../../runtime/api/by-version.ts'
import type { AuxEntry } from '../../../state/types.ts'
import type { AnchorBlock } from '../joining.ts'
import { readAuthorities, readEpochConfiguration, slotOf, type EpochConfiguration } from './digest.ts'
import type { Epoch } from './epoch.ts'
import { epochEntries } from './epochs.ts'
import { BABE_API, babeConfiguration } from './runtime-api.ts'

const IMPORT = { lane: 'import' } as const

/** Version of the API from which on an epoch says how its slots are drawn. */
const FIRST_WITH_CONFIGURATION = 2

/** Rejects with BABE_NO_PRE_DIGEST, a ScaleError, and what the calls reject with. */
export async function anchorBabe(caller: ApiCaller, { hash, header }: AnchorBlock): Promise<AuxEntry[]> {
  const { c, secondarySlots } = await babeConfiguration(caller, header.stateRoot, IMPORT)
  const epoch = (method: string): Promise<Epoch> =>
    byVersion(caller, header.stateRoot, BABE_API, async (version) =>
      decodeRuntimeEpoch(await caller.call(header.stateRoot, method, EMPTY, IMPORT), version < FIRST_WITH_CONFIGURATION ? { c, secondarySlots } : undefined),
    )
  const [current, next] = [await epoch('BabeApi_current_epoch'), await epoch('BabeApi_next_epoch')]
  return epochEntries(hash, slotOf(header), current, next)
}

/** `configuration` is what holds where the answer does not say it. */
function decodeRuntimeEpoch(input: Uint8Array, configuration: EpochConfiguration | undefined): Epoch {
  const reader = new ScaleReader(input)
  const epoch = {
    index: reader.u64Number(),
    startSlot: reader.u64Number(),
    duration: reader.u64Number(),
    authorities: readAuthorities(reader),
    randomness: reader.hash(),
    configuration: configuration ?? readEpochConfiguration(reader),
  }
  reader.end('the BABE epoch')
  return epoch
}
