/**
 * What a service topic puts around a payload, and its receipts.
 *
 *   content   flags (1) ‖ ticket (8, where flag 1 is set: a receipt is wanted) ‖ payload
 *   receipt   16 (1) ‖ ticket (8) ‖ outcome (1); a frame of the topic's streams beside those of the ways of spreading
 */
import { concatBytes } from '../../base/bytes.ts'
import { MalformedError } from '../../base/errors.ts'
import { OUTCOMES, TICKET_BYTES } from './receipts.ts'

const WANTS_RECEIPT = 1
/** Beyond the tags of the spreaders (spread/topic-spread.ts). */
export const RECEIPT_TAG = 16
export const ENVELOPE_BYTES = 1 + TICKET_BYTES

export interface Envelope {
  readonly ticket: Uint8Array | undefined
  readonly payload: Uint8Array
}

export function encodeEnvelope({ ticket, payload }: Envelope): Uint8Array {
  return ticket === undefined ? concatBytes(Uint8Array.of(0), payload) : concatBytes(Uint8Array.of(WANTS_RECEIPT), ticket, payload)
}

/** Throws a MalformedError where the bytes are none. */
export function decodeEnvelope(content: Uint8Array): Envelope {
  const flags = content[0]
  if (flags === 0) return { ticket: undefined, payload: content.subarray(1) }
  if (flags !== WANTS_RECEIPT || content.length < ENVELOPE_BYTES) throw new MalformedError('NET_ENVELOPE_INVALID', 'The content of the message is not that of a service topic.')
  return { ticket: content.subarray(1, ENVELOPE_BYTES), payload: content.subarray(ENVELOPE_BYTES) }
}

export function encodeReceipt(ticket: Uint8Array, outcome: keyof typeof OUTCOMES): Uint8Array {
  return concatBytes(Uint8Array.of(RECEIPT_TAG), ticket, Uint8Array.of(OUTCOMES[outcome]))
}

/** Throws a MalformedError where a frame that begins with the tag is none. */
export function decodeReceipt(frame: Uint8Array): { readonly ticket: Uint8Array; readonly outcome: number } {
  if (frame.length !== 2 + TICKET_BYTES) throw new MalformedError('NET_RECEIPT_INVALID', `A receipt has ${2 + TICKET_BYTES} bytes, not ${frame.length}.`)
  return { ticket: frame.subarray(1, 1 + TICKET_BYTES), outcome: frame[1 + TICKET_BYTES] as number }
}
