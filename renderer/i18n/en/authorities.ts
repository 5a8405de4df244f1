/** The table of authorities, and whom finality waits for. */
import { formatCount } from '../../text/format.ts'

export const authorities = {
  title: 'Authorities',
  titleHint: 'They produce blocks and vote on finality.',
  counted: ['authority', 'authorities'] as [string, string],
  here: (here: string, all: string) => `${here} of ${all} here`,
  /** `names` is empty where there are too many. */
  waits: (here: string, all: string, names: readonly string[], away: number) =>
    names.length === 0
      ? `${here} of ${all} are here; ${formatCount(away, 'computer is', 'computers are')} missing; finality waits.`
      : `${here} of ${all} are here; ${names.length === 1 ? `${names[0]}'s computer is` : `the computers of ${names.join(', ')} are`} missing; finality waits.`,
  columns: { name: 'Authority', presence: 'Online', lastBlock: 'Last block', lastVote: 'Last vote', missed: 'Missed slots' },
  presence: { self: 'this node', here: 'online', away: 'missing', unknown: 'not seen yet' },
  round: (round: string) => `round ${round}`,
  lastVoteHint: 'The last vote that this node has heard since it started.',
  missedHint: (blocks: string) =>
    `Slots without a block in the last ${blocks} on the best chain, counted for the authority whose turn it was: the round robin in Aura, the author of the secondary slot in BABE.`,
  blocks: (count: number) => formatCount(count, 'block'),
  missedUnknown: 'On this chain no slot belongs to one authority alone.',
  notYet: 'none yet',
  addressLabel: 'Address',
}
