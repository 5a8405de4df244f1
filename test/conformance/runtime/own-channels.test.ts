/**
 * Payment channels of our own runtime, from outside: states signed with real keys by the documented encoding, calls as a wallet sends
 * them, money counted on the chain. What the pallet refuses, and in which order what is safe, its own tests say.
 */
import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex, utf8 } from '../../../node-core/base/bytes.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { signWith, type KeyPair } from '../../../node-core/crypto/keys/keypairs.ts'
import { ScaleWriter } from '../../../node-core/scale/writer.ts'
import { transferCall } from '../../helpers/dev-extrinsic.ts'
import { OwnChain, palletCall, vec } from '../../helpers/own-chain.ts'

const UNIT = 10n ** 12n
const BOND = UNIT
const CHALLENGE = 10
const START = 10_000_000n * UNIT

const alice = devAccount('//Alice').sr25519
const bob = devAccount('//Bob').sr25519
/** A party whose account is an ed25519 key. */
const eddie = devAccount('//Eddie').ed25519

const u128 = (value: bigint): Uint8Array => new ScaleWriter().u128(value).finish()
const u128s = (values: readonly bigint[]): Uint8Array => vec(values.map(u128))

interface Signature {
  readonly by: KeyPair
  readonly kind: 'ed25519' | 'sr25519'
  readonly wrapped?: boolean
}

/** The documented encoding of a state, with the signature of each party. */
function signedState(chain: OwnChain, channel: Uint8Array, version: number, balances: readonly bigint[], last: boolean, signatures: readonly Signature[]): Uint8Array {
  const state = concatBytes(new ScaleWriter().u64(version).finish(), u128s(balances))
  const message = concatBytes(
    utf8('nodestead/channel/v1'), fromHex(chain.network.genesis.hash), channel,
    new ScaleWriter().u64(version).bool(last).finish(), u128s(balances),
  )
  const signed = signatures.map(({ by, kind, wrapped = false }) => {
    const text = wrapped ? concatBytes(utf8('<Bytes>'), message, utf8('</Bytes>')) : message
    return concatBytes(Uint8Array.of(kind === 'ed25519' ? 0 : 1), signWith(by, text))
  })
  return concatBytes(state, vec(signed))
}

/** A chain without fees on which two parties have opened a channel; returns its identifier. */
function opened(first: Uint8Array, second: { readonly account: Uint8Array; readonly join: (chain: OwnChain, call: Uint8Array) => void }): { chain: OwnChain; channel: Uint8Array } {
  const chain = new OwnChain('development', { settings: { fees: false } })
  chain.block(chain.sign('//Alice', transferCall(eddie.publicKey, 500n * UNIT)))
  const terms = concatBytes(vec([first, second.account]), u128s([100n * UNIT, 50n * UNIT]), u128(BOND), new ScaleWriter().u32(CHALLENGE).finish())
  chain.block(chain.sign('//Alice', palletCall('channels', 0, terms)))
  const [channel] = chain.keysOf('Channels', 'Channels')
  if (channel === undefined) throw new Error('no channel was opened')
  second.join(chain, palletCall('channels', 1, channel))
  return { chain, channel }
}

const withBob = { account: bob.publicKey, join: (chain: OwnChain, call: Uint8Array): void => void chain.block(chain.sign('//Bob', call)) }
const both: readonly Signature[] = [{ by: alice, kind: 'sr25519' }, { by: bob, kind: 'sr25519' }]

