/**
 * Chains of the runtime of our own networks, block by block on our executor: authorities come and go, who contradicts itself loses its
 * place, a multisig manages, the code is exchanged for the next version.
 */
import { describe, expect, test } from 'vitest'
import { compareBytes, concatBytes, fromHex, toHex, utf8 } from '../../../node-core/base/bytes.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2b256 } from '../../../node-core/crypto/hashes/hashing.ts'
import { encodeSs58 } from '../../../node-core/crypto/keys/ss58.ts'
import { signWith } from '../../../node-core/crypto/keys/keypairs.ts'
import type { Extrinsic } from '../../../node-core/chain/scale/block.ts'
import { encodeHeader, type Header } from '../../../node-core/chain/scale/header.ts'
import { ScaleReader } from '../../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../../node-core/scale/writer.ts'
import { transferCall } from '../../helpers/dev-extrinsic.ts'
import { OwnChain, palletCall, sudoCall, vec } from '../../helpers/own-chain.ts'
import { nextOwnRuntime } from '../../helpers/own-runtime.ts'

const UNIT = 10n ** 12n
/** Sudo at the genesis, four authorities, epochs of a few slots; Eve has session keys and is no authority. */
const SHORT = { settings: { epochLength: 4 } }
const stash = (name: string): Uint8Array => devAccount(`//${name}//stash`).sr25519.publicKey
const [ALICE, BOB, CHARLIE, DAVE] = ['Alice', 'Bob', 'Charlie', 'Dave'].map((name) => toHex(stash(name)))
const EVE = toHex(devAccount('//Eve').sr25519.publicKey)

const addAuthority = (account: string): Uint8Array => palletCall('authorities', 1, fromHex(account))
const removeAuthority = (account: string): Uint8Array => palletCall('authorities', 2, fromHex(account))
const validators = (chain: OwnChain): string[] => chain.accounts('Session', 'Validators')
const listed = (chain: OwnChain): string[] => chain.accounts('Authorities', 'Accounts')
const session = (chain: OwnChain): number => new ScaleReader(chain.item('Session', 'CurrentIndex') ?? new Uint8Array(4)).u32()
const grandpaSet = (chain: OwnChain): bigint => new ScaleReader(chain.call('GrandpaApi_current_set_id')).u64()

/** The first block of an epoch has room for no transaction. */
function nextSession(chain: OwnChain): void {
  const before = session(chain)
  while (session(chain) === before) chain.block()
  chain.block()
}

/** Has Eve set session keys of her own, proven by the keys themselves. */
function setEvesKeys(chain: OwnChain): void {
  const eve = devAccount('//Eve')
  const owner = concatBytes(utf8('POP_'), eve.sr25519.publicKey)
  const proof = concatBytes(signWith(eve.ed25519, owner), signWith(eve.sr25519, owner))
  chain.block(chain.sign('//Eve', palletCall('session', 0, eve.ed25519.publicKey, eve.sr25519.publicKey, new ScaleWriter().bytes(proof).finish())))
}

