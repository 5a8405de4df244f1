/** The one true sentence, and what the parts of it are called. */
import { formatCount } from '../../text/format.ts'

export const status = {
  connecting: 'Connecting to the node: waiting for its first answer.',
  lost: (span: string) => `Lost the connection to the node ${span} ago; trying again. It may have been stopped: what stands below is old.`,
  refused: 'The node does not accept this address: it was started again since. Open the address that it printed last.',
  noNetwork: 'No network is set up yet.',
  stopped: (name: string) => `Stopped. Press Start to run ${name} on this computer.`,
  stoppedAt: (name: string, height: string) => `Stopped at block ${height}. Press Start to run ${name} on this computer.`,
  starting: (name: string) => `Starting: opening the data of ${name} and loading its runtime.`,
  stopping: 'Stopping: finishing the block under way, then closing the data.',
  failed: (reason: string) => `Failed: ${reason}`,
  failedWithoutReason: 'Failed without a reason given. The log says more.',
  waitingForFirstBlock: 'Running: waiting for the first block.',
  noPeers: 'no peers',
  peers: (count: number) => formatCount(count, 'peer'),
  nothingFinal: 'nothing final yet',
  allFinal: 'all of it finalized',
  finalBehind: (blocks: number) => `finalized ${formatCount(blocks, 'block')} behind`,
  facts: (best: string, finality: string, peers: string) => `best ${best}, ${finality}, ${peers}`,
  quiet: (span: string, facts: string) => `No new block for ${span}, none came: ${facts}.`,
  quietAlone: (span: string, facts: string) => `No new block for ${span}, there are no peers to get one from: ${facts}.`,
  notFinalizing: (facts: string) => `Blocks come but finality does not: ${facts}.`,
  catchingUp: (percent: string, span: string, peers: string) => `Catching up: ${percent} done, about ${span} left, ${peers}.`,
  catchingUpOpenEnd: (percent: string, peers: string) => `Catching up: ${percent} done, ${peers}.`,
  authoring: (facts: string) => `Authoring blocks: ${facts}.`,
  following: (facts: string) => `Following the chain: ${facts}.`,
}
