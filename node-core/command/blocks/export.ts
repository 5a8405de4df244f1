/**
 * Writing blocks to a file: beside its place first, so that nobody takes a part for the whole. An export that was interrupted or killed
 * leaves that part, and the same command goes on behind its last whole block (part.ts); the file is the same in the end.
 */
import { rename, rm } from 'node:fs/promises'
import { utf8 } from '../../base/bytes.ts'
import type { BlockStateReader } from '../../chain/state/types.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import { requireGoing } from '../offline-chain.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { fileOutput, standardOutput } from './block-output.ts'
import { keptPart } from './part.ts'
import { countOf, encodeSignedBlock, jsonLine, type SignedBlock } from './signed-block.ts'

export interface ExportOptions {
  readonly from: number
  /** Undefined: up to the best block. */
  readonly to: number | undefined
  readonly binary: boolean
  /** Undefined: standard output. */
  readonly path: string | undefined
}

export interface Exported {
  readonly from: number
  readonly to: number
  readonly blocks: number
  /** Those among them that an earlier run had written. */
  readonly before: number
}

const LINE_BREAK = utf8('\n')
/** Blocks that are read at once: the disk and the event loop are waited for together. */
const READ_AHEAD = 32
const FLUSH_BYTES = 64 * 1024

/** Throws OPTIONS_INVALID for heights that are not there, DATA_INVALID where a body was not kept. */
export async function exportBlocks(blocks: BlockStateReader, { from, to = blocks.best().number, binary, path }: ExportOptions, terminal: Terminal, signal: AbortSignal): Promise<Exported> {
  if (from > to) throw invalid(`There is nothing from block ${from} to block ${to}.`, 'from')
  if (to > blocks.best().number) throw invalid(`Block ${to} is not here: the best one is ${blocks.best().number}.`, 'to')
  const total = to - from + 1
  const temporary = path === undefined ? undefined : `${path}.part`
  const part = temporary === undefined ? undefined : await keptPart(temporary, blocks, { from, to, binary })
  const before = part?.blocks ?? 0
  if (before > 0) terminal.note(`${before} of ${total} blocks were written before; going on with block ${from + before}.`)
  const output = temporary === undefined ? standardOutput() : await fileOutput(temporary)
  const progress = terminal.progress({ label: 'Exporting', unit: 'blocks', total, from: before })
  try {
    if (before === 0 && binary) output.write(countOf(total))
    // What a part ends with is the block: the break behind it is not its own.
    if (before > 0 && !binary) output.write(LINE_BREAK)
    const ahead: Promise<SignedBlock>[] = []
    for (let number = from + before, next = number; number <= to; number++) {
      requireGoing(signal, `${number - from} of ${total} blocks were written.`)
      for (; next <= to && next < number + READ_AHEAD; next++) {
        const reading = blockAt(blocks, next)
        reading.catch(() => undefined)
        ahead.push(reading)
      }
      const block = (await ahead.shift()) as SignedBlock
      output.write(binary ? encodeSignedBlock(block) : jsonLine(block))
      if (output.waiting >= FLUSH_BYTES) await output.flush()
      progress.at(number - from + 1)
    }
    // The chain may have grown since the part was begun.
    await output.finish(binary && path !== undefined ? countOf(total) : undefined)
    if (temporary !== undefined && path !== undefined) await rename(temporary, path)
  } catch (error) {
    const isToGoOn = error instanceof CommandError && error.code === 'INTERRUPTED'
    if (isToGoOn) await output.flush()
    await output.close()
    if (temporary !== undefined && !isToGoOn) await rm(temporary, { force: true })
    throw error
  } finally {
    progress.end()
  }
  return { from, to, blocks: total, before }
}

/** At a height of the best chain, or with this hash. Throws DATA_INVALID where it is not here whole. */
export async function blockAt(blocks: BlockStateReader, number: number, hash = blocks.hashByNumber(number)): Promise<SignedBlock> {
  const header = hash === undefined ? undefined : blocks.header(hash)
  const [body, justifications] = hash === undefined ? [] : await Promise.all([blocks.body(hash), blocks.justifications(hash)])
  if (hash === undefined || header === undefined || body === undefined) {
    throw new CommandError('DATA_INVALID', `Block ${number} is not here: ${header === undefined ? 'the node began with a later one' : 'its body was not kept'}.`, { hint: 'Begin with a later block (--from), or use the data of a node with --blocks-pruning archive.' })
  }
  return { header, body, justifications }
}
