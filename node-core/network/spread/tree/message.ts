/**
 * A message as it travels in a copy: whoever relays it is not its source, so the source signs.
 *
 *   key (32)         ed25519 public key of the source, from which its peer id follows
 *   nonce (8)        the source's
 *   signature (64)   ed25519 over "nodestead tree 1" ‖ length of network (1) ‖ network ‖ id (32), the network's name in UTF-8
 *   content
 *
 * The id (../message-id.ts) covers topic, source, nonce and content, so the signature does; with the network's name it is of no use elsewhere.
 */
import { concatBytes, fromHex, utf8 } from '../../../base/bytes.ts'
import { MalformedError } from '../../../base/errors.ts'
import { NONCE_SIZE } from '../message-id.ts'
import type { MessageId } from '../spread.ts'
import type { TreeErrorCode } from './frames.ts'

const KEY_SIZE = 32
const SIGNATURE_SIZE = 64
/** What a message has in front of its content, in bytes. */
export const MESSAGE_HEADER_BYTES = KEY_SIZE + NONCE_SIZE + SIGNATURE_SIZE

const DOMAIN = utf8('nodestead tree 1')

export interface TreeMessage {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly signature: Uint8Array
  readonly content: Uint8Array
}

export function encodeTreeMessage({ key, nonce, signature, content }: TreeMessage): Uint8Array {
  return concatBytes(key, nonce, signature, content)
}

/** Views of the bytes. Throws a MalformedError `TREE_FRAME_MALFORMED` where they are shorter than the header. */
export function decodeTreeMessage(bytes: Uint8Array): TreeMessage {
  if (bytes.length < MESSAGE_HEADER_BYTES) throw new MalformedError<TreeErrorCode>('TREE_FRAME_MALFORMED', 'A message of the tree is shorter than its header.')
  const signatureAt = KEY_SIZE + NONCE_SIZE
  return {
    key: bytes.subarray(0, KEY_SIZE),
    nonce: bytes.subarray(KEY_SIZE, signatureAt),
    signature: bytes.subarray(signatureAt, MESSAGE_HEADER_BYTES),
    content: bytes.subarray(MESSAGE_HEADER_BYTES),
  }
}

/** What the source signs. Throws a RangeError where the network's name has more than 255 bytes. */
export function signedBytes(network: string, id: MessageId): Uint8Array {
  const name = utf8(network)
  if (name.length > 255) throw new RangeError(`a network's name has at most 255 bytes, not ${name.length}`)
  return concatBytes(DOMAIN, Uint8Array.of(name.length), name, fromHex(id))
}