describe('authorities', () => {
  test('come by root two sessions later, and go the same way; the set of GRANDPA changes with them and not otherwise', () => {
    const chain = new OwnChain('local_testnet', SHORT)
    chain.block()
    setEvesKeys(chain)
    chain.block(chain.sign('//Alice', sudoCall(addAuthority(EVE))))
    expect(listed(chain)).toEqual([ALICE, BOB, CHARLIE, DAVE, EVE])
    nextSession(chain)
    expect([validators(chain).length, grandpaSet(chain)]).toEqual([4, 0n])
    nextSession(chain)
    expect([validators(chain), grandpaSet(chain)]).toEqual([[ALICE, BOB, CHARLIE, DAVE, EVE], 1n])
    nextSession(chain)
    nextSession(chain)
    expect(grandpaSet(chain)).toBe(1n)
    chain.block(chain.sign('//Alice', sudoCall(removeAuthority(BOB ?? ''))))
    nextSession(chain)
    nextSession(chain)
    expect([validators(chain), grandpaSet(chain)]).toEqual([[ALICE, CHARLIE, DAVE, EVE], 2n])
  })

  test('are changed by nobody but root and the manager', () => {
    const chain = new OwnChain('local_testnet', { ...SHORT, sudo: { key: null }, authorities: { manager: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' } })
    chain.block()
    chain.block(chain.sign('//Alice', removeAuthority(DAVE ?? '')))
    expect(listed(chain)).toContain(DAVE)
    chain.block(chain.sign('//Bob', removeAuthority(DAVE ?? '')))
    expect(listed(chain)).not.toContain(DAVE)
  })

  test('are managed by a multisig that the network chose', () => {
    const members = ['//Alice', '//Bob', '//Charlie'].map((path) => devAccount(path).sr25519.publicKey).sort(compareBytes)
    const account = blake2b256(concatBytes(utf8('modlpy/utilisuba'), vec(members), new ScaleWriter().u16(2).finish()))
    const chain = new OwnChain('local_testnet', { ...SHORT, sudo: { key: null }, authorities: { manager: encodeSs58(account) } })
    const asMulti = (path: string): Extrinsic => {
      const others = members.filter((member) => compareBytes(member, devAccount(path).sr25519.publicKey) !== 0)
      const timepoint = path === '//Alice' ? Uint8Array.of(0) : new ScaleWriter().u8(1).u32(2).u32(1).finish()
      const weight = new ScaleWriter().compact(50_000_000_000).compact(100_000).finish()
      return chain.sign(path, palletCall('multisig', 1, new ScaleWriter().u16(2).finish(), vec(others), timepoint, removeAuthority(DAVE ?? ''), weight))
    }
    chain.block()
    chain.block(asMulti('//Alice'))
    expect(listed(chain)).toContain(DAVE)
    chain.block(asMulti('//Bob'))
    expect(listed(chain)).toEqual([ALICE, BOB, CHARLIE])
  })

  test('cannot all be removed, nor take away the last keys', () => {
    const chain = new OwnChain('development', SHORT)
    chain.block()
    chain.block(chain.sign('//Alice', sudoCall(removeAuthority(ALICE ?? ''))))
    expect(listed(chain)).toEqual([ALICE])
    chain.block(chain.sign('//Alice//stash', palletCall('session', 1)))
    nextSession(chain)
    nextSession(chain)
    nextSession(chain)
    expect(validators(chain)).toEqual([ALICE])
  })
})

describe('who contradicts itself', () => {
  const bob = devAccount('//Bob')
  /** Proof that a key belongs to an authority of the running session, by which an offence is reported. */
  const ownership = (chain: OwnChain, method: string, key: Uint8Array): Uint8Array => {
    const answer = new ScaleReader(chain.call(method, concatBytes(new Uint8Array(8), key)))
    return answer.option((reader) => reader.bytes()) ?? expect.fail('the key is not an authority')
  }
  const unsigned = (call: Uint8Array): Extrinsic => new ScaleWriter().bytes(concatBytes(Uint8Array.of(4), call)).finish()

  function sealed(chain: OwnChain, number: number, slot: bigint, by = bob): Uint8Array {
    const header: Header = {
      parentHash: chain.network.genesis.hash, number, stateRoot: chain.network.genesis.hash, extrinsicsRoot: chain.network.genesis.hash,
      digest: [{ type: 'preRuntime', engine: 'BABE', data: new ScaleWriter().u8(2).u32(1).u64(slot).finish() }],
    }
    const signature = signWith(by.sr25519, blake2b256(encodeHeader(header)))
    return encodeHeader({ ...header, digest: [...header.digest, { type: 'seal', engine: 'BABE', data: signature }] })
  }

  function expelled(chain: OwnChain): void {
    expect(listed(chain)).toEqual([ALICE, CHARLIE, DAVE])
    // Indices with a severity: Bob is the second of four.
    expect(new ScaleReader(chain.item('Session', 'DisabledValidators') ?? new Uint8Array()).vec((reader) => [reader.u32(), reader.u32()][0])).toEqual([1])
    nextSession(chain)
    expect(validators(chain)).toEqual([ALICE, BOB, CHARLIE, DAVE])
    nextSession(chain)
    expect(validators(chain)).toEqual([ALICE, CHARLIE, DAVE])
    expect(new ScaleReader(chain.item('Session', 'DisabledValidators') ?? Uint8Array.of(0)).compact()).toBe(0n)
    expect(chain.balance(stash('Bob')).free).toBe(10_000_000n * UNIT)
  }

  test('by two blocks in a slot is no authority any more', () => {
    const chain = new OwnChain('local_testnet', SHORT)
    chain.blocks(2)
    const slot = new ScaleReader(chain.item('Babe', 'CurrentSlot') ?? new Uint8Array()).u64()
    const proof = concatBytes(bob.sr25519.publicKey, new ScaleWriter().u64(slot).finish(), sealed(chain, 7, slot), sealed(chain, 8, slot))
    chain.block(unsigned(palletCall('babe', 1, proof, ownership(chain, 'BabeApi_generate_key_ownership_proof', bob.sr25519.publicKey))))
    expelled(chain)
  })

  test('by two votes in a round is no authority any more', () => {
    const chain = new OwnChain('local_testnet', SHORT)
    chain.blocks(2)
    const vote = (number: number): Uint8Array => {
      const target = concatBytes(blake2b256(Uint8Array.of(number)), new ScaleWriter().u32(number).finish())
      const signed = concatBytes(Uint8Array.of(0), target, new ScaleWriter().u64(3).u64(0).finish())
      return concatBytes(target, signWith(bob.ed25519, signed))
    }
    const proof = concatBytes(new ScaleWriter().u64(0).u8(0).u64(3).finish(), bob.ed25519.publicKey, vote(1), vote(2))
    chain.block(unsigned(palletCall('grandpa', 1, proof, ownership(chain, 'GrandpaApi_generate_key_ownership_proof', bob.ed25519.publicKey))))
    expelled(chain)
  })

  test('cannot be said of one who did not', () => {
    const chain = new OwnChain('local_testnet')
    chain.blocks(2)
    const slot = new ScaleReader(chain.item('Babe', 'CurrentSlot') ?? new Uint8Array()).u64()
    const first = sealed(chain, 7, slot)
    for (const second of [first, sealed(chain, 8, slot + 1n), sealed(chain, 8, slot, devAccount('//Charlie'))]) {
      const proof = concatBytes(bob.sr25519.publicKey, new ScaleWriter().u64(slot).finish(), first, second)
      const report = unsigned(palletCall('babe', 1, proof, ownership(chain, 'BabeApi_generate_key_ownership_proof', bob.sr25519.publicKey)))
      chain.block(report)
      expect(listed(chain)).toEqual([ALICE, BOB, CHARLIE, DAVE])
    }
  })
})

describe('the next version', () => {
  test('takes over by root, and the chain goes on', () => {
    const chain = new OwnChain('development')
    chain.block()
    const next = nextOwnRuntime()
    expect(chain.version.specVersion).toBe(1)
    chain.block(chain.sign('//Alice', sudoCall(palletCall('system', 2, new ScaleWriter().bytes(next).finish()))))
    expect(toHex(blake2b256(chain.get(utf8(':code')) ?? new Uint8Array()))).toBe(toHex(blake2b256(next)))
    expect(chain.version).toMatchObject({ specName: 'nodestead', specVersion: 2 })
    chain.block()
    chain.block(chain.sign('//Alice', transferCall(stash('Eve'), UNIT)))
    expect(chain.balance(stash('Eve')).free).toBe(10_000_001n * UNIT)
    expect(new ScaleReader(chain.item('System', 'LastRuntimeUpgrade') ?? new Uint8Array()).compact()).toBe(2n)
  })

  test('does not take over by anybody else', () => {
    const chain = new OwnChain('development')
    chain.block(chain.sign('//Bob', palletCall('system', 2, new ScaleWriter().bytes(nextOwnRuntime()).finish())))
    expect(chain.version.specVersion).toBe(1)
  })
})

test('a call that root schedules is made in its block', () => {
  const chain = new OwnChain('development')
  const call = palletCall('system', 4, new ScaleWriter().vec([0], (writer) => writer.bytes(utf8('later')).bytes(utf8('done'))).finish())
  const schedule = palletCall('scheduler', 0, new ScaleWriter().u32(4).u8(0).u8(0).finish(), call)
  chain.blocks(1)
  chain.block(chain.sign('//Alice', sudoCall(schedule)))
  chain.block()
  expect(chain.get(utf8('later'))).toBeUndefined()
  chain.block()
  expect(chain.get(utf8('later'))).toEqual(utf8('done'))
})

test('blocks have a mountain range of their hashes', () => {
  const chain = new OwnChain('development')
  chain.blocks(3)
  const leaves = new ScaleReader(chain.call('MmrApi_mmr_leaf_count'))
  expect([leaves.u8(), leaves.u64()]).toEqual([0, 3n])
})
