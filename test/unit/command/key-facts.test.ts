import { describe, expect, it } from 'vitest'
import { describeError } from '../../../node-core/base/errors.ts'
import { addressNetwork, factsOfPublic, factsText, secretFacts } from '../../../node-core/command/keys/key-facts.ts'
import { DEV_PHRASE } from '../../../node-core/crypto/keys/dev-accounts.ts'

const SUBSTRATE = addressNetwork()

describe('what there is to tell of a key', () => {
  // As `subkey inspect --output-type json` tells it.
  it('of a phrase has the fields and values of subkey', () => {
    expect(secretFacts('sr25519', DEV_PHRASE, SUBSTRATE)).toEqual({
      accountId: '0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a',
      networkId: 'substrate',
      publicKey: '0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a',
      secretPhrase: DEV_PHRASE,
      secretSeed: '0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e',
      ss58Address: '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV',
      ss58PublicKey: '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV',
    })
  })

  // What subkey prints: a seed as long as all junctions are hard.
  it.each([
    ['//Alice', '0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a'],
    ['//Bob', '0x398f0c28f98885e046333d4a41c19cee4c37368a9832c6502f6cfd182e2aef89'],
    ['0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a', '0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a'],
    ['//Alice/soft', 'n/a'],
    ['/soft//Alice', 'n/a'],
  ])('of a derived sr25519 key, %s, has its seed where it has one', (uri, seed) => {
    const facts = secretFacts('sr25519', uri, SUBSTRATE)
    expect(facts.secretSeed).toBe(seed)
    if (seed !== 'n/a') expect(secretFacts('sr25519', seed, SUBSTRATE).publicKey).toBe(facts.publicKey)
  })

  it('of an sr25519 key below two hard junctions has the seed that makes the same key', () => {
    const { secretSeed, publicKey } = secretFacts('sr25519', '//Alice//stash', SUBSTRATE)
    expect(secretFacts('sr25519', secretSeed, SUBSTRATE)).toMatchObject({ publicKey, secretSeed })
  })

  it('of an ecdsa key hashes it for the account, and shows both', () => {
    expect(secretFacts('ecdsa', '//Alice', SUBSTRATE)).toMatchObject({
      secretKeyUri: '//Alice',
      secretSeed: '0xcb6df9de1efca7a3998a8ead4e02159d5fa99c3e0d4fd6432667390bb4726854',
      publicKey: '0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1',
      ss58PublicKey: 'KW39r9CJjAVzmkf9zQ4YDb2hqfAVGdRqn53eRqyruqpxAP5YL',
      ss58Address: '5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X',
    })
  })

  it('follows the network, by name or prefix', () => {
    const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
    expect(factsOfPublic(alice, addressNetwork('polkadot'))).toMatchObject({ networkId: 'polkadot', ss58Address: '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5' })
    expect(factsOfPublic(alice, addressNetwork('2'))).toMatchObject({ networkId: 'kusama', ss58Address: 'HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F' })
    expect(factsOfPublic('0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d', SUBSTRATE).ss58Address).toBe(alice)
    expect(() => addressNetwork('moon')).toThrow('--network takes polkadot, kusama, substrate, or an SS58 prefix from 0 to 16383, not "moon".')
  })

  it('is refused without quoting the secret', () => {
    const said = (uri: string): string => {
      try {
        return factsText(secretFacts('sr25519', uri, SUBSTRATE), uri)
      } catch (error) {
        return describeError(error)
      }
    }
    expect(said('bottom drive obey lake')).toMatch(/^This is not a valid BIP-39 phrase/)
    expect(said('bottom drive obey lake')).not.toContain('obey')
  })
})
