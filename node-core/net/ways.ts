/**
 * The ways of spreading that a service topic has, by what it was declared as. All have direct sending, and those over plain links nothing else. A mesh has chunk and relay; an open topic has gossip
 * where the node runs it, and the tree where its owner chose it, for large messages or for all.
 */
import type { Clock } from '../base/clock.ts'
import { ed25519VerifyStrict } from '../crypto/ed25519/ed25519.ts'
import type { PeerJudge } from '../network/contracts.ts'
import type { NodeKey } from '../network/node-key.ts'
import { ChunksSpreader } from '../network/spread/chunks/chunks.ts'
import { DirectSpreader } from '../network/spread/direct.ts'
import { GossipSpreader, type GossipTopics } from '../network/spread/gossip.ts'
import type { Spreader } from '../network/spread/spread.ts'
import { TreeSpreader } from '../network/spread/tree/tree-spreader.ts'
import type { Ways } from './topics/service-topic.ts'

export interface WaysDependencies {
  readonly clock: Clock
  readonly judge: PeerJudge
  readonly key: () => NodeKey
  /** 0 to 1, without 1. */
  readonly random: () => number
  /** Names this network among all that there are. */
  readonly network: () => string
  /** Round trip to a peer in milliseconds, where it was measured. */
  readonly distance: (peer: string) => number | undefined
  /** Members of a fixed topology, connected or not; whoever is connected where the network is open. */
  readonly isMember: (peer: string) => boolean
  /** A source sent a message that nobody could have put together. */
  readonly onLie: (source: string) => void
  /** Gossipsub of the running host, where it has it. */
  readonly gossip: () => GossipTopics | undefined
}

export function waysOf({ clock, judge, key, random, network, distance, isMember, onLie, gossip }: WaysDependencies): Ways {
  return (links, sink, { name, topology, large, way, over, maxMessageBytes }) => {
    const sign = (bytes: Uint8Array): Uint8Array => key().sign(bytes)
    const signing = { clock, judge, network: network(), sign, verify: ed25519VerifyStrict }
    const ways: Spreader[] = [new DirectSpreader({ links: links('direct'), sink })]
    // Names of plain links are no keys, and nobody's signature could be checked.
    if (over === 'plain') return ways
    if (topology === 'mesh') ways.push(new ChunksSpreader({ ...signing, links: links('chunks'), sink, isMember, onLie }))
    if (topology === 'open' && gossip() !== undefined) ways.push(new GossipSpreader({ gossip, sink, judge, topic: `nodestead/${network()}/${name}` }, { maxContentBytes: maxMessageBytes }))
    if (topology === 'open' && (large === 'tree' || way === 'tree')) ways.push(new TreeSpreader({ ...signing, links: links('tree'), sink, random, distance }))
    return ways
  }
}
