import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from '../../../../node-core/base/bytes.ts'
import { REFUSALS, RESET_REASONS } from '../../../../node-core/net/channels/errors.ts'
import { ChannelFrameReader } from '../../../../node-core/net/channels/frames/frame-reader.ts'
import { decodeFrameBody } from '../../../../node-core/net/channels/frames/frame-decode.ts'
import { encodeFrameBody, framedSize, writeFramed } from '../../../../node-core/net/channels/frames/frame-encode.ts'
import { CLASSES, MAX_PAYLOAD_BYTES, type Frame } from '../../../../node-core/net/channels/frames/frames.ts'

const number = fc.maxSafeNat()
const channel = fc.oneof(fc.nat(300), number)
const nonce = fc.uint8Array({ minLength: 16, maxLength: 16 })
const maxMessageBytes = fc.nat(64 * 1024 * 1024)
const service = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/)
const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('hello' as const), nonce, peerNonce: nonce, received: number }),
  fc.record({ kind: fc.constantFrom('ask' as const, 'bye' as const) }),
  fc.record({ kind: fc.constant('ack' as const), received: number }),
  fc.record({ kind: fc.constant('open' as const), channel, class: fc.constantFrom(...CLASSES), window: number, maxMessageBytes, service, metadata: fc.uint8Array({ maxLength: 1024 }) }),
  fc.record({ kind: fc.constant('accept' as const), channel, window: number, maxMessageBytes }),
  fc.record({ kind: fc.constant('refuse' as const), channel, reason: fc.constantFrom(...REFUSALS) }),
  fc.record({ kind: fc.constant('data' as const), channel, total: fc.constant(undefined), first: fc.constant(true), last: fc.constant(true), payload: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant('data' as const), channel, total: fc.integer({ min: 301, max: 64 * 1024 * 1024 }), first: fc.constant(true), last: fc.constant(false), payload: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
  fc.record({ kind: fc.constant('data' as const), channel, total: fc.constant(undefined), first: fc.constant(false), last: fc.boolean(), payload: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
  fc.record({ kind: fc.constant('credit' as const), channel, limit: number }),
  fc.record({ kind: fc.constant('blocked' as const), channel }),
  fc.record({ kind: fc.constant('end' as const), channel, deaf: fc.boolean() }),
  fc.record({ kind: fc.constant('reset' as const), channel, reason: fc.constantFrom(...RESET_REASONS) }),
)

test('every frame comes out of its bytes as it went in', () => {
  fc.assert(fc.property(frames, (frame) => void expect(decodeFrameBody(encodeFrameBody(frame))).toEqual(frame)), { numRuns: 1000 })
})

test('frames on a stream come out as they went in, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (list, cuts) => {
      const bytes = concatBytes(
        ...list.map((frame) => {
          const room = new Uint8Array(framedSize(frame))
          expect(writeFramed(room, 0, frame)).toBe(room.length)
          return room
        }),
      )
      const reader = new ChannelFrameReader()
      const out: Frame[] = []
      for (let offset = 0, cut = 0; offset < bytes.length; cut++) {
        const size = cuts[cut % cuts.length] as number
        reader.push(bytes.subarray(offset, offset + size), (body) => out.push(decodeFrameBody(body)) > 0)
        offset += size
      }
      expect(out).toEqual(list)
    }),
  )
})

test('bytes that are no frame are refused, and what is none of them is one frame only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      let frame: Frame
      try {
        frame = decodeFrameBody(bytes)
      } catch (error) {
        return void expect((error as { code: string }).code).toBe('CHANNEL_FRAME_INVALID')
      }
      expect(encodeFrameBody(frame)).toEqual(bytes)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['nothing', []],
  ['an unknown kind', [0x0f]],
  ['a flag that its kind has not', [0x11]],
  ['bytes behind its end', [1, 0]],
  ['a number in a longer form', [2, 0x80, 0x00]],
  ['a number beyond 2^53', [2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ['another version', [0, 2, ...new Array<number>(33).fill(0)]],
  ['a part of a message without a byte', [0x07, 5]],
  ['a message that is longer than it says', [0x17, 5, 1, 9, 9]],
])('a frame with %s is refused', (_, bytes) => {
  expect(() => decodeFrameBody(Uint8Array.from(bytes))).toThrow(/invalid/)
})

test('a length above the longest frame is refused by itself', () => {
  const reader = new ChannelFrameReader()
  expect(() => reader.push(Uint8Array.of(0xa1, 0x80, 0x04), () => true)).toThrow(/too long/)
  expect(() => new ChannelFrameReader().push(Uint8Array.of(0x80, 0x80, 0x80), () => true)).toThrow(/too long/)
  expect(() => new ChannelFrameReader().push(Uint8Array.of(0x80, 0x00), () => true)).toThrow(/shortest/)
  const whole = encodeFrameBody({ kind: 'data', channel: 2 ** 40, total: 2 ** 26, first: true, last: false, payload: new Uint8Array(MAX_PAYLOAD_BYTES) })
  expect(decodeFrameBody(whole)).toMatchObject({ total: 2 ** 26 })
})
