/**
 * The protocol `/nodestead/sealed/1`: who opens a stream hands over envelopes, one at a time, and the other side answers each. Frames are those of
 * network/framing.ts.
 *
 *   request   kind (1 byte) | envelope       1 to its recipient, straight from its sender; 2 to its recipient, kept until now; 3 please keep it
 *   answer    what became of it (1 byte)
 *
 * An envelope is handed over again until it was answered for good, so it may come several times: its recipient knows by its number.
 */
import { concatBytes } from '../../base/bytes.ts'
import { MAX_ENVELOPE_BYTES } from './envelope.ts'
import { malformed } from './content.ts'

export const SEALED_PROTOCOL = '/nodestead/sealed/1'

const KINDS = ['deliver', 'deliver-kept', 'keep'] as const
export type RequestKind = (typeof KINDS)[number]

/**
 * `taken`: it has it, and will not forget it. `known`: it had it before. `late`, `refused`: it will never take it. `no-service`, `full`: not now,
 * perhaps later. `unwilling`: it keeps nothing for others.
 */
const OUTCOMES = ['taken', 'known', 'late', 'refused', 'no-service', 'full', 'unwilling'] as const
export type Outcome = (typeof OUTCOMES)[number]

export const MAX_REQUEST_BYTES = 1 + MAX_ENVELOPE_BYTES
export const MAX_ANSWER_BYTES = 1

export interface SealedRequest {
  readonly kind: RequestKind
  readonly envelope: Uint8Array
}

export function encodeRequest({ kind, envelope }: SealedRequest): Uint8Array {
  return concatBytes(Uint8Array.of(KINDS.indexOf(kind) + 1), envelope)
}

/** Throws a SealedError NET_SEALED_MALFORMED; the envelope is not looked at. */
export function decodeRequest(frame: Uint8Array): SealedRequest {
  const kind = KINDS[(frame[0] ?? 0) - 1]
  if (kind === undefined) throw malformed('it is asked for something unknown with it')
  return { kind, envelope: frame.subarray(1) }
}

export function encodeAnswer(outcome: Outcome): Uint8Array {
  return Uint8Array.of(OUTCOMES.indexOf(outcome))
}

/** Throws a SealedError NET_SEALED_MALFORMED. */
export function decodeAnswer(frame: Uint8Array): Outcome {
  const outcome = frame.length === 1 ? OUTCOMES[frame[0] as number] : undefined
  if (outcome === undefined) throw malformed('the answer to it is unknown')
  return outcome
}
