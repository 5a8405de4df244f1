/**
 * What BABE writes into a header (Polkadot Host spec, section 5.4 "Block Production" and 3.3.2.1 "Consensus Messages").
 *
 * The pre-digest says who claims which slot by which right. A seal ends the digest. The first block of an epoch announces the
 * authorities and the randomness of the *next* epoch, and may change the configuration with it.
 *
 * Items that do not decode are passed over and bytes behind a message are ignored, as the reference implementation does: who is
 * stricter than the majority leaves the chain.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { VrfSignature } from '../../../../crypto/sr25519/vrf.ts'
import type { InherentData } from '../../../runtime/types.ts'
import type { DigestItem, EngineId, Header } from '../../../scale/header.ts'
import { ScaleError, decodeIfValid, type ScaleReader } from '../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import { BabeError } from './errors.ts'

export type PreDigest =
  | { readonly kind: 'primary' | 'secondaryVrf'; readonly authorityIndex: number; readonly slot: number; readonly vrf: VrfSignature }
  | { readonly kind: 'secondaryPlain'; readonly authorityIndex: number; readonly slot: number }

export interface Authority {
  /** sr25519 public key. */
  readonly key: Hash
  readonly weight: number
}

/** What a slot without a primary author falls back to. */
export type SecondarySlots = 'none' | 'plain' | 'vrf'

export interface EpochConfiguration {
  /** The share of slots with a primary author, as numerator and denominator. */
  readonly c: readonly [number, number]
  readonly secondarySlots: SecondarySlots
}

export interface Announcements {
  readonly nextEpoch: { readonly authorities: readonly Authority[]; readonly randomness: Hash } | undefined
  readonly nextConfiguration: EpochConfiguration | undefined
  /** Indices that the runtime disabled. The runtime refuses their blocks itself, so the host only takes note. */
  readonly disabled: readonly number[]
}

export const BABE_ENGINE: EngineId = 'BABE'

const PRE_DIGEST_TAG = { primary: 1, secondaryPlain: 2, secondaryVrf: 3 } as const
const SECONDARY: readonly SecondarySlots[] = ['none', 'plain', 'vrf']
const AUTHORITY_SIZE = 40

/** Far above the largest set of any chain. */
const MAX_AUTHORITIES = 100_000

export function preDigestItem(preDigest: PreDigest): DigestItem {
  const writer = new ScaleWriter(128).u8(PRE_DIGEST_TAG[preDigest.kind]).u32(preDigest.authorityIndex).u64(preDigest.slot)
  if (preDigest.kind !== 'secondaryPlain') writer.raw(preDigest.vrf.preOutput).raw(preDigest.vrf.proof)
  return { type: 'preRuntime', engine: BABE_ENGINE, data: writer.finish() }
}

/** What runtimes of before 2021 want among the inherents. */
export function babeSlotInherent(slot: number): InherentData[number] {
  return ['babeslot', new ScaleWriter(8).u64(slot).finish()]
}

/** Throws BABE_NO_PRE_DIGEST. */
export function preDigestOf(header: Pick<Header, 'digest'>): PreDigest {
  const found = header.digest.flatMap((item) => {
    const decoded = item.type === 'preRuntime' && item.engine === BABE_ENGINE ? decodeIfValid(item.data, readPreDigest) : undefined
    return decoded === undefined ? [] : [decoded]
  })
  const [preDigest] = found
  if (preDigest === undefined || found.length > 1) {
    throw new BabeError('BABE_NO_PRE_DIGEST', `The header has ${found.length} BABE pre-digests; one is required.`)
  }
  return preDigest
}

/** The slot that a header claims. Throws BABE_NO_PRE_DIGEST. */
export function slotOf(header: Header): number {
  return preDigestOf(header).slot
}

/** Throws BABE_BAD_CONSENSUS_LOG where something is announced twice. */
export function announcementsOf(header: Pick<Header, 'digest'>): Announcements {
  let nextEpoch: Announcements['nextEpoch']
  let nextConfiguration: EpochConfiguration | undefined
  const disabled: number[] = []
  for (const item of header.digest) {
    if (item.type !== 'consensus' || item.engine !== BABE_ENGINE) continue
    const log = decodeIfValid(item.data, readLog)
    if (log === undefined) continue
    if ((log.kind === 'epoch' && nextEpoch !== undefined) || (log.kind === 'configuration' && nextConfiguration !== undefined)) {
      throw new BabeError('BABE_BAD_CONSENSUS_LOG', 'The header announces the next epoch or its configuration twice.')
    }
    if (log.kind === 'epoch') nextEpoch = log
    else if (log.kind === 'configuration') nextConfiguration = log.configuration
    else disabled.push(log.index)
  }
  return { nextEpoch, nextConfiguration, disabled }
}

export function writeAuthority(writer: ScaleWriter, { key, weight }: Authority): void {
  writer.hash(key).u64(weight)
}

export function readAuthorities(reader: ScaleReader): Authority[] {
  return reader.vec(() => ({ key: reader.hash(), weight: reader.u64Number() }), AUTHORITY_SIZE, MAX_AUTHORITIES)
}

export function readEpochConfiguration(reader: ScaleReader): EpochConfiguration {
  return { c: [reader.u64Number(), reader.u64Number()], secondarySlots: readSecondarySlots(reader) }
}

export function writeEpochConfiguration(writer: ScaleWriter, { c, secondarySlots }: EpochConfiguration): void {
  writer.u64(c[0]).u64(c[1]).u8(SECONDARY.indexOf(secondarySlots))
}

function readSecondarySlots(reader: ScaleReader): SecondarySlots {
  const tag = reader.u8()
  const value = SECONDARY[tag]
  if (value === undefined) throw new ScaleError('SCALE_INVALID', `unknown kind of secondary slots ${tag}`)
  return value
}

function readPreDigest(reader: ScaleReader): PreDigest {
  const tag = reader.u8()
  const authorityIndex = reader.u32()
  const slot = reader.u64Number()
  switch (tag) {
    case PRE_DIGEST_TAG.secondaryPlain:
      return { kind: 'secondaryPlain', authorityIndex, slot }
    case PRE_DIGEST_TAG.primary:
    case PRE_DIGEST_TAG.secondaryVrf:
      return {
        kind: tag === PRE_DIGEST_TAG.primary ? 'primary' : 'secondaryVrf',
        authorityIndex,
        slot,
        vrf: { preOutput: reader.raw(32), proof: reader.raw(64) },
      }
    default:
      throw new ScaleError('SCALE_INVALID', `unknown BABE pre-digest ${tag}`)
  }
}

type Log =
  | { readonly kind: 'epoch'; readonly authorities: readonly Authority[]; readonly randomness: Hash }
  | { readonly kind: 'disabled'; readonly index: number }
  | { readonly kind: 'configuration'; readonly configuration: EpochConfiguration }

function readLog(reader: ScaleReader): Log {
  const tag = reader.u8()
  if (tag === 1) return { kind: 'epoch', authorities: readAuthorities(reader), randomness: reader.hash() }
  if (tag === 2) return { kind: 'disabled', index: reader.u32() }
  // The configuration is versioned; 1 is the only version there is.
  if (tag === 3 && reader.u8() === 1) return { kind: 'configuration', configuration: readEpochConfiguration(reader) }
  throw new ScaleError('SCALE_INVALID', `unknown BABE consensus message ${tag}`)
}
