/** The daemon's messages: bytes to requests, and what is answered to bytes. Pure. */
import { create, fromBinary, isFieldSet, toBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { base58 } from '@scure/base'
import { errorMessage, isNodeError, MalformedError, describeError } from '../../../base/errors.ts'
import { invalidRequest, type IpcErrorCode } from '../errors.ts'
import type { PubSubMessage } from '../ports.ts'
import type { Request_Type} from './p2pd_pb.ts';
import { DHTResponseSchema, PSMessageSchema, RequestSchema, Response_Type, ResponseSchema, StreamInfoSchema, type PeerInfoSchema, type Request } from './p2pd_pb.ts'

/** The longest text of an error that a program is told. */
const MAX_ERROR_TEXT = 2048
/** Of a peer id as bytes: a multihash with a public key or its digest in it. */
const MAX_PEER_ID = 128

export type PeerInfoInit = MessageInitShape<typeof PeerInfoSchema>

/** Throws a MalformedError NET_MESSAGE_MALFORMED. A type that is not known is one that is not there. */
export function decodeRequest(bytes: Uint8Array): Request {
  let request: Request
  try {
    request = fromBinary(RequestSchema, bytes, { readUnknownFields: false })
  } catch (error) {
    throw malformed(errorMessage(error), error)
  }
  if (!isFieldSet(request, RequestSchema.field.type)) throw malformed('it has no type that this node knows')
  return request
}

export function encodeRequest(request: MessageInitShape<typeof RequestSchema>): Uint8Array {
  return toBinary(RequestSchema, create(RequestSchema, request))
}

export function encodeOk(parts: Omit<MessageInitShape<typeof ResponseSchema>, 'type' | 'error' | '$typeName'> = {}): Uint8Array {
  return toBinary(ResponseSchema, create(ResponseSchema, { ...parts, type: Response_Type.OK }))
}

/** What went wrong, as a program and a person read it. What is no NodeError has a text of ours. */
export function encodeError(error: unknown): Uint8Array {
  const code: string = isNodeError(error) ? error.code : ('NET_INTERNAL' satisfies IpcErrorCode)
  const msg = (isNodeError(error) ? describeError(error) : errorMessage(error)).slice(0, MAX_ERROR_TEXT)
  return toBinary(ResponseSchema, create(ResponseSchema, { type: Response_Type.ERROR, error: { msg: `${code}: ${msg}`, code } }))
}

export function encodeDht(response: MessageInitShape<typeof DHTResponseSchema>): Uint8Array {
  return toBinary(DHTResponseSchema, create(DHTResponseSchema, response))
}

export function encodeStreamInfo({ peer, address, protocol }: { readonly peer: string; readonly address: Uint8Array; readonly protocol: string }): Uint8Array {
  return toBinary(StreamInfoSchema, create(StreamInfoSchema, { peer: peerBytes(peer), addr: address, proto: protocol }))
}

export function encodePubSubMessage({ from, data, topic, sequenceNumber, signature, key }: PubSubMessage): Uint8Array {
  const message = create(PSMessageSchema, { data, topicIDs: [topic] })
  if (from !== undefined) message.from = peerBytes(from)
  if (sequenceNumber !== undefined) message.seqno = sequenceNumber
  if (signature !== undefined) message.signature = signature
  if (key !== undefined) message.key = key
  return toBinary(PSMessageSchema, message)
}

/** A peer id as its multihash. */
export function peerBytes(peer: string): Uint8Array {
  return peerIdFromString(peer).toMultihash().bytes
}

/** Throws NET_REQUEST_INVALID. */
export function peerText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length === 0) throw invalidRequest('The request names no peer.')
  try {
    if (bytes.length > MAX_PEER_ID) throw new RangeError('it is too long')
    return peerIdFromString(base58.encode(bytes)).toString()
  } catch (error) {
    throw invalidRequest(`The request names a peer by what is no peer id: ${errorMessage(error)}.`, error)
  }
}

export function addressBytes(address: string): Uint8Array {
  return multiaddr(address).bytes
}

/** Throws NET_REQUEST_INVALID. */
export function addressText(bytes: Uint8Array): string {
  try {
    return multiaddr(bytes).toString()
  } catch (error) {
    throw invalidRequest(`The request has an address that is no multiaddress: ${errorMessage(error)}.`, error)
  }
}

export function peerInfo(peer: string, addresses: readonly string[]): PeerInfoInit {
  return { id: peerBytes(peer), addrs: addressesBytes(addresses) }
}

/** Addresses whose form is not known here are left out. */
export function addressesBytes(addresses: readonly string[]): Uint8Array[] {
  return addresses.flatMap((address) => {
    try {
      return [addressBytes(address)]
    } catch {
      return []
    }
  })
}

/** The multihash in a CID: version 0 is one, version 1 has its version and a codec in front. Throws NET_REQUEST_INVALID. */
export function multihashOfCid(cid: Uint8Array): Uint8Array {
  let at = 0
  const number = (): number => {
    let value = 0
    for (let i = 0; i < 5; i++) {
      const byte = cid[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return value
    }
    throw invalidRequest('The request has no valid CID.')
  }
  const isVersion0 = cid.length === 34 && cid[0] === 0x12 && cid[1] === 0x20
  if (!isVersion0) {
    if (number() !== 1) throw invalidRequest('The request has a CID of a version that is not known.')
    number()
  }
  const start = at
  number()
  const length = number()
  if (at + length !== cid.length || length === 0 || length > 128) throw invalidRequest('The request has no valid CID.')
  return cid.subarray(start)
}

/** Of a request, for people. */
export function typeName(request: Request): string {
  return RequestSchema.field.type.enum?.value[request.type]?.name ?? String(request.type satisfies Request_Type)
}

function malformed(why: string, cause?: unknown): MalformedError {
  return new MalformedError('NET_MESSAGE_MALFORMED', `The message is no request of the daemon's protocol: ${why}.`, { cause })
}
