/**
 * `lightSyncState` of a specification: a finalized block of the network's past and the GRANDPA authorities in charge after it, from which a node may begin
 * where others begin at genesis.
 *
 * Whoever wrote the file vouches for it, as for the genesis itself: nothing proves the block, and a wrong one leads to another chain. So it is as
 * trustworthy as the file, and no more. What follows it is proven by its authorities (sync from finality proofs).
 *
 * Fields (hexadecimal, SCALE): `finalizedBlockHeader` is a header; `grandpaAuthoritySet` begins with the authorities in charge, each an
 * ed25519 key and a u64 weight, and the u64 id of their set. What comes behind (changes that wait, the history of changes) is not read: a set that
 * begins at a later block is announced in that block's header. The BABE fields are not read either: the state of a block says its epochs.
 * Newer tools write the same object one level deeper, beside a `checkpoint`.
 */
import { fromHex, type Hash } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { decodeHeader, type Header } from '../scale/header.ts'
import { HEX_EXPECTED, isRecord, normalHex, SpecIssues } from './raw-genesis.ts'

export interface LightSyncState {
  readonly finalizedHeader: Header
  /** In charge of the blocks after {@link finalizedHeader}. Keys are ed25519 public keys. */
  readonly authoritySet: { readonly setId: number; readonly authorities: readonly { readonly key: Hash; readonly weight: number }[] }
}

const FIELD = 'lightSyncState'
/** A key and a weight. */
const AUTHORITY_SIZE = 40
const MAX_AUTHORITIES = 100_000

/** Undefined where the specification has none. Throws {@link SpecIssues} where it cannot be read. */
export function readLightSyncState(value: unknown): LightSyncState | undefined {
  if (value === undefined || value === null) return undefined
  const outer = isRecord(value) ? value : fail([], 'expected an object')
  const fields = isRecord(outer[FIELD]) ? outer[FIELD] : outer
  return {
    finalizedHeader: decoded(fields, 'finalizedBlockHeader', decodeHeader),
    authoritySet: decoded(fields, 'grandpaAuthoritySet', decodeAuthoritySet),
  }
}

/** Of a specification that was read already. */
export function lightSyncStateOf(spec: { readonly lightSyncState?: unknown }): LightSyncState | undefined {
  return readLightSyncState(spec.lightSyncState)
}

function decodeAuthoritySet(bytes: Uint8Array): LightSyncState['authoritySet'] {
  const reader = new ScaleReader(bytes)
  const authorities = reader.vec((item) => ({ key: item.hash(), weight: item.u64Number() }), AUTHORITY_SIZE, MAX_AUTHORITIES)
  const setId = reader.u64Number()
  if (authorities.length === 0) throw new RangeError('it names no authority')
  if (authorities.some(({ weight }) => weight === 0)) throw new RangeError('an authority has no weight')
  return { setId, authorities }
}

function decoded<T>(fields: Readonly<Record<string, unknown>>, name: string, decode: (bytes: Uint8Array) => T): T {
  const hex = normalHex(fields[name]) ?? fail([name], HEX_EXPECTED)
  try {
    return decode(fromHex(hex))
  } catch (error) {
    return fail([name], `it cannot be decoded: ${errorMessage(error)}`)
  }
}

function fail(path: PropertyKey[], message: string): never {
  throw new SpecIssues([{ path, message }])
}
