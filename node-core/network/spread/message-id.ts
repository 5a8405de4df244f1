/**
 * The name of a message: the same in whichever way it travels, so that a message which comes in two ways is handed on once.
 *
 *   id = SHA-256( "nodestead message 1" ‖ length of topic (1) ‖ topic ‖ length of source (1) ‖ source ‖ nonce (8) ‖ SHA-256(content) )
 *
 * Topic and peer id in UTF-8. Content and source are part of it, so nobody can use up the name of somebody else's message with another
 * content: who sends under the same name sends the same message. The nonce is the source's to choose; it tells apart two messages that
 * say the same. In gossipsub it is the sequence number.
 */
import { createHash, hash } from 'node:crypto'
import { concatBytes, utf8 } from '../../base/bytes.ts'
import type { MessageId } from './spread.ts'

export const NONCE_SIZE = 8

const DOMAIN = utf8('nodestead message 1')

/** SHA-256 by the platform: 32 bytes. Several parts are hashed as if they were joined. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return new Uint8Array(hash('sha256', only, 'buffer'))
  const state = createHash('sha256')
  for (const part of parts) state.update(part)
  return new Uint8Array(state.digest())
}

/** `source`: peer id; `nonce`: 8 bytes; `contentHash`: SHA-256 of the content. Throws a RangeError where a length is another one. */
export function messageId(topic: string, source: string, nonce: Uint8Array, contentHash: Uint8Array): MessageId {
  if (nonce.length !== NONCE_SIZE || contentHash.length !== 32) throw new RangeError('a nonce has 8 bytes and a hash 32')
  return `0x${hash('sha256', concatBytes(DOMAIN, text(topic), text(source), nonce, contentHash), 'hex')}`
}

/** Its length in a byte, then UTF-8. */
function text(value: string): Uint8Array {
  const bytes = utf8(value)
  if (bytes.length > 255) throw new RangeError(`a name has at most 255 bytes, not ${bytes.length}`)
  return concatBytes(Uint8Array.of(bytes.length), bytes)
}
