/**
 * What is encrypted within an envelope. Numbers are big-endian; ids are the 32 bytes of ed25519 public keys.
 *
 *   version 1 (1 byte) | sender (32) | recipient (32) | counter (8) | time in ms since the epoch (8) | length of the service's name (1) | name | payload
 */
import { concatBytes, toBinaryString, utf8 } from '../../base/bytes.ts'
import { isName, MAX_NAME_LENGTH } from '../names.ts'
import { SealedError } from './errors.ts'

/** Larger things are resources: a sealed message says where they are. */
export const MAX_PAYLOAD_BYTES = 256 * 1024

export const VERSION = 1
export const ID_BYTES = 32
/** Version and the two ids: in front of the content, and of the envelope. */
export const HEAD_BYTES = 1 + 2 * ID_BYTES
const NAME_AT = HEAD_BYTES + 8 + 8 + 1

export const MIN_CONTENT_BYTES = NAME_AT + 1
export const MAX_CONTENT_BYTES = NAME_AT + MAX_NAME_LENGTH + MAX_PAYLOAD_BYTES

export interface Content {
  /** Version, sender, recipient: 65 bytes. */
  readonly head: Uint8Array
  /** The sender's, for this recipient: never the same twice. 1 to 2^53 - 1. */
  readonly counter: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly service: string
  readonly payload: Uint8Array
}

/** Throws a SealedError NET_SEALED_SERVICE or NET_SEALED_TOO_LONG. */
export function encodeContent({ head, counter, time, service, payload }: Content): Uint8Array {
  requireService(service)
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new SealedError('NET_SEALED_TOO_LONG', `The message has ${payload.length} bytes; a sealed one may have ${MAX_PAYLOAD_BYTES}.`, {
      data: { length: payload.length, limit: MAX_PAYLOAD_BYTES },
      hint: 'Offer it as a resource, and send the root in the message.',
    })
  }
  const numbers = new Uint8Array(16)
  const view = new DataView(numbers.buffer)
  view.setBigUint64(0, BigInt(counter))
  view.setBigUint64(8, BigInt(time))
  return concatBytes(head, numbers, Uint8Array.of(service.length), utf8(service), payload)
}

/** Throws a SealedError NET_SEALED_MALFORMED. */
export function decodeContent(bytes: Uint8Array): Content {
  if (bytes.length < MIN_CONTENT_BYTES || bytes.length > MAX_CONTENT_BYTES) throw malformed(`its content has ${bytes.length} bytes`)
  if (bytes[0] !== VERSION) throw malformed(`the version of its content is ${bytes[0]}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset + HEAD_BYTES, 16)
  const [counter, time] = [Number(view.getBigUint64(0)), Number(view.getBigUint64(8))]
  if (!Number.isSafeInteger(counter) || counter < 1 || !Number.isSafeInteger(time)) throw malformed('its counter or its time is out of range')
  const payloadAt = NAME_AT + (bytes[NAME_AT - 1] as number)
  const service = toBinaryString(bytes.subarray(NAME_AT, payloadAt))
  if (bytes.length < payloadAt || !isName(service)) throw malformed('the name of its service is none')
  if (bytes.length - payloadAt > MAX_PAYLOAD_BYTES) throw malformed('it contains too much')
  return { head: bytes.subarray(0, HEAD_BYTES), counter, time, service, payload: bytes.subarray(payloadAt) }
}

/** Throws a SealedError NET_SEALED_SERVICE. */
export function requireService(service: string): void {
  if (isName(service)) return
  throw new SealedError('NET_SEALED_SERVICE', `"${service.slice(0, MAX_NAME_LENGTH)}" is not the name of a service.`, {
    hint: `Use 1 to ${MAX_NAME_LENGTH} lower-case letters, digits, and '.', '_' or '-' between them.`,
  })
}

export function malformed(why: string): SealedError {
  return new SealedError('NET_SEALED_MALFORMED', `The sealed message cannot be read: ${why}.`)
}
