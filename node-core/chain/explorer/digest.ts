/** The logs of a header and the proofs of its finality, as they are told to people: in the words of the chain's engine, or as bytes. */
import { toHex, type Hash } from '../../base/bytes.ts'
import type { DigestDecoder } from '../scale/digest-facts.ts'
import type { DigestItem, Header } from '../scale/header.ts'
import type { Justification } from '../scale/block.ts'
import type { DigestLog, JustificationDetails } from './types.ts'

/** Bytes of an unknown log that are shown. */
const MAX_RAW = 512

type NameOf = (key: Hash) => string

export function describeDigest({ digest }: Header, decoder: DigestDecoder): DigestLog[] {
  return digest.map((item) => decoder.describe(item) ?? plain(item))
}

function plain(item: DigestItem): DigestLog {
  switch (item.type) {
    case 'runtimeEnvironmentUpdated':
      return { kind: 'runtimeUpdated' }
    case 'seal':
      return { kind: 'seal', engine: item.engine, hex: toHex(item.data) }
    case 'preRuntime':
    case 'consensus':
      return { kind: 'unknown', engine: item.engine, ...raw(item.data) }
    case 'other':
      return { kind: 'unknown', engine: undefined, ...raw(item.data) }
  }
}

export function describeJustification(justification: Justification, decoder: DigestDecoder): JustificationDetails {
  const { engine, data } = justification
  return decoder.describeJustification?.(justification) ?? { kind: 'unknown', engine, ...raw(data) }
}

/** An engine tells keys; people know names. */
export function nameLog(log: DigestLog, nameOf: NameOf): DigestLog {
  return log.kind === 'authoritiesChange' ? { ...log, authorities: log.authorities.map((key) => nameOf(key as Hash)) } : log
}

export function nameVoters(justification: JustificationDetails, nameOf: NameOf): JustificationDetails {
  return justification.kind === 'votes' ? { ...justification, voters: justification.voters.map((key) => nameOf(key as Hash)) } : justification
}

function raw(data: Uint8Array): { readonly hex: `0x${string}`; readonly size: number } {
  return { hex: toHex(data.subarray(0, MAX_RAW)), size: data.length }
}
