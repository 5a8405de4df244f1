/** The record of a validator, day by day, and the card that says that it has stopped signing. */
import { formatNumber } from '../../text/format.ts'

export const validator = {
  title: 'Validator record',
  titleHint: 'What this node has done as an authority.',
  columns: { day: 'Day', blocks: 'Blocks produced', missed: 'Slots missed', votes: 'Rounds voted in' },
  dayHint: 'Days in UTC.',
  missedHint: 'Slots that certainly belonged to a key of this node and have no block. Slots while the node was stopped or catching up are not counted.',
  votesHint: 'GRANDPA rounds in which this node has voted.',
  silentTitle: 'This node has stopped signing',
  silentText: (turns: number) => `No block in ${turns === 1 ? 'its last slot' : `its last ${formatNumber(turns)} slots`}.`,
  silentLocked: 'Its keys are locked. Unlock them on the Keys screen.',
  silentSaid: 'The last attempt failed.',
  silentUnknown: 'See the log. Restart the node if this continues.',
}
