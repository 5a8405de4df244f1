/** Members of a fixed topology in words: whoever needs attention first, both ids where another key answers. */
import { expect, it } from 'vitest'
import { memberSentence, membersInOrder } from '../../../renderer/text/members.ts'
import type { TopologyMember } from '../../../node-core/network/topology/fixed-topology.ts'
import { PEERS } from '../../helpers/fake-network.ts'

const member = (change: Partial<TopologyMember> = {}): TopologyMember => ({ id: PEERS[0], addresses: [], connected: false, ...change })
const failure = (code: string, found?: string) => ({ code, at: 1_000, nextAt: 31_000, found })

it('a member is connected, awaited, away with why and when it is tried again, or another', () => {
  expect(memberSentence(member({ connected: true }), 1_000)).toEqual({ tone: 'well', text: 'connected' })
  expect(memberSentence(member(), 1_000)).toEqual({ tone: 'off', text: 'not connected yet' })
  expect(memberSentence(member({ failure: failure('NETWORK_DIAL_OTHER_PEER', PEERS[1]) }), 1_000)).toEqual({ tone: 'trouble', text: `Refused: ${PEERS[1]} answers at its address. Next attempt in 30 s.` })
  expect(memberSentence(member({ failure: failure('NETWORK_DIAL_REFUSED') }), 31_000)).toMatchObject({ tone: 'attention' })
  expect(memberSentence(member({ failure: failure('NETWORK_DIAL_FROM_THE_FUTURE') }), 1_000)).toMatchObject({ tone: 'attention', text: expect.stringContaining('Next attempt in 30 s.') })
})

it('those who need attention come first', () => {
  const all = [member({ connected: true }), member({ failure: failure('NETWORK_DIAL_REFUSED') }), member({ failure: failure('NETWORK_DIAL_OTHER_PEER', PEERS[1]) })]
  expect(membersInOrder(all)).toEqual([all[2], all[1], all[0]])
})
