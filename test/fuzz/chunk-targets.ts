/** Chunk and relay: headers, frames, proofs against a source, and a node in the middle of a message. */
import { EMPTY, equalBytes } from '../../node-core/base/bytes.ts'
import { FakeClock } from '../../node-core/base/clock.ts'
import { ed25519Sign, ed25519Verify } from '../../node-core/crypto/ed25519/ed25519.ts'
import { CHUNK_DEFAULTS } from '../../node-core/network/spread/chunks/chunks.ts'
import { divide } from '../../node-core/network/spread/chunks/decoding.ts'
import { decodeFrame, encodeShard, encodeWant, pathAndShard, type ShardFrame, type WantFrame } from '../../node-core/network/spread/chunks/frames.ts'
import { decodeHeader, encodeHeader, shardsNeeded } from '../../node-core/network/spread/chunks/header.ts'
import { provesLie } from '../../node-core/network/spread/chunks/lie.ts'
import { MerkleTree, leafHash } from '../../node-core/network/spread/chunks/merkle.ts'
import { ChunkRelay } from '../../node-core/network/spread/chunks/relay.ts'
import { sha256 } from '../../node-core/network/spread/message-id.ts'
import { NETWORK, TOPIC, keyOf, signedBy } from '../helpers/chunk-mesh.ts'
import { decodeLie, encodeLie } from '../helpers/lie-bytes.ts'
import type { Target } from './fuzz.ts'

const TIME = 1_000_000
const SIZES = [3, 7, 20]
const CONTENTS = SIZES.map((n) => Uint8Array.from({ length: 301 }, (_, i) => i * n))

/** A message of `n` shards; `lie` swaps two of them before they are signed. */
function message(n: number, lie: boolean) {
  const content = CONTENTS[SIZES.indexOf(n)] as Uint8Array
  const k = shardsNeeded(n)
  const shards = divide(content, k, n).shards.map((shard) => shard.slice())
  if (lie) shards.reverse()
  const tree = new MerkleTree(shards.map(leafHash))
  const recipients = Array.from({ length: n }, (_, i) => keyOf(i + 2).publicKey)
  const header = signedBy(keyOf(1), { network: NETWORK, topic: TOPIC, nonce: new Uint8Array(8).fill(n), time: TIME, length: content.length, k, root: tree.root, contentHash: sha256(content), recipients })
  const proven = shards.map((shard, place) => ({ place, path: tree.path(place), shard }))
  return { header, k, proven, frames: proven.map(({ place, path, shard }) => encodeShard(header, place, path, shard)) }
}

export function chunkTargets(): Target[] {
  const honest = SIZES.map((n) => message(n, false))
  const lying = SIZES.map((n) => message(n, true))
  const wants = honest.map(({ header }) => encodeWant({ digest: sha256(header), count: 2, places: [0, 2] }))
  const frames = [...honest, ...lying].flatMap((one) => one.frames.slice(0, 4))
  return [
    {
      name: 'chunk header',
      corpus: honest.map(({ header }) => header),
      decode: decodeHeader,
      codes: ['CHUNK_HEADER_'],
      encode: encodeHeader,
      canonical: true,
    },
    {
      name: 'chunk frame',
      corpus: [...frames, ...wants],
      decode(input) {
        const frame = decodeFrame(input)
        if (frame.kind === 'shard') pathAndShard(frame, decodeHeader(frame.header))
        return frame
      },
      codes: ['CHUNK_FRAME_', 'CHUNK_HEADER_'],
      encode: (frame: ShardFrame | WantFrame) => (frame.kind === 'want' ? encodeWant(frame) : encodeShard(frame.header, frame.place, EMPTY, frame.body)),
      canonical: true,
    },
    {
      name: 'chunk proof',
      corpus: [...honest, ...lying].map(({ header, k, proven }) => encodeLie({ header, shards: proven.slice(0, k) })),
      decode: (input) => provesLie(decodeLie(input), ed25519Verify),
      codes: ['CHUNK_'],
    },
    { name: 'chunk relay', corpus: [...frames, ...wants], decode: relaying(honest.flatMap((one) => one.frames.slice(1, one.k))), codes: ['CHUNK_'] },
  ]
}

/** A node that has some shards already, of each of these messages, and gets one more frame. */
function relaying(begun: readonly Uint8Array[]): (input: Uint8Array) => unknown {
  const [self, peer] = [keyOf(2), keyOf(1).peer]
  const sign = (bytes: Uint8Array): Uint8Array => ed25519Sign(self.seed, bytes)
  return (input) => {
    const clock = new FakeClock(TIME)
    const relay = new ChunkRelay({ clock, self: self.publicKey, network: NETWORK, topic: TOPIC, sign, verify: ed25519Verify, has: () => false, isMember: () => true }, CHUNK_DEFAULTS)
    for (const frame of begun) relay.onFrame(peer, frame)
    const { actions } = relay.onFrame(peer, input)
    for (const action of actions) if (action.kind === 'deliver' && !CONTENTS.some((content) => equalBytes(content, action.arrival.content))) throw new Error('delivered what was not sent')
    return actions
  }
}
