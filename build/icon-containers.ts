/** One file with an icon in several sizes, each as PNG: ICNS for macOS, ICO for Windows. Pure. */

/** A square picture of `size` pixels. */
export interface SizedPng {
  readonly size: number
  readonly png: Uint8Array
}

/** Apple's four letters for a PNG of so many pixels. */
const ICNS_TYPES: Readonly<Record<number, readonly string[]>> = { 16: ['icp4'], 32: ['icp5', 'ic11'], 64: ['icp6', 'ic12'], 128: ['ic07'], 256: ['ic08', 'ic13'], 512: ['ic09', 'ic14'], 1024: ['ic10'] }
export const ICNS_SIZES = Object.keys(ICNS_TYPES).map(Number)
export const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256] as const

/** `icns`, the length of all, then each picture behind its type and the length of both; lengths big-endian. */
export function icnsOf(pictures: readonly SizedPng[]): Uint8Array {
  const parts = pictures.flatMap(({ size, png }) => (ICNS_TYPES[size] ?? []).map((type) => Buffer.concat([Buffer.from(type, 'latin1'), bigEndian(png.length + 8), png])))
  const length = parts.reduce((sum, part) => sum + part.length, 8)
  return new Uint8Array(Buffer.concat([Buffer.from('icns', 'latin1'), bigEndian(length), ...parts]))
}

/** A header of six bytes, an entry of sixteen for each picture, then the pictures; little-endian. A side of 256 is written as 0. */
export function icoOf(pictures: readonly SizedPng[]): Uint8Array {
  const header = Buffer.alloc(6 + 16 * pictures.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(pictures.length, 4)
  let offset = header.length
  for (const [index, { size, png }] of pictures.entries()) {
    const at = 6 + 16 * index
    header.writeUInt8(size % 256, at)
    header.writeUInt8(size % 256, at + 1)
    header.writeUInt16LE(1, at + 4)
    header.writeUInt16LE(32, at + 6)
    header.writeUInt32LE(png.length, at + 8)
    header.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return new Uint8Array(Buffer.concat([header, ...pictures.map(({ png }) => png)]))
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
