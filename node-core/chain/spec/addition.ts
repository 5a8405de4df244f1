/**
 * The part of a network file that is ours.
 *
 * A network file is a chain specification as any tool of the field reads it. What people of a network want to tell each other besides stands
 * in one more member, `nodestead`: who is who, at which addresses nodes can be found, from which choices a private network was made, who
 * wrote the file. It says nothing of the computer that it comes from: no role, no account, no port, no folder.
 */
import { z } from 'zod'
import { isHex, type Hash, type Hex } from '../../base/bytes.ts'
import { MAX_MEMBERS, memberSchema, peerId, type Member } from './members.ts'
import type { PrivateNetworkChoices } from './private.ts'
import { privateChoicesSchema } from './private-choices.ts'

export const ADDITION_VERSION = 1

/** Of nodes that are reached so; more is of no use. */
export const MAX_ADDRESSES = 16

export interface SpecAddition {
  readonly version: typeof ADDITION_VERSION
  readonly members?: readonly Member[] | undefined
  /** Multiaddresses with peer ids: of whoever wrote the file, first, and of others of the network. */
  readonly addresses?: readonly string[] | undefined
  /** What a private network was made of: with `mark` and the runtime of this hash, the same genesis comes out. */
  readonly choices?: PrivateNetworkChoices | undefined
  /** 16 bytes. */
  readonly mark?: Hex | undefined
  /** blake2b-256 of `:code` as the genesis has it. */
  readonly runtime?: Hash | undefined
  /** The node that signed. */
  readonly by?: { readonly peerId: string } | undefined
  /** ed25519 by that node's identity, 64 bytes (see signature.ts). */
  readonly signature?: Hex | undefined
}

/** Bytes of this size as hexadecimal digits behind `0x`. */
export function hexOf(size: number): z.ZodType<Hex> {
  return z.string().refine((text): text is Hex => isHex(text) && text.length === 2 + 2 * size)
}

/** What others may add in versions to come is kept, and left alone. */
const additionSchema = z.looseObject({
  version: z.literal(ADDITION_VERSION),
  members: z.array(memberSchema).max(MAX_MEMBERS).optional(),
  addresses: z.array(z.string().max(1024)).max(MAX_ADDRESSES).optional(),
  choices: privateChoicesSchema.optional(),
  mark: hexOf(16).optional(),
  runtime: hexOf(32).optional(),
  by: z.strictObject({ peerId }).optional(),
  signature: hexOf(64).optional(),
})

/** `newer`: of a later version of this app. Undefined where the file has no such part. */
export function readAddition(value: unknown): SpecAddition | 'newer' | 'unreadable' | undefined {
  if (value === undefined || value === null) return undefined
  const version = typeof value === 'object' && 'version' in value ? value.version : undefined
  if (typeof version === 'number' && version > ADDITION_VERSION) return 'newer'
  return additionSchema.safeParse(value).data ?? 'unreadable'
}

/** Of a specification that was read already. */
export function additionOf(spec: { readonly nodestead?: unknown }): SpecAddition | undefined {
  const addition = readAddition(spec.nodestead)
  return typeof addition === 'string' ? undefined : addition
}
