/**
 * What Aura writes into a header: the pre-digest is the slot alone, because whose slot it is follows from it; a seal ends the digest.
 * Where the authorities change, the block says so, and its children are authored by the new ones.
 *
 * As with other engines, items that do not decode say nothing.
 */
import type { Hash } from '../../../../base/bytes.ts'
import { ScaleError, decodeIfValid, type ScaleReader } from '../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import type { InherentData } from '../../../runtime/types.ts'
import type { DigestItem, EngineId, Header } from '../../../scale/header.ts'
import type { DigestDecoder, DigestFact } from '../../../scale/digest-facts.ts'
import { AuraError } from './errors.ts'

export const AURA_ENGINE: EngineId = 'aura'

type WithDigest = Pick<Header, 'digest'>

export type AuraLog = { readonly kind: 'authorities'; readonly authorities: readonly Hash[] } | { readonly kind: 'disabled'; readonly index: number }

const KEY_SIZE = 32
/** Far above the largest set of any chain. */
const MAX_AUTHORITIES = 100_000

export function preDigestItem(slot: number): DigestItem {
  return { type: 'preRuntime', engine: AURA_ENGINE, data: new ScaleWriter(8).u64(slot).finish() }
}

/** What runtimes of before 2022 want among the inherents. */
export function auraSlotInherent(slot: number): InherentData[number] {
  return ['auraslot', new ScaleWriter(8).u64(slot).finish()]
}

/** The slot that a header claims. Throws AURA_NO_PRE_DIGEST. */
export function slotOf({ digest }: WithDigest): number {
  const slots = digest.flatMap((item) => {
    const slot = item.type === 'preRuntime' && item.engine === AURA_ENGINE ? decodeIfValid(item.data, (reader) => reader.u64Number()) : undefined
    return slot === undefined ? [] : [slot]
  })
  const [slot] = slots
  if (slot === undefined || slots.length > 1) throw new AuraError('AURA_NO_PRE_DIGEST', `The header has ${slots.length} Aura pre-digests; one is required.`)
  return slot
}

/** The authorities of the block's children, where it announces others than its own: the last word counts. */
export function announcedAuthorities({ digest }: WithDigest): readonly Hash[] | undefined {
  let announced: readonly Hash[] | undefined
  for (const item of digest) {
    const log = logOf(item)
    // A set of nobody is no change: pallet-aura makes none.
    if (log?.kind === 'authorities' && log.authorities.length > 0) announced = log.authorities
  }
  return announced
}

export function readAuthorities(reader: ScaleReader): Hash[] {
  return reader.vec((r) => r.hash(), KEY_SIZE, MAX_AUTHORITIES)
}

export function writeAuthorities(writer: ScaleWriter, authorities: readonly Hash[]): ScaleWriter {
  return writer.vec(authorities, (w, key) => w.hash(key))
}

export const auraDigests = {
  slotOf(header: Header): number | undefined {
    try {
      return slotOf(header)
    } catch {
      return undefined
    }
  },

  describe(item: DigestItem): DigestFact | undefined {
    if (item.type === 'preRuntime' && item.engine === AURA_ENGINE) {
      const slot = decodeIfValid(item.data, (reader) => reader.u64Number())
      return slot === undefined ? undefined : { kind: 'slot', slot, claim: undefined, authorityIndex: undefined }
    }
    const log = logOf(item)
    if (log === undefined) return undefined
    if (log.kind === 'disabled') return { kind: 'disabled', engine: AURA_ENGINE, index: log.index }
    return { kind: 'authoritiesChange', forced: false, authorities: log.authorities, delay: 0 }
  },
} satisfies DigestDecoder

function logOf(item: DigestItem): AuraLog | undefined {
  return item.type === 'consensus' && item.engine === AURA_ENGINE ? decodeIfValid(item.data, readLog) : undefined
}

function readLog(reader: ScaleReader): AuraLog {
  const tag = reader.u8()
  if (tag === 1) return { kind: 'authorities', authorities: readAuthorities(reader) }
  if (tag === 2) return { kind: 'disabled', index: reader.u32() }
  throw new ScaleError('SCALE_INVALID', `unknown Aura consensus message ${tag}`)
}
