/** One node in the middle of messages: bounds, quotas, times, questions. Whole meshes are in mesh.test.ts. */
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { ed25519Sign, ed25519Verify } from '../../../../../node-core/crypto/ed25519/ed25519.ts'
import { CHUNK_DEFAULTS } from '../../../../../node-core/network/spread/chunks/chunks.ts'
import { divide } from '../../../../../node-core/network/spread/chunks/decoding.ts'
import { decodeFrame, encodeShard, encodeWant, type ShardFrame, type WantFrame } from '../../../../../node-core/network/spread/chunks/frames.ts'
import { decodeHeader, idOf, shardsNeeded, type ChunkHeader } from '../../../../../node-core/network/spread/chunks/header.ts'
import { ChunkRelay, type RelayAction, type RelayOptions } from '../../../../../node-core/network/spread/chunks/relay.ts'
import { sha256 } from '../../../../../node-core/network/spread/message-id.ts'
import type { MessageId } from '../../../../../node-core/network/spread/spread.ts'
import { NETWORK, TOPIC, keyOf, signedBy, type Key } from '../../../../helpers/chunk-mesh.ts'

const NOW = 1_000_000
const SELF = keyOf(2)
const SOURCE = keyOf(1)
const RECIPIENTS = Array.from({ length: 7 }, (_, i) => keyOf(i + 2))
const K = shardsNeeded(RECIPIENTS.length)

let messages = 0
function messageOf(source: Key = SOURCE, length = 1000, other: Partial<ChunkHeader> = {}) {
  const content = new Uint8Array(length).fill(++messages)
  const { tree, shards } = divide(content, K, RECIPIENTS.length)
  const nonce = new Uint8Array(8)
  const recipients = RECIPIENTS.map(({ publicKey }) => publicKey)
  const header = signedBy(source, { network: NETWORK, topic: TOPIC, nonce, time: NOW, length, k: K, root: tree.root, contentHash: sha256(content), recipients, ...other })
  return { content, header, frames: shards.map((shard, place) => encodeShard(header, place, tree.path(place), shard)), id: idOf(decodeHeader(header)) }
}

function build(options: Partial<RelayOptions> = {}, { has = (_: MessageId): boolean => false, isMember = (_: string): boolean => true, verify = ed25519Verify } = {}) {
  const clock = new FakeClock(NOW)
  const sign = (bytes: Uint8Array): Uint8Array => ed25519Sign(SELF.seed, bytes)
  const relay = new ChunkRelay({ clock, self: SELF.publicKey, network: NETWORK, topic: TOPIC, sign, verify, has, isMember }, { ...CHUNK_DEFAULTS, ...options })
  const frameOf = (one: ReturnType<typeof messageOf>, place: number, from: Key = SOURCE) => relay.onFrame(from.peer, one.frames[place] as Uint8Array)
  return { clock, relay, frameOf }
}

const sends = (actions: readonly RelayAction[]) => actions.flatMap((action) => (action.kind === 'send' ? [action] : []))
const wants = (actions: readonly RelayAction[]) => sends(actions).map(({ peers, frame }) => ({ peers, frame: decodeFrame(frame) as WantFrame }))

