/**
 * Which keys belong together: what an authority makes blocks with, what it votes with, and whose they are.
 *
 * Consensus knows lists of keys, one for each purpose, and not that the third of one is the fifth of another. That stands in the network's
 * specification, where it names its members; in the runtime's list of session keys, where it has the usual one; and for development accounts
 * it is known to everybody.
 */
import { concatBytes, toHex, utf8, type Hash } from '../../base/bytes.ts'
import { DEV_ACCOUNTS, devAccount } from '../../crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../crypto/keys/ss58.ts'
import { twox128 } from '../../crypto/hashes/hashing.ts'
import { ScaleReader } from '../../scale/reader.ts'
import type { Member } from '../spec/members.ts'

export interface Owner {
  readonly name: string | undefined
  /** SS58. */
  readonly account: string | undefined
  readonly keys: readonly Hash[]
  readonly peerId: string | undefined
}

/** `Session::QueuedKeys`: who signs in the next session, with all keys of each. */
export const QUEUED_KEYS = concatBytes(twox128(utf8('Session')), twox128(utf8('QueuedKeys')))

const KEY_SIZE = 32

export interface OwnersOptions {
  readonly members: readonly Member[]
  readonly addressPrefix: number
  /** A public network: whoever uses a development account's key there is not that account. */
  readonly isPublic: boolean
}

/** The first that says something of a key counts: the specification's list, what everybody knows, the runtime's. `queued` is {@link QUEUED_KEYS}'s value. */
export function ownersOf({ members, addressPrefix, isPublic }: OwnersOptions, queued: Uint8Array | undefined): readonly Owner[] {
  const named = members.map(({ name, stash, sessionKeys, peerId }): Owner => ({ name, account: stash, keys: sessionKeys.map(({ publicKey }) => publicKey), peerId }))
  const registered = queued === undefined ? [] : sessionKeysIn(queued, addressPrefix)
  return [...named, ...(isPublic ? [] : developmentOwners().map((owner) => ({ ...owner, account: accountIn(registered, owner.keys) }))), ...registered]
}

/** Entries of one length: an account of 32 bytes, then its keys. Nothing where it is not that. */
function sessionKeysIn(value: Uint8Array, addressPrefix: number): Owner[] {
  const reader = new ScaleReader(value)
  const count = reader.compactNumber()
  const size = count === 0 ? 0 : reader.remaining / count
  if (size <= KEY_SIZE || size % KEY_SIZE !== 0) return []
  return Array.from({ length: count }, () => {
    const account = encodeSs58(reader.raw(KEY_SIZE), addressPrefix)
    const keys = Array.from({ length: size / KEY_SIZE - 1 }, () => toHex(reader.raw(KEY_SIZE)))
    return { name: undefined, account, keys, peerId: undefined }
  })
}

function accountIn(owners: readonly Owner[], keys: readonly Hash[]): string | undefined {
  return owners.find((owner) => owner.keys.some((key) => keys.includes(key)))?.account
}

let development: readonly Owner[] | undefined

/** Derived when they are first needed: that takes some milliseconds, which no public network has to pay. */
function developmentOwners(): readonly Owner[] {
  development ??= DEV_ACCOUNTS.map((name) => {
    const { sr25519, ed25519 } = devAccount(`//${name}`)
    return { name, account: undefined, keys: [toHex(sr25519.publicKey), toHex(ed25519.publicKey)], peerId: undefined }
  })
  return development
}
