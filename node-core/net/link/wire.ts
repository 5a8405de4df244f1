/**
 * What is said on a stream of `/nodestead/link/1` before it carries a connection: whoever opened it asks for a port or a name, the other side answers with
 * one byte, and behind an answer that opens, the bytes of the two programs follow. Both are frames (network/framing.ts).
 *
 *   ask     1, port (2 bytes, big-endian, not 0)  |  2, name (1 to 64 bytes, see names.ts)  |  3 (packets of the IP link, see ip/packets.ts)
 *   answer  status (1 byte, see ANSWERS)
 *
 * Nothing follows an ask before it was answered.
 */
import { fromUtf8, utf8 } from '../../base/bytes.ts'
import { isName, MAX_NAME_LENGTH } from '../names.ts'
import { LinkError, type LinkErrorCode } from './errors.ts'

export const LINK_PROTOCOL = '/nodestead/link/1'
export const MAX_ASK_BYTES = 1 + MAX_NAME_LENGTH
export const MAX_ANSWER_BYTES = 1

/** What is wanted of a peer: a port that it opened, or what it opened under a name. */
export type Wanted = { readonly port: number } | { readonly name: string }

/** What a stream is asked to carry: a connection to a program, or packets of the IP link from who opened it. */
export type Asked = Wanted | typeof IP_LINK
export const IP_LINK = { ip: true } as const

/** Their places are their numbers on the wire. */
const ANSWERS = ['open', 'not-opened', 'target-refused', 'target-unreachable', 'busy', 'relayed'] as const
export type Answer = (typeof ANSWERS)[number]

const BY_PORT = 1
const BY_NAME = 2
const BY_IP = 3

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 0xffff
}

export function encodeAsk(wanted: Asked): Uint8Array {
  if ('ip' in wanted) return Uint8Array.of(BY_IP)
  return 'port' in wanted ? Uint8Array.of(BY_PORT, wanted.port >> 8, wanted.port & 0xff) : Uint8Array.of(BY_NAME, ...utf8(wanted.name))
}

/** Throws a LinkError NET_LINK_MALFORMED. */
export function decodeAsk(bytes: Uint8Array): Asked {
  if (bytes[0] === BY_PORT && bytes.length === 3) {
    const port = ((bytes[1] as number) << 8) | (bytes[2] as number)
    if (isPort(port)) return { port }
  }
  // A name is ASCII: other bytes are not looked at as text.
  if (bytes[0] === BY_NAME && bytes.length <= MAX_ASK_BYTES && bytes.every((byte) => byte < 0x80)) {
    const name = fromUtf8(bytes.subarray(1))
    if (isName(name)) return { name }
  }
  if (bytes[0] === BY_IP && bytes.length === 1) return IP_LINK
  throw malformed('what was asked for is neither a port nor a name')
}

export function encodeAnswer(answer: Answer): Uint8Array {
  return Uint8Array.of(ANSWERS.indexOf(answer))
}

/** Throws a LinkError NET_LINK_MALFORMED. */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const answer = bytes.length === 1 ? ANSWERS[bytes[0] as number] : undefined
  if (answer === undefined) throw malformed('the answer is none that is known')
  return answer
}

const REFUSALS: Readonly<Record<Exclude<Answer, 'open'>, readonly [code: LinkErrorCode, message: string, hint: string]>> = {
  'not-opened': ['NET_LINK_NOT_OPENED', 'has not opened that for this node', 'Ask its user to open it for your peer id.'],
  'target-refused': ['NET_LINK_TARGET_REFUSED', 'opened that, but no program listens there', 'Ask its user to start the program.'],
  'target-unreachable': ['NET_LINK_TARGET_UNREACHABLE', 'opened that, but the program there does not answer', 'Ask its user to look after the program.'],
  busy: ['NET_LINK_BUSY', 'takes no more connections at the moment', 'Close some connections, or try again later.'],
  relayed: ['NET_LINK_RELAYED', 'opened that for direct connections only, and you reach it over a relay', 'Ask its user to allow relayed connections for it, or see that one of you can be reached directly.'],
}

/** The refusal as whoever asked is told it. */
export function refusalError(peer: string, wanted: Asked, answer: Exclude<Answer, 'open'>): LinkError {
  const [code, message, hint] = REFUSALS[answer]
  return new LinkError(code, `The peer ${peer} ${message} (${describeWanted(wanted)}).`, { hint, data: { peer, wanted: describeWanted(wanted) } })
}

export function describeWanted(wanted: Asked): string {
  if ('ip' in wanted) return 'the IP link'
  return 'port' in wanted ? `port ${wanted.port}` : `"${wanted.name}"`
}

function malformed(why: string): LinkError {
  return new LinkError('NET_LINK_MALFORMED', `A private link was not agreed on: ${why}.`)
}
