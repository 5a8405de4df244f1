/** Vectors of Substrate's own tools: `subkey inspect`, sp-core's tests and substrate-bip39. */
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../node-core/base/bytes.ts'
import { ecdsaVerify } from '../../../node-core/crypto/ecdsa.ts'
import { blake2b256 } from '../../../node-core/crypto/hashes/hashing.ts'
import { miniSecretFromPhrase, signWith } from '../../../node-core/crypto/keys/keypairs.ts'
import { keyPairFromUri } from '../../../node-core/crypto/keys/secret-uri.ts'
import { DEV_PHRASE } from '../../../node-core/crypto/keys/dev-accounts.ts'

/** substrate-bip39's: entropy by its phrase, password `Substrate`, the first half of the seed. */
const BIP39 = [
  ['abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about', '44e9d125f037ac1d51f0a7d3649689d422c2af8b1ec8e00d71db4d7bf6d127e3'],
  ['legal winner thank year wave sausage worth useful legal winner thank yellow', '4313249608fe8ac10fd5886c92c4579007272cb77c21551ee5b8d60b78041685'],
  ['letter advice cage absurd amount doctor acoustic avoid letter advice cage above', '27f3eb595928c60d5bc91a4d747da40ed236328183046892ed6cd5aa9ae38122'],
  ['zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong', '227d6256fd4f9ccaf06c45eaa4b2345969640462bbb00c5f51f43cb43418c7a7'],
] as const

describe('secret URIs', () => {
  it('give the mini secrets of substrate-bip39', () => {
    for (const [phrase, seed] of BIP39) expect(toHex(miniSecretFromPhrase(phrase, 'Substrate'))).toBe(`0x${seed}`)
  })

  it('give the keys of subkey in each scheme', () => {
    const key = (scheme: 'sr25519' | 'ed25519' | 'ecdsa', uri: string) => toHex(keyPairFromUri(scheme, uri).publicKey)
    expect(key('sr25519', '//Alice')).toBe('0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d')
    expect(key('sr25519', `${DEV_PHRASE}//Alice`)).toBe(key('sr25519', '//Alice'))
    expect(key('ed25519', '//Alice')).toBe('0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee')
    expect(key('ecdsa', '//Alice')).toBe('0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1')
    expect(key('sr25519', '//Bob')).toBe('0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48')
    expect(key('sr25519', DEV_PHRASE)).toBe('0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a')
    expect(key('sr25519', '/Alice')).toBe('0xd6c71059dbbe9ad2b0ed3f289738b800836eb425544ce694825285b958ca755e')
    expect(key('sr25519', '0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e//Alice')).toBe(key('sr25519', '//Alice'))
    expect(key('sr25519', `${DEV_PHRASE}///password`)).not.toBe(key('sr25519', DEV_PHRASE))
    expect(key('sr25519', `${DEV_PHRASE}//foo///pass/word`)).not.toBe(key('sr25519', `${DEV_PHRASE}//foo///pass`))
  })

  it('sign by ecdsa as Substrate does', () => {
    const pair = keyPairFromUri('ecdsa', '//Alice')
    const signature = signWith(pair, utf8('a message'))
    expect(ecdsaVerify(signature, blake2b256(utf8('a message')), pair.publicKey)).toBe(true)
  })

  it('that are none are refused without being quoted', () => {
    for (const uri of ['swordfish', '0x1234', `0x${'g'.repeat(64)}`, 'a'.repeat(2000), 'ab$c']) {
      let thrown: unknown
      try {
        keyPairFromUri('sr25519', uri)
      } catch (error) {
        thrown = error
      }
      expect(thrown, uri.slice(0, 20)).toMatchObject({ code: expect.stringMatching(/^KEY_BAD/) })
      expect((thrown as Error).message).not.toContain(uri)
    }
    expect(() => keyPairFromUri('ecdsa', `0x${'00'.repeat(32)}`)).toThrow(expect.objectContaining({ code: 'KEY_BAD_PHRASE' }))
    expect(() => keyPairFromUri('ed25519', '/soft')).toThrow(expect.objectContaining({ code: 'KEY_BAD_PATH' }))
  })
})
