/** What is said on the block-announces topic (Polkadot Host spec, section 4.8.1 "Announcing blocks"): the status that opens it, and announcements. */
import type { Hash } from '../../base/bytes.ts'
import { ScaleReader, decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { BlockRef } from '../scale/block.ts'
import { readHeader, writeHeader, type Header } from '../scale/header.ts'
import { decodeRole, encodeRole, type Role } from './roles.ts'

/** Roles, best number (u32), best hash, genesis hash. */
export const STATUS_BYTES = 1 + 4 + 32 + 32

export interface PeerStatus {
  readonly role: Role
  readonly best: BlockRef
  readonly genesisHash: Hash
}

export interface BlockAnnounce {
  readonly header: Header
  /** The sender's best block. */
  readonly isBest: boolean
  /** Nothing on a relay chain. */
  readonly data: Uint8Array
}

/** Roles, best number (u32), best hash, genesis hash. */
export function encodeStatus({ role, best, genesisHash }: PeerStatus): Uint8Array {
  return new ScaleWriter(STATUS_BYTES).u8(encodeRole(role)).u32(best.number).hash(best.hash).hash(genesisHash).finish()
}

/** Throws a ScaleError. */
export function decodeStatus(handshake: Uint8Array): PeerStatus {
  return decodeAll(handshake, 'the status', (reader) => {
    const role = decodeRole(reader.u8())
    const number = reader.u32()
    return { role, best: { number, hash: reader.hash() }, genesisHash: reader.hash() }
  })
}

export function encodeAnnounce({ header, isBest, data }: BlockAnnounce): Uint8Array {
  return writeHeader(new ScaleWriter(512), header).u8(isBest ? 1 : 0).bytes(data).finish()
}

/** State and data may be missing at the end, as in announcements of old. Throws a ScaleError. */
export function decodeAnnounce(message: Uint8Array): BlockAnnounce {
  const reader = new ScaleReader(message)
  const header = readHeader(reader)
  const isBest = reader.remaining > 0 && reader.bool()
  const data = reader.remaining > 0 ? reader.bytes() : new Uint8Array(0)
  reader.end('the announcement')
  return { header, isBest, data }
}
