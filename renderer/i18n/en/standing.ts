/** How a node stands beside others, where nobody confirms it: alone, or before the first block came. */
import { en as here } from '../place.ts'
export const standing = {
  lookingForPeers: (facts: string) => `Looking for peers: ${facts}.`,
  comparing: (facts: string) => `Waiting for a new block: ${facts}.`,
  onlyGenesis: 'only the genesis block so far',
  genesisTile: 'Only the genesis block so far',
  syncWaiting: (best: string, peers: string) => `Waiting for a new block: best ${best}, ${peers}.`,
  stageAlone: 'Alone',
  stageAloneMeaning: 'No peer to tell how long the chain is.',
  stageProducing: 'Producing alone',
  stageProducingMeaning: 'This node produces the blocks; there is no peer to compare with.',
  gapUnknown: 'unknown without peers',
  gapOurs: (ours: string) => `Best ${ours}`,
  timeLeftAlone: 'Known once a peer is connected',
  noMembersTitle: 'No other node of this network is connected',
  noMembersText: (span: string) =>
    `This node has been alone in its network for ${span}. The nodes of the other members may be stopped, or may not know the address of ${here.computer()}. Ask a member to start a node or to send an invitation, or connect to one by its address.`,
  connect: 'Connect to…',
  nobodyOwn: (bans: string) => `Still no peers${bans}: no other node of this network answered. Ask a member to start a node, or connect to one by its address.`,
  get noAnswerOwn() {
    return `Check whether the nodes of the other members are running and can reach ${here.computer()}, or connect to one on the Peers screen.`
  },
}
