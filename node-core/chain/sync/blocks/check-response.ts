/** Checks a response against the request, as far as that goes without a chain: right heights, each block's parent before it. */
import type { BlockData, BlockRequest, FetchedBlock } from '../types.ts'

/** What a header takes, roughly. */
const HEADER_BYTES = 400

/** Undefined where the response contradicts itself, is not what was asked for, or lacks a part. */
export function checkResponse(request: BlockRequest, response: readonly BlockData[], peer: string): FetchedBlock[] | undefined {
  if (response.length > request.maxBlocks) return undefined
  const blocks: FetchedBlock[] = []
  for (const { hash, header, body, justifications } of response) {
    if (header === undefined || (request.body && body === undefined)) return undefined
    const before = blocks.at(-1)
    if (before === undefined) {
      if (typeof request.from === 'number' ? header.number !== request.from : hash !== request.from) return undefined
    } else {
      const [parent, child] = request.direction === 'ascending' ? [before.ref.hash, header] : [hash, before.block.header]
      if (child.parentHash !== parent) return undefined
      if (header.number !== before.ref.number + (request.direction === 'ascending' ? 1 : -1)) return undefined
    }
    const extrinsics = body ?? []
    const bytes =
      HEADER_BYTES +
      extrinsics.reduce((sum, extrinsic) => sum + extrinsic.length, 0) +
      (justifications ?? []).reduce((sum, { data }) => sum + data.length, 0)
    blocks.push({ ref: { hash, number: header.number }, block: { header, body: extrinsics }, justifications: justifications ?? [], bytes, peer })
  }
  return blocks
}
