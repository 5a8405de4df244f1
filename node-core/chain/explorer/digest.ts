/** The logs of a header and the proofs of its finality, as they are told to people. */
import { toHex, type Hash } from '../../base/bytes.ts'
import { announcementsOf, preDigestOf } from '../core/engines/babe/digest.ts'
import { grandpaLogs } from '../core/engines/grandpa/digest.ts'
import { BABE_ENGINE, GRANDPA_ENGINE, type DigestItem, type Header } from '../scale/header.ts'
import { decodeJustification } from '../scale/justification.ts'
import type { Justification } from '../state/types.ts'
import type { DigestLog, JustificationDetails } from './types.ts'

/** Bytes of an unknown log that are shown. */
const MAX_RAW = 512

type NameOf = (key: Hash) => string

export function describeDigest(header: Header, nameOf: NameOf): DigestLog[] {
  return header.digest.map((item) => describeItem({ ...header, digest: [item] }, item, nameOf) ?? unknown(item))
}

function describeItem(header: Header, item: DigestItem, nameOf: NameOf): DigestLog | undefined {
  switch (item.type) {
    case 'runtimeEnvironmentUpdated':
      return { kind: 'runtimeUpdated' }
    case 'seal':
      return { kind: 'seal', engine: item.engine, hex: toHex(item.data) }
    case 'preRuntime':
      return item.engine === BABE_ENGINE ? describeClaim(header) : undefined
    case 'consensus':
      if (item.engine === BABE_ENGINE) return describeBabe(header)
      return item.engine === GRANDPA_ENGINE ? describeGrandpa(header, nameOf) : undefined
    case 'other':
      return undefined
  }
}

function describeClaim(header: Header): DigestLog | undefined {
  try {
    const { kind, slot, authorityIndex } = preDigestOf(header)
    return { kind: 'slot', claim: kind, slot, authorityIndex }
  } catch {
    return undefined
  }
}

function describeBabe(header: Header): DigestLog | undefined {
  const { nextEpoch, nextConfiguration, disabled } = announcementsOf(header)
  if (nextEpoch !== undefined) return { kind: 'nextEpoch', authorities: nextEpoch.authorities.length, randomness: nextEpoch.randomness }
  if (nextConfiguration !== undefined) return { kind: 'epochConfiguration', c: nextConfiguration.c, secondarySlots: nextConfiguration.secondarySlots }
  return disabled[0] === undefined ? undefined : { kind: 'disabled', engine: BABE_ENGINE, index: disabled[0] }
}

function describeGrandpa(header: Header, nameOf: NameOf): DigestLog | undefined {
  const [log] = grandpaLogs(header)
  switch (log?.kind) {
    case 'scheduled':
    case 'forced':
      return { kind: 'authoritiesChange', forced: log.kind === 'forced', authorities: log.authorities.map(({ key }) => nameOf(key)), delay: log.delay }
    case 'disabled':
      return { kind: 'disabled', engine: GRANDPA_ENGINE, index: log.index }
    case 'pause':
    case 'resume':
      return { kind: log.kind, delay: log.delay }
    case undefined:
      return undefined
  }
}

function unknown(item: DigestItem): DigestLog {
  const data = 'data' in item ? item.data : new Uint8Array(0)
  return { kind: 'unknown', engine: 'engine' in item ? item.engine : undefined, hex: toHex(data.subarray(0, MAX_RAW)), size: data.length }
}

export function describeJustification({ engine, data }: Justification, nameOf: NameOf): JustificationDetails {
  try {
    if (engine === GRANDPA_ENGINE) {
      const { round, targetHash, targetNumber, precommits } = decodeJustification(data)
      const voters = [...new Set(precommits.map(({ authorityId }) => nameOf(authorityId)))]
      return { kind: 'grandpa', round, target: { hash: targetHash, number: targetNumber }, votes: precommits.length, voters }
    }
  } catch {
    // Shown as bytes.
  }
  return { kind: 'unknown', engine, hex: toHex(data.subarray(0, MAX_RAW)), size: data.length }
}
