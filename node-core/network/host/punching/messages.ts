/**
 * The message of dcutr (libp2p specs, relay/DCUtR.md): protobuf, `type` 1 (CONNECT 100, SYNC 300) and `ObsAddrs` 2, binary multiaddresses. What comes is a
 * stranger's: it is at most {@link MAX_MESSAGE_BYTES} long, and of its addresses {@link MAX_ADDRESSES} are read.
 */
import { concatBytes, EMPTY } from '../../../base/bytes.ts'
import { MalformedError } from '../../../base/errors.ts'
import { encodeVarint } from '../../../base/varint.ts'

export const MAX_MESSAGE_BYTES = 4096
export const MAX_ADDRESSES = 16

export interface PunchMessage {
  readonly type: 'connect' | 'sync'
  /** Multiaddresses in binary form, not looked into. */
  readonly addresses: readonly Uint8Array[]
}

const TYPES = { connect: 100, sync: 300 } as const
const TYPE_TAG = 0x08
const ADDRESS_TAG = 0x12

export function encodePunchMessage({ type, addresses }: PunchMessage): Uint8Array {
  return concatBytes(encodeVarint(TYPE_TAG), encodeVarint(TYPES[type]), ...addresses.flatMap((address) => [encodeVarint(ADDRESS_TAG), encodeVarint(address.length), address]))
}

/** Throws a MalformedError PUNCH_MESSAGE_INVALID. Fields that are not known are passed over. */
export function decodePunchMessage(bytes: Uint8Array): PunchMessage {
  if (bytes.length > MAX_MESSAGE_BYTES) throw invalid()
  const fields = new Fields(bytes)
  const addresses: Uint8Array[] = []
  let type: PunchMessage['type'] | undefined
  while (!fields.isAtEnd) {
    const { tag, number, content } = fields.next()
    if (tag === TYPE_TAG) type = number === TYPES.connect ? 'connect' : number === TYPES.sync ? 'sync' : undefined
    else if (tag === ADDRESS_TAG && addresses.length < MAX_ADDRESSES) addresses.push(content)
  }
  if (type === undefined) throw invalid()
  return { type, addresses }
}

/** The fields of a protobuf message, one after the other. */
class Fields {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  next(): { readonly tag: number; readonly number: number; readonly content: Uint8Array } {
    const tag = this.#varint()
    switch (tag & 7) {
      case 0:
        return { tag, number: this.#varint(), content: EMPTY }
      case 1:
        return { tag, number: 0, content: this.#take(8) }
      case 2:
        return { tag, number: 0, content: this.#take(this.#varint()) }
      case 5:
        return { tag, number: 0, content: this.#take(4) }
      default:
        throw invalid()
    }
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 10; shift++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw invalid()
      value += (byte & 0x7f) * 2 ** (7 * shift)
      if ((byte & 0x80) === 0) return value
    }
    throw invalid()
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw invalid()
    return this.#bytes.slice(this.#at, (this.#at += length))
  }
}

function invalid(): MalformedError {
  return new MalformedError('PUNCH_MESSAGE_INVALID', 'The message about a direct connection is none.')
}
