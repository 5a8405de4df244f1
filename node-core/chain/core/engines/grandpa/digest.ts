/**
 * What GRANDPA announces in headers (Polkadot Host spec, section 3.3.2.1 "Consensus Messages"): changes of the authority set.
 *
 * As with BABE, what does not decode is passed over.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { EngineId, Header } from '../../../scale/header.ts'
import { decodeIfValid, type ScaleReader } from '../../../../scale/reader.ts'
import type { ScaleWriter } from '../../../../scale/writer.ts'

/** Of Fronk, as GRANDPA's framework was called at first. */
export const GRANDPA_ENGINE: EngineId = 'FRNK'

export interface GrandpaAuthority {
  /** ed25519 public key. */
  readonly key: Hash
  readonly weight: number
}

export type GrandpaLog =
  /** Takes effect when a block `delay` above this one is finalized. */
  | { readonly kind: 'scheduled'; readonly authorities: readonly GrandpaAuthority[]; readonly delay: number }
  /** Takes effect when a block `delay` above this one is imported: finality had stalled. */
  | { readonly kind: 'forced'; readonly authorities: readonly GrandpaAuthority[]; readonly delay: number; readonly medianFinalized: number }
  | { readonly kind: 'disabled'; readonly index: number }
  | { readonly kind: 'pause' | 'resume'; readonly delay: number }

const MAX_AUTHORITIES = 100_000

export function grandpaLogs(header: Pick<Header, 'digest'>): GrandpaLog[] {
  return header.digest.flatMap((item) => {
    const log = item.type === 'consensus' && item.engine === GRANDPA_ENGINE ? decodeIfValid(item.data, readLog) : undefined
    return log === undefined ? [] : [log]
  })
}

/**
 * What a finalized header does to the authorities: `scheduled` changes them when it is finalized (delay 0); `other` is any
 * other way (delayed or forced), which no justification alone proves.
 */
export type AuthorityChangeKind = 'scheduled' | 'other'

/** As those see it who prove finality to others; undefined where nothing changes. */
export function changeOf(header: Header): AuthorityChangeKind | undefined {
  const changes = grandpaLogs(header).filter(({ kind }) => kind === 'scheduled' || kind === 'forced')
  if (changes.length === 0) return undefined
  return changes.every((change) => change.kind === 'scheduled' && change.delay === 0) ? 'scheduled' : 'other'
}

export function writeAuthorities(writer: ScaleWriter, authorities: readonly GrandpaAuthority[]): ScaleWriter {
  return writer.vec(authorities, (w, { key, weight }) => w.hash(key).u64(weight))
}

export function readAuthorities(reader: ScaleReader): GrandpaAuthority[] {
  return reader.vec(() => ({ key: reader.hash(), weight: reader.u64Number() }), 40, MAX_AUTHORITIES)
}

function readLog(reader: ScaleReader): GrandpaLog | undefined {
  switch (reader.u8()) {
    case 1:
      return { kind: 'scheduled', authorities: readAuthorities(reader), delay: reader.u32() }
    case 2: {
      const medianFinalized = reader.u32()
      return { kind: 'forced', medianFinalized, authorities: readAuthorities(reader), delay: reader.u32() }
    }
    case 3:
      return { kind: 'disabled', index: Number(reader.u64()) }
    case 4:
      return { kind: 'pause', delay: reader.u32() }
    case 5:
      return { kind: 'resume', delay: reader.u32() }
    default:
      return undefined
  }
}
