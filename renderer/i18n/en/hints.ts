/** One line each for what somebody sees for the first time. */
import { formatNumber } from '../../text/format.ts'

export const hints = {
  label: 'Hint',
  dismiss: 'Dismiss this hint',
  none: 'No more hints',
  again: 'Show hints again',
  peer: 'A peer is another node of this network, usually on another computer.',
  direction: 'Outbound peers are those that this node connected to; inbound peers connected to it.',
  finality: (lag: number) =>
    lag === 0
      ? 'Finality has reached the best block: authorities voted on it, and it cannot be reverted.'
      : `Finality is ${lag === 1 ? '1 block' : `${formatNumber(lag)} blocks`} behind: authorities vote on a block after it is produced.`,
  slot: (span: string) => `Time is divided into slots of ${span}: an authority produces a block in each slot that is assigned to it.`,
  catchingUp: 'Catching up: the node downloads missing blocks from its peers and verifies them.',
  upToDate: 'Up to date means that no connected peer has announced a longer chain.',
  fork: 'Lines side by side are forks: blocks with the same parent, of which only one is finalized.',
}
