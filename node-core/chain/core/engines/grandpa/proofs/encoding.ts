/** GRANDPA justifications (Polkadot Host spec, section 6.4.1 "Justifications"). */
import type { Hash } from '../../../../../base/bytes.ts'
import { readHeader, writeHeader, type Header } from '../../../../scale/header.ts'
import type { ScaleReader} from '../../../../../scale/reader.ts';
import { decodeAll } from '../../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../../scale/writer.ts'

export interface SignedPrecommit {
  readonly targetHash: Hash
  readonly targetNumber: number
  /** ed25519, 64 bytes. */
  readonly signature: Uint8Array
  /** ed25519 public key, 32 bytes. */
  readonly authorityId: Hash
}

export interface GrandpaJustification {
  readonly round: number
  readonly targetHash: Hash
  readonly targetNumber: number
  readonly precommits: readonly SignedPrecommit[]
  /** Headers on the way from the target to each precommit's block, the target's own excluded. */
  readonly votesAncestries: readonly Header[]
}

const PRECOMMIT_SIZE = 32 + 4 + 64 + 32
const SMALLEST_HEADER = 32 + 1 + 32 + 32 + 1
const MAX_PRECOMMITS = 10_000

export function encodeJustification(justification: GrandpaJustification): Uint8Array {
  return new ScaleWriter(512)
    .u64(justification.round)
    .hash(justification.targetHash)
    .u32(justification.targetNumber)
    .vec(justification.precommits, (writer, precommit) =>
      writer.hash(precommit.targetHash).u32(precommit.targetNumber).raw(precommit.signature).hash(precommit.authorityId),
    )
    .vec(justification.votesAncestries, writeHeader)
    .finish()
}

export function readJustification(reader: ScaleReader): GrandpaJustification {
  return {
    round: reader.u64Number(),
    targetHash: reader.hash(),
    targetNumber: reader.u32(),
    precommits: reader.vec(
      () => ({ targetHash: reader.hash(), targetNumber: reader.u32(), signature: reader.raw(64), authorityId: reader.hash() }),
      PRECOMMIT_SIZE,
      MAX_PRECOMMITS,
    ),
    votesAncestries: reader.vec(readHeader, SMALLEST_HEADER, MAX_PRECOMMITS),
  }
}

export function decodeJustification(input: Uint8Array): GrandpaJustification {
  return decodeAll(input, 'the justification', readJustification)
}
