/**
 * Blocks out of a file of `export-blocks`, one after the other, so that no more of it is in memory than a block and what was read ahead. What
 * is malformed or cut off is refused with the number of blocks that were whole.
 */
import { CommandError } from '../definition/errors.ts'
import { errorMessage } from '../../base/errors.ts'
import { ScaleError, ScaleReader } from '../../scale/reader.ts'
import { blockFromJson, readSignedBlock, type SignedBlock } from './signed-block.ts'

/** A block with its state proofs is smaller by far on any chain. */
const MAX_BLOCK = 64 * 1024 * 1024
const COUNT_SIZE = 8

export interface BlockStream {
  /** How many the file says it has; undefined where it does not say. */
  readonly total: number | undefined
  readonly blocks: AsyncIterable<SignedBlock>
  /** Bytes up to the end of the block that was handed out last. */
  offset(): number
}

/** The form is told by the upper half of the count, which is zero: no text has such bytes. Throws DATA_INVALID. */
export async function readBlocks(input: AsyncIterable<Uint8Array>): Promise<BlockStream> {
  const source = new Source(input)
  const isLongEnough = await source.need(COUNT_SIZE)
  if (source.buffered.length === 0) throw damaged(0, 'it is empty')
  const start = source.buffered.subarray(0, COUNT_SIZE)
  if (!start.includes(0)) return { total: undefined, blocks: jsonBlocks(source), offset: () => source.taken }
  if (!isLongEnough) throw damaged(0, 'it ends within the number of blocks')
  if (start.subarray(COUNT_SIZE / 2).some((byte) => byte !== 0)) throw damaged(0, 'it is no file of blocks')
  const total = new ScaleReader(source.take(COUNT_SIZE)).u64Number()
  return { total, blocks: binaryBlocks(source, total), offset: () => source.taken }
}

async function* binaryBlocks(source: Source, total: number): AsyncGenerator<SignedBlock> {
  for (let done = 0; done < total; done++) {
    let block: SignedBlock | undefined
    while (block === undefined) {
      try {
        const reader = new ScaleReader(source.buffered)
        block = readSignedBlock(reader)
        source.take(source.buffered.length - reader.remaining)
      } catch (error) {
        if (!(error instanceof ScaleError)) throw error
        // It may only be that the rest of it was not read yet.
        if (source.buffered.length >= MAX_BLOCK) throw damaged(done, errorMessage(error))
        if (!(await source.need(source.buffered.length + 1))) throw damaged(done, source.buffered.length === 0 ? `it ends there and says that it has ${total}` : errorMessage(error))
      }
    }
    yield block
  }
}

async function* jsonBlocks(source: Source): AsyncGenerator<SignedBlock> {
  for (let done = 0; ; done++) {
    const text = await nextObject(source, done)
    if (text === undefined) return
    try {
      yield blockFromJson(text)
    } catch (error) {
      throw damaged(done, errorMessage(error))
    }
  }
}

/** The text of the next JSON object: braces are counted outside of strings. Undefined at the end. */
async function nextObject(source: Source, done: number): Promise<string | undefined> {
  let [depth, isText, isEscaped, start] = [0, false, false, 0]
  for (let at = 0; ; at++) {
    if (at >= source.buffered.length && !(await source.need(at + 1))) {
      if (depth === 0) return undefined
      throw damaged(done, 'it is cut off')
    }
    if (at - start > 4 * MAX_BLOCK) throw damaged(done, 'the next block is too large')
    const byte = source.buffered[at] as number
    if (isEscaped) isEscaped = false
    else if (isText) {
      if (byte === 0x5c) isEscaped = true
      else if (byte === 0x22) isText = false
    } else if (byte === 0x22) isText = true
    else if (byte === 0x7b && depth++ === 0) start = at
    else if (byte === 0x7d && --depth === 0) return Buffer.from(source.take(at + 1).subarray(start)).toString('utf8')
    else if (depth === 0 && byte > 0x20) throw damaged(done, 'it is no file of blocks')
  }
}

function damaged(done: number, why: string): CommandError {
  return new CommandError('DATA_INVALID', `The file of blocks is damaged after ${done} blocks: ${why}.`, { hint: 'Export the blocks again. What was imported stays, and is not imported twice.', data: { done } })
}

/** What was read and not taken yet. */
class Source {
  readonly #input: AsyncIterator<Uint8Array>
  buffered: Uint8Array = new Uint8Array(0)
  taken = 0

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input[Symbol.asyncIterator]()
  }

  /** False where input ends before so many bytes are there. At least doubles what there is, so that a long block is not decoded once for each part of it. */
  async need(length: number): Promise<boolean> {
    const parts: Uint8Array[] = [this.buffered]
    let size = this.buffered.length
    const wanted = size === 0 ? length : Math.max(length, size * 2)
    while (size < wanted) {
      const next = await this.#input.next()
      if (next.done === true) break
      parts.push(next.value)
      size += next.value.length
    }
    if (parts.length > 1) this.buffered = Buffer.concat(parts)
    return size >= length
  }

  take(length: number): Uint8Array {
    const taken = this.buffered.subarray(0, length)
    this.buffered = this.buffered.subarray(length)
    this.taken += length
    return taken
  }
}
