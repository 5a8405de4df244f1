/**
 * Writing blocks to a file: beside its place first, so that nobody takes a part for the whole. After an interruption it begins again: blocks
 * are read far faster than they are imported.
 */
import { open, rename, rm } from 'node:fs/promises'
import type { BlockStateReader } from '../../chain/state/types.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import { requireGoing } from '../offline-chain.ts'
import type { Terminal } from '../terminal/terminal.ts'
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
}

const FLUSH_BYTES = 1024 * 1024

/** Throws OPTIONS_INVALID for heights that are not there, DATA_INVALID where a body was not kept. */
export async function exportBlocks(blocks: BlockStateReader, { from, to = blocks.best().number, binary, path }: ExportOptions, terminal: Terminal, signal: AbortSignal): Promise<Exported> {
  if (from > to) throw invalid(`There is nothing from block ${from} to block ${to}.`, 'from')
  if (to > blocks.best().number) throw invalid(`Block ${to} is not here: the best one is ${blocks.best().number}.`, 'to')
  const temporary = path === undefined ? undefined : `${path}.part`
  const file = temporary === undefined ? undefined : await open(temporary, 'w')
  const progress = terminal.progress({ label: 'Exporting', unit: 'blocks', total: to - from + 1 })
  let waiting: Uint8Array[] = binary ? [countOf(to - from + 1)] : []
  let size = 0
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(waiting)
    waiting = []
    size = 0
    if (file !== undefined) await file.writeFile(bytes)
    else await new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())))
  }
  try {
    for (let number = from; number <= to; number++) {
      requireGoing(signal, `${number - from} of ${to - from + 1} blocks were written.`)
      const block = await blockAt(blocks, number)
      const bytes = binary ? encodeSignedBlock(block) : jsonLine(block)
      waiting.push(bytes)
      size += bytes.length
      if (size >= FLUSH_BYTES) await flush()
      progress.at(number - from + 1)
    }
    await flush()
    await file?.sync()
    await file?.close()
    if (temporary !== undefined && path !== undefined) await rename(temporary, path)
  } catch (error) {
    await file?.close().catch(() => undefined)
    if (temporary !== undefined) await rm(temporary, { force: true })
    throw error
  } finally {
    progress.end()
  }
  return { from, to, blocks: to - from + 1 }
}

export async function blockAt(blocks: BlockStateReader, number: number): Promise<SignedBlock> {
  const hash = blocks.hashByNumber(number)
  const header = hash === undefined ? undefined : blocks.header(hash)
  const body = hash === undefined ? undefined : await blocks.body(hash)
  if (hash === undefined || header === undefined || body === undefined) {
    throw new CommandError('DATA_INVALID', `Block ${number} is not here: ${header === undefined ? 'the node began with a later one' : 'its body was not kept'}.`, { hint: 'Begin with a later block (--from), or use the data of a node with --blocks-pruning archive.' })
  }
  return { header, body, justifications: await blocks.justifications(hash) }
}
