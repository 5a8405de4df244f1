/** Commands that change or copy a chain's data, in this process, on data of a node that ran. */
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../node-core/base/logger.ts'
import { OfflineChain } from '../../node-core/chain/node/offline.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { readBlocks } from '../../node-core/command/blocks/block-stream.ts'
import { exportBlocks } from '../../node-core/command/blocks/export.ts'
import { importBlocks } from '../../node-core/command/blocks/import.ts'
import { readMarker, writeMarker } from '../../node-core/manager/folders/seen-data.ts'
import { capturedTerminal } from '../helpers/captured-terminal.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { runCommand, type Person } from '../helpers/run-command.ts'

const SEALED = 8
const FINAL = 3
const spec = readChainFile('dev')
const never = new AbortController().signal

let folder: string
let head: BlockRef
let dataPath: string
const path = (name: string): string => join(folder, name)
const command = (line: string, person?: Person) => runCommand([...line.split(' '), '--dev', '--base-path', path('source')], person)
const open = async (name: string): Promise<OfflineChain> => {
  const chain = new OfflineChain({ spec, basePath: path(name), logger: silentLogger })
  await chain.start()
  return chain
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-data-'))
  const node = await DevNode.start({ basePath: path('source'), sealing: 'manual' })
  const { sealing } = node.node.core.engine
  for (let i = 1; i <= SEALED; i++) {
    const block = await sealing?.seal()
    if (i === FINAL && block !== undefined) await sealing?.finalize(block.hash)
  }
  head = node.node.blocks.best()
  await node.stop()
  const chain = await open('source')
  dataPath = chain.dataPath
  await exportBlocks(chain.blocks, { from: 1, to: undefined, binary: true, path: path('all.blocks') }, capturedTerminal().terminal, never)
  await chain.stop()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('revert', () => {
  it('says what it would do and asks; where nobody can be asked, nothing is taken back', async () => {
    expect(await command('revert 2')).toMatchObject({ code: 7, stdout: '', stderr: expect.stringMatching(/^Blocks 7 to 8 are removed, with their states\.\nThere is nobody to ask: /) as string })
    const declined = await command('revert 2', { typed: ['no'] })
    expect(declined).toMatchObject({ code: 7, stdout: '' })
    expect(declined.stderr).toContain('Take 2 blocks of Development back, from 8 to 6 (0x')
    expect(await command('revert two')).toMatchObject({ code: 2, stderr: expect.stringContaining('revert takes a number of blocks, not "two".') as string })
  })

  it('takes the newest blocks back; what was seen of the folder follows, and the blocks can be imported again', async () => {
    const seen = { version: 1, network: 'test', instance: '0'.repeat(32), newest: head, settled: { number: FINAL, hash: head.hash }, clean: true, database: true, keys: false, soleAuthority: true } as const
    await writeMarker(dataPath, seen)
    const done = await command('revert 2', { typed: ['yes'] })
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 blocks were taken back\. Best: 6 0x[0-9a-f]{64}\n$/) as string })
    expect((await readMarker(dataPath))?.newest?.number).toBe(6)

    const chain = await open('source')
    expect(chain.blocks.best().number).toBe(6)
    const stream = await readBlocks(createReadStream(path('all.blocks')) as AsyncIterable<Uint8Array>)
    expect(await importBlocks(chain, stream, capturedTerminal().terminal, never)).toMatchObject({ imported: 2, known: 6, best: head })
    await chain.stop()
  })

  it('stops at the finalized block, for programs as JSON', async () => {
    const done = await command('revert -y --json')
    expect([done.code, done.stderr, JSON.parse(done.stdout)]).toEqual([0, '', { reverted: SEALED - FINAL, forks: 0, best: expect.objectContaining({ number: FINAL }) as unknown, finalized: expect.objectContaining({ number: FINAL }) as unknown }])
    expect(await command('revert')).toMatchObject({ code: 0, stdout: `There is nothing to take back: block ${FINAL} is the best one, and final.\n` })
  })
})
