/**
 * Turns the raw genesis of a relay-chain runtime with sudo (Rococo) into that of a private network: its authorities,
 * its sudo account and its balances are replaced, the runtime stays.
 *
 * The values written here are the SCALE encodings that the pallets of that runtime keep under these keys. Session keys
 * are, in this order: grandpa, babe, im_online, para_validator, para_assignment, authority_discovery (32 bytes each) and
 * beefy (33 bytes).
 */
import { compareBytes, concatBytes, fromHex, toHex, utf8 } from '../base/bytes.ts'
import { blake2b128, twox64, twox128 } from '../crypto/hashing.ts'
import { ScaleReader } from '../scale/reader.ts'
import { ScaleWriter } from '../scale/writer.ts'
import type { ChainSpec } from './schema.ts'

export interface DevelopmentAuthority {
  /** Account that the validator belongs to. */
  readonly stash: Uint8Array
  readonly sr25519: Uint8Array
  readonly ed25519: Uint8Array
  /** Compressed secp256k1. */
  readonly ecdsa: Uint8Array
}

export interface DevelopmentNetwork {
  readonly name: string
  readonly id: string
  readonly chainType: 'Development' | 'Local'
  readonly authorities: readonly DevelopmentAuthority[]
  readonly sudo: Uint8Array
  /** Accounts with the balance that each of them starts with, in the smallest unit. */
  readonly accounts: readonly Uint8Array[]
  readonly balance: bigint
}

/** Returns a specification of `network` that runs `base`'s runtime. */
export function developmentSpec(base: ChainSpec, network: DevelopmentNetwork): ChainSpec {
  const top = new Map(Object.entries(base.genesis.raw.top))
  const { authorities } = network
  const weighted = (keys: readonly Uint8Array[]) =>
    new ScaleWriter().vec(keys, (writer, key) => writer.raw(key).u64(1)).finish()
  const list = (keys: readonly Uint8Array[]) => new ScaleWriter().vec(keys, (writer, key) => writer.raw(key)).finish()
  const sr25519 = authorities.map((authority) => authority.sr25519)
  const set = (key: Uint8Array, value: Uint8Array) => top.set(toHex(key), toHex(value))

  set(item('Babe', 'Authorities'), weighted(sr25519))
  set(item('Babe', 'NextAuthorities'), weighted(sr25519))
  const grandpa = weighted(authorities.map((authority) => authority.ed25519))
  set(utf8(':grandpa_authorities'), concatBytes(Uint8Array.of(1), grandpa))

  set(item('Session', 'Validators'), list(authorities.map((authority) => authority.stash)))
  set(
    item('Session', 'QueuedKeys'),
    new ScaleWriter().vec(authorities, (writer, authority) => writer.raw(authority.stash).raw(sessionKeys(authority))).finish(),
  )
  clear(top, item('Session', 'NextKeys'))
  clear(top, item('Session', 'KeyOwner'))
  for (const authority of authorities) {
    set(concatBytes(item('Session', 'NextKeys'), twox64(authority.stash), authority.stash), sessionKeys(authority))
    for (const [type, key] of keyOwnership(authority)) {
      const encoded = new ScaleWriter().raw(utf8(type)).bytes(key).finish()
      set(concatBytes(item('Session', 'KeyOwner'), twox64(encoded), encoded), authority.stash)
    }
  }

  set(item('ImOnline', 'Keys'), list(sr25519))
  set(item('AuthorityDiscovery', 'Keys'), list([...sr25519].sort(compareBytes)))
  set(item('AuthorityDiscovery', 'NextKeys'), list([...sr25519].sort(compareBytes)))
  const ecdsa = list(authorities.map((authority) => authority.ecdsa))
  set(item('Beefy', 'Authorities'), ecdsa)
  set(item('Beefy', 'NextAuthorities'), ecdsa)
  replaceParachainSession(top, sr25519)

  set(item('Sudo', 'Key'), network.sudo)
  clear(top, item('System', 'Account'))
  for (const account of network.accounts) {
    const validator = authorities.some((authority) => compareBytes(authority.stash, account) === 0)
    set(accountKey(account), accountInfo(network.balance, validator))
  }
  set(item('Balances', 'TotalIssuance'), new ScaleWriter().u128(network.balance * BigInt(network.accounts.length)).finish())

  return {
    name: network.name,
    id: network.id,
    chainType: network.chainType,
    bootNodes: [],
    protocolId: network.id,
    properties: { ss58Format: 42, tokenDecimals: 12, tokenSymbol: 'UNIT' },
    codeSubstitutes: {},
    genesis: { raw: { top: Object.fromEntries([...top].sort(([a], [b]) => (a < b ? -1 : 1))), childrenDefault: {} } },
  }
}

/** Storage key of `System.Account` for an account: blake2b-128 of it before itself. */
export function accountKey(account: Uint8Array): Uint8Array {
  return concatBytes(item('System', 'Account'), blake2b128(account), account)
}

function item(pallet: string, name: string): Uint8Array {
  return concatBytes(twox128(utf8(pallet)), twox128(utf8(name)))
}

function clear(top: Map<string, string>, prefix: Uint8Array): void {
  const text = toHex(prefix)
  for (const key of top.keys()) if (key.startsWith(text)) top.delete(key)
}

function sessionKeys({ sr25519, ed25519, ecdsa }: DevelopmentAuthority): Uint8Array {
  return concatBytes(ed25519, sr25519, sr25519, sr25519, sr25519, sr25519, ecdsa)
}

function keyOwnership({ sr25519, ed25519, ecdsa }: DevelopmentAuthority): [type: string, key: Uint8Array][] {
  const shared = ['babe', 'imon', 'para', 'asgn', 'audi'].map((type): [string, Uint8Array] => [type, sr25519])
  return [['gran', ed25519], ...shared, ['beef', ecdsa]]
}

/** nonce, consumers, providers, sufficients (u32 each), then free, reserved and two frozen balances (u128 each). */
function accountInfo(free: bigint, validator: boolean): Uint8Array {
  return new ScaleWriter().u32(0).u32(validator ? 1 : 0).u32(1).u32(0).u128(free).u128(0n).u128(0n).u128(0n).finish()
}

/** The validators that the parachain modules see in session 0. */
function replaceParachainSession(top: Map<string, string>, validators: readonly Uint8Array[]): void {
  const indices = new ScaleWriter().vec(validators.map((_, index) => index), (writer, index) => writer.u32(index)).finish()
  const keys = new ScaleWriter().vec(validators, (writer, key) => writer.raw(key)).finish()
  top.set(toHex(item('ParasShared', 'ActiveValidatorIndices')), toHex(indices))
  top.set(toHex(item('ParasShared', 'ActiveValidatorKeys')), toHex(keys))

  const sessionKey = toHex(concatBytes(item('ParaSessionInfo', 'Sessions'), new Uint8Array(4)))
  const original = top.get(sessionKey)
  if (original === undefined) return
  // SessionInfo: indices, random seed, dispute period, three lists of keys, groups, then seven u32 that stay as they are.
  const reader = new ScaleReader(fromHex(original))
  reader.vec(() => reader.u32(), 4)
  const seedAndPeriod = reader.raw(36)
  for (let i = 0; i < 3; i++) reader.vec(() => reader.raw(32), 32)
  reader.vec(() => reader.vec(() => reader.u32(), 4))
  const rest = reader.raw(reader.remaining)
  const noGroups = Uint8Array.of(0)
  top.set(sessionKey, toHex(concatBytes(indices, seedAndPeriod, keys, keys, keys, noGroups, rest)))
}
