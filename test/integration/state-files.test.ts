/** A block's state in a file, and a fresh folder that begins with it: on data of a node that ran, with child tries. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex, type Hex } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { V8_FLAGS } from '../../node-core/base/v8-flags.ts'
import { OfflineChain } from '../../node-core/chain/node/offline.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { buildGenesis } from '../../node-core/chain/spec/genesis.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { SpecWithState } from '../../node-core/chain/spec/schema.ts'
import { withState } from '../../node-core/chain/spec/with-state.ts'
import { stateFileHead, stateOfBlock } from '../../node-core/command/blocks/state-file.ts'
import { stateDigest } from '../campaign/joining-process.ts'
import { CHAINS, readChainFile } from '../helpers/chain-files.ts'
import { runCli } from '../helpers/cli.ts'
import { COMPILED } from '../helpers/compiled.ts'
import type { ImportStateEnd } from '../helpers/import-state-process.ts'
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
    // More than one line where it takes long.
    expect(piped.stderr).toMatch(/^(Exporting: \d+ entries.*\n)+$/)
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
    // What was written of it is gone: no record belongs to no block.
    const chain = await open('careful')
    expect(chain.blocks.best().number).toBe(0)
    await chain.stop()
    expect(await command(`import-state ${path('state.json')}`, 'careful')).toMatchObject({ code: 0 })
  })

  it('refuses a file that is cut off, torn or out of order with line, byte and reason, before it touches anything', async () => {
    const text = await readFile(path('state.json'), 'utf8')
    const lines = text.split('\n')
    const first = lines.findIndex((line) => line.includes('"top": {')) + 1
    const at = (line: number): number => lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + (/\S/.exec(lines[line] ?? '')?.index ?? 0)
    const swapped = [...lines]
    swapped.splice(first, 2, lines[first + 1] as string, lines[first] as string)
    const broken: readonly (readonly [string, number | undefined, string])[] = [
      [text.slice(0, at(first + 3)), first + 4, 'a key in quotes was expected'],
      [text.slice(0, at(first + 3) + 40), first + 4, 'the file ends within a text'],
      [text.replace(lines[first + 2] as string, (lines[first + 2] as string).replace('"0x', '"0y')), first + 3, 'is not hexadecimal'],
      [swapped.join('\n'), first + 2, 'does not come after the one before it'],
      [`${text}x`, lines.length, 'something behind the end'],
      [text.replace('"name":', '"name" '), undefined, '":" was expected'],
    ]
    for (const [content, line, reason] of broken) {
      await writeFile(path('broken.json'), content)
      const { code, error } = await command(`import-state ${path('broken.json')}`, 'untouched')
      expect([code, error]).toEqual([5, expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining(reason) as string })])
      if (line !== undefined) expect((error as Error).message).toContain(` at line ${line}, byte `)
    }
    expect(existsSync(path('untouched'))).toBe(false)
  })

  it('takes a state that is larger than its memory', async () => {
    const bytes = await writeLargeState(path('large.json'), JSON.parse(await readFile(path('state.json'), 'utf8')) as SpecWithState)
    const small = await measured(`import-state ${path('state.json')}`, 'small')
    const large = await measured(`import-state ${path('large.json')}`, 'large')
    expect([small.code, large.code], large.stderr).toEqual([0, 0])
    expect(bytes).toBeGreaterThan(LARGE_VALUES * LARGE_VALUE * 2)
    // As text alone it would be four times this.
    expect(large.peak - small.peak).toBeLessThan(bytes / 4)
    const { stateRoot: imported, number } = JSON.parse(large.stdout) as { stateRoot: Hex; number: number }
    const chain = await open('large')
    expect([chain.blocks.best().number, chain.blocks.header(chain.blocks.best().hash)?.stateRoot]).toEqual([number, imported])
    await chain.stop()
    const again = await command(`export-state ${number} ${path('again.json')}`, 'large')
    expect(JSON.parse(again.stdout)).toMatchObject({ stateRoot: imported })
    expect((await readFile(path('again.json'))).equals(await readFile(path('large.json')))).toBe(true)
  })

  it('refuses what is no state of a block, and a state of another chain', async () => {
    expect(await command(`import-state ${path('spec.json')}`, 'other')).toMatchObject({ code: 5, error: { code: 'DATA_INVALID' } })
    const other = await runCommand(['import-state', path('state.json'), '--chain', join(CHAINS, 'local.json'), '--base-path', path('other')])
    expect(other).toMatchObject({ code: 4, error: { code: 'STATE_WRONG_GENESIS' } })
  })
})

const LARGE_VALUE = 64 * 1024
const LARGE_VALUES = 1_000

/** The same state with many long values more, of a block whose header has its root. Gives the size of the file. */
async function writeLargeState(name: string, state: SpecWithState): Promise<number> {
  const found = stateOfBlock(state)
  if (found === undefined) throw new Error('it is of a block')
  const { top, childrenDefault = {} } = state.genesis.raw
  const long = Object.fromEntries(Array.from({ length: LARGE_VALUES }, (_, index) => [`0xffff${index.toString(16).padStart(8, '0')}`, toHex(new Uint8Array(LARGE_VALUE).fill(index % 251))]))
  const raw = { top: { ...top, ...long }, childrenDefault }
  const { stateRoot } = buildGenesis({ ...state, genesis: { raw } }).header
  const block = { ...found.block, header: { ...found.block.header, stateRoot } }
  await writeFile(name, [stateFileHead(state, { genesisHash: found.genesisHash, block }), `  "genesis": ${JSON.stringify({ raw }, undefined, 2).replaceAll('\n', '\n  ')}\n}\n`])
  return (await stat(name)).size
}

async function measured(line: string, data: string): Promise<ImportStateEnd> {
  const child = fork(new URL('../helpers/import-state-process.ts', import.meta.url), [...line.split(' '), '--chain', path('spec.json'), '--base-path', path(data), '--json'], { env: { ...process.env, ...COMPILED }, execArgv: [...V8_FLAGS] })
  const [end] = (await once(child, 'message')) as [ImportStateEnd]
  await once(child, 'exit')
  return end
}
