/**
 * The next version of the runtime as a difference to this one, for tests of upgrades: the same sources with another version number
 * are almost the same bytes, and where they differ takes less room than another megabyte.
 *
 * The optimizer may do a few things differently over another number, which moves everything behind it. So a difference is a list of
 * pieces that make the later file: ranges of the earlier one, and bytes of its own.
 */
import { z } from 'zod'
import { concatBytes, fromHex, toHex } from '../../node-core/base/bytes.ts'
import { sha256 } from './manifest.ts'

const range = z.tuple([z.number(), z.number()])
const literal = z.string().regex(/^0x([0-9a-f]{2})+$/)

export const differenceSchema = z.object({
  /** SHA-256 of both files. */
  from: z.string(),
  to: z.string(),
  /** A range is where it begins and where it ends. */
  pieces: z.array(z.union([range, literal])),
})

export type Difference = z.infer<typeof differenceSchema>
type Piece = Difference['pieces'][number]

/** Ranges are found by blocks of this many bytes; shorter ones are not worth naming. */
const BLOCK = 16

/** Both ends of a range that the two files share, seen from the later one. */
interface Match {
  readonly before: number
  readonly after: number
  readonly length: number
}

export function differenceOf(before: Uint8Array, after: Uint8Array): Difference {
  const blocks = new Map<string, number>()
  for (let at = before.length - (before.length % BLOCK) - BLOCK; at >= 0; at -= BLOCK) blocks.set(text(before, at), at)
  const pieces: Piece[] = []
  let written = 0
  const writeOwn = (end: number): void => {
    if (end > written) pieces.push(toHex(after.subarray(written, end)))
  }
  let expected = 0
  for (let at = 0; at + BLOCK <= after.length; ) {
    const match = longest(before, after, written, at, [expected, blocks.get(text(after, at))])
    if (match === undefined) {
      at++
      expected++
      continue
    }
    writeOwn(match.after)
    pieces.push([match.before, match.before + match.length])
    at = written = match.after + match.length
    expected = match.before + match.length
  }
  writeOwn(after.length)
  return { from: sha256(before), to: sha256(after), pieces }
}

/** Of the places where the block at `at` may come from, the one that goes on longest. A match may begin before, but not in what is written. */
function longest(before: Uint8Array, after: Uint8Array, written: number, at: number, places: readonly (number | undefined)[]): Match | undefined {
  let best: Match | undefined
  for (const place of places) {
    if (place === undefined || place + BLOCK > before.length || text(before, place) !== text(after, at)) continue
    let back = 0
    while (at - back > written && place - back > 0 && before[place - back - 1] === after[at - back - 1]) back++
    let ahead = BLOCK
    while (place + ahead < before.length && at + ahead < after.length && before[place + ahead] === after[at + ahead]) ahead++
    if (best === undefined || back + ahead > best.length) best = { before: place - back, after: at - back, length: back + ahead }
  }
  return best
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + BLOCK))
}

/** Throws where the difference belongs to another file, or is damaged. */
export function applyDifference(before: Uint8Array, { from, to, pieces }: Difference): Uint8Array {
  if (sha256(before) !== from) throw new Error('the next runtime was built after another one; run npm run build:runtime')
  const after = concatBytes(...pieces.map((piece) => (typeof piece === 'string' ? fromHex(piece as `0x${string}`) : before.subarray(...piece))))
  if (sha256(after) !== to) throw new Error('the difference to the next runtime is damaged; run npm run build:runtime')
  return after
}
