/**
 * What a member of a team gives to whoever builds the network: one line, public in every part.
 *
 *   Ada: nodestead1q...
 *
 * Behind the name, which is for people and repeated inside, stands bech32m (BIP 350): letters and digits that are not mistaken for one another,
 * with a checksum that finds any three wrong characters of a line of this length. Its bytes are, in order: the version, 1; the length
 * of the name and the name in UTF-8; the account (32 bytes); the number of session keys, and each as its type (4 letters) and its key (32
 * bytes); the ed25519 key of the node's identity (32 bytes), from which its peer id comes; and for each session key a signature (64 bytes) over
 * `POP_` and the account, by which the runtime knows that the keys are this account's (`Session.set_keys`), so that a member can be added later.
 *
 * Lines are pasted from mails and chats: several at once, with words around them, broken by white space in the middle. The length of a line
 * follows from its own beginning, so that the name of the next one is not taken for a part of it.
 */
import { bech32m } from '@scure/base'
import { concatBytes, fromHex, fromUtf8, toHex, utf8, type Hex } from '../../base/bytes.ts'
import { decodeSs58, encodeSs58 } from '../../crypto/keys/ss58.ts'
import { peerIdOf, publicKeyOf } from '../../crypto/keys/peer-id.ts'
import { memberSchema, type Member, type MemberKey } from './members.ts'

export const MEMBER_PREFIX = 'nodestead'

const VERSION = 1
const KEY_SIZE = 32
const TYPE_SIZE = 4
const SIGNATURE_SIZE = 64
const CHECKSUM_CHARACTERS = 6
/** Of any line: a name of 32 characters takes 128 bytes at most. */
const MAX_CHARACTERS = 1_000
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const BEGINNING = new RegExp(`${MEMBER_PREFIX}\\s*1`, 'gi')

/** A member, and the proof that its session keys are its account's: the signatures in the order of the keys. */
export interface ProvenMember {
  readonly member: Member
  readonly proof: Hex
}

/** What each session key signs to prove that it is this account's. */
export function ownershipStatement(stash: string): Uint8Array {
  return concatBytes(utf8('POP_'), decodeSs58(stash).publicKey)
}

/** Throws a RangeError where the member has no peer id: nobody could see whether its node is there. */
export function encodeMember({ member: { name, stash, sessionKeys, peerId }, proof }: ProvenMember): string {
  const identity = peerId === undefined ? undefined : publicKeyOf(peerId)
  if (identity === undefined) throw new RangeError('a member without a node')
  const named = utf8(name)
  const keys = sessionKeys.flatMap(({ keyType, publicKey }) => [utf8(keyType), fromHex(publicKey)])
  const bytes = concatBytes(Uint8Array.of(VERSION, named.length), named, decodeSs58(stash).publicKey, Uint8Array.of(sessionKeys.length), ...keys, identity, fromHex(proof))
  return bech32m.encode(MEMBER_PREFIX, bech32m.toWords(bytes), false)
}

/** One line of a text: who it is, or why it cannot be read. */
export type ReadMember =
  | { readonly ok: true; readonly member: Member; readonly proof: Hex; readonly line: string }
  /** `checksum`: a character is wrong or missing. `newer`: of a later version. `none`: the text has no such line. */
  | { readonly ok: false; readonly why: 'checksum' | 'newer' | 'none'; readonly begin: string }

/** Every line in the text, in their order; one entry `none` where a text has none. */
export function readMembers(text: string): readonly ReadMember[] {
  if (text.trim() === '') return []
  const starts = [...text.matchAll(BEGINNING)]
  if (starts.length === 0) return [{ ok: false, why: 'none', begin: shorten(text.trim()) }]
  return starts.map((start, index) => readOne(start[0].replace(/\s/g, ''), text.slice(start.index + start[0].length, starts[index + 1]?.index)))
}

function readOne(prefix: string, behind: string): ReadMember {
  const characters = behind.replace(/[\s\u200b\ufeff]/g, '').slice(0, MAX_CHARACTERS)
  const begin = shorten(`${prefix}${characters}`)
  const length = lengthOf(characters.toLowerCase())
  // Of a line whose form is not known, only what stands together can be one.
  if (length === 'newer') return { ok: false, why: isWhole(`${prefix}${behind.trimStart().split(/\s/)[0]}`) ? 'newer' : 'checksum', begin }
  const line = `${prefix}${characters.slice(0, length)}`
  const read = length === undefined || characters.length < length ? undefined : decode(line)
  return read === undefined ? { ok: false, why: 'checksum', begin } : { ok: true, ...read, line: line.toLowerCase() }
}

function isWhole(line: string): boolean {
  try {
    return bech32m.decode(line as `${string}1${string}`, false).prefix === MEMBER_PREFIX
  } catch {
    return false
  }
}

function decode(line: string): ProvenMember | undefined {
  try {
    const { prefix, words } = bech32m.decode(line as `${string}1${string}`, false)
    return prefix === MEMBER_PREFIX ? memberOf(Uint8Array.from(bech32m.fromWords(words))) : undefined
  } catch {
    return undefined
  }
}

function memberOf(bytes: Uint8Array): ProvenMember | undefined {
  const named = bytes[1] ?? 0
  let at = 2 + named
  const take = (size: number): Uint8Array => bytes.subarray(at, (at += size))
  const name = fromUtf8(bytes.subarray(2, at))
  const stash = encodeSs58(take(KEY_SIZE))
  const sessionKeys: MemberKey[] = []
  for (let count = take(1)[0] ?? 0; count > 0; count--) sessionKeys.push({ keyType: fromUtf8(take(TYPE_SIZE)), publicKey: toHex(take(KEY_SIZE)) })
  const { data: member } = memberSchema.safeParse({ name, stash, sessionKeys, peerId: peerIdOf(take(KEY_SIZE)) })
  const proof = toHex(take(sessionKeys.length * SIGNATURE_SIZE))
  return at === bytes.length && member !== undefined ? { member, proof } : undefined
}

/** In characters behind the `1`; undefined where its beginning is no line's. */
function lengthOf(characters: string): number | 'newer' | undefined {
  const [version, named] = bytesAt(characters, 0, 2)
  if (version === undefined || named === undefined) return undefined
  if (version > VERSION) return 'newer'
  const counted = 2 + named + KEY_SIZE
  const [count] = bytesAt(characters, counted, 1)
  if (version < VERSION || count === undefined) return undefined
  const size = counted + 1 + count * (TYPE_SIZE + KEY_SIZE + SIGNATURE_SIZE) + KEY_SIZE
  return Math.ceil((size * 8) / 5) + CHECKSUM_CHARACTERS
}

/** The bytes at this place, five bits a character; fewer where the text ends. */
function bytesAt(characters: string, from: number, count: number): number[] {
  const found: number[] = []
  for (let at = from; at < from + count; at++) {
    let byte = 0
    for (let bit = at * 8; bit < at * 8 + 8; bit++) {
      const value = ALPHABET.indexOf(characters[Math.floor(bit / 5)] ?? ' ')
      if (value < 0) return found
      byte = (byte << 1) | ((value >> (4 - (bit % 5))) & 1)
    }
    found.push(byte)
  }
  return found
}

function shorten(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text
}
