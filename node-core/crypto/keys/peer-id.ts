/** Peer ids of libp2p: the name of a node by the ed25519 key of its identity (libp2p peer-ids specification). */
import { base58 } from '@scure/base'
import { concatBytes } from '../../base/bytes.ts'

/** Identity multihash of 36 bytes; protobuf: key type 1 (ed25519), 32 bytes. */
const PEER_ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)

/** Identity multihash of the protobuf form of an ed25519 public key, in base58: `12D3KooW…`. */
export function peerIdOf(publicKey: Uint8Array): string {
  return base58.encode(concatBytes(PEER_ID_PREFIX, publicKey))
}

/** The public key within a peer id; undefined where it is not one of an ed25519 key. */
export function publicKeyOf(peerId: string): Uint8Array | undefined {
  try {
    const publicKey = base58.decode(peerId).subarray(PEER_ID_PREFIX.length)
    return publicKey.length === 32 && peerIdOf(publicKey) === peerId ? publicKey : undefined
  } catch {
    return undefined
  }
}
