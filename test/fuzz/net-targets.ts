/** What comes over plain links, and on topics of services. */
import { decodeEnvelope, decodeReceipt, encodeEnvelope, encodeReceipt, type Envelope } from '../../node-core/net/topics/envelope.ts'
import { encodeWireFrame, type WireFrame } from '../../node-core/network/wire/frame.ts'
import { decodeGreeting, decodeTopics, encodeGreeting, encodeTopics } from '../../node-core/network/wire/greeting.ts'
import { WireReader } from '../../node-core/network/wire/wire-reader.ts'
import { utf8 } from '../../node-core/base/bytes.ts'
import type { Target } from './fuzz.ts'

const TICKET = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const frames = (all: readonly WireFrame[]): Uint8Array => new Uint8Array(Buffer.concat(all.map((frame) => encodeWireFrame(frame).bytes)))

export function netTargets(): Target[] {
  return [
    {
      name: 'plain link',
      corpus: [
        frames([{ isLink: true, topic: 0, payload: encodeGreeting({ network: 'lab', name: 'a' }) }, { isLink: true, topic: 1, payload: new Uint8Array(0) }]),
        frames([{ isLink: false, topic: 7, payload: utf8('a vote') }, { isLink: false, topic: 7, payload: new Uint8Array(300) }]),
      ],
      // Bytes that stop in the middle of a frame are no error: more may come.
      decode: (input) => [...new WireReader((isLink, topic) => (isLink || topic < 256 ? 4096 : undefined)).push(input)],
      codes: ['WIRE_'],
    },
    { name: 'plain greeting', corpus: [encodeGreeting({ network: 'lab', name: 'Ada' })], decode: decodeGreeting, codes: ['WIRE_'], encode: encodeGreeting, canonical: true },
    { name: 'plain topics', corpus: [encodeTopics(new Map([[1, 'net/chat'], [300, 'votes']]))], decode: decodeTopics, codes: ['WIRE_'], encode: encodeTopics },
    { name: 'service envelope', corpus: [encodeEnvelope({ ticket: TICKET, payload: utf8('hello') }), encodeEnvelope({ ticket: undefined, payload: utf8('hello') })], decode: decodeEnvelope, codes: ['NET_'], encode: (envelope: Envelope) => encodeEnvelope(envelope), canonical: true },
    { name: 'receipt', corpus: [encodeReceipt(TICKET, 'taken'), encodeReceipt(TICKET, 'refused')], decode: decodeReceipt, codes: ['NET_'] },
  ]
}
