/** The block that a state query is about. */
import type { Hash } from '../../../base/bytes.ts'
import type { Header } from '../../scale/header.ts'
import { CODE, RpcError } from '../errors.ts'
import { noteAsked } from '../asked-states.ts'
import type { BlockQueries } from '../types.ts'

/** The header of `hash`, or of the best block where none is named. Throws an RpcError where it is not known. */
export function headerAt(blocks: BlockQueries, hash: Hash | undefined): Header {
  const wanted = hash ?? blocks.best().hash
  const header = blocks.header(wanted)
  if (header === undefined) {
    throw new RpcError(CODE.stateClient, `Client error: UnknownBlock: Header was not found in the database: ${wanted}`)
  }
  noteAsked(header.stateRoot, wanted)
  return header
}
