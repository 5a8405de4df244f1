/**
 * Nibbles without arrays of nibbles.
 *
 * The trie branches on half bytes, high half first. A run of nibbles is kept as `(bytes, start, length)`, where
 * `start` counts nibbles from the beginning of `bytes`: part of a key, or part of an encoded node, in place.
 * On the wire a run of odd length begins with a zero half byte (Polkadot Host spec, definition "Partial Key").
 */

export function nibbleAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index >> 1] as number
  return (index & 1) === 0 ? byte >> 4 : byte & 15
}

/** How many nibbles two runs share, `limit` at the most. Goes by bytes where both lie the same way. */
export function commonNibbles(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, limit: number): number {
  let count = 0
  if (((aStart ^ bStart) & 1) === 0) {
    if ((aStart & 1) === 1 && limit > 0) {
      if (nibbleAt(a, aStart) !== nibbleAt(b, bStart)) return 0
      count = 1
    }
    let i = (aStart + count) >> 1
    let j = (bStart + count) >> 1
    while (count + 1 < limit && a[i] === b[j]) {
      i++
      j++
      count += 2
    }
  }
  while (count < limit && nibbleAt(a, aStart + count) === nibbleAt(b, bStart + count)) count++
  return count
}

/** Writes a run to `out` at `offset` in its wire form; returns the offset behind it. */
export function writeNibbles(bytes: Uint8Array, start: number, length: number, out: Uint8Array, offset: number): number {
  let from = start
  let to = offset
  const end = start + length
  if ((length & 1) === 1) out[to++] = nibbleAt(bytes, from++)
  if ((from & 1) === 0) {
    for (let i = from >> 1; i < end >> 1; i++) out[to++] = bytes[i] as number
  } else {
    for (let i = from >> 1; i < end >> 1; i++) out[to++] = (((bytes[i] as number) & 15) << 4) | ((bytes[i + 1] as number) >> 4)
  }
  return to
}

/** A run that joins two others with one nibble between them, in its wire form: it starts at `length & 1`. */
export function joinNibbles(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  nibble: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): Uint8Array {
  const length = aLength + 1 + bLength
  const out = new Uint8Array((length + 1) >> 1)
  let at = length & 1
  const push = (value: number): void => {
    out[at >> 1] = (out[at >> 1] as number) | ((at & 1) === 0 ? value << 4 : value)
    at++
  }
  for (let i = 0; i < aLength; i++) push(nibbleAt(a, aStart + i))
  push(nibble)
  for (let i = 0; i < bLength; i++) push(nibbleAt(b, bStart + i))
  return out
}