describe('a shard', () => {
  test('of this node’s own goes on to all others as it came, once', () => {
    const { frameOf } = build()
    const one = messageOf()
    expect(frameOf(one, 0).actions).toEqual([{ kind: 'send', peers: RECIPIENTS.slice(1).map(({ peer }) => peer), frame: one.frames[0] }])
    expect(frameOf(one, 0)).toEqual({ verdict: { kind: 'ignore', reason: 'duplicate' }, actions: [] })
    expect(frameOf(one, 3).actions).toEqual([])
  })

  test('completes the message, and what comes then is known', () => {
    const { relay, frameOf } = build()
    const one = messageOf()
    for (const place of [1, 2, 3, 4]) expect(frameOf(one, place, keyOf(place + 2)).actions).toEqual([])
    const { actions } = frameOf(one, 6, keyOf(8))
    // Its own shard never came: it makes it, and sends it on.
    expect(actions).toEqual([
      { kind: 'deliver', arrival: { id: one.id, content: one.content, source: SOURCE.peer, from: keyOf(8).peer, way: 'chunks' } },
      { kind: 'send', peers: RECIPIENTS.slice(1).map(({ peer }) => peer), frame: one.frames[0] },
    ])
    expect(frameOf(one, 0)).toEqual({ verdict: { kind: 'ignore', reason: 'duplicate' }, actions: [] })
    expect(relay.counters.whole).toBe(1)
  })

  test.each<[string, Partial<ChunkHeader>, object]>([
    ['another network', { network: 'other' }, { kind: 'reject', fault: { code: 'chunk-misplaced', cost: -100 } }],
    ['another topic', { topic: 'other' }, { kind: 'reject', fault: { code: 'chunk-misplaced', cost: -100 } }],
    ['a message for others', { recipients: [3, 4, 5, 6, 7, 8, 9].map((n) => keyOf(n).publicKey) }, { kind: 'reject', fault: { code: 'chunk-misplaced', cost: -100 } }],
    ['long ago', { time: NOW - 120_001 }, { kind: 'ignore', reason: 'out-of-time' }],
    ['the future', { time: NOW + 120_001 }, { kind: 'ignore', reason: 'out-of-time' }],
    ['more than the topic carries', { length: 16 * 1024 * 1024 + 1 }, { kind: 'ignore', reason: 'too-large' }],
  ])('of %s is refused before its signature is looked at', (_name, other, verdict) => {
    const { frameOf, relay } = build({}, { verify: () => expect.fail('looked at') })
    expect(frameOf(messageOf(SOURCE, 1000, other), 0)).toEqual({ verdict, actions: [] })
    expect(relay.sizes.open).toBe(0)
  })

  test('of a stranger, or of a message that came in another way, is not gone into', () => {
    const stranger = build({}, { isMember: (peer) => peer !== SOURCE.peer, verify: () => expect.fail('looked at') })
    expect(stranger.frameOf(messageOf(), 0).verdict).toEqual({ kind: 'ignore', reason: 'unknown-source' })
    const one = messageOf()
    const seen = build({}, { has: (id) => id === one.id, verify: () => expect.fail('looked at') })
    expect(seen.frameOf(one, 0).verdict).toEqual({ kind: 'ignore', reason: 'duplicate' })
  })

  test('costs one signature for a message, whoever sends how many', () => {
    let verified = 0
    const { frameOf } = build({}, { verify: (...args) => (verified++, ed25519Verify(...args)) })
    const one = messageOf()
    for (const place of [0, 1, 2, 3, 4, 5, 6]) frameOf(one, place)
    expect(verified).toBe(1)
  })

  test('that is false, or whose header nobody signed, takes no room', () => {
    const { relay } = build()
    const one = messageOf()
    const false_ = (one.frames[2] as Uint8Array).slice()
    false_[false_.length - 1] = (false_[false_.length - 1] as number) ^ 1
    expect(relay.onFrame(keyOf(4).peer, false_).verdict).toEqual({ kind: 'reject', fault: { code: 'chunk-false', cost: -300 } })
    const { header, body } = decodeFrame(one.frames[2] as Uint8Array) as ShardFrame
    const unsigned = header.slice()
    unsigned[unsigned.length - 1] = (unsigned[unsigned.length - 1] as number) ^ 1
    const forged = Uint8Array.of(1, unsigned.length & 0xff, unsigned.length >> 8, ...unsigned, 2, ...body)
    expect(relay.onFrame(keyOf(4).peer, forged).verdict).toEqual({ kind: 'reject', fault: { code: 'chunk-signature', cost: -200 } })
    expect(relay.sizes).toEqual({ open: 0, openBytes: 0, kept: 0, keptBytes: 0 })
  })

  test('keeps nothing of the buffer in which it came', () => {
    const { relay } = build()
    const one = messageOf()
    const chunk = new Uint8Array(100_000)
    for (const place of [1, 2, 3, 4, 5]) {
      const frame = one.frames[place] as Uint8Array
      chunk.set(frame)
      const { actions } = relay.onFrame(SOURCE.peer, chunk.subarray(0, frame.length))
      chunk.fill(0)
      if (place === 5) expect(actions[0]).toMatchObject({ kind: 'deliver', arrival: { content: one.content } })
    }
  })
})

