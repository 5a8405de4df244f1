/** The node's key, as far as others than the host may use it: it signs and agrees on secrets, and cannot be looked at. */

export interface NodeKey {
  /** `12D3KooW…` */
  readonly peerId: string
  /** An ed25519 signature of 64 bytes. Whoever signs begins the bytes with a domain of its own, so that nothing signed here passes for something else. */
  sign(bytes: Uint8Array): Uint8Array
  /** The secret of 32 bytes shared with an X25519 public key (32 bytes); undefined where that is no safe key. */
  agree(publicKey: Uint8Array): Uint8Array | undefined
}

/** These three of whatever has them (NodeIdentity), and nothing else of it. */
export function nodeKey(identity: NodeKey): NodeKey {
  return Object.freeze({
    peerId: identity.peerId,
    sign: (bytes: Uint8Array) => identity.sign(bytes),
    agree: (publicKey: Uint8Array) => identity.agree(publicKey),
  })
}
