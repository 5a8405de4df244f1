/** One key on one computer: listening before it signs, and the stop where another computer signs with it. */
import { formatCount } from '../../text/format.ts'
import { en as here } from '../place.ts'

export const signing = {
  listening: (span: string, facts: string) => `Listening for another ${span} before signing, in case another computer uses the same keys: ${facts}.`,
  stopped: (facts: string) => `Not signing, because another computer signs with the same keys: ${facts}.`,
  title: 'Another computer signs with your key: this node has stopped signing',
  block: (height: string, key: string, time: string) => `Block ${height} (received ${time}) is signed with this node's key ${key}, but this node did not produce it.`,
  vote: (height: string, round: string, key: string, time: string) => `A vote for block ${height} in round ${round} (received ${time}) is signed with this node's key ${key}, but this node did not cast it.`,
  unreadable: 'The record of what was signed elsewhere cannot be read.',
  advice: 'Two computers with one key sign twice, for which validators are slashed. Decide which computer keeps the key. On the other one, stop the node or remove the key. Until you confirm, this node follows the chain and signs nothing, even after a restart.',
  confirmTitle: 'Sign with this node again',
  confirmText: 'The node first listens for a few slots. If it hears the other computer again, it stops signing.',
  confirmCheck: 'No other computer runs a node with this key',
  get confirm() {
    return `${here.Computer()} is the only one with this key now`
  },
  developmentSigns: (count: number) => `${formatCount(count, 'key')} of a development account ${count === 1 ? 'signs' : 'sign'}.`,
  developmentUntold: (count: number) => `Has ${formatCount(count, 'key')} of a development account. The keystore is empty.`,
}
