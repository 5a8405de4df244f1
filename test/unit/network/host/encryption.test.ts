/** The ciphers of connections with keys that are ready: the same bytes as Noise's own, whoever is on the other side. */
import crypto, { KeyObject, randomBytes } from 'node:crypto'
import { asCrypto, defaultCrypto } from '@chainsafe/libp2p-noise/crypto'
import { describe, expect, it, vi } from 'vitest'
import { connectionCrypto } from '../../../../node-core/network/host/encryption.ts'

const [key, other, nonce, ad] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32)), new Uint8Array(12).fill(3), new Uint8Array(randomBytes(32))]
const sizes = [0, 1, 1199, 1200, 1201, 16 * 1024, 65_519]

describe.each(sizes)('a message of %d bytes', (size) => {
  const message = new Uint8Array(randomBytes(size))

  it('is encrypted as Noise does it, and as another implementation', () => {
    const sealed = connectionCrypto.chaCha20Poly1305Encrypt(message, nonce, ad, key).subarray()
    expect(Buffer.compare(sealed, defaultCrypto.chaCha20Poly1305Encrypt(message, nonce, ad, key).subarray())).toBe(0)
    expect(Buffer.compare(sealed, asCrypto.chaCha20Poly1305Encrypt(message, nonce, ad, key).subarray())).toBe(0)
  })

  it('comes out whole, each time with its own key, and not with another', () => {
    for (const [mine, wrong] of [[key, other], [other, key], [key, other]] as const) {
      const sealed = connectionCrypto.chaCha20Poly1305Encrypt(message, nonce, ad, mine).subarray()
      // Noise's own cipher for small messages opens in place.
      expect(Buffer.compare(connectionCrypto.chaCha20Poly1305Decrypt(sealed.slice(), nonce, ad, mine).subarray(), message)).toBe(0)
      expect(() => connectionCrypto.chaCha20Poly1305Decrypt(sealed.slice(), nonce, ad, wrong).subarray()).toThrow()
    }
  })

  it('that was changed on the way is refused', () => {
    const sealed = connectionCrypto.chaCha20Poly1305Encrypt(message, nonce, ad, key).subarray().slice()
    sealed[sealed.length - 1] = (sealed.at(-1) as number) ^ 1
    expect(() => connectionCrypto.chaCha20Poly1305Decrypt(sealed, nonce, ad, key).subarray()).toThrow()
  })
})

it('the key of a connection is made ready once, for what it sends and what it gets', () => {
  const [seal, open] = [vi.spyOn(crypto, 'createCipheriv'), vi.spyOn(crypto, 'createDecipheriv')]
  try {
    for (const message of [new Uint8Array(5000), new Uint8Array(6000)]) {
      const sealed = connectionCrypto.chaCha20Poly1305Encrypt(message, nonce, ad, key).subarray()
      connectionCrypto.chaCha20Poly1305Decrypt(sealed.slice(), nonce, ad, key)
    }
    const keys = [...seal.mock.calls, ...open.mock.calls].map(([, each]) => each)
    expect(keys).toHaveLength(4)
    expect(keys[0]).toBeInstanceOf(KeyObject)
    expect(new Set(keys).size).toBe(1)
  } finally {
    seal.mockRestore()
    open.mockRestore()
  }
})