describe('a payment channel', () => {
  test('holds what its parties put in, and pays both at once where they agree', () => {
    const { chain, channel } = opened(alice.publicKey, withBob)
    expect(chain.balance(alice.publicKey)).toEqual({ free: START - 601n * UNIT, held: 101n * UNIT })
    expect(chain.balance(bob.publicKey)).toEqual({ free: START - 51n * UNIT, held: 51n * UNIT })
    chain.block(chain.sign('//Charlie', palletCall('channels', 3, channel, signedState(chain, channel, 1, [1n, 150n * UNIT - 1n], true, both))))
    expect(chain.balance(alice.publicKey)).toEqual({ free: START - 600n * UNIT + 1n, held: 0n })
    expect(chain.balance(bob.publicKey)).toEqual({ free: START + 100n * UNIT - 1n, held: 0n })
    expect(chain.keysOf('Channels', 'Channels')).toEqual([])
  })

  test('takes sr25519 and ed25519, plain and as wallets wrap it, and no other bytes', () => {
    const asEddie = { account: eddie.publicKey, join: (chain: OwnChain, call: Uint8Array): void => void chain.block(chain.sign('//Alice', palletCall('sudo', 3, Uint8Array.of(0), eddie.publicKey, call))) }
    const { chain, channel } = opened(alice.publicKey, asEddie)
    expect(chain.balance(eddie.publicKey).held).toBe(51n * UNIT)
    const close = (signed: Uint8Array): void => void chain.block(chain.sign('//Alice', palletCall('channels', 3, channel, signed)))
    const balances = [0n, 150n * UNIT]
    const signatures: readonly Signature[] = [{ by: alice, kind: 'sr25519', wrapped: true }, { by: eddie, kind: 'ed25519' }]
    const good = signedState(chain, channel, 1, balances, true, signatures)
    for (const place of [0, 9, 30, 50, 120]) close(good.map((byte, index) => (index === place ? byte ^ 1 : byte)))
    close(signedState(chain, channel, 1, balances, false, signatures))
    close(signedState(chain, channel, 1, balances, true, [signatures[0]!, { by: bob, kind: 'sr25519' }]))
    expect(chain.balance(eddie.publicKey).held).toBe(51n * UNIT)
    close(good)
    expect(chain.balance(eddie.publicKey)).toEqual({ free: 600n * UNIT, held: 0n })
  })

  test('ends by the newest state where one registers an old one, who pays for that', () => {
    const { chain, channel } = opened(alice.publicKey, withBob)
    const at = (version: number, balances: readonly bigint[]): Uint8Array => signedState(chain, channel, version, balances, false, both)
    // Alice has paid Bob all she brought in, and goes back to the version before.
    chain.block(chain.sign('//Alice', palletCall('channels', 4, channel, Uint8Array.of(1), at(1, [120n * UNIT, 30n * UNIT]), Uint8Array.of(0))))
    chain.block(chain.sign('//Charlie', palletCall('channels', 5, channel, at(2, [0n, 150n * UNIT]), Uint8Array.of(0))))
    expect(chain.balance(devAccount('//Charlie').sr25519.publicKey).free).toBe(START + BOND / 4n)
    chain.blocks(CHALLENGE - 3)
    chain.block(chain.sign('//Charlie', palletCall('channels', 6, channel)))
    chain.block(chain.sign('//Bob', palletCall('channels', 7, channel)))
    expect(chain.balance(bob.publicKey).free).toBe(START - 51n * UNIT)
    chain.block(chain.sign('//Charlie', palletCall('channels', 6, channel)))
    for (const path of ['//Bob', '//Alice']) chain.block(chain.sign(path, palletCall('channels', 7, channel)))
    expect(chain.balance(bob.publicKey)).toEqual({ free: START + 100n * UNIT + (BOND * 3n) / 4n, held: 0n })
    expect(chain.balance(alice.publicKey)).toEqual({ free: START - 600n * UNIT - BOND, held: 0n })
  })

  test('is refused on another chain', () => {
    const { chain, channel } = opened(alice.publicKey, withBob)
    const other = new OwnChain('development', { settings: { fees: false, existentialDeposit: 1 } })
    const signed = signedState(other, channel, 1, [0n, 150n * UNIT], true, both)
    chain.block(chain.sign('//Bob', palletCall('channels', 3, channel, signed)))
    expect(chain.balance(bob.publicKey).held).toBe(51n * UNIT)
  })
})
