/** One key on one computer: listening before it signs, and the stop where another computer signs with it. */
import { formatCount } from '../../text/format.ts'

export const signing = {
  listening: (span: string, facts: string) => `Listening for about ${span} before it signs, in case another computer uses the same keys: ${facts}.`,
  stopped: (facts: string) => `Signs nothing, because another computer signs with the same keys: ${facts}.`,
  title: 'Another computer signs with your key: this one has stopped signing',
  block: (height: string, key: string, time: string) => `Block ${height} (received ${time}) is signed with this node's key ${key}. This computer did not make it.`,
  vote: (height: string, round: string, key: string, time: string) => `A vote for block ${height} in round ${round} (received ${time}) is signed with this node's key ${key}. This computer did not cast it.`,
  unreadable: 'The file that says what was signed elsewhere cannot be read.',
  advice: 'Two computers with one key sign twice, which costs a validator its stake. Decide which computer keeps the key. On the other one, stop the node or remove the key. Until you confirm, this node follows the chain and signs nothing, also after a restart.',
  confirmTitle: 'Sign on this computer again',
  confirmText: 'The node listens for a few slots first. If it hears the other computer again, it stops again.',
  confirmCheck: 'No other computer runs a node with this key any more',
  confirm: 'This is the only computer with this key now',
  developmentSigns: (count: number) => `${formatCount(count, 'key')} of a development account ${count === 1 ? 'signs' : 'sign'}.`,
  developmentUntold: (count: number) => `Has ${formatCount(count, 'key')} of a development account. None of your own are kept here.`,
}
