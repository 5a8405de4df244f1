/**
 * Which spreader takes a message.
 *
 *   to whom        the topic's peers are          message        way
 *   everybody      only part of those who listen  up to 64 KiB   gossip     (an open network: more nodes than this one has peers)
 *   everybody      only part of those who listen  above          what the topic chose: gossip or tree
 *   everybody      all of them, at most 64 nodes  up to 64 KiB   direct     (a mesh: everybody is everybody's peer)
 *   everybody      all of them, 4 to 64 nodes     above          chunks
 *   everybody      all of them, more than 64      any            as in an open network
 *   some           3 to 63 of a mesh              above 64 KiB   chunks among them
 *   some           any others                     any            direct     (the other ways cannot leave anybody out)
 *
 * Below 64 KiB what a relay adds in time is more than what the source saves in bytes. Two or three nodes have no relays to spare: f = 0.
 * Beyond 64, a header that lists the recipients and a message from each to each cost too much. A way that the topic does not have, or
 * that does not take the message, is replaced by direct sending.
 *
 * A topic's owner may set these rules aside by naming one way: then everything that is for everybody takes it, where it can be taken: chunks from 4 to 64
 * nodes. A list of peers does so in chunks alone, since tree and gossip leave nobody out.
 */
import type { Way } from './spread.ts'

/** Content above this many bytes is large. */
export const LARGE_BYTES = 64 * 1024
/** Nodes of a mesh, the source among them, in which chunk and relay works. */
export const CHUNKS_NODES = { min: 4, max: 64 } as const

export interface SpreadCase {
  /** Nodes that are to have the message, the source among them. */
  readonly nodes: number
  /** Of the content. */
  readonly bytes: number
  /** All of the topic are meant, and not a list of peers or all but a list. */
  readonly everybody: boolean
}

export interface SpreadPolicy {
  /** `mesh`: all nodes of the topic are connected with each other, as in a fixed topology. `open`: each has some of the others as peers. */
  readonly topology: 'mesh' | 'open'
  /** The one that the topic's owner named instead of these rules. */
  readonly way?: Way | undefined
  /** What takes large messages where there are too many nodes for a mesh. */
  readonly large: 'gossip' | 'tree'
  /** The ways that the topic has, and the longest content that each takes. Direct sending is always there. */
  readonly ways: ReadonlyMap<Way, { readonly maxContentBytes: number }>
}

export function chooseWay(what: SpreadCase, policy: SpreadPolicy): Way {
  const way = policy.way === undefined ? wishedWay(what, policy) : isFit(policy.way, what) ? policy.way : 'direct'
  const spreader = policy.ways.get(way)
  return spreader !== undefined && what.bytes <= spreader.maxContentBytes ? way : 'direct'
}

/** Whether a way that was named can take the message to those for whom it is. */
function isFit(way: Way, { nodes, everybody }: SpreadCase): boolean {
  if (way === 'chunks') return nodes >= CHUNKS_NODES.min && nodes <= CHUNKS_NODES.max
  return way === 'direct' || everybody
}

function wishedWay({ nodes, bytes, everybody }: SpreadCase, { topology, large }: SpreadPolicy): Way {
  const isLarge = bytes > LARGE_BYTES
  if (everybody && (topology === 'open' || nodes > CHUNKS_NODES.max)) return isLarge ? large : 'gossip'
  const isChunkable = topology === 'mesh' && nodes >= CHUNKS_NODES.min && nodes <= CHUNKS_NODES.max
  return isLarge && isChunkable ? 'chunks' : 'direct'
}
