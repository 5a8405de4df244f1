/**
 * Export and import of blocks under kill -9: the commands in processes of their own, on a chain that was sealed in this one. At a random moment, told
 * by how far the file or the database has grown, a command is killed and started again as it was. In the end the file must have the same
 * bytes as one that nobody disturbed, and the fresh folder the same head with the same state.
 */
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../node-core/base/logger.ts'
import { OfflineChain } from '../../node-core/chain/node/offline.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { readBlocks } from '../../node-core/command/blocks/block-stream.ts'
import { exportBlocks } from '../../node-core/command/blocks/export.ts'
import { importBlocks } from '../../node-core/command/blocks/import.ts'
import { Random } from '../fuzz/random.ts'
import { capturedTerminal } from '../helpers/captured-terminal.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { CliProcess } from '../helpers/cli.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { stateDigest } from './joining-process.ts'

export interface BlocksOptions {
  readonly blocks: number
  /** Of both commands together; about half of each. */
  readonly kills: number
  readonly seed: number
  readonly binary: boolean
  readonly onLine?: (line: string) => void
}

export interface BlocksReport {
  readonly blocks: number
  readonly bytes: number
  readonly kills: { readonly export: number; readonly import: number }
  readonly makingSeconds: number
  /** Without a kill, in this process. */
  readonly exportPerSecond: number
  readonly importPerSecond: number
  readonly head: BlockRef
}

/** Every so many sealed blocks one is made final, as on a chain that lives. */
const FINAL_EVERY = 100
const TOLD_EVERY = 2_000
const LOOK_MS = 3

/** Throws where bytes, head or state are not the same. */
export async function blocksCampaign({ blocks, kills, seed, binary, onLine = () => undefined }: BlocksOptions): Promise<BlocksReport> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-blocks-'))
  const path = (name: string): string => join(folder, name)
  const random = new Random(seed)
  const fraction = (): number => random.u32() / 2 ** 32
  try {
    const makingSeconds = await seconds(() => make(path('source'), blocks, onLine))
    const exporting = await seconds(() => withChain(path('source'), (chain) => exportBlocks(chain.blocks, { from: 1, to: undefined, binary, path: path('whole') }, capturedTerminal().terminal, NEVER)))
    let empty = 0
    const importing = await seconds(() => withChain(path('undisturbed'), async (chain) => {
      empty = sizeOf(path('undisturbed'))
      await importBlocks(chain, await readBlocks(createReadStream(path('whole')) as AsyncIterable<Uint8Array>), capturedTerminal().terminal, NEVER)
    }))
    const expected = await withChain(path('source'), headOf)
    const undisturbed = await withChain(path('undisturbed'), headOf)
    if (JSON.stringify(undisturbed) !== JSON.stringify(expected)) throw new Error(`an import without a kill ends at ${JSON.stringify(undisturbed)} in place of ${JSON.stringify(expected)}`)
    const bytes = sizeOf(path('whole'))
    onLine(`undisturbed: ${bytes} bytes; ${(blocks / exporting).toFixed(0)} exported and ${(blocks / importing).toFixed(0)} imported a second`)

    const killed = { export: 0, import: 0 }
    const forExport = Math.floor(kills / 2)
    const exported = ['export-blocks', '--dev', '--base-path', path('source'), ...(binary ? ['--binary'] : []), path('again'), '--json']
    const imported = ['import-blocks', '--dev', '--base-path', path('copy'), path('whole'), '--json']
    const grown = sizeOf(path('undisturbed'))
    const disturb = async (kind: 'export' | 'import', count: number): Promise<void> => {
      const [args, file, end] = kind === 'export' ? [exported, path('again.part'), bytes] : [imported, path('copy'), grown]
      for (let i = 0; i < count; i++) {
        const before = Math.max(sizeOf(file), kind === 'import' ? empty : 0)
        // Of what is left a part each time, so that something is left for the last.
        const at = before + ((fraction() * 2) / (count + 1 - i + 1)) * Math.max(0, end - before)
        const isKilled = await killedAt(args, () => sizeOf(file) >= at)
        if (isKilled) killed[kind]++
        onLine(`${kind}: ${isKilled ? 'killed' : 'done before it was killed'} at ${sizeOf(file)} of about ${end} bytes`)
        if (!isKilled) return
      }
    }
    await disturb('export', forExport)
    const out = await finished(exported)
    onLine(`export: done, ${String(out['before'])} of ${blocks} blocks were written before`)
    if (!(await readFile(path('again'))).equals(await readFile(path('whole')))) throw new Error('the file has other bytes than one that nobody disturbed')

    await disturb('import', kills - forExport)
    const into = await finished(imported)
    onLine(`import: done, ${String(into['known'])} of ${blocks} blocks were here before`)
    const copy = await withChain(path('copy'), headOf)
    if (JSON.stringify(copy) !== JSON.stringify(expected)) throw new Error(`it ends at ${JSON.stringify(copy)} in place of ${JSON.stringify(expected)}`)
    return { blocks, bytes, kills: killed, makingSeconds: Math.round(makingSeconds), exportPerSecond: Math.round(blocks / exporting), importPerSecond: Math.round(blocks / importing), head: expected.head }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const NEVER = new AbortController().signal

async function make(basePath: string, blocks: number, onLine: (line: string) => void): Promise<void> {
  const node = await DevNode.start({ basePath, sealing: 'manual' })
  try {
    const { sealing } = node.node.core.engine
    if (sealing === undefined) throw new Error('the node does not seal')
    for (let i = 1; i <= blocks; i++) {
      const block = await sealing.seal()
      if (i % FINAL_EVERY === 0) await sealing.finalize(block.hash)
      if (i % TOLD_EVERY === 0) onLine(`${i} blocks made`)
    }
  } finally {
    await node.stop()
  }
}

async function withChain<T>(basePath: string, work: (chain: OfflineChain) => Promise<T>): Promise<T> {
  // A fresh folder does not say yet that its blocks are sealed.
  const chain = new OfflineChain({ spec: readChainFile('dev'), basePath, logger: silentLogger, sealed: true })
  await chain.start()
  try {
    return await work(chain)
  } finally {
    await chain.stop()
  }
}

async function headOf({ blocks, storage }: OfflineChain): Promise<{ readonly head: BlockRef; readonly stateRoot: string | undefined; readonly digest: string }> {
  const head = blocks.best()
  const stateRoot = blocks.header(head.hash)?.stateRoot
  return { head, stateRoot, digest: stateRoot === undefined ? '' : stateDigest(storage, stateRoot) }
}

/** False where the command ended before. Throws where it failed. */
async function killedAt(args: readonly string[], isDue: () => boolean): Promise<boolean> {
  const cli = new CliProcess(args)
  const timer = setInterval(() => {
    if (isDue()) cli.child.kill('SIGKILL')
  }, LOOK_MS)
  const { code, stderr } = await cli.finished
  clearInterval(timer)
  if (cli.child.signalCode === 'SIGKILL') return true
  if (code !== 0) throw new Error(`it failed: ${stderr.slice(-2000)}`)
  return false
}

async function finished(args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await new CliProcess(args).finished
  if (code !== 0) throw new Error(`it failed: ${stderr.slice(-2000)}`)
  return JSON.parse(stdout) as Record<string, unknown>
}

/** Of a file, or of all files below a folder; 0 where there is nothing. */
function sizeOf(path: string): number {
  try {
    const stats = statSync(path)
    return stats.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stats.size
  } catch {
    return 0
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}
