/**
 * Who is who in a team's network: the authorities of its genesis by name, as the person who built the network wrote them down.
 *
 * A genesis knows accounts and keys alone. A specification of ours lists beside it, in its member `nodestead` that other tools ignore,
 * which person stands behind which keys, and the peer id of that person's node, so that everybody can see who is online.
 * The list describes the genesis and decides nothing: who is an authority says the chain.
 */
import { z } from 'zod'
import { isHex, type Hex } from '../../base/bytes.ts'
import { decodeSs58 } from '../../crypto/keys/ss58.ts'

export interface MemberKey {
  /** Four letters, as the keystore names them: `gran`, `babe`. */
  readonly keyType: string
  /** 32 bytes. */
  readonly publicKey: Hex
}

export interface Member {
  readonly name: string
  /** SS58 address of the account that owns the session keys. */
  readonly stash: string
  readonly sessionKeys: readonly MemberKey[]
  /** Of the node that the keys were made for; another node may sign with them later. */
  readonly peerId?: string | undefined
}

export const MAX_MEMBERS = 32
export const MAX_MEMBER_NAME = 32

/** What nobody sees, or what puts in another order what one sees. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u
const publicKey = z.string().refine((text): text is Hex => isHex(text) && text.length === 66)

export const memberName = z.string().trim().min(1).max(MAX_MEMBER_NAME).refine((name) => !UNSEEN.test(name))

/** Of an ed25519 key: the only kind that our nodes make. */
export const peerId = z.string().regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/)

export const memberSchema = z.strictObject({
  name: memberName,
  stash: z.string().max(64).refine(isAccount),
  sessionKeys: z.array(z.strictObject({ keyType: z.string().regex(/^[a-z]{4}$/), publicKey })).min(1).max(8),
  peerId: peerId.optional(),
})

const listed = z.looseObject({ members: z.array(memberSchema).max(MAX_MEMBERS) })

/** In the order of the list; empty where the specification names nobody, or in a form that is not known. */
export function membersOf(spec: { readonly nodestead?: unknown }): readonly Member[] {
  return listed.safeParse(spec.nodestead).data?.members ?? []
}

function isAccount(address: string): boolean {
  try {
    decodeSs58(address)
    return true
  } catch {
    return false
  }
}
