import { describe, expect, it } from 'vitest'
import { inspect } from 'node:util'
import { concatBytes, fromHex, toHex, utf8 } from '../../../node-core/base/bytes.ts'
import { DEV_ACCOUNTS, DEV_MINI_SECRET, devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { ed25519PublicKey, ed25519Verify } from '../../../node-core/crypto/ed25519/ed25519.ts'
import { deriveKeyPair, miniSecretFromPhrase } from '../../../node-core/crypto/keys/keypairs.ts'
import { developmentKeystore } from '../../../node-core/crypto/keys/keystore.ts'
import { blake2b256 } from '../../../node-core/crypto/hashes/hashing.ts'
import { decodeSs58, encodeSs58 } from '../../../node-core/crypto/keys/ss58.ts'
import { sr25519Verify } from '../../../node-core/crypto/sr25519/sr25519.ts'
import { ScaleWriter } from '../../../node-core/scale/writer.ts'
import { ENGINE_KEYS } from '../../../node-core/chain/core/engines/table.ts'

describe('development accounts', () => {
  it('are the ones that everybody knows', () => {
    expect(toHex(DEV_MINI_SECRET)).toBe('0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e')
    const addresses = [
      '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
      '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty',
      '5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y',
      '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy',
      '5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw',
      '5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL',
    ]
    expect(DEV_ACCOUNTS.map((name) => encodeSs58(devAccount(`//${name}`).sr25519.publicKey))).toEqual(addresses)
    expect(toHex(devAccount('//Alice').sr25519.publicKey)).toBe('0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d')
    expect(toHex(devAccount('//Alice').ed25519.publicKey)).toBe('0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee')
    expect(encodeSs58(devAccount('//Alice//stash').sr25519.publicKey)).toBe('5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY')
    expect(encodeSs58(devAccount('//Bob').ed25519.publicKey)).toBe('5GoNkf6WdbxCFnPdAnYYQyCjAKPJgLNxXwPjwTh6DGg6gN3E')
  })

  it.each([['+5', '5'], ['007', '7'], ['+0', '0'], [`${'0'.repeat(40)}9`, '9'], ['18446744073709551615', '+18446744073709551615']])(
    'takes the junction %s for the number %s', (name, same) => {
      expect(deriveKeyPair('sr25519', DEV_MINI_SECRET, `//${name}`).publicKey).toEqual(deriveKeyPair('sr25519', DEV_MINI_SECRET, `//${same}`).publicKey)
      expect(deriveKeyPair('sr25519', DEV_MINI_SECRET, `/${name}`).publicKey).toEqual(deriveKeyPair('sr25519', DEV_MINI_SECRET, `/${same}`).publicKey)
    },
  )

  it.each([['-1', '1'], ['-0', '0'], ['+', '0'], ['++5', '5'], ['5.0', '5'], ['0x5', '5'], ['5 ', '5'], ['٥', '5'], ['18446744073709551616', '0']])(
    'takes the junction %s for a name, not for the number %s', (name, number) => {
      expect(deriveKeyPair('sr25519', DEV_MINI_SECRET, `//${name}`).publicKey).not.toEqual(deriveKeyPair('sr25519', DEV_MINI_SECRET, `//${number}`).publicKey)
    },
  )

  it.each([31, 32, 63, 64, 16_383, 16_384])('derives a junction of %i letters from its SCALE encoding', (size) => {
    const name = 'x'.repeat(size)
    const encoded = new ScaleWriter().bytes(utf8(name)).finish()
    const chainCode = encoded.length > 32 ? blake2b256(encoded) : concatBytes(encoded, new Uint8Array(32 - encoded.length))
    const seed = blake2b256(new ScaleWriter().bytes(utf8('Ed25519HDKD')).raw(DEV_MINI_SECRET).raw(chainCode).finish())
    expect(deriveKeyPair('ed25519', DEV_MINI_SECRET, `//${name}`).publicKey).toEqual(ed25519PublicKey(seed))
  })

  it('derives soft and numeric junctions', () => {
    const soft = deriveKeyPair('sr25519', DEV_MINI_SECRET, '/Alice')
    expect(toHex(soft.publicKey)).toBe('0xd6c71059dbbe9ad2b0ed3f289738b800836eb425544ce694825285b958ca755e')
    expect(deriveKeyPair('sr25519', DEV_MINI_SECRET, '//1').publicKey)
      .not.toEqual(deriveKeyPair('sr25519', DEV_MINI_SECRET, '//01x').publicKey)
  })

  it('refuses bad phrases and paths with a code, without quoting the phrase', () => {
    expect(() => miniSecretFromPhrase('bottom drive')).toThrowError(expect.objectContaining({ code: 'KEY_BAD_PHRASE' }))
    expect(() => miniSecretFromPhrase('bottom drive obey lake curtain smoke basket hold race lonely fit secretword'))
      .toThrow(/^((?!secretword).)*$/)
    expect(() => deriveKeyPair('sr25519', DEV_MINI_SECRET, 'Alice')).toThrowError(expect.objectContaining({ code: 'KEY_BAD_PATH' }))
    expect(() => deriveKeyPair('ed25519', DEV_MINI_SECRET, '/Alice')).toThrowError(expect.objectContaining({ code: 'KEY_BAD_PATH' }))
  })
})

describe('the keystore', () => {
  const keystore = developmentKeystore(['Alice', 'Bob'], ENGINE_KEYS)

  it('signs with the keys of a type, and only with those', () => {
    const [babe] = keystore.publicKeys('babe') as [Uint8Array]
    const [gran] = keystore.publicKeys('gran') as [Uint8Array]
    const message = utf8('message')
    expect(sr25519Verify(keystore.sign('babe', babe, message), message, babe)).toBe(true)
    expect(ed25519Verify(keystore.sign('gran', gran, message), message, gran)).toBe(true)
    expect(() => keystore.sign('gran', babe, message)).toThrowError(expect.objectContaining({ code: 'KEYSTORE_UNKNOWN_KEY' }))
    expect(keystore.publicKeys('babe')).toHaveLength(2)
    expect(keystore.publicKeys('gran', 'sr25519')).toHaveLength(0)
  })

  it('shows no secret in any form of print', () => {
    const [babe] = keystore.publicKeys('babe') as [Uint8Array]
    const secret = keystore.secret('babe', babe)
    const bytes = secret?.reveal() as Uint8Array
    const printed = [
      inspect(secret, { showHidden: true, depth: 9 }),
      JSON.stringify({ secret }),
      String(secret),
      inspect(keystore, { showHidden: true, depth: 9 }),
    ].join()
    expect(printed).toContain('[secret]')
    expect(printed).not.toContain(toHex(bytes).slice(2, 20))
    expect(printed).not.toContain([...bytes.subarray(0, 4)].join(', '))
  })
})

describe('SS58', () => {
  const alice = fromHex('0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d')

  it('writes the prefixes of the networks', () => {
    expect(encodeSs58(alice, 0)).toBe('15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5')
    expect(encodeSs58(alice, 2)).toBe('HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F')
  })

  it('reads back what it writes, for every kind of prefix', () => {
    for (const prefix of [0, 1, 42, 63, 64, 255, 256, 1284, 16383]) {
      expect(decodeSs58(encodeSs58(alice, prefix))).toEqual({ publicKey: alice, prefix })
    }
    expect(decodeSs58(encodeSs58(new Uint8Array(32), 0)).publicKey).toEqual(new Uint8Array(32))
  })

  it('refuses what is mistyped, cut or not an address', () => {
    const good = encodeSs58(alice)
    const code = (text: string) => {
      try {
        decodeSs58(text)
        return 'accepted'
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(code(`${good.slice(0, -1)}Z`)).toBe('SS58_BAD_CHECKSUM')
    expect(code(good.slice(3))).toBe('SS58_BAD_LENGTH')
    expect(code(`${good}${good}`)).toBe('SS58_BAD_LENGTH')
    expect(code(good.replace('w', '0'))).toBe('SS58_BAD_CHARACTER')
    expect(code('')).toBe('SS58_BAD_LENGTH')
    expect(() => encodeSs58(alice, 16384)).toThrowError(expect.objectContaining({ code: 'SS58_BAD_PREFIX' }))
  })
})
