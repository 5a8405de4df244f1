/** Members of a network that a file fixes: how each is, in words. Pure. */
import { formatDuration, shortId } from './format.ts'
import { m } from '../i18n/language.ts'
import type { Sentence } from './status-sentence.ts'
import type { TopologyMember } from '../../node-core/network/topology/fixed-topology.ts'

const OTHER_KEY = 'NETWORK_DIAL_OTHER_PEER'

/** Those first who need somebody's attention. */
export function membersInOrder(members: readonly TopologyMember[]): readonly TopologyMember[] {
  const rank = ({ connected, failure }: TopologyMember): number => (connected ? 2 : failure?.code === OTHER_KEY ? 0 : 1)
  return members.toSorted((a, b) => rank(a) - rank(b))
}

export function memberSentence({ id, connected, failure }: TopologyMember, now: number): Sentence {
  if (connected) return { text: m.peers.memberHere, tone: 'well' }
  if (failure === undefined) return { text: m.peers.memberWaiting, tone: 'off' }
  const { code, found, nextAt } = failure
  const again = nextAt > now ? ` ${m.peers.memberAgain(formatDuration(Math.max(1000, nextAt - now)))}` : ''
  if (code === OTHER_KEY && found !== undefined) return { text: `${m.peers.memberOtherKey(found)}${again}`, tone: 'trouble' }
  const faults: Readonly<Record<string, (name: string, found: string) => string>> = m.peers.callFaults
  const fault = faults[code] ?? m.peers.callFaults.NETWORK_DIAL_FAILED
  return { text: `${fault(shortId(id), found ?? m.peers.unknownPeer)}${again}`, tone: 'attention' }
}
