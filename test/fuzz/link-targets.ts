/** Private links: what peers ask and answer, what programs say at the SOCKS door, and the names that they say there. */
import { isDeepStrictEqual } from 'node:util'
import { fromUtf8, utf8 } from '../../node-core/base/bytes.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { linkHost, parseLinkHost, type LinkHost } from '../../node-core/net/link/hosts.ts'
import { eachPacket, packetEnds } from '../../node-core/net/link/ip/packets.ts'
import { decodeAnswer, decodeAsk, encodeAnswer, encodeAsk, IP_LINK } from '../../node-core/net/link/wire.ts'
import { inOnePiece, ipPacket } from '../helpers/ip-packets.ts'
import type { Target } from './fuzz.ts'
import { socksOutcome } from './socks-outcome.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const HOSTS = [`${PEER}.nodestead`, linkHost(PEER), linkHost(PEER, 'web'), `my.web.${PEER}.nodestead.`, 'example.com', '127.0.0.1']
const request = (host: string): number[] => [5, 1, 0, 3, host.length, ...utf8(host), 0, 80]

export function linkTargets(): Target[] {
  return [
    { name: 'link ask', corpus: [encodeAsk({ port: 8080 }), encodeAsk({ name: 'web' }), encodeAsk(IP_LINK)], decode: decodeAsk, codes: ['NET_LINK_'], encode: encodeAsk, canonical: true },
    { name: 'link answer', corpus: [encodeAnswer('open'), encodeAnswer('relayed')], decode: decodeAnswer, codes: ['NET_LINK_'], encode: encodeAnswer, canonical: true },
    {
      name: 'link host',
      corpus: HOSTS.map(utf8),
      decode: (input) => parseLinkHost(fromUtf8(input)),
      codes: ['NET_LINK_'],
      encode: (host: LinkHost | undefined) => utf8(host === undefined ? '' : linkHost(host.peer, host.name)),
    },
    {
      name: 'packets of an IP link',
      corpus: [inOnePiece(ipPacket('10.77.0.1', '10.77.0.2', 'hello'), ipPacket('fd77::1', 'fd77::2')), inOnePiece(ipPacket('10.77.0.2', '10.77.0.1'))],
      decode(input) {
        const bytes = Buffer.from(input)
        const found: unknown[] = []
        const taken = eachPacket(bytes, (packet) => found.push(packetEnds(packet)))
        // What came in two pieces is the same packets.
        const half = bytes.length >> 1
        const again: unknown[] = []
        const first = eachPacket(bytes.subarray(0, half), (packet) => again.push(packetEnds(packet)))
        const second = eachPacket(bytes.subarray(first), (packet) => again.push(packetEnds(packet)))
        if (first + second !== taken || !isDeepStrictEqual(found, again)) throw new Error('the pieces say something else than the whole')
        if (found.includes(undefined)) throw new NodeError('NET_LINK_MALFORMED', 'a packet is none')
        return found
      },
      codes: ['NET_LINK_'],
    },
    {
      name: 'socks handshake',
      corpus: [
        Uint8Array.of(5, 1, 0, ...request(HOSTS[0] as string), ...utf8('GET / HTTP/1.1')),
        Uint8Array.of(5, 2, 0, 2, 1, 1, 97, 1, 98, ...request(HOSTS[2] as string)),
        Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 80),
        Uint8Array.of(5, 1, 0, 5, 1, 0, 4, ...new Uint8Array(16), 0, 80),
      ],
      decode(input) {
        const withPassword = input[1] === 2
        const outcome = socksOutcome([input], withPassword)
        // In whatever pieces the bytes come, they say the same.
        if (!isDeepStrictEqual(outcome, socksOutcome([...input].map((byte) => Uint8Array.of(byte)), withPassword))) throw new Error('the pieces say something else than the whole')
        if (outcome.end?.kind === 'refuse') throw new NodeError('SOCKS_REFUSED', outcome.end.why)
        return outcome
      },
      codes: ['SOCKS_'],
    },
  ]
}
