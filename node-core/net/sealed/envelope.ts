/**
 * Sealed messages: what is sent to a peer id that may be offline, and is carried and kept by peers that are not to read it.
 *
 * The recipient's public key lies within its peer id, so nothing has to be asked of it first. A message is encrypted to that key (ecies.ts) and
 * signed by the sender's. Ids are the 32 bytes of ed25519 public keys.
 *
 *   envelope    version 1 (1 byte) | sender (32) | recipient (32) | signature (64) | encrypted (96 and more)
 *   encrypted   the content (content.ts): both ids again, counter, time, service, payload
 *   signed      'nodestead/sealed/1' and a zero byte | version | sender | recipient | encrypted (ephemeral key, nonce, tag, ciphertext)
 *
 * Who is in between sees who writes to whom, when, and how much; not what, to which service, or which message in a row it is. It can drop and delay.
 * It cannot change anything (signature and tag), nor take off the signature and put its own in its place (the sender stands within as well), nor
 * turn the message to somebody else (so does the recipient), nor have it taken twice (replay-window.ts, by counter and time).
 *
 * Not protected: who steals the recipient's key reads what was recorded before; and the signature can be shown to others as proof that the sender
 * wrote to the recipient. Keys that are not ed25519 have no peer id that inlines them as is needed here: nothing can be sealed to them.
 *
 * Order of calls: {@link seal} here, {@link readEnvelope} and {@link isSigned} by whoever keeps it, {@link openEnvelope} by the recipient, and
 * then its replay window.
 */
import { concatBytes, equalBytes, utf8 } from '../../base/bytes.ts'
import { ed25519VerifyStrict } from '../../crypto/ed25519/ed25519.ts'
import { peerIdOf, publicKeyOf } from '../../crypto/keys/peer-id.ts'
import { x25519PublicKeyOf } from '../../crypto/x25519.ts'
import { decodeContent, encodeContent, HEAD_BYTES, ID_BYTES, malformed, MAX_CONTENT_BYTES, MIN_CONTENT_BYTES, VERSION, type Content } from './content.ts'
import { eciesDecrypt, eciesEncrypt, eciesOverhead } from './ecies.ts'
import { SealedError } from './errors.ts'
import type { NodeKey } from '../../network/node-key.ts'

const DOMAIN = utf8('nodestead/sealed/1\0')
const SIGNATURE_BYTES = 64
const ENCRYPTED_AT = HEAD_BYTES + SIGNATURE_BYTES

export const MIN_ENVELOPE_BYTES = ENCRYPTED_AT + eciesOverhead() + MIN_CONTENT_BYTES
export const MAX_ENVELOPE_BYTES = ENCRYPTED_AT + eciesOverhead() + MAX_CONTENT_BYTES

/** No base58 of an ed25519 key is as long. */
const MAX_PEER_ID_LENGTH = 64

/** What is to be sent. */
export interface Letter extends Omit<Content, 'head'> {
  /** Peer id. */
  readonly recipient: string
}

/** What was opened. */
export interface SealedMessage extends Letter {
  /** Peer id: its key signed the message. */
  readonly sender: string
}

/** What everybody can read of an envelope. */
export interface Outside {
  readonly sender: string
  readonly recipient: string
}

/**
 * The envelope's bytes. Throws a SealedError NET_SEALED_KEY where nothing can be encrypted to the recipient, NET_SEALED_SERVICE or
 * NET_SEALED_TOO_LONG.
 */
export function seal(key: NodeKey, { recipient, ...letter }: Letter): Uint8Array {
  const head = concatBytes(Uint8Array.of(VERSION), idOf(key.peerId), idOf(recipient))
  const encrypted = eciesEncrypt(agreementKeyOf(recipient), encodeContent({ ...letter, head }))
  return concatBytes(head, key.sign(signedBytes(head, encrypted)), encrypted)
}

/** Of an envelope whose signature nobody looked at yet. Throws a SealedError NET_SEALED_MALFORMED. */
export function readEnvelope(envelope: Uint8Array): Outside {
  if (envelope.length < MIN_ENVELOPE_BYTES || envelope.length > MAX_ENVELOPE_BYTES) throw malformed(`it has ${envelope.length} bytes`)
  if (envelope[0] !== VERSION) throw malformed(`its version is ${envelope[0]}`)
  return { sender: peerIdOf(envelope.subarray(1, 1 + ID_BYTES)), recipient: peerIdOf(envelope.subarray(1 + ID_BYTES, HEAD_BYTES)) }
}

/** Whether the sender that a well-formed envelope names has signed it. A key of small order, for which anybody can sign, has signed nothing. */
export function isSigned(envelope: Uint8Array): boolean {
  const sender = envelope.subarray(1, 1 + ID_BYTES)
  const signed = signedBytes(envelope.subarray(0, HEAD_BYTES), envelope.subarray(ENCRYPTED_AT))
  return ed25519VerifyStrict(envelope.subarray(HEAD_BYTES, ENCRYPTED_AT), signed, sender) && x25519PublicKeyOf(sender) !== undefined
}

/**
 * For the recipient. Checks length, version, recipient, signature, tag, and that within stand the same ids; not whether it came before. Throws a
 * SealedError NET_SEALED_{MALFORMED,RECIPIENT,SIGNATURE,UNREADABLE,MISMATCH}.
 */
export function openEnvelope(key: NodeKey, envelope: Uint8Array): SealedMessage {
  const { sender, recipient } = readEnvelope(envelope)
  if (recipient !== key.peerId) throw new SealedError('NET_SEALED_RECIPIENT', `The sealed message is for ${recipient}, and not for this node.`, { data: { recipient } })
  if (!isSigned(envelope)) throw new SealedError('NET_SEALED_SIGNATURE', `The sealed message says that it is from ${sender}, who has not signed it.`, { data: { sender } })
  const { head, ...content } = decodeContent(eciesDecrypt((publicKey) => key.agree(publicKey), envelope.subarray(ENCRYPTED_AT)))
  if (!equalBytes(head, envelope.subarray(0, HEAD_BYTES))) {
    throw new SealedError('NET_SEALED_MISMATCH', `The sealed message from ${sender} was made by somebody else, or for somebody else.`, { data: { sender } })
  }
  return { sender, recipient, ...content }
}

/** A peer id's X25519 key. Throws a SealedError NET_SEALED_KEY. */
function agreementKeyOf(peerId: string): Uint8Array {
  const publicKey = x25519PublicKeyOf(idOf(peerId))
  if (publicKey === undefined) throw noKey(peerId)
  return publicKey
}

function idOf(peerId: string): Uint8Array {
  const publicKey = peerId.length <= MAX_PEER_ID_LENGTH ? publicKeyOf(peerId) : undefined
  if (publicKey === undefined) throw noKey(peerId)
  return publicKey
}

function noKey(peerId: string): SealedError {
  const shown = peerId.slice(0, MAX_PEER_ID_LENGTH)
  return new SealedError('NET_SEALED_KEY', `Nothing can be sealed for "${shown}": that is not the peer id of an ed25519 key.`, {
    data: { peerId: shown },
    hint: 'Such a peer id begins with 12D3KooW.',
  })
}

function signedBytes(head: Uint8Array, encrypted: Uint8Array): Uint8Array {
  return concatBytes(DOMAIN, head, encrypted)
}
