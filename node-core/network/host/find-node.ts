/**
 * One question of the Kademlia protocol (libp2p spec, kad-dht): where is this peer? The answer names the peers nearest to it that the asked one
 * knows, the peer itself first among them where it is known.
 *
 * For whoever asks once and keeps no table: the table of a node (routing-table.ts) asks by itself. What comes back is a stranger's word: an address
 * in it proves nothing until somebody who answers there has shown the key of the peer.
 */
import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { concatBytes } from '../../base/bytes.ts'
import { encodeFrame, encodeFrameLength, FrameReader } from '../framing.ts'

/** Twenty peers with some addresses each. */
const MAX_ANSWER = 64 * 1024
const MAX_ADDRESSES = 8

/** Protocol buffers: the field's number and its wire type (0: a varint, 2: bytes with their length) in one byte. */
const TYPE = 0x08
const FIND_NODE = 4
const KEY = 0x12
const CLOSER_PEERS = 8
const PEER_ID = 1
const PEER_ADDRESS = 2

/** Addresses of `peerId` without the id behind them, as the peer at the other end knows them; none where it does not. Rejects where it does not answer. */
export async function findNode(connection: Connection, protocol: string, peerId: string, signal: AbortSignal): Promise<readonly string[]> {
  const key = peerIdFromString(peerId).toMultihash().bytes
  const stream = await connection.newStream(protocol, { signal })
  try {
    const reader = new FrameReader()
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      const fail = (): void => reject(new Error('no answer'))
      signal.addEventListener('abort', fail, { once: true })
      stream.addEventListener('close', fail)
      stream.addEventListener('message', ({ data }) => {
        try {
          reader.push(data.subarray())
          const frame = reader.next(MAX_ANSWER)
          if (frame !== undefined) resolve(frame)
        } catch (error) {
          reject(new Error('an answer that cannot be read', { cause: error }))
        }
      })
    })
    // It may fail while the question is still being written.
    answer.catch(() => undefined)
    stream.send(encodeFrame(concatBytes(Uint8Array.of(TYPE, FIND_NODE, KEY), encodeFrameLength(key.length), key)))
    return addressesIn(await answer, key)
  } finally {
    stream.abort(new Error('asked'))
  }
}

/** Throws a RangeError where the answer is no message of this protocol. */
export function addressesIn(answer: Uint8Array, key: Uint8Array): readonly string[] {
  const peers = fieldsOf(answer).filter(({ field }) => field === CLOSER_PEERS)
  for (const { bytes } of peers) {
    const peer = fieldsOf(bytes)
    const id = peer.find(({ field }) => field === PEER_ID)?.bytes
    if (id === undefined || Buffer.compare(id, key) !== 0) continue
    return peer.flatMap(({ field, bytes: address }) => (field === PEER_ADDRESS ? textOf(address) : [])).slice(0, MAX_ADDRESSES)
  }
  return []
}

/** A form of address that is not known here is left out. */
function textOf(address: Uint8Array): string[] {
  try {
    return [multiaddr(address).toString()]
  } catch {
    return []
  }
}

interface Field {
  readonly field: number
  /** Empty for a number. */
  readonly bytes: Uint8Array
}

function fieldsOf(message: Uint8Array): readonly Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined) throw new RangeError('the message ends too early')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw new RangeError('a number is too long')
  }
  while (at < message.length) {
    const tag = varint()
    const [field, wire] = [Math.floor(tag / 8), tag % 8]
    if (wire === 0) {
      varint()
      fields.push({ field, bytes: message.subarray(0, 0) })
      continue
    }
    if (wire !== 2) throw new RangeError('a field is of no known type')
    const length = varint()
    if (at + length > message.length) throw new RangeError('a field is longer than its message')
    fields.push({ field, bytes: message.subarray(at, (at += length)) })
  }
  return fields
}
