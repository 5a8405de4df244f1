/**
 * Roles of a peer: one byte, a set of bits (1 full node, 2 light client, 4 authority). It opens the handshake of
 * block-announces and is the whole handshake of transactions and of votes on finality; some light clients send none there.
 */
import { ScaleError } from '../../scale/reader.ts'
import type { BlockRef } from '../scale/block.ts'

export type Role = 'FULL' | 'LIGHT' | 'AUTHORITY'

/** What is known of a peer of a chain: what its status said, and what it announced and finalized since. */
export interface ChainPeerStatus {
  readonly roles: Role
  readonly best: BlockRef
}

const BITS: Record<Role, number> = { FULL: 1, LIGHT: 2, AUTHORITY: 4 }
const ALL_BITS = 7

export function encodeRole(role: Role): number {
  return BITS[role]
}

/** Throws a ScaleError on bits that mean nothing. */
export function decodeRole(byte: number): Role {
  if (byte === 0 || (byte & ~ALL_BITS) !== 0) throw new ScaleError('SCALE_INVALID', `${byte} is not a set of roles`)
  if ((byte & BITS.AUTHORITY) !== 0) return 'AUTHORITY'
  return (byte & BITS.FULL) !== 0 ? 'FULL' : 'LIGHT'
}

/** A handshake that is one byte of roles, or nothing. Throws a ScaleError. */
export function decodeRoleHandshake(handshake: Uint8Array): Role | undefined {
  if (handshake.length > 1) throw new ScaleError('SCALE_TRAILING_BYTES', 'the handshake is longer than its roles')
  const byte = handshake[0]
  return byte === undefined ? undefined : decodeRole(byte)
}
