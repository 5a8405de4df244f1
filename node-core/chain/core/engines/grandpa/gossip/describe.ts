/** What a GRANDPA message says, for people: plain data, without signatures. */
import type { FinalityContent } from '../../../../protocols/message-content.ts'
import type { GrandpaMessage } from '../messages.ts'

export function describeGrandpaMessage(message: GrandpaMessage): FinalityContent {
  const { round, setId } = message
  switch (message.type) {
    case 'vote': {
      const { kind, target, authority } = message.vote
      return { kind: 'vote', round, setId, vote: kind, target, authority }
    }
    case 'commit':
      return { kind: 'commit', round, setId, target: message.target, precommits: message.precommits.length }
    case 'neighbor':
      return { kind: 'neighbor', round, setId, finalized: message.finalized }
    case 'catchUpRequest':
      return { kind: 'catch-up-request', round, setId }
    case 'catchUp':
      return { kind: 'catch-up', round, setId, base: message.base, prevotes: message.prevotes.length, precommits: message.precommits.length }
  }
}
