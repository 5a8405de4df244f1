/** Messages of `/light/2` (Polkadot Host spec, section 4.8.6 "Light Client Messages"): protobuf of the second version. */
import { fromHex, type Hash } from '../../../base/bytes.ts'
import { decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { ProtobufError, ProtobufReader, ProtobufWriter } from './protobuf.ts'

export type LightRequest =
  | { readonly kind: 'call'; readonly block: Hash; readonly method: string; readonly args: Uint8Array }
  | { readonly kind: 'read'; readonly block: Hash; readonly keys: readonly Uint8Array[] }
  /** `storageKey` is the child's key with its prefix, e.g. `:child_storage:default:…`. */
  | { readonly kind: 'readChild'; readonly block: Hash; readonly storageKey: Uint8Array; readonly keys: readonly Uint8Array[] }

/** Keys in one request. */
export const MAX_KEYS = 1024

/** Fields in a request: the keys, and some that we do not know. */
const MAX_REQUEST_FIELDS = MAX_KEYS + 32
const MAX_RESPONSE_FIELDS = 32

/** Trie nodes in a proof. */
const MAX_PROOF_NODES = 200_000

/** Numbers of the fields in which the messages stand. Those of requests and of responses differ: a child is read by `read`'s response. */
const REQUEST_FIELD = { call: 1, read: 2, readChild: 4 } as const
const RESPONSE_FIELD = { call: 1, read: 2, readChild: 2 } as const

export function encodeLightRequest(request: LightRequest): Uint8Array {
  const message = new ProtobufWriter().bytes(2, fromHex(request.block))
  switch (request.kind) {
    case 'call':
      message.string(3, request.method).bytes(4, request.args)
      break
    case 'read':
      for (const key of request.keys) message.bytes(3, key)
      break
    case 'readChild':
      message.bytes(3, request.storageKey)
      for (const key of request.keys) message.bytes(6, key)
      break
  }
  return new ProtobufWriter().message(REQUEST_FIELD[request.kind], message).finish()
}

/** Throws a ProtobufError or a ScaleError. */
export function decodeLightRequest(input: Uint8Array): LightRequest {
  const reader = new ProtobufReader(input, MAX_REQUEST_FIELDS)
  let request: LightRequest | undefined
  while (reader.next()) {
    switch (reader.field) {
      case REQUEST_FIELD.call:
        request = readCall(reader.message())
        break
      case REQUEST_FIELD.read:
        request = readKeys(reader.message(), false)
        break
      case REQUEST_FIELD.readChild:
        request = readKeys(reader.message(), true)
        break
    }
  }
  return required(request, 'a request')
}

function readCall(reader: ProtobufReader): LightRequest {
  let block: Hash | undefined
  let method: string | undefined
  let args: Uint8Array | undefined
  while (reader.next()) {
    if (reader.field === 2) block = readHash(reader)
    else if (reader.field === 3) method = reader.string()
    else if (reader.field === 4) args = reader.bytes()
  }
  return { kind: 'call', block: required(block, 'a block'), method: required(method, 'a method'), args: required(args, 'arguments') }
}

function readKeys(reader: ProtobufReader, isChild: boolean): LightRequest {
  const keysField = isChild ? 6 : 3
  let block: Hash | undefined
  let storageKey: Uint8Array | undefined
  const keys: Uint8Array[] = []
  while (reader.next()) {
    if (reader.field === 2) block = readHash(reader)
    else if (reader.field === keysField) keys.push(reader.bytes())
    else if (isChild && reader.field === 3) storageKey = reader.bytes()
  }
  if (keys.length === 0) throw new ProtobufError('PROTOBUF_INVALID', 'the request names no keys')
  if (keys.length > MAX_KEYS) throw new ProtobufError('PROTOBUF_TOO_MANY', `more than ${MAX_KEYS} keys`)
  const at = required(block, 'a block')
  return isChild ? { kind: 'readChild', block: at, storageKey: required(storageKey, 'a child'), keys } : { kind: 'read', block: at, keys }
}

function readHash(reader: ProtobufReader): Hash {
  return decodeAll(reader.bytes(), 'the block hash', (scale) => scale.hash())
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ProtobufError('PROTOBUF_INVALID', `the request lacks ${what}`)
  return value
}

/** `proof` undefined says that we cannot answer. */
export function encodeLightResponse(kind: LightRequest['kind'], proof: readonly Uint8Array[] | undefined): Uint8Array {
  const message = new ProtobufWriter()
  if (proof !== undefined) message.bytes(2, encodeNodes(proof))
  return new ProtobufWriter().message(RESPONSE_FIELD[kind], message).finish()
}

/** The proof; undefined where the other side cannot answer. Throws a ProtobufError or a ScaleError. */
export function decodeLightResponse(kind: LightRequest['kind'], input: Uint8Array): Uint8Array[] | undefined {
  const reader = new ProtobufReader(input, MAX_RESPONSE_FIELDS)
  let proof: Uint8Array[] | undefined
  let isAnswered = false
  while (reader.next()) {
    if (reader.field !== RESPONSE_FIELD[kind]) continue
    isAnswered = true
    const message = reader.message()
    while (message.next()) if (message.field === 2) proof = decodeNodes(message.bytes())
  }
  if (!isAnswered) throw new ProtobufError('PROTOBUF_INVALID', 'the response is not one to this request')
  return proof
}

/** `StorageProof`: a SCALE vector of encoded trie nodes. */
function encodeNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return new ScaleWriter(4096).vec(nodes, (writer, node) => writer.bytes(node)).finish()
}

function decodeNodes(input: Uint8Array): Uint8Array[] {
  return decodeAll(input, 'the proof', (reader) => reader.vec((r) => r.bytes(), 1, MAX_PROOF_NODES))
}
