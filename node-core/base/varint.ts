/** Unsigned LEB128 integers below 2^53, as protobuf writes numbers and multistream lengths. Pure. */

export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Returns where the next byte goes. */
export function putVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into[at++] = (rest % 0x80) | 0x80
  into[at++] = rest
  return at
}

export function encodeVarint(value: number): Uint8Array {
  const bytes = new Uint8Array(varintSize(value))
  putVarint(bytes, 0, value)
  return bytes
}
