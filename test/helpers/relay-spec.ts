/**
 * Turns the raw genesis of a relay-chain runtime with sudo (Rococo) into that of a private network: its authorities,
 * its sudo account and its balances are replaced, the runtime stays.
 *
 * The values written here are the SCALE encodings that the pallets of that runtime keep under these keys. Session keys
 * are, in this order: grandpa, babe, im_online, para_validator, para_assignment, authority_discovery (32 bytes each) and
 * beefy (33 bytes).
 */
import { compareBytes, concatBytes, fromHex, toHex, utf8 } from '../../node-core/base/bytes.ts'
import { blake2b128, twox64, twox128 } from '../../node-core/crypto/hashes/hashing.ts'
import { ScaleReader } from '../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { withState } from '../../node-core/chain/spec/with-state.ts'

export interface DevelopmentAuthority {
  /** Account that the validator belongs to. */
  readonly stash: Uint8Array
  readonly keys: AuthorityKeys
}

/** Session keys: ed25519, then sr25519, and a compressed secp256k1 one at the end. */
export interface AuthorityKeys {
  readonly grandpa: Uint8Array
  readonly babe: Uint8Array
  readonly imOnline: Uint8Array
  readonly paraValidator: Uint8Array
  readonly paraAssignment: Uint8Array
  readonly authorityDiscovery: Uint8Array
  readonly beefy: Uint8Array
}

export interface Endowment {
  readonly account: Uint8Array
  /** In the smallest unit. */
  readonly free: bigint
}

export interface DevelopmentNetwork {
  readonly name: string
  readonly id: string
  readonly chainType: 'Development' | 'Local'
  readonly authorities: readonly DevelopmentAuthority[]
  readonly sudo: Uint8Array
  /** Accounts with what each of them starts with. */
  readonly endowments: readonly Endowment[]
  /** Tells this network's genesis from that of another with the same authorities and balances. No runtime reads it. */
  readonly mark?: Uint8Array
}

/** Where the mark is kept. */
const MARK_KEY = ':nodestead:mark'

/** Returns a specification of `network` that runs `base`'s runtime. */
export function developmentSpec(base: ChainSpec, network: DevelopmentNetwork): ChainSpec {
  const top = new Map(Object.entries(withState(base).genesis.raw.top))
  const { authorities } = network
  const weighted = (keys: readonly Uint8Array[]) =>
    new ScaleWriter().vec(keys, (writer, key) => writer.raw(key).u64(1)).finish()
  const list = (keys: readonly Uint8Array[]) => new ScaleWriter().vec(keys, (writer, key) => writer.raw(key)).finish()
  const keysOf = (name: keyof AuthorityKeys) => authorities.map(({ keys }) => keys[name])
  const set = (key: Uint8Array, value: Uint8Array) => top.set(toHex(key), toHex(value))

  set(item('Babe', 'Authorities'), weighted(keysOf('babe')))
  set(item('Babe', 'NextAuthorities'), weighted(keysOf('babe')))
  const grandpa = weighted(keysOf('grandpa'))
  set(utf8(':grandpa_authorities'), concatBytes(Uint8Array.of(1), grandpa))

  set(item('Session', 'Validators'), list(authorities.map((authority) => authority.stash)))
  set(
    item('Session', 'QueuedKeys'),
    new ScaleWriter().vec(authorities, (writer, authority) => writer.raw(authority.stash).raw(encodeSessionKeys(authority.keys))).finish(),
  )
  clear(top, item('Session', 'NextKeys'))
  clear(top, item('Session', 'KeyOwner'))
  for (const authority of authorities) {
    set(concatBytes(item('Session', 'NextKeys'), twox64(authority.stash), authority.stash), encodeSessionKeys(authority.keys))
    for (const [type, key] of keyOwnership(authority.keys)) {
      const encoded = new ScaleWriter().raw(utf8(type)).bytes(key).finish()
      set(concatBytes(item('Session', 'KeyOwner'), twox64(encoded), encoded), authority.stash)
    }
  }

  set(item('ImOnline', 'Keys'), list(keysOf('imOnline')))
  const discovery = list(keysOf('authorityDiscovery').sort(compareBytes))
  set(item('AuthorityDiscovery', 'Keys'), discovery)
  set(item('AuthorityDiscovery', 'NextKeys'), discovery)
  const beefy = list(keysOf('beefy'))
  set(item('Beefy', 'Authorities'), beefy)
  set(item('Beefy', 'NextAuthorities'), beefy)
  replaceParachainSession(top, authorities)

  set(item('Sudo', 'Key'), network.sudo)
  clear(top, item('System', 'Account'))
  for (const { account, free } of network.endowments) {
    const validator = authorities.some((authority) => compareBytes(authority.stash, account) === 0)
    set(accountKey(account), accountInfo(free, validator))
  }
  set(item('Balances', 'TotalIssuance'), new ScaleWriter().u128(network.endowments.reduce((sum, { free }) => sum + free, 0n)).finish())
  if (network.mark !== undefined) set(utf8(MARK_KEY), network.mark)

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

function encodeSessionKeys(keys: AuthorityKeys): Uint8Array {
  const { grandpa, babe, imOnline, paraValidator, paraAssignment, authorityDiscovery, beefy } = keys
  return concatBytes(grandpa, babe, imOnline, paraValidator, paraAssignment, authorityDiscovery, beefy)
}

function keyOwnership(keys: AuthorityKeys): [type: string, key: Uint8Array][] {
  return [
    ['gran', keys.grandpa], ['babe', keys.babe], ['imon', keys.imOnline], ['para', keys.paraValidator], ['asgn', keys.paraAssignment],
    ['audi', keys.authorityDiscovery], ['beef', keys.beefy],
  ]
}

/** nonce, consumers, providers, sufficients (u32 each), then free, reserved and two frozen balances (u128 each). */
function accountInfo(free: bigint, validator: boolean): Uint8Array {
  return new ScaleWriter().u32(0).u32(validator ? 1 : 0).u32(1).u32(0).u128(free).u128(0n).u128(0n).u128(0n).finish()
}

/** The validators that the parachain modules see in session 0. */
function replaceParachainSession(top: Map<string, string>, authorities: readonly DevelopmentAuthority[]): void {
  const indices = new ScaleWriter().vec(authorities.map((_, index) => index), (writer, index) => writer.u32(index)).finish()
  const list = (name: keyof AuthorityKeys) => new ScaleWriter().vec(authorities, (writer, { keys }) => writer.raw(keys[name])).finish()
  const keys = list('paraValidator')
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
  top.set(sessionKey, toHex(concatBytes(indices, seedAndPeriod, keys, list('authorityDiscovery'), list('paraAssignment'), noGroups, rest)))
}
