/**
 * GRANDPA's messages (Polkadot Host spec, section 6.3 "Finality messages" and 4.8.7 "GRANDPA Messages").
 *
 * Votes and commits are gossiped; neighbor packets tell peers how far one is; a voter that is rounds behind asks one peer to catch it up.
 * A signature covers the vote, the round and the set id, so that a vote cannot be replayed elsewhere.
 */
import { toHex, type Hash } from '../../../../base/bytes.ts'
import type { ScaleReader} from '../../../../scale/reader.ts';
import { ScaleError, decodeAll } from '../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import type { BlockRef } from '../../../scale/block.ts'
import { GrandpaError } from './errors.ts'

export type VoteKind = 'prevote' | 'precommit' | 'propose'

export interface SignedVote {
  readonly kind: VoteKind
  readonly target: BlockRef
  /** ed25519, 64 bytes. */
  readonly signature: Uint8Array
  /** ed25519 public key. */
  readonly authority: Hash
}

export interface RoundRef {
  readonly round: number
  readonly setId: number
}

export type GrandpaMessage =
  | (RoundRef & { readonly type: 'vote'; readonly vote: SignedVote })
  | (RoundRef & { readonly type: 'commit'; readonly target: BlockRef; readonly precommits: readonly SignedVote[] })
  | (RoundRef & { readonly type: 'neighbor'; readonly finalized: number })
  | (RoundRef & { readonly type: 'catchUpRequest' })
  | (RoundRef & {
      readonly type: 'catchUp'
      readonly prevotes: readonly SignedVote[]
      readonly precommits: readonly SignedVote[]
      /** The block that the round built on. */
      readonly base: BlockRef
    })

const KINDS: readonly VoteKind[] = ['prevote', 'precommit', 'propose']
const MAX_VOTES = 10_000
const SIGNED_VOTE_SIZE = 36 + 64 + 32

/** What an authority signs: vote ++ round ++ set id. */
export function signingPayload(kind: VoteKind, target: BlockRef, { round, setId }: RoundRef): Uint8Array {
  const writer = new ScaleWriter(64).u8(KINDS.indexOf(kind))
  return writeTarget(writer, target).u64(round).u64(setId).finish()
}

export function encodeGrandpaMessage(message: GrandpaMessage): Uint8Array {
  const writer = new ScaleWriter(256)
  const { round, setId } = message
  switch (message.type) {
    case 'vote':
      writer.u8(0).u64(round).u64(setId).u8(KINDS.indexOf(message.vote.kind))
      return writeSigned(writer, message.vote).finish()
    case 'commit':
      // Compact: first the votes, then who signed them.
      writeTarget(writer.u8(1).u64(round).u64(setId), message.target)
      writer.vec(message.precommits, (w, { target }) => writeTarget(w, target))
      return writer.vec(message.precommits, (w, { signature, authority }) => w.raw(signature).hash(authority)).finish()
    case 'neighbor':
      return writer.u8(2).u8(1).u64(round).u64(setId).u32(message.finalized).finish()
    case 'catchUpRequest':
      return writer.u8(3).u64(round).u64(setId).finish()
    case 'catchUp':
      writer.u8(4).u64(setId).u64(round).vec(message.prevotes, writeSigned).vec(message.precommits, writeSigned)
      return writeTarget(writer, message.base).finish()
  }
}

/** Throws GRANDPA_BAD_MESSAGE. */
export function decodeGrandpaMessage(bytes: Uint8Array): GrandpaMessage {
  try {
    return decodeAll(bytes, 'the GRANDPA message', readMessage)
  } catch (cause) {
    if (!(cause instanceof ScaleError)) throw cause
    throw new GrandpaError('GRANDPA_BAD_MESSAGE', 'A GRANDPA message cannot be decoded.', { cause })
  }
}

/** Votes of one kind, as the voter stores them. */
export function writeVotes(writer: ScaleWriter, votes: readonly SignedVote[]): void {
  writer.vec(votes, writeSigned)
}

export function readVotes(reader: ScaleReader, kind: VoteKind): SignedVote[] {
  return reader.vec(() => readSigned(reader, kind), SIGNED_VOTE_SIZE, MAX_VOTES)
}

export function writeTarget(writer: ScaleWriter, { hash, number }: BlockRef): ScaleWriter {
  return writer.hash(hash).u32(number)
}

export function readTarget(reader: ScaleReader): BlockRef {
  return { hash: reader.hash(), number: reader.u32() }
}

function readMessage(reader: ScaleReader): GrandpaMessage {
  const tag = reader.u8()
  if (tag === 2 && reader.u8() !== 1) throw new ScaleError('SCALE_INVALID', 'unknown version of a neighbor packet')
  if (tag === 4) {
    const setId = reader.u64Number()
    const round = reader.u64Number()
    const prevotes = readVotes(reader, 'prevote')
    const precommits = readVotes(reader, 'precommit')
    return { type: 'catchUp', setId, round, prevotes, precommits, base: readTarget(reader) }
  }
  const round = reader.u64Number()
  const setId = reader.u64Number()
  switch (tag) {
    case 0: {
      const kind = KINDS[reader.u8()]
      if (kind === undefined) throw new ScaleError('SCALE_INVALID', 'unknown kind of vote')
      return { type: 'vote', round, setId, vote: readSigned(reader, kind) }
    }
    case 1: {
      const target = readTarget(reader)
      const targets = reader.vec(readTarget, 36, MAX_VOTES)
      const signers = reader.vec(() => ({ signature: reader.raw(64), authority: toHex(reader.raw(32)) }), 96, MAX_VOTES)
      if (targets.length !== signers.length) throw new ScaleError('SCALE_INVALID', 'a commit has as many signatures as votes')
      const precommits = signers.map((signer, i): SignedVote => ({ kind: 'precommit', target: targets[i] as BlockRef, ...signer }))
      return { type: 'commit', round, setId, target, precommits }
    }
    case 2:
      return { type: 'neighbor', round, setId, finalized: reader.u32() }
    case 3:
      return { type: 'catchUpRequest', round, setId }
    default:
      throw new ScaleError('SCALE_INVALID', `unknown GRANDPA message ${tag}`)
  }
}

function writeSigned(writer: ScaleWriter, { target, signature, authority }: SignedVote): ScaleWriter {
  return writeTarget(writer, target).raw(signature).hash(authority)
}

function readSigned(reader: ScaleReader, kind: VoteKind): SignedVote {
  return { kind, target: readTarget(reader), signature: reader.raw(64), authority: reader.hash() }
}
