/** Exports and imports of blocks that were cut off, and chains that were sealed on request: in this process, on data of nodes that ran. */
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeError } from '../../node-core/base/errors.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { OfflineChain } from '../../node-core/chain/node/offline.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { readBlocks } from '../../node-core/command/blocks/block-stream.ts'
import { checkBlock } from '../../node-core/command/blocks/check.ts'
import { exportBlocks } from '../../node-core/command/blocks/export.ts'
import { importBlocks, peekSealing, type Imported } from '../../node-core/command/blocks/import.ts'
import { encodeSignedBlock, type SignedBlock } from '../../node-core/command/blocks/signed-block.ts'
import { blockAt } from '../../node-core/command/blocks/export.ts'
import { capturedTerminal, type CapturedTerminal } from '../helpers/captured-terminal.ts'
import { CHAINS, readChainFile } from '../helpers/chain-files.ts'
import { runCommand } from '../helpers/run-command.ts'
import { DevNode } from '../helpers/dev-node.ts'

const BLOCKS = 30
/** Blocks of the import that is cut off. */
const CUT = 20
const spec = readChainFile('dev')

let folder: string
let head: BlockRef
let finalized: BlockRef
let source: OfflineChain
const path = (name: string): string => join(folder, name)

const open = async (name: string, sealed?: boolean): Promise<OfflineChain> => {
  const chain = new OfflineChain({ spec, basePath: path(name), logger: silentLogger, sealed })
  await chain.start()
  return chain
}

/** Aborts when the progress comes to so many blocks. */
function abortingAt(done: number): { readonly terminal: CapturedTerminal['terminal']; readonly signal: AbortSignal; readonly said: () => string } {
  const { terminal, stderr } = capturedTerminal()
  const stop = new AbortController()
  const progress = terminal.progress.bind(terminal)
  terminal.progress = (options) => {
    const meter = progress(options)
    return { at: (at) => (at >= done ? stop.abort() : meter.at(at)), end: () => meter.end() }
  }
  return { terminal, signal: stop.signal, said: stderr }
}

const never = new AbortController().signal
const read = async (name: string) => readBlocks(createReadStream(path(name)) as AsyncIterable<Uint8Array>)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-resume-'))
  const node = await DevNode.start({ basePath: path('source') })
  await node.leaps(BLOCKS, 2)
  head = node.node.blocks.best()
  finalized = node.node.blocks.finalized()
  await node.stop()
  source = await open('source')
  await exportBlocks(source.blocks, { from: 1, to: undefined, binary: true, path: path('all.blocks') }, capturedTerminal().terminal, never)
  await exportBlocks(source.blocks, { from: 1, to: undefined, binary: false, path: path('all.json') }, capturedTerminal().terminal, never)
})
afterAll(async () => {
  await source.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('an export that was cut off', () => {
  it.each([['SCALE', true, 'all.blocks'], ['JSON', false, 'all.json']] as const)('by Ctrl-C goes on where it was, to the same bytes: %s', async (_, binary, whole) => {
    const options = { from: 1, to: undefined, binary, path: path(`stopped-${whole}`) }
    const { terminal, signal } = abortingAt(11)
    expect(await exportBlocks(source.blocks, options, terminal, signal).then(String, describeError)).toContain('11 of')
    expect([existsSync(options.path), existsSync(`${options.path}.part`)]).toEqual([false, true])

    const { terminal: again, stderr } = capturedTerminal()
    expect(await exportBlocks(source.blocks, options, again, never)).toEqual({ from: 1, to: head.number, blocks: head.number, before: 11 })
    expect(stderr()).toMatch(new RegExp(`^11 of ${head.number} blocks were written before; going on with block 12.\nExporting: `))
    expect(existsSync(`${options.path}.part`)).toBe(false)
    expect(await readFile(options.path)).toEqual(await readFile(path(whole)))
  })

  it.each([
    ['in the middle of a block', true, (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))],
    ['in the number of blocks', true, (bytes: Buffer) => bytes.subarray(0, 3)],
    ['by a power failure, with nothing where blocks were', true, (bytes: Buffer) => Buffer.concat([bytes.subarray(0, Math.floor(bytes.length / 2)), Buffer.alloc(4096)])],
    ['in the middle of a line', false, (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))],
    ['between a block and the break behind it', false, (bytes: Buffer) => bytes.subarray(0, bytes.indexOf('\n'))],
    ['in another form', true, () => Buffer.from('{"block":')],
    ['and is something else', true, () => Buffer.from('hello, world')],
    ['before anything was written', true, () => Buffer.alloc(0)],
  ])('%s ends in the same bytes', async (_, binary, cut) => {
    const whole = await readFile(path(binary ? 'all.blocks' : 'all.json'))
    await writeFile(path('cut.part'), cut(whole))
    await exportBlocks(source.blocks, { from: 1, to: undefined, binary, path: path('cut') }, capturedTerminal().terminal, never)
    expect(await readFile(path('cut'))).toEqual(whole)
  })

  it('keeps nothing of another range or of blocks that the chain has not, and says the new number of blocks', async () => {
    const whole = await readFile(path('all.blocks'))
    const alien = Buffer.from(whole)
    // A byte of block 3's parent hash: its header is another one.
    const sizes = [await blockAt(source.blocks, 1), await blockAt(source.blocks, 2)].map((block) => encodeSignedBlock(block).length)
    const third = 8 + (sizes[0] ?? 0) + (sizes[1] ?? 0)
    alien[third] = (alien[third] ?? 0) ^ 1
    await writeFile(path('alien.part'), alien)
    expect(await exportBlocks(source.blocks, { from: 1, to: 20, binary: true, path: path('alien') }, capturedTerminal().terminal, never)).toMatchObject({ blocks: 20, before: 2 })
    expect((await readFile(path('alien'))).readBigUInt64LE(0)).toBe(20n)

    await writeFile(path('later.part'), whole)
    expect(await exportBlocks(source.blocks, { from: 5, to: 9, binary: true, path: path('later') }, capturedTerminal().terminal, never)).toMatchObject({ blocks: 5, before: 0 })
    const { total, blocks } = await read('later')
    const numbers: number[] = []
    for await (const { header } of blocks) numbers.push(header.number)
    expect([total, numbers]).toEqual([5, [5, 6, 7, 8, 9]])
  })
})

