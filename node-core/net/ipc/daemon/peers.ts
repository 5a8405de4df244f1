/** What the daemon's protocol asks of connections and peers: identify, connect, disconnect, list, the connection manager, and the peer store. */
import { isFieldSet } from '@bufbuild/protobuf'
import { invalidRequest, IpcError } from '../errors.ts'
import type { Holdings } from '../holdings.ts'
import type { Path, StreamDoor } from '../../../network/streams.ts'
import type { PeerKeeping } from '../ports.ts'
import type { Program } from '../programs.ts'
import { addressBytes, addressesBytes, addressText, encodeOk, peerBytes, peerInfo, peerText } from './messages.ts'
import { ConnManagerRequest_Type, ConnManagerRequestSchema, PeerstoreRequest_Type, PeerstoreRequestSchema, type ConnectRequest, type ConnManagerRequest, type DisconnectRequest, type PeerstoreRequest } from './p2pd_pb.ts'

const MAX_ADDRESSES = 64
const MAX_TAG = 64
/** A tag of the node's own for a peer with topics weighs as much. */
const MAX_WEIGHT = 100

export class DaemonPeers {
  readonly #streams: StreamDoor
  readonly #keeping: PeerKeeping
  readonly #holdings: Holdings
  #own: { readonly peerId: string; readonly bytes: Uint8Array } | undefined

  constructor(dependencies: { readonly streams: StreamDoor; readonly peers: PeerKeeping; readonly holdings: Holdings }) {
    this.#streams = dependencies.streams
    this.#keeping = dependencies.peers
    this.#holdings = dependencies.holdings
  }

  identify(): Uint8Array {
    const { peerId } = this.#streams
    if (this.#own?.peerId !== peerId) this.#own = { peerId, bytes: peerBytes(peerId) }
    // Clients put the id behind an address themselves.
    const addresses = this.#streams.addresses().map((address) => address.replace(/\/p2p\/[^/]+$/, ''))
    return encodeOk({ identify: { id: this.#own.bytes, addrs: addressesBytes(addresses) } })
  }

  async connect(program: Program, request: ConnectRequest, signal: AbortSignal): Promise<Uint8Array> {
    program.may.require('streams', 'peers')
    if (request.addrs.length > MAX_ADDRESSES) throw invalidRequest(`The request has more than ${MAX_ADDRESSES} addresses.`)
    await this.#streams.reach(peerText(request.peer), request.addrs.map(addressText), { signal, relayed: true })
    return encodeOk()
  }

  async disconnect(program: Program, request: DisconnectRequest): Promise<Uint8Array> {
    program.may.require('peers')
    await this.#streams.disconnect(peerText(request.peer))
    return encodeOk()
  }

  list(program: Program): Uint8Array {
    program.may.require('streams', 'peers')
    return encodeOk({ peers: this.#streams.connections().map(({ peer, address }) => peerInfo(peer, [address])) })
  }

  async manage(program: Program, request: ConnManagerRequest): Promise<Uint8Array> {
    program.may.require('peers')
    if (!isFieldSet(request, ConnManagerRequestSchema.field.type)) throw invalidRequest('The request asks nothing of the connection manager.')
    switch (request.type) {
      case ConnManagerRequest_Type.TAG_PEER:
        await this.#holdings.tag(program.name, peerText(request.peer), tagOf(request), Math.min(MAX_WEIGHT, Math.max(0, Number(request.weight))))
        return encodeOk()
      case ConnManagerRequest_Type.UNTAG_PEER:
        await this.#holdings.untag(program.name, peerText(request.peer), tagOf(request))
        return encodeOk()
      case ConnManagerRequest_Type.TRIM:
        await this.#keeping.trim()
        return encodeOk()
    }
  }

  async book(program: Program, request: PeerstoreRequest): Promise<Uint8Array> {
    program.may.require('streams', 'peers')
    if (!isFieldSet(request, PeerstoreRequestSchema.field.type)) throw invalidRequest('The request asks nothing of the peer store.')
    const peer = peerText(request.id)
    const known = await this.#keeping.known(peer)
    if (known === undefined) throw new IpcError('NET_NOT_FOUND', `The node knows nothing of the peer ${peer}.`, { data: { peer } })
    switch (request.type) {
      case PeerstoreRequest_Type.GET_PROTOCOLS:
        return encodeOk({ peerStore: { protos: [...known.protocols] } })
      case PeerstoreRequest_Type.GET_PEER_INFO:
        return encodeOk({ peerStore: { peer: peerInfo(peer, known.addresses), protos: [...known.protocols] } })
      case PeerstoreRequest_Type.UNSPECIFIED:
        throw invalidRequest('The request asks nothing of the peer store.')
    }
  }
}

/** Where the peer is on that path, as bytes; its id alone where the connection is gone. */
export function addressOf(streams: StreamDoor, peer: string, path: Path): Uint8Array {
  const connections = streams.connections(peer)
  const address = connections.find((connection) => connection.path === path)?.address ?? `/p2p/${peer}`
  return addressBytes(address)
}

function tagOf({ tag }: ConnManagerRequest): string {
  if (tag === '' || tag.length > MAX_TAG) throw invalidRequest(`A tag has 1 to ${MAX_TAG} characters.`)
  return tag
}
