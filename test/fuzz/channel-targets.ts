/** What a peer sends on a session of channels: single frames, and a stream of them to a session that has a few channels. */
import { concatBytes, EMPTY } from '../../node-core/base/bytes.ts'
import { Budget } from '../../node-core/net/channels/budget.ts'
import { ChannelFrameReader } from '../../node-core/net/channels/frames/frame-reader.ts'
import { decodeFrameBody } from '../../node-core/net/channels/frames/frame-decode.ts'
import { encodeFrameBody, framedSize, writeFramed } from '../../node-core/net/channels/frames/frame-encode.ts'
import type { Frame } from '../../node-core/net/channels/frames/frames.ts'
import { Session } from '../../node-core/net/channels/session/session.ts'
import type { Target } from './fuzz.ts'

const BUDGET = 4 * 1024 * 1024
const NONCE = new Uint8Array(16).fill(1)
const data = { kind: 'data', total: undefined, first: true, last: true } as const
const FRAMES: readonly Frame[] = [
  { kind: 'hello', nonce: NONCE, peerNonce: new Uint8Array(16), received: 300 },
  { kind: 'ask' },
  { kind: 'ack', received: 3 },
  { kind: 'bye' },
  { kind: 'open', channel: 1, class: 'bulk', window: 262_144, maxMessageBytes: 1000, service: 'files/1', metadata: Uint8Array.of(1, 2, 3) },
  { kind: 'open', channel: 3, class: 'control', window: 100, maxMessageBytes: 0, service: 'x', metadata: EMPTY },
  { kind: 'accept', channel: 0, window: 300, maxMessageBytes: 500 },
  { kind: 'refuse', channel: 0, reason: 'busy' },
  { ...data, channel: 1, payload: new Uint8Array(40).fill(9) },
  { ...data, channel: 1, last: false, total: 100, payload: new Uint8Array(60) },
  { ...data, channel: 1, first: false, payload: new Uint8Array(40) },
  { kind: 'credit', channel: 1, limit: 400_000 },
  { kind: 'blocked', channel: 1 },
  { kind: 'end', channel: 1, deaf: false },
  { kind: 'end', channel: 1, deaf: true },
  { kind: 'reset', channel: 1, reason: 'failed' },
]

/** What a peer may say in this order: of the channel that this side asks for, it takes it or refuses it. */
const STREAMS: readonly (readonly Frame[])[] = [
  FRAMES.slice(1, 2),
  [...FRAMES.slice(4, 7), ...FRAMES.slice(8, 14)],
  [...FRAMES.slice(4, 6), FRAMES[7] as Frame, ...FRAMES.slice(8, 11)],
  [...FRAMES.slice(4, 6), ...FRAMES.slice(8, 11), FRAMES[15] as Frame],
]

export function channelTargets(): Target[] {
  return [
    { name: 'channel frame', corpus: FRAMES.map(encodeFrameBody), decode: decodeFrameBody, codes: ['CHANNEL_FRAME_'], encode: encodeFrameBody, canonical: true },
    {
      name: 'channel session',
      corpus: STREAMS.map(stream),
      decode: play,
      codes: ['CHANNEL_FRAME_', 'CHANNEL_PROTOCOL'],
      maxBytes: 4096,
    },
  ]
}

/** A session that takes every channel, reads every message, and asks for a channel itself. Fails where it promises more than it may. */
function play(bytes: Uint8Array): number {
  const budget = new Budget(BUDGET)
  const session: Session = new Session(
    {
      budget,
      nonce: NONCE,
      events: {
        onWork: () => undefined,
        onRequest: (number) => session.accept(number, 4096)?.onMessage(() => undefined),
        onAccepted: () => undefined,
        onEnded: () => undefined,
        onChange: () => undefined,
      },
    },
    { peer: 'peer', isLower: true, maxChannels: 8 },
  )
  session.attach({ path: 'direct', isFull: false, send: () => undefined }, { kind: 'hello', nonce: NONCE, peerNonce: NONCE, received: 0 })
  session.open({ service: 'echo', class: 'normal', metadata: EMPTY, maxMessageBytes: 4096, found: 'test' })
  session.pump(0)
  let frames = 0
  new ChannelFrameReader().push(bytes, (body) => {
    if (!session.isOver) session.receive(decodeFrameBody(body), ++frames)
    session.pump(frames)
    if (budget.taken > BUDGET || session.channels.length > 8) throw new Error('it promises more than it may')
    return true
  })
  return frames
}

function stream(frames: readonly Frame[]): Uint8Array {
  return concatBytes(
    ...frames.map((frame) => {
      const bytes = new Uint8Array(framedSize(frame))
      writeFramed(bytes, 0, frame)
      return bytes
    }),
  )
}