describe('an import that was cut off', () => {
  it('passes over what is here, and comes to the same head', async () => {
    let chain = await open('copy')
    const stop = new AbortController()
    const stream = await read('all.blocks')
    async function* stopping(): AsyncGenerator<SignedBlock> {
      for await (const block of stream.blocks) {
        if (block.header.number === CUT + 1) stop.abort()
        yield block
      }
    }
    expect(await importBlocks(chain, { ...stream, blocks: stopping() }, capturedTerminal().terminal, stop.signal).then(String, describeError)).toContain('Interrupted')
    const best = chain.blocks.best()
    expect(best.number).toBe(CUT)
    await chain.stop()

    chain = await open('copy')
    const passed = new Set<number>()
    const { importer } = chain
    const importBlock = importer.importBlock.bind(importer)
    importer.importBlock = (block, ...rest) => {
      passed.add(block.header.number)
      return importBlock(block, ...rest)
    }
    const { terminal: again, stderr } = capturedTerminal()
    const done = await importBlocks(chain, await read('all.json'), again, never)
    expect(done).toMatchObject({ best: head, finalized, known: best.number, imported: head.number - best.number })
    expect(stderr()).toContain(` blocks are here already; going on with block `)
    // What is final already is not even looked at.
    expect(Math.min(...passed)).toBeGreaterThan(1)
    expect(await importBlocks(chain, await read('all.blocks'), capturedTerminal().terminal, never)).toMatchObject({ imported: 0, known: head.number, best: head })
    await chain.stop()
  })
})

describe('a chain that was sealed on request', () => {
  const SEALED = 12
  let sealed: BlockRef

  beforeAll(async () => {
    const node = await DevNode.start({ basePath: path('sealed'), sealing: 'manual' })
    for (let i = 0; i < SEALED; i++) await node.node.core.engine.sealing?.seal()
    sealed = node.node.blocks.best()
    await node.stop()
  })

  it('is exported, imported into a fresh folder, and checked', async () => {
    const chain = await open('sealed')
    await exportBlocks(chain.blocks, { from: 0, to: undefined, binary: true, path: path('sealed.blocks') }, capturedTerminal().terminal, never)
    await chain.stop()

    const { stream, isSealed } = await peekSealing(await read('sealed.blocks'))
    expect(isSealed).toBe(true)
    expect((await peekSealing(await read('all.blocks'))).isSealed).toBe(false)
    const copy = await open('sealed-copy', isSealed)
    expect(await importBlocks(copy, stream, capturedTerminal().terminal, never)).toMatchObject({ imported: SEALED, known: 1, best: sealed } satisfies Partial<Imported>)
    expect(await checkBlock(copy, String(SEALED))).toMatchObject({ number: SEALED, hash: sealed.hash })
    await copy.stop()
    // The data say what they are from then on.
    const again = await open('sealed-copy')
    expect(again.blocks.best()).toEqual(sealed)
    await again.stop()
  })

  it('is imported by the command, and refused on a network of many', async () => {
    const line = ['import-blocks', '--base-path', path('sealed-command'), path('sealed.blocks'), '--json']
    expect(JSON.parse((await runCommand([...line, '--dev'])).stdout)).toMatchObject({ imported: SEALED, best: sealed })
    expect(await runCommand([...line, '--chain', join(CHAINS, 'local.json')])).toMatchObject({ code: 1, stdout: '', error: { code: 'SEALING_NOT_DEVELOPMENT' } })
  })
})