describe('asking', () => {
  test('begins after a while without anything new: two others, two further ones, then the source as well', () => {
    const { relay, clock, frameOf } = build({ askAfterMs: 1000, sparingRounds: 2, rounds: 4 })
    const one = messageOf()
    frameOf(one, 0)
    clock.advance(600)
    frameOf(one, 2)
    expect(relay.nextDue()).toBe(NOW + 1600)
    clock.advance(999)
    expect(relay.onTime()).toEqual([])
    clock.advance(1)
    expect(wants(relay.onTime())).toEqual([
      { peers: [keyOf(3).peer, keyOf(4).peer], frame: { kind: 'want', digest: sha256(one.header), count: 3, places: [1, 3, 4, 5, 6] } },
    ])
    const asked: (readonly string[])[] = []
    for (let round = 0; round < 5; round++) {
      clock.advance(1000)
      asked.push(...wants(relay.onTime()).map(({ peers }) => peers))
    }
    expect(asked).toEqual([
      [keyOf(5).peer, keyOf(6).peer],
      [keyOf(7).peer, keyOf(8).peer, SOURCE.peer],
      [keyOf(3).peer, keyOf(4).peer, SOURCE.peer],
    ])
    expect(relay.nextDue()).toBe(NOW + 30_000)
  })

  test('is answered by whoever has some, up to what is wanted, in an order of its own', () => {
    const { relay, frameOf } = build()
    const one = messageOf()
    for (const place of [1, 3, 5]) frameOf(one, place)
    const want = encodeWant({ digest: sha256(one.header), count: 2, places: [1, 2, 3, 5] })
    const { verdict, actions } = relay.onFrame(keyOf(4).peer, want)
    expect(verdict).toEqual({ kind: 'accept' })
    expect(sends(actions)).toEqual([1, 3].map((place) => ({ kind: 'send', peers: [keyOf(4).peer], frame: one.frames[place] })))
    expect(relay.onFrame(keyOf(4).peer, encodeWant({ digest: sha256(one.header), count: 2, places: [2, 4] })).verdict).toEqual({ kind: 'ignore', reason: 'nothing-to-send' })
  })

  test('is answered by the source, twice what suffices and no more', () => {
    const { relay } = build()
    const content = new Uint8Array(500).fill(3)
    const first = relay.originate({ id: '0x', nonce: new Uint8Array(8), content }, [1, 3, 4, 5].map((n) => keyOf(n).publicKey))
    const { header } = decodeFrame((sends(first)[0] as { frame: Uint8Array }).frame) as ShardFrame
    const want = encodeWant({ digest: sha256(header), count: 60, places: [0, 1, 2, 3] })
    const counts = [1, 2, 3].map(() => relay.onFrame(keyOf(3).peer, want).actions.length)
    expect(counts).toEqual([3, 3, 0])
    expect(relay.onFrame(keyOf(4).peer, want).actions).toHaveLength(3)
  })

  test('is refused to strangers, and without an answer where the message is not known', () => {
    const { relay, frameOf } = build()
    const one = messageOf()
    frameOf(one, 0)
    const want = encodeWant({ digest: sha256(one.header), count: 1, places: [0] })
    expect(relay.onFrame(keyOf(30).peer, want)).toEqual({ verdict: { kind: 'reject', fault: { code: 'chunk-misplaced', cost: -100 } }, actions: [] })
    expect(relay.onFrame('QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', want).actions).toEqual([])
    expect(relay.onFrame(keyOf(3).peer, encodeWant({ digest: new Uint8Array(32), count: 1, places: [0] })).verdict).toEqual({ kind: 'ignore', reason: 'unknown-message' })
  })
})

