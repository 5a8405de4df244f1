import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../../../../node-core/base/bytes.ts'
import { ed25519Verify } from '../../../../../node-core/crypto/ed25519/ed25519.ts'
import { decodeFrame, encodeShard, encodeWant, pathAndShard, type ShardFrame } from '../../../../../node-core/network/spread/chunks/frames.ts'
import { ChunkError, MAX_HEADER_BYTES, MIN_HEADER_BYTES, decodeHeader, encodeHeader, idOf, isSigned, shardsNeeded } from '../../../../../node-core/network/spread/chunks/header.ts'
import { messageId } from '../../../../../node-core/network/spread/message-id.ts'
import { keyOf, signedBy } from '../../../../helpers/chunk-mesh.ts'

const key = keyOf(1)
const fields = {
  network: 'net',
  topic: 'news',
  nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  time: 1_700_000_000_123,
  length: 1000,
  k: shardsNeeded(7),
  root: new Uint8Array(32).fill(7),
  contentHash: new Uint8Array(32).fill(8),
  recipients: Array.from({ length: 7 }, (_, i) => keyOf(i + 2).publicKey),
}
const encoded = signedBy(key, fields)
/** Where the byte k stands: behind version, names, source, nonce, time and length. */
const K_AT = 1 + 1 + 3 + 1 + 4 + 32 + 8 + 8 + 4

function changed(at: number, ...bytes: number[]): Uint8Array {
  const copy = encoded.slice()
  copy.set(bytes, at)
  return copy
}

test.each([[3, 2], [4, 3], [6, 4], [7, 5], [15, 10], [31, 21], [63, 42]])('of %d shards %d suffice', (n, k) => {
  expect(shardsNeeded(n)).toBe(k)
})

describe('a header', () => {
  test('says what it was made of, and is signed', () => {
    const header = decodeHeader(encoded)
    expect(header).toMatchObject({ ...fields, source: key.publicKey })
    expect(encodeHeader(header)).toEqual(encoded)
    expect(isSigned(header, encoded, ed25519Verify)).toBe(true)
    expect(idOf(header)).toBe(messageId('news', key.peer, fields.nonce, fields.contentHash))
  })

  test('is not signed any more once a byte of it is another one', () => {
    for (let at = 0; at < encoded.length; at++) {
      const other = changed(at, (encoded[at] as number) ^ 1)
      let header
      try {
        header = decodeHeader(other)
      } catch (error) {
        expect(error).toBeInstanceOf(ChunkError)
        continue
      }
      if (isSigned(header, other, ed25519Verify)) expect.fail(`byte ${at}`)
    }
  })

  test('has its bounds', () => {
    const longest = signedBy(key, { ...fields, network: 'n'.repeat(128), topic: 't'.repeat(128), k: shardsNeeded(63), recipients: Array.from({ length: 63 }, (_, i) => keyOf(i + 2).publicKey) })
    expect(longest).toHaveLength(MAX_HEADER_BYTES)
    expect(decodeHeader(longest).recipients).toHaveLength(63)
    const shortest = signedBy(key, { ...fields, network: '', topic: '', k: shardsNeeded(3), recipients: fields.recipients.slice(0, 3) })
    expect(shortest).toHaveLength(MIN_HEADER_BYTES)
    expect(decodeHeader(shortest).network).toBe('')
  })

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['too short', encoded.subarray(0, MIN_HEADER_BYTES - 1)],
    ['too long', new Uint8Array(MAX_HEADER_BYTES + 1).fill(1)],
    ['cut', encoded.subarray(0, -1)],
    ['with a byte more', concatBytes(encoded, Uint8Array.of(0))],
    ['of another version', changed(0, 2)],
    ['with a name longer than allowed', changed(1, 129)],
    ['with a name that is no text', changed(2, 0xff)],
    ['with a time beyond all numbers', changed(K_AT - 5, 0xff)],
    ['of an empty message', changed(K_AT - 4, 0, 0, 0, 0)],
    ['with a k of its own', changed(K_AT, 4)],
    ['with more recipients than it has room for', changed(K_AT + 65, 8)],
    ['that names somebody twice', changed(K_AT + 66, ...(fields.recipients[1] as Uint8Array))],
    ['that names its source', changed(K_AT + 66, ...key.publicKey)],
  ])('%s is none', (_name, bytes) => {
    expect(() => decodeHeader(bytes)).toThrow(ChunkError)
  })

  test('out of its bounds is not made', () => {
    expect(() => signedBy(key, { ...fields, k: 4 })).toThrow(RangeError)
    expect(() => signedBy(key, { ...fields, recipients: fields.recipients.slice(0, 2), k: 2 })).toThrow(RangeError)
  })
})

describe('a frame', () => {
  const path = new Uint8Array(96).fill(3)
  const shard = new Uint8Array(200).fill(4)
  const frame = encodeShard(encoded, 5, path, shard)

  test('of a shard says what it was made of', () => {
    const decoded = decodeFrame(frame) as ShardFrame
    expect(decoded).toMatchObject({ kind: 'shard', header: encoded, place: 5 })
    expect(pathAndShard(decoded, decodeHeader(encoded))).toEqual({ path, shard })
  })

  test('that asks says for what', () => {
    const want = { digest: new Uint8Array(32).fill(9), count: 3, places: [0, 7, 8, 62, 63] }
    expect(decodeFrame(encodeWant(want))).toEqual({ kind: 'want', ...want })
  })

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['unknown', Uint8Array.of(3, 1, 2)],
    ['cut in the length', frame.subarray(0, 2)],
    ['cut behind the header', frame.subarray(0, 3 + encoded.length + 1)],
    ['with a header too long', Uint8Array.of(1, 0xff, 0xff, ...new Uint8Array(70_000))],
    ['that asks for none', encodeWant({ digest: new Uint8Array(32), count: 0, places: [1] })],
    ['that asks for nothing', encodeWant({ digest: new Uint8Array(32), count: 1, places: [] })],
    ['that asks at length', concatBytes(encodeWant({ digest: new Uint8Array(32), count: 1, places: [1] }), Uint8Array.of(0))],
  ])('%s is none', (_name, bytes) => {
    expect(() => decodeFrame(bytes)).toThrow(ChunkError)
  })

  test.each<[string, ShardFrame]>([
    ['a place that is not there', decodeFrame(encodeShard(encoded, 7, path, shard)) as ShardFrame],
    ['a byte less', decodeFrame(frame.subarray(0, -1)) as ShardFrame],
    ['a byte more', decodeFrame(concatBytes(frame, Uint8Array.of(0))) as ShardFrame],
  ])('of a shard with %s is none', (_name, decoded) => {
    expect(() => pathAndShard(decoded, decodeHeader(encoded))).toThrow(ChunkError)
  })
})
