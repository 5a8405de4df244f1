/**
 * The gate of a network that is of services alone, for tests (network/topics/topics.ts says what a gate is): beside a chain it is the chain's. Its
 * handshake names the version and this kind of network; nothing is ever said on it.
 */
import { utf8 } from '../../node-core/base/bytes.ts'
import type { TopicHandler, Verdict } from '../../node-core/network/contracts.ts'
import { FAULTS } from '../../node-core/network/faults.ts'

const HANDSHAKE = utf8('nodestead net 1')

export const NET_GATE: TopicHandler = {
  spec: { name: 'net', protocol: '/net/status/1', maxHandshakeBytes: 64, maxMessageBytes: 1, rate: { perSecond: 1, burst: 1 }, queueLength: 1 },
  handshake: () => HANDSHAKE,
  onHandshake: (_peer, handshake): Verdict => (Buffer.compare(handshake, HANDSHAKE) === 0 ? { kind: 'accept' } : { kind: 'ignore', reason: 'version' }),
  onOpen: () => undefined,
  onClosed: () => undefined,
  onMessage: (): Verdict => ({ kind: 'reject', fault: FAULTS.malformed }),
}
