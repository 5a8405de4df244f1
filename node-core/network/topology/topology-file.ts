/**
 * A fixed topology, as a file says it: the nodes that alone make up the network, each with its peer id and where it listens. The same file serves
 * all members: a node leaves itself out.
 *
 *     { "peers": [{ "id": "12D3KooW…", "name": "Ada", "addresses": ["/ip4/192.0.2.1/tcp/30333"] }], "longestRetrySeconds": 60 }
 */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { isPeerId, parseAddress, peerIdIn } from '../peers/address.ts'

export type TopologyErrorCode = 'NETWORK_TOPOLOGY_UNREADABLE' | 'NETWORK_TOPOLOGY_INVALID' | 'NETWORK_TOPOLOGY_FIXED'

export interface TopologyPeer {
  readonly id: string
  readonly name?: string | undefined
  /** Multiaddresses, with or without the id behind them. */
  readonly addresses: readonly string[]
}

export interface Topology {
  readonly peers: readonly TopologyPeer[]
  /** A peer that is not there is dialled again after 5 seconds, then twice as long each time, up to so many seconds. */
  readonly longestRetrySeconds: number
}

const MAX_BYTES = 1024 * 1024
const MAX_PEERS = 1024
const MAX_ADDRESSES = 16
const DEFAULT_RETRY_SECONDS = 60

const SCHEMA = z.strictObject({
  peers: z.array(z.strictObject({ id: z.string().max(128), name: z.string().max(64).optional(), addresses: z.array(z.string().max(1024)).max(MAX_ADDRESSES) })).max(MAX_PEERS),
  longestRetrySeconds: z.number().int().min(1).max(86_400).default(DEFAULT_RETRY_SECONDS),
})

/** Throws a NodeError NETWORK_TOPOLOGY_UNREADABLE or NETWORK_TOPOLOGY_INVALID that says what is wrong with the file. */
export async function readTopology(path: string): Promise<Topology> {
  let text: string
  try {
    const bytes = await readFile(path)
    if (bytes.length > MAX_BYTES) throw new Error(`it has ${bytes.length} bytes, more than ${MAX_BYTES}`)
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new NodeError<TopologyErrorCode>('NETWORK_TOPOLOGY_UNREADABLE', `The list of peers ${path} cannot be read: ${errorMessage(error)}.`, { hint: 'Check --topology-file: it names a file of peers that this user may read.', data: { path }, cause: error })
  }
  return parseTopology(text, path)
}

/** As {@link readTopology}, of its text. `path` is for the error. */
export function parseTopology(text: string, path: string): Topology {
  const invalid = (why: string, cause?: unknown): NodeError<TopologyErrorCode> =>
    new NodeError<TopologyErrorCode>('NETWORK_TOPOLOGY_INVALID', `The list of peers ${path} is not usable: ${why}.`, { hint: 'Correct the file. Until then the list that was read before holds.', data: { path }, cause })
  let parsed: Topology
  try {
    parsed = SCHEMA.parse(JSON.parse(text))
  } catch (error) {
    throw invalid(error instanceof SyntaxError ? 'it is no JSON' : errorMessage(error), error)
  }
  const ids = new Set<string>()
  for (const { id, addresses } of parsed.peers) {
    if (!isPeerId(id)) throw invalid(`"${id}" is not a peer id`)
    if (ids.has(id)) throw invalid(`the peer ${id} is in it twice`)
    ids.add(id)
    for (const address of addresses) {
      const named = peerIdIn(checked(address, invalid))
      if (named !== undefined && named !== id) throw invalid(`the address ${address} names another peer than ${id}`)
    }
  }
  return parsed
}

function checked(address: string, invalid: (why: string, cause?: unknown) => Error): ReturnType<typeof parseAddress> {
  try {
    return parseAddress('topology-file', address)
  } catch (error) {
    throw invalid(`"${address}" is not a multiaddress`, error)
  }
}
