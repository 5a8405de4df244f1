/** What arrives on the topics, and the SCALE values in it: blocks, digests, votes and proofs of finality. */
import { EMPTY, toHex } from '../../node-core/base/bytes.ts'
import { announcementsOf, preDigestOf } from '../../node-core/chain/core/engines/babe/digest.ts'
import { grandpaLogs } from '../../node-core/chain/core/engines/grandpa/digest.ts'
import { verifyJustification } from '../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage, type GrandpaMessage, type SignedVote } from '../../node-core/chain/core/engines/grandpa/messages.ts'
import { VoterSet } from '../../node-core/chain/core/engines/grandpa/sets/voter-set.ts'
import { FrameReader, encodeFrame } from '../../node-core/network/framing.ts'
import { decodeAnnounce, decodeStatus, encodeAnnounce, encodeStatus } from '../../node-core/chain/protocols/announce-messages.ts'
import { decodeRoleHandshake } from '../../node-core/chain/protocols/roles.ts'
import { decodeTransactions, encodeTransactions } from '../../node-core/chain/protocols/transactions.ts'
import { assertExtrinsic, decodeBody, encodeBody } from '../../node-core/chain/scale/block.ts'
import { decodeDigest, decodeHeader, encodeDigest, encodeHeader } from '../../node-core/chain/scale/header.ts'
import { decodeJustification, encodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import type { Material } from './corpus.ts'
import type { Target } from './fuzz.ts'
import { announcedAuthorities, auraDigests } from '../../node-core/chain/core/engines/aura/digest.ts'

const MAX_FRAME = 4096

export function topicTargets(material: Material): Target[] {
  const { blocks, justifications, genesisHash } = material
  const headers = blocks.map(({ header }) => header)
  const bodies = blocks.map(({ body }) => body)
  const best = { hash: genesisHash, number: 7 }
  const voters = new VoterSet(0, justifications[0]?.precommits.map(({ authorityId }) => ({ key: authorityId, weight: 1 })) ?? [])
  const encodedHeaders = headers.map(encodeHeader)
  return [
    {
      name: 'frames',
      corpus: [streamOf([EMPTY, ...encodedHeaders]), streamOf(encodedHeaders), encodeFrame(new Uint8Array(300))],
      decode: readFrames,
      codes: ['FRAME_'],
      // A stream of empty frames has as many frames as bytes.
      maxBytes: MAX_FRAME * 2,
      encode: (read: FramesRead) => streamOf(read.frames, read.rest),
      canonical: true,
    },
    {
      name: 'status',
      corpus: (['FULL', 'LIGHT', 'AUTHORITY'] as const).map((role) => encodeStatus({ role, best, genesisHash })),
      decode: decodeStatus,
      codes: ['SCALE_'],
      encode: encodeStatus,
    },
    { name: 'roles', corpus: [EMPTY, Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(4)], decode: decodeRoleHandshake, codes: ['SCALE_'] },
    {
      name: 'announcement',
      corpus: headers.map((header, i) => encodeAnnounce({ header, isBest: i % 2 === 0, data: new Uint8Array(i % 3) })),
      decode: decodeAnnounce,
      codes: ['SCALE_'],
      encode: encodeAnnounce,
    },
    { name: 'transactions', corpus: bodies.map(encodeTransactions), decode: decodeTransactions, codes: ['SCALE_'], encode: encodeTransactions, canonical: true },
    {
      name: 'grandpa message',
      corpus: grandpaMessages(material).map(encodeGrandpaMessage),
      decode: decodeGrandpaMessage,
      codes: ['GRANDPA_'],
      encode: encodeGrandpaMessage,
      canonical: true,
    },
    {
      name: 'justification',
      corpus: justifications.map(encodeJustification),
      decode: decodeJustification,
      codes: ['SCALE_'],
      encode: encodeJustification,
      canonical: true,
    },
    {
      name: 'proof of finality',
      corpus: justifications.map(encodeJustification),
      decode(input) {
        const justification = decodeJustification(input)
        verifyJustification(justification, voters, { hash: justification.targetHash, number: justification.targetNumber })
        return justification
      },
      codes: ['SCALE_', 'GRANDPA_'],
    },
    { name: 'header', corpus: encodedHeaders, decode: decodeHeader, codes: ['SCALE_'], encode: encodeHeader, canonical: true },
    { name: 'digest', corpus: headers.map(({ digest }) => encodeDigest(digest)), decode: decodeDigest, codes: ['SCALE_'], encode: encodeDigest, canonical: true },
    {
      name: 'consensus digests',
      corpus: encodedHeaders.slice(1),
      decode(input) {
        const header = decodeHeader(input)
        return [grandpaLogs(header), announcementsOf(header), announcedAuthorities(header), header.digest.map((item) => auraDigests.describe(item)), preDigestOf(header)]
      },
      codes: ['SCALE_', 'BABE_'],
    },
    { name: 'body', corpus: bodies.map(encodeBody), decode: decodeBody, codes: ['SCALE_'], encode: encodeBody, canonical: true },
    { name: 'extrinsic', corpus: bodies.flat(), decode: assertExtrinsic, codes: ['SCALE_'] },
  ]
}

interface FramesRead {
  readonly frames: readonly Uint8Array[]
  /** What came behind the last whole frame. */
  readonly rest: Uint8Array
}

/** Frames of a stream that comes in pieces; where it is cut must make no difference. */
function readFrames(input: Uint8Array): FramesRead {
  const whole = readInPieces(input, input.length)
  const inPieces = readInPieces(input, 1 + ((input[0] ?? 0) & 7))
  if (whole.frames.length !== inPieces.frames.length || toHex(streamOf(whole.frames)) !== toHex(streamOf(inPieces.frames))) {
    throw new Error('where a stream is cut makes a difference')
  }
  return whole
}

function readInPieces(input: Uint8Array, size: number): FramesRead {
  const reader = new FrameReader()
  const frames: Uint8Array[] = []
  let taken = 0
  for (let at = 0; at < input.length; at += size) {
    reader.push(input.subarray(at, at + size))
    for (let frame = reader.next(MAX_FRAME); frame !== undefined; frame = reader.next(MAX_FRAME)) {
      frames.push(frame.slice())
      taken += encodeFrame(frame).length
    }
  }
  if (reader.partial !== taken < input.length) throw new Error('the reader does not know whether it is within a frame')
  return { frames, rest: input.slice(taken) }
}

function streamOf(frames: readonly Uint8Array[], rest: Uint8Array = EMPTY): Uint8Array {
  return Buffer.concat([...frames.map(encodeFrame), rest])
}

function grandpaMessages({ justifications }: Material): GrandpaMessage[] {
  const at = { round: 3, setId: 1 }
  return justifications.slice(0, 3).flatMap(({ precommits, targetHash, targetNumber }): GrandpaMessage[] => {
    const target = { hash: targetHash, number: targetNumber }
    const votes = (kind: SignedVote['kind']): SignedVote[] =>
      precommits.map(({ signature, authorityId }) => ({ kind, target, signature, authority: authorityId }))
    const [vote] = votes('prevote')
    return [
      ...(vote === undefined ? [] : [{ type: 'vote', ...at, vote } as const]),
      { type: 'commit', ...at, target, precommits: votes('precommit') },
      { type: 'neighbor', ...at, finalized: targetNumber },
      { type: 'catchUpRequest', ...at },
      { type: 'catchUp', ...at, prevotes: votes('prevote'), precommits: votes('precommit'), base: target },
    ]
  })
}
