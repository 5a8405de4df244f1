/**
 * LevelDB's log format, in which its write-ahead logs and its MANIFEST are written (doc/log_format.md of LevelDB): blocks of 32 KiB, in each
 * records of a masked CRC-32C (4 bytes), a length (2), a type (1) and the data. A record that does not fit into its block goes on in
 * the next one.
 *
 * LevelDB itself passes over a bad record in the middle and goes on behind it. For a node that would be a chain with a hole: each batch
 * builds on the ones before. So the first bad record is told, and whether good ones follow: a bad end alone is what a power cut leaves.
 */
const BLOCK = 32 * 1024
const HEADER = 7
const TYPE = { full: 1, first: 2, middle: 3, last: 4 } as const
const MASK_DELTA = 0xa282ead8

export interface LogScan {
  /** Whole records up to the first bad one. */
  readonly records: readonly Uint8Array[]
  /** Where the first bad record begins; undefined where all are good. */
  readonly badAt: number | undefined
  /** Good records follow the bad one. */
  readonly hasHole: boolean
}

export function scanLog(file: Uint8Array): LogScan {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const records: Uint8Array[] = []
  let parts: Uint8Array[] = []
  let badAt: number | undefined
  for (let block = 0; block < file.length; block += BLOCK) {
    const end = Math.min(block + BLOCK, file.length)
    for (let at = block; end - at >= HEADER; ) {
      const length = view.getUint16(at + 4, true)
      const type = file[at + 6] as number
      const isGood = type >= TYPE.full && type <= TYPE.last && at + HEADER + length <= end && unmasked(view.getUint32(at, true)) === crc32c(file.subarray(at + 6, at + HEADER + length))
      if (!isGood) {
        badAt ??= at
        break
      }
      if (badAt !== undefined) return { records, badAt, hasHole: true }
      const data = file.subarray(at + HEADER, at + HEADER + length)
      parts = type === TYPE.full || type === TYPE.first ? [data] : [...parts, data]
      if (type === TYPE.full || type === TYPE.last) records.push(parts.length === 1 ? data : joined(parts))
      at += HEADER + length
    }
  }
  return { records, badAt, hasHole: false }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** A CRC as LevelDB writes it: turned, so that a checksum of checksums tells something. */
export function unmasked(crc: number): number {
  const rotated = (crc - MASK_DELTA) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}

/** CRC-32 with the polynomial of Castagnoli, reflected (RFC 3720, section 12.1). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < data.length; i++) crc = (TABLE[(crc ^ (data[i] as number)) & 0xff] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc >>> 0
})
