/** IP packets as tests make them. */
import { addressKey, LENGTH_BYTES } from '../../node-core/net/link/ip/packets.ts'

/** Of the payload's length and the two addresses; of no protocol that means anything. */
export function ipPacket(source: string, destination: string, payload: string | Buffer = ''): Buffer {
  const [from, to] = [source, destination].map((address) => Buffer.from(addressKey(address) ?? '', 'latin1')) as [Buffer, Buffer]
  const body = Buffer.from(payload)
  if (from.length === 4) {
    const header = Buffer.alloc(12)
    header[0] = 0x45
    header.writeUInt16BE(20 + body.length, 2)
    return Buffer.concat([header, from, to, body])
  }
  const header = Buffer.alloc(8)
  header[0] = 0x60
  header.writeUInt16BE(body.length, 4)
  return Buffer.concat([header, from, to, body])
}

/** Each behind its length, as they come from a device and on a stream. */
export function inOnePiece(...packets: readonly Uint8Array[]): Buffer {
  return Buffer.concat(packets.flatMap((packet) => {
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt16BE(packet.length)
    return [length, packet]
  }))
}
