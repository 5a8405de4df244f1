/**
 * Epochs (Polkadot Host spec, sections 5.2 "Slots and Epochs" and 5.8 "Epoch Randomness").
 *
 * An epoch is a run of slots with one list of authorities, one randomness and one configuration.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { BabeConfiguration } from './runtime-api.ts'
import { decodeAll } from '../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import {
  readAuthorities, readEpochConfiguration, writeAuthority, writeEpochConfiguration,
  type Announcements, type Authority, type EpochConfiguration,
} from './digest.ts'
import { BabeError } from './errors.ts'

export interface Epoch {
  readonly index: number
  readonly startSlot: number
  /** Slots. */
  readonly duration: number
  readonly authorities: readonly Authority[]
  readonly randomness: Hash
  readonly configuration: EpochConfiguration
}

/** Throws BABE_BAD_CONFIGURATION where no chain can run on what the runtime says. */
export function assertConfiguration({ slotDuration, epochLength, c, authorities }: BabeConfiguration): void {
  if (slotDuration === 0 || epochLength === 0 || c[1] === 0 || c[0] > c[1] || authorities.length === 0) {
    const message = "The runtime's BABE configuration has no slots, no authorities or an impossible constant."
    throw new BabeError('BABE_BAD_CONFIGURATION', message)
  }
}

/** Epoch 0: it starts with the slot of the first block. */
export function genesisEpoch(configuration: BabeConfiguration, firstSlot: number): Epoch {
  const { epochLength, authorities, randomness, c, secondarySlots } = configuration
  return { index: 0, startSlot: firstSlot, duration: epochLength, authorities, randomness, configuration: { c, secondarySlots } }
}

/** The epoch after `epoch`, made of what its first block announced. Without a new configuration the old one stays. */
export function followingEpoch(epoch: Epoch, { nextEpoch, nextConfiguration }: Announcements): Epoch {
  if (nextEpoch === undefined) {
    throw new BabeError('BABE_MISSING_EPOCH_ANNOUNCEMENT', 'The first block of an epoch must announce the next one.')
  }
  return {
    index: epoch.index + 1,
    startSlot: endSlot(epoch),
    duration: epoch.duration,
    authorities: nextEpoch.authorities,
    randomness: nextEpoch.randomness,
    configuration: nextConfiguration ?? epoch.configuration,
  }
}

/** The first slot that is not the epoch's any more. */
export function endSlot(epoch: Epoch): number {
  return epoch.startSlot + epoch.duration
}

/**
 * The epoch that holds `slot`, on these data. Where no block was made for whole epochs, nobody announced anything: the last
 * announced data stand for all of them, with the index and the start moved (as Substrate does). They move back, too: an old
 * runtime that is behind uses up what was announced for later epochs within the epoch of the clock, see epochs.ts.
 */
export function epochAtSlot(epoch: Epoch, slot: number): Epoch {
  const moved = Math.floor((slot - epoch.startSlot) / epoch.duration)
  return moved === 0 ? epoch : { ...epoch, index: epoch.index + moved, startSlot: epoch.startSlot + moved * epoch.duration }
}

export function encodeEpoch({ index, startSlot, duration, authorities, randomness, configuration }: Epoch): Uint8Array {
  const writer = new ScaleWriter(128 + authorities.length * 40)
  writer.u64(index).u64(startSlot).u64(duration).vec(authorities, writeAuthority).hash(randomness)
  writeEpochConfiguration(writer, configuration)
  return writer.finish()
}

export function decodeEpoch(bytes: Uint8Array): Epoch {
  return decodeAll(bytes, 'a stored epoch', (reader) => ({
    index: reader.u64Number(),
    startSlot: reader.u64Number(),
    duration: reader.u64Number(),
    authorities: readAuthorities(reader),
    randomness: reader.hash(),
    configuration: readEpochConfiguration(reader),
  }))
}
