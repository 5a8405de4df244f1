/**
 * A fixed topology, as a file says it: the nodes that alone make up the network, each with its peer id and where it listens. The same file serves
 * all members: a node leaves itself out.
 *
 *     { "peers": [{ "id": "12D3KooW…", "name": "Ada", "addresses": ["/ip4/192.0.2.1/tcp/30333"] }], "longestRetrySeconds": 60 }
 */
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { readBounded } from './bounded-file.ts'
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
const MAX_QUOTE = 80
const DEFAULT_RETRY_SECONDS = 60

const SCHEMA = z.strictObject({
  peers: z.array(z.strictObject({ id: z.string().max(128), name: z.string().max(64).optional(), addresses: z.array(z.string().max(1024)).max(MAX_ADDRESSES) })).max(MAX_PEERS),
  longestRetrySeconds: z.number().int().min(1).max(86_400).default(DEFAULT_RETRY_SECONDS),
})

/** Throws a NodeError NETWORK_TOPOLOGY_UNREADABLE or NETWORK_TOPOLOGY_INVALID that says what is wrong with the file. */
export async function readTopology(path: string): Promise<Topology> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readBounded(path, MAX_BYTES))
  } catch (error) {
    throw new NodeError<TopologyErrorCode>('NETWORK_TOPOLOGY_UNREADABLE', `The list of peers ${path} cannot be read: ${errorMessage(error)}.`, { hint: 'Check --topology-file: it names a file of peers that this user may read.', data: { path }, cause: error })
  }
  return parseTopology(text, path)
}

/** What is wrong with a file that is not usable, in the error's data. */
export type TopologyFault = 'json' | 'form' | 'peer-id' | 'twice' | 'address' | 'other-peer'

type Invalid = (problem: TopologyFault, why: string, subject?: string, cause?: unknown) => NodeError<TopologyErrorCode>

/** As {@link readTopology}, of its text. `path` is for the error, whose data have the fault under `problem` and what it is about under `subject`. */
export function parseTopology(text: string, path: string): Topology {
  const invalid: Invalid = (problem, why, subject = '', cause) =>
    new NodeError<TopologyErrorCode>('NETWORK_TOPOLOGY_INVALID', `The list of peers ${path} is not usable: ${why}.`, {
      hint: 'Correct the file. Until then the list that was read before holds.',
      data: { path, problem, subject: subject.slice(0, MAX_QUOTE) },
      cause,
    })
  let parsed: Topology
  try {
    parsed = SCHEMA.parse(JSON.parse(text))
  } catch (error) {
    throw error instanceof SyntaxError ? invalid('json', 'it is no JSON', '', error) : invalid('form', errorMessage(error), error instanceof z.ZodError ? (error.issues[0]?.path.join('.') ?? '') : '', error)
  }
  const ids = new Set<string>()
  for (const { id, addresses } of parsed.peers) {
    if (!isPeerId(id)) throw invalid('peer-id', `"${id}" is not a peer id`, id)
    if (ids.has(id)) throw invalid('twice', `the peer ${id} is in it twice`, id)
    ids.add(id)
    for (const address of addresses) {
      const named = peerIdIn(checked(address, invalid))
      if (named !== undefined && named !== id) throw invalid('other-peer', `the address ${address} names another peer than ${id}`, address)
    }
  }
  return parsed
}

function checked(address: string, invalid: Invalid): ReturnType<typeof parseAddress> {
  try {
    return parseAddress('topology-file', address)
  } catch (error) {
    throw invalid('address', `"${address}" is not a multiaddress`, address, error)
  }
}
