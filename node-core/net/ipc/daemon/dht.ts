/** The nine questions to the routing table. Those with many answers are written as they are found: a beginning, values, an end. */
import { isFieldSet, type MessageInitShape } from '@bufbuild/protobuf'
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { concatBytes, utf8 } from '../../../base/bytes.ts'
import { invalidRequest, IpcError } from '../errors.ts'
import type { Line } from '../line.ts'
import type { RoutingTable } from '../../../network/streams.ts'
import type { Program } from '../programs.ts'
import { encodeDht, encodeOk, multihashOfCid, peerBytes, peerInfo, peerText } from './messages.ts'
import { DHTRequest_Type, DHTRequestSchema, DHTResponse_Type, type DHTRequest, type DHTResponseSchema } from './p2pd_pb.ts'

type Answer = Omit<MessageInitShape<typeof DHTResponseSchema>, '$typeName' | 'type'>

const DEFAULT_PROVIDERS = 20
const MAX_PROVIDERS = 1000
/** Records of a network are a few kilobytes. */
const MAX_KEY = 1024
const MAX_VALUE = 64 * 1024

/** Writes the answers itself. Rejects where the first is an error; nothing was written then. */
export async function answerDht(program: Program, routing: RoutingTable, request: DHTRequest, line: Line, signal: AbortSignal): Promise<void> {
  program.may.require('dht')
  if (!isFieldSet(request, DHTRequestSchema.field.type)) throw invalidRequest('The request asks nothing of the routing table.')
  switch (request.type) {
    case DHTRequest_Type.FIND_PEER: {
      const { peer, addresses } = await routing.findPeer(peerText(request.peer), signal)
      return one(line, { peer: peerInfo(peer, addresses) })
    }
    case DHTRequest_Type.FIND_PEERS_CONNECTED_TO_PEER:
      // Nobody is asked for that in Kademlia: the daemon took the operation out, and its clients get an error from it too.
      throw new IpcError('NET_NOT_SUPPORTED', 'Peers do not tell with whom they are connected.')
    case DHTRequest_Type.FIND_PROVIDERS: {
      const count = request.count > 0 ? Math.min(request.count, MAX_PROVIDERS) : DEFAULT_PROVIDERS
      const found = routing.findProviders(multihashOfCid(required(request, 'cid')), signal)
      return many(line, first(found, count), ({ peer, addresses }) => ({ peer: peerInfo(peer, addresses) }), signal)
    }
    case DHTRequest_Type.GET_CLOSEST_PEERS:
      return many(line, routing.closestPeers(keyOf(request), signal), ({ peer }) => ({ value: peerBytes(peer) }), signal)
    case DHTRequest_Type.GET_PUBLIC_KEY:
      return one(line, { value: await publicKey(routing, peerText(request.peer), signal) })
    case DHTRequest_Type.GET_VALUE:
      return one(line, { value: await routing.get(keyOf(request), signal) })
    case DHTRequest_Type.SEARCH_VALUE: {
      // The table looks until it has the best value, so that the search has one answer.
      const value = await routing.get(keyOf(request), signal)
      return many(line, only(value), (found) => ({ value: found }), signal)
    }
    case DHTRequest_Type.PUT_VALUE: {
      const value = required(request, 'value')
      if (value.length > MAX_VALUE) throw invalidRequest(`A value has ${MAX_VALUE} bytes at most.`)
      await routing.put(keyOf(request), value, signal)
      line.write(encodeOk())
      return
    }
    case DHTRequest_Type.PROVIDE:
      await routing.provide(multihashOfCid(required(request, 'cid')), signal)
      line.write(encodeOk())
      return
  }
}

function one(line: Line, answer: Answer): void {
  line.write(encodeOk({ dht: { ...answer, type: DHTResponse_Type.VALUE } }))
}

/** A search that fails on its way ends; what was found by then was found. */
async function many<T>(line: Line, found: AsyncIterable<T>, answer: (value: T) => Answer, signal: AbortSignal): Promise<void> {
  line.write(encodeOk({ dht: { type: DHTResponse_Type.BEGIN } }))
  try {
    for await (const value of found) {
      line.write(encodeDht({ ...answer(value), type: DHTResponse_Type.VALUE }))
      await line.drained()
      if (signal.aborted) break
    }
  } catch {
    // As it ends for whoever asks.
  }
  line.write(encodeDht({ type: DHTResponse_Type.END }))
}

async function* first<T>(values: AsyncIterable<T>, count: number): AsyncIterable<T> {
  let given = 0
  for await (const value of values) {
    yield value
    if (++given >= count) return
  }
}

async function* only<T>(value: T): AsyncIterable<T> {
  yield value
}

/** A short key is in the id; a long one is a value under a name of its own (libp2p, kad-dht: `/pk/<id>`), which the id is the digest of. */
async function publicKey(routing: RoutingTable, peer: string, signal: AbortSignal): Promise<Uint8Array> {
  const id = peerIdFromString(peer)
  if (id.publicKey !== undefined) return publicKeyToProtobuf(id.publicKey)
  const value = await routing.get(concatBytes(utf8('/pk/'), peerBytes(peer)), signal)
  const isTheirs = ((): boolean => {
    try {
      return peerIdFromPublicKey(publicKeyFromProtobuf(value)).equals(id)
    } catch {
      return false
    }
  })()
  if (!isTheirs) throw new IpcError('NET_NOT_FOUND', `The public key of ${peer} is not known.`, { data: { peer } })
  return value
}

function keyOf(request: DHTRequest): Uint8Array {
  const key = required(request, 'key')
  if (key.length > MAX_KEY) throw invalidRequest(`A key has ${MAX_KEY} bytes at most.`)
  return key
}

function required(request: DHTRequest, name: 'cid' | 'key' | 'value'): Uint8Array {
  if (!isFieldSet(request, DHTRequestSchema.field[name])) throw invalidRequest(`The request has no ${name}.`)
  return request[name]
}
