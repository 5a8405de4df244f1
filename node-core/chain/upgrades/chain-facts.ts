/**
 * What a chain's state says of its runtime, read without calling it: a few fixed keys of FRAME's pallets System and Sudo, which have kept
 * their form since 2021. Chains without them say nothing, and cost nothing further.
 */
import { concatBytes, fromHex, fromUtf8, toHex, utf8, type Hash } from '../../base/bytes.ts'
import { twox128, twox64 } from '../../crypto/hashes/hashing.ts'
import { decodeAll } from '../../scale/reader.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { UpgradeStorage } from './chain.ts'

const item = (pallet: string, name: string): Uint8Array => concatBytes(twox128(utf8(pallet)), twox128(utf8(name)))

const LAST_RUNTIME_UPGRADE = item('System', 'LastRuntimeUpgrade')
const AUTHORIZED_UPGRADE = item('System', 'AuthorizedUpgrade')
const SUDO_KEY = item('Sudo', 'Key')
const MULTISIGS = item('Multisig', 'Multisigs')
const HASH_SIZE = 32

export type StateReader = Pick<UpgradeStorage, 'get' | 'keys'>

/** The runtime that the newest block here was the first or a later one of: a block that brings new code is still made by the old one. */
export interface MadeBy {
  readonly specName: string
  readonly specVersion: number
}

/** `System.LastRuntimeUpgrade`: `(Compact<u32>, String)`. Undefined where there is none. Throws a ScaleError. */
export function madeBy(storage: StateReader, stateRoot: Hash): MadeBy | undefined {
  return readMadeBy(storage.get(stateRoot, LAST_RUNTIME_UPGRADE))
}

function readMadeBy(value: Uint8Array | undefined): MadeBy | undefined {
  if (value === undefined) return undefined
  return decodeAll(value, 'the last upgrade of the runtime', (reader) => ({ specVersion: reader.compactNumber(), specName: fromUtf8(reader.bytes()) }))
}

/** `System.AuthorizedUpgrade`: the hash of code that anybody may bring, and whether its version is checked. */
export function authorizedCode(storage: StateReader, stateRoot: Hash): Hash | undefined {
  const value = storage.get(stateRoot, AUTHORIZED_UPGRADE)
  return value === undefined || value.length < HASH_SIZE ? undefined : toHex(value.subarray(0, HASH_SIZE))
}

/** `Sudo.Key`: the account that may act as root. */
export function rootAccount(storage: StateReader, stateRoot: Hash): Uint8Array | undefined {
  return storage.get(stateRoot, SUDO_KEY)
}

/** Whether something waits for members of the multisig `account`: only those have entries in `Multisig.Multisigs`. */
export function hasMultisigWork(storage: StateReader, stateRoot: Hash, account: Uint8Array): boolean {
  return storage.keys(stateRoot, concatBytes(MULTISIGS, twox64(account), account), 1).length > 0
}

/**
 * Whether a genesis that is stored is one that an earlier version of the same runtime made. The networks that ship with the app are made
 * anew with each version of the runtime; data of before go on with what they began with, and are upgraded like any other network.
 */
export function isEarlierGenesis({ genesis }: ChainSpec, get: (key: Uint8Array) => Uint8Array | undefined): boolean {
  const value = 'raw' in genesis ? genesis.raw.top[toHex(LAST_RUNTIME_UPGRADE)] : undefined
  const [stored, shipped] = [readMadeBy(get(LAST_RUNTIME_UPGRADE)), readMadeBy(value === undefined ? undefined : fromHex(value))]
  return stored !== undefined && shipped !== undefined && stored.specName === shipped.specName && stored.specVersion < shipped.specVersion
}
