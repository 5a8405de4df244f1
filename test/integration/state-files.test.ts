/** A block's state in a file, and a fresh folder that begins with it: on data of a node that ran, with child tries. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { OfflineChain } from '../../node-core/chain/node/offline.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { buildGenesis } from '../../node-core/chain/spec/genesis.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { SpecWithState } from '../../node-core/chain/spec/schema.ts'
import { withState } from '../../node-core/chain/spec/with-state.ts'
import { stateDigest } from '../campaign/joining-process.ts'
import { CHAINS, readChainFile } from '../helpers/chain-files.ts'
import { runCli } from '../helpers/cli.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { runCommand, type Ran } from '../helpers/run-command.ts'

const CHILDREN = { '0x6f6e65': { '0x01': '0xaa', '0x0102': `0x${'bb'.repeat(40)}` }, '0x74776f': { '0x03': '0x' } } as const satisfies Record<string, Record<string, Hex>>

let folder: string
let spec: SpecWithState
let head: BlockRef
let finalized: BlockRef
let stateRoot: string
let digest: string
const path = (name: string): string => join(folder, name)
const command = (line: string, data: string): Promise<Ran> => runCommand([...line.split(' '), '--chain', path('spec.json'), '--base-path', path(data), '--json'])
const open = async (data: string): Promise<OfflineChain> => {
  const chain = new OfflineChain({ spec, basePath: path(data), logger: silentLogger })
  await chain.start()
  return chain
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-states-'))
  const dev = readChainFile('dev')
  await writeFile(path('spec.json'), JSON.stringify({ ...dev, genesis: { raw: { ...dev.genesis.raw, childrenDefault: CHILDREN } } }))
  spec = withState(parseChainSpec(await readFile(path('spec.json'), 'utf8'), 'spec.json'))
  const node = await DevNode.start({ basePath: path('source'), spec })
  await node.leaps(16, 2)
  head = node.node.blocks.best()
  await node.stop()
  const chain = await open('source')
  finalized = chain.blocks.finalized()
  stateRoot = chain.blocks.header(finalized.hash)?.stateRoot ?? ''
  digest = stateDigest(chain.storage, chain.blocks.header(head.hash)?.stateRoot ?? '0x')
  await chain.stop()
  expect(finalized.number).toBeGreaterThan(3)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('export-state', () => {
  it('writes a specification whose genesis is that state, child tries included', async () => {
    const done = await command(`export-state ${finalized.number} ${path('state.json')}`, 'source')
    expect([done.code, JSON.parse(done.stdout)]).toEqual([0, { number: finalized.number, hash: finalized.hash, stateRoot, entries: expect.any(Number) as number, path: path('state.json') }])
    const written = withState(parseChainSpec(await readFile(path('state.json'), 'utf8'), 'state.json'))
    expect(buildGenesis(written).header.stateRoot).toBe(stateRoot)
    expect(written.genesis.raw.childrenDefault).toEqual(CHILDREN)
    expect([written.name, written.id, written.properties]).toEqual([spec.name, spec.id, spec.properties])
    const { top } = written.genesis.raw
    expect(Object.keys(top)).toEqual([...Object.keys(top)].sort())
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('goes to standard output, of a block by its hash; of one that is not here it is refused', async () => {
    const piped = await runCli('export-state', finalized.hash, '--chain', path('spec.json'), '--base-path', path('source'))
    expect([piped.code, piped.stdout]).toEqual([0, await readFile(path('state.json'), 'utf8')])
    expect(piped.stderr).toMatch(/^Exporting: \d+ entries.*\n$/)
    expect(await command(`export-state 9999 ${path('none')}`, 'source')).toMatchObject({ code: 2, error: { code: 'OPTIONS_INVALID', message: 'Block 9999 is not here.' } })
  })
})

describe('import-state', () => {
  it('begins a folder at that block, and the blocks above it lead to the same head and state', async () => {
    const done = await command(`import-state ${path('state.json')}`, 'fresh')
    expect([done.code, JSON.parse(done.stdout)]).toMatchObject([0, { number: finalized.number, hash: finalized.hash, stateRoot }])
    await command(`export-blocks --binary --from ${finalized.number + 1} ${path('rest.blocks')}`, 'source')
    const imported = await command(`import-blocks ${path('rest.blocks')}`, 'fresh')
    expect(JSON.parse(imported.stdout)).toMatchObject({ imported: head.number - finalized.number, best: head })

    const chain = await open('fresh')
    expect(chain.blocks.gap()).toEqual({ from: 1, to: finalized.number - 1 })
    expect(stateDigest(chain.storage, chain.blocks.header(head.hash)?.stateRoot ?? '0x')).toBe(digest)
    await chain.stop()
    expect(await command(`import-state ${path('state.json')}`, 'fresh')).toMatchObject({ code: 4, error: { code: 'STATE_KNOWN_BLOCK' } })
  })

  it('refuses a state that does not build to the root in the header, and takes the right one afterwards', async () => {
    const text = await readFile(path('state.json'), 'utf8')
    await writeFile(path('changed.json'), text.replace('"0x0102": "0xbb', '"0x0102": "0xbc'))
    expect(await command(`import-state ${path('changed.json')}`, 'careful')).toMatchObject({ code: 5, stdout: '', error: { code: 'RESTORED_STATE_INVALID' } })
    expect(await command(`import-state ${path('state.json')}`, 'careful')).toMatchObject({ code: 0 })
  })

  it('refuses what is no state of a block, and a state of another chain', async () => {
    expect(await command(`import-state ${path('spec.json')}`, 'other')).toMatchObject({ code: 5, error: { code: 'DATA_INVALID' } })
    const other = await runCommand(['import-state', path('state.json'), '--chain', join(CHAINS, 'local.json'), '--base-path', path('other')])
    expect(other).toMatchObject({ code: 4, error: { code: 'STATE_WRONG_GENESIS' } })
  })
})
