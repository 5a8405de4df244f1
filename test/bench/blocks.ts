/**
 * `export-blocks` against reading the same rows of the database as they are and writing them to a file, and `import-blocks` against the importer
 * alone, given the same blocks from memory. Empty development blocks with every check.
 */
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { Hash } from '../../node-core/base/bytes.ts'
import { OfflineChain } from '../../node-core/chain/node/offline.ts'
import { hashKey } from '../../node-core/chain/state/buckets.ts'
import { createLevel } from '../../node-core/chain/state/trie-source.ts'
import { readBlocks } from '../../node-core/command/blocks/block-stream.ts'
import { blockAt, exportBlocks } from '../../node-core/command/blocks/export.ts'
import { importBlocks } from '../../node-core/command/blocks/import.ts'
import type { SignedBlock } from '../../node-core/command/blocks/signed-block.ts'
import { capturedTerminal } from '../helpers/captured-terminal.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { DevNode } from '../helpers/dev-node.ts'
import type { Report } from './report.ts'

const BLOCKS = 600
/** An export of so few blocks is over in no time. */
const ROUNDS = 10
const NEVER = new AbortController().signal

export async function benchBlocks(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-blocks-'))
  const path = (name: string): string => join(folder, name)
  try {
    const author = await DevNode.start({ basePath: path('source') })
    await author.leaps(BLOCKS, 2)
    await author.stop()
    const source = await opened(path('source'))
    const { blocks } = source
    const best = blocks.best().number
    const exportAll = (to: string): Promise<unknown> => exportBlocks(blocks, { from: 1, to: undefined, binary: true, path: path(to) }, capturedTerminal().terminal, NEVER)
    const hashes = Array.from({ length: best }, (_, at) => blocks.hashByNumber(at + 1) as Hash)
    const chain: SignedBlock[] = []
    for (let number = 1; number <= best; number++) chain.push(await blockAt(blocks, number))

    await exportAll('warm-up')
    const exporting = (best * ROUNDS) / (await seconds(async () => {
      for (let round = 0; round < ROUNDS; round++) await exportAll(`exported-${round}`)
    }))
    await copyRows(source.dataPath, hashes, path('rows'))
    const copying = (best * ROUNDS) / (await seconds(async () => {
      for (let round = 0; round < ROUNDS; round++) await copyRows(source.dataPath, hashes, path(`rows-${round}`))
    }))
    await source.stop()

    const into = await opened(path('into'))
    const importing = best / (await seconds(async () => importBlocks(into, await readBlocks(createReadStream(path('warm-up')) as AsyncIterable<Uint8Array>), capturedTerminal().terminal, NEVER)))
    const again = (best / (await seconds(async () => importBlocks(into, await readBlocks(createReadStream(path('warm-up')) as AsyncIterable<Uint8Array>), capturedTerminal().terminal, NEVER))))
    await into.stop()
    const bare = await opened(path('bare'))
    const alone = best / (await seconds(() => Promise.all(chain.map((block) => bare.importer.importBlock(block, 'file', block.justifications)))))
    await bare.stop()
    report('export-blocks / the same rows as they are', exporting / copying, `${exporting.toFixed(0)} blocks/s against ${copying.toFixed(0)} blocks/s`)
    report('import-blocks / the importer alone', importing / alone, `${importing.toFixed(0)} blocks/s against ${alone.toFixed(0)} blocks/s`)
    report('import-blocks of blocks that are here / of new ones', again / importing, `${again.toFixed(0)} blocks/s against ${importing.toFixed(0)} blocks/s`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function opened(basePath: string): Promise<OfflineChain> {
  const chain = new OfflineChain({ spec: readChainFile('dev'), basePath, logger: silentLogger })
  await chain.start()
  return chain
}

/** Header, body and justifications of each block, without a look at them. */
async function copyRows(dataPath: string, hashes: readonly Hash[], path: string): Promise<void> {
  const level = createLevel(dataPath)
  await level.open({ createIfMissing: false })
  const file = createWriteStream(path)
  for (const hash of hashes) {
    for (const bucket of ['header', 'body', 'justifications'] as const) {
      const row = await level.get(hashKey(bucket, hash))
      if (row !== undefined && !file.write(row)) await once(file, 'drain')
    }
  }
  file.end()
  await finished(file)
  await level.close()
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}
