/** How a node stands beside others, where nobody confirms it: alone, or before the first block came. */
export const standing = {
  lookingForPeers: (facts: string) => `Looking for peers: ${facts}.`,
  comparing: (facts: string) => `Waiting for a new block: ${facts}.`,
  onlyGenesis: 'only the genesis block so far',
  genesisTile: 'Only the genesis block so far',
  syncWaiting: (best: string, peers: string) => `Waiting for a new block: best ${best}, ${peers}.`,
  stageAlone: 'Alone',
  stageAloneMeaning: 'No peer tells how long the chain is.',
  stageProducing: 'Producing alone',
  stageProducingMeaning: 'This node produces the blocks; no peer compares them.',
  gapUnknown: 'unknown without peers',
  gapOurs: (ours: string) => `Best ${ours}`,
  timeLeftAlone: 'Known once a peer is connected',
  noMembersTitle: 'No other node of this network is connected',
  noMembersText: (span: string) =>
    `For ${span} this node has been alone in its network. The other members’ nodes may be stopped, or may not know this computer’s address. Ask a member to start a node or to send an invitation, or connect to one by its address.`,
  connect: 'Connect to…',
  nobodyOwn: (bans: string) => `Still no peers${bans}: no other node of this network answered. Ask a member to start a node, or connect to one by its address.`,
  noAnswerOwn: 'See whether the other members’ nodes run and can reach this computer, or connect to one under Peers.',
}