describe('room', () => {
  test('of a source is bounded by number and bytes', () => {
    const { relay, frameOf } = build({ openPerSource: 2, openBytesPerSource: 2500 })
    expect([messageOf(), messageOf(), messageOf()].map((one) => frameOf(one, 0).verdict)).toEqual([
      { kind: 'accept' }, { kind: 'accept' }, { kind: 'ignore', reason: 'no-room' },
    ])
    const other = keyOf(20)
    expect(frameOf(messageOf(other, 2000), 0, other).verdict).toEqual({ kind: 'accept' })
    expect(frameOf(messageOf(other, 1000), 0, other).verdict).toEqual({ kind: 'ignore', reason: 'no-room' })
    expect(relay.sizes).toMatchObject({ open: 3, openBytes: 4000 })
    expect(relay.counters.refused).toBe(2)
  })

  test('is taken from whoever holds most, and never from those who hold less', () => {
    const { relay, frameOf } = build({ openBytes: 4000 })
    const first = messageOf()
    frameOf(first, 0)
    for (let i = 0; i < 3; i++) frameOf(messageOf(), 0)
    const other = keyOf(20)
    expect(frameOf(messageOf(other), 0, other).verdict).toEqual({ kind: 'accept' })
    expect(relay.counters.givenUp).toBe(1)
    expect(relay.sizes).toMatchObject({ open: 4, openBytes: 4000 })
    expect(frameOf(messageOf(), 0).verdict).toEqual({ kind: 'ignore', reason: 'no-room' })
    expect(frameOf(messageOf(other), 0, other).verdict).toEqual({ kind: 'accept' })
    expect(frameOf(messageOf(other), 0, other).verdict).toEqual({ kind: 'ignore', reason: 'no-room' })
    expect(relay.sizes).toMatchObject({ open: 4, openBytes: 4000 })
  })

  test('is free again after the time for a message, and kept ones go as well', () => {
    const { relay, clock, frameOf } = build({ openMs: 5000, keptMs: 3000, rounds: 0 })
    frameOf(messageOf(), 0)
    const whole = messageOf()
    for (const place of [0, 1, 2, 3, 4]) frameOf(whole, place)
    expect(relay.sizes).toEqual({ open: 1, openBytes: 1000, kept: 1, keptBytes: 1400 })
    expect(relay.nextDue()).toBe(NOW + 3000)
    clock.advance(3000)
    relay.onTime()
    expect(relay.sizes).toMatchObject({ open: 1, kept: 0 })
    clock.advance(2000)
    relay.onTime()
    expect(relay.sizes).toEqual({ open: 0, openBytes: 0, kept: 0, keptBytes: 0 })
    expect(relay.counters.expired).toBe(1)
    expect(relay.nextDue()).toBeUndefined()
  })

  test('for what is kept is bounded by bytes, the oldest goes first', () => {
    const { relay, frameOf } = build({ keptBytes: 3000 })
    const all = [messageOf(), messageOf(), messageOf()]
    for (const one of all) for (const place of [0, 1, 2, 3, 4]) frameOf(one, place)
    expect(relay.sizes).toMatchObject({ open: 0, kept: 2, keptBytes: 2800 })
    const answers = all.map((one) => relay.onFrame(keyOf(3).peer, encodeWant({ digest: sha256(one.header), count: 1, places: [1] })).verdict.kind)
    expect(answers).toEqual(['ignore', 'accept', 'accept'])
  })
})

test('what was proven a lie is refused without another look', () => {
  const { relay, frameOf } = build()
  const one = messageOf(SOURCE, 1000, { contentHash: new Uint8Array(32) })
  const last = [0, 1, 2, 3, 4].map((place) => frameOf(one, place)).at(-1)
  expect(last?.actions).toMatchObject([{ kind: 'lie', source: SOURCE.peer, fault: { code: 'chunk-source-lied', ban: true } }])
  expect(frameOf(one, 5)).toEqual({ verdict: { kind: 'ignore', reason: 'refused' }, actions: [] })
  expect(relay.sizes).toEqual({ open: 0, openBytes: 0, kept: 0, keptBytes: 0 })
  expect(relay.counters.lies).toBe(1)
})
