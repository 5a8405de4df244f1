/**
 * What an export that was cut off, by whatever, has left: `<file>.part`. Its whole blocks are kept where they are those that the chain has
 * now, in their order from the first one wanted; everything behind them goes, and the export goes on there.
 *
 * Nothing else is needed to know them again: blocks say their own length and height, and a block that is on the chain with the same header
 * is the same block. What was torn, written as another form, or forked away since then ends the part.
 */
import { createReadStream } from 'node:fs'
import { truncate } from 'node:fs/promises'
import type { BlockStateReader } from '../../chain/state/types.ts'
import { headerHash } from '../../chain/scale/header.ts'
import { CommandError } from '../definition/errors.ts'
import { readBlocks } from './block-stream.ts'

export interface Part {
  /** Whole blocks in it. */
  readonly blocks: number
}

export interface PartOptions {
  readonly from: number
  readonly to: number
  readonly binary: boolean
}

const CHUNK = 1024 * 1024
const NOTHING: Part = { blocks: 0 }

/** Shortens the file at `path` to the blocks that are kept; one without any is empty then. Undefined where there is no file. */
export async function keptPart(path: string, blocks: Pick<BlockStateReader, 'hashByNumber'>, options: PartOptions): Promise<Part | undefined> {
  const found = await measure(path, blocks, options)
  if (found === undefined) return undefined
  await truncate(path, found.bytes)
  return found
}

async function measure(path: string, blocks: Pick<BlockStateReader, 'hashByNumber'>, { from, to, binary }: PartOptions): Promise<(Part & { readonly bytes: number }) | undefined> {
  const file = createReadStream(path, { highWaterMark: CHUNK })
  let [kept, bytes] = [0, 0]
  try {
    const stream = await readBlocks(file as AsyncIterable<Uint8Array>)
    if ((stream.total !== undefined) !== binary) return { ...NOTHING, bytes }
    for await (const { header } of stream.blocks) {
      if (header.number !== from + kept || header.number > to || blocks.hashByNumber(header.number) !== headerHash(header)) break
      kept++
      bytes = stream.offset()
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    // It was torn where the writing ended.
    if (!(error instanceof CommandError)) throw error
  } finally {
    file.destroy()
  }
  return { blocks: kept, bytes }
}
