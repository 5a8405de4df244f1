/** Commands about blocks and keys as a person starts them, on the data of a node that ran. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli, type Finished } from '../helpers/cli.ts'
import { DevNode } from '../helpers/dev-node.ts'

const BLOCKS = 24

let folder: string
let head: { readonly number: number; readonly hash: string }
const path = (name: string): string => join(folder, name)
const onData = (data: string): string[] => ['--dev', '--base-path', path(data)]
const jsonOf = ({ stdout }: Finished): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-blocks-'))
  const node = await DevNode.start({ basePath: path('source') })
  await node.leaps(BLOCKS, BLOCKS - 4)
  head = node.node.blocks.best()
  await node.stop()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('blocks in files', () => {
  it('come out and go into a fresh folder with the same head: SCALE, after a file that was cut off', async () => {
    const out = await runCli('export-blocks', ...onData('source'), '--binary', path('all.blocks'), '--json')
    expect([out.code, jsonOf(out)]).toEqual([0, { from: 1, to: head.number, blocks: head.number, before: 0, path: path('all.blocks') }])
    const bytes = await readFile(path('all.blocks'))
    expect(bytes.readBigUInt64LE(0)).toBe(BigInt(head.number))
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])

    await writeFile(path('cut.blocks'), bytes.subarray(0, Math.floor(bytes.length / 2)))
    const cut = await runCli('import-blocks', ...onData('copy'), path('cut.blocks'), '--json')
    expect([cut.code, cut.stdout]).toEqual([5, ''])
    expect(JSON.parse(cut.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({ error: { code: 'DATA_INVALID', exitCode: 5, message: expect.stringMatching(/damaged after \d+ blocks/) as string } })

    const rest = await runCli('import-blocks', ...onData('copy'), path('all.blocks'), '--json')
    expect(rest.code).toBe(0)
    const { imported, known, best } = jsonOf(rest) as { imported: number; known: number; best: unknown }
    expect(best).toEqual(head)
    expect(known).toBeGreaterThan(0)
    expect(imported + known).toBe(head.number)
  })

  it('do so as JSON through a pipe of plain lines, and part by part', async () => {
    const half = Math.floor(head.number / 2)
    const [first, second] = [await runCli('export-blocks', ...onData('source'), '--to', String(half)), await runCli('export-blocks', ...onData('source'), '--from', String(half + 1), path('second.json'))]
    expect([first.code, second.code]).toEqual([0, 0])
    expect(second.stderr).toMatch(/^Exporting: \d+ of \d+ blocks/)
    expect(second.stderr).not.toContain('\x1b')
    expect(second.stdout).toBe(`${head.number - half} blocks, ${half + 1} to ${head.number}, in ${path('second.json')}\n`)
    expect(JSON.parse(first.stdout.split('\n')[0] ?? '')).toMatchObject({ block: { header: { number: '0x1', digest: { logs: expect.any(Array) as unknown } }, extrinsics: expect.any(Array) as unknown } })
    await writeFile(path('first.json'), first.stdout)
    const early = await runCli('import-blocks', ...onData('json'), path('second.json'))
    expect([early.code, early.stderr.trim().split('\n').at(-1)]).toEqual([5, `Block ${half + 1} is refused: its parent is not here. Import the blocks before it first, or check whether the file is of this network (--chain).`])
    await runCli('import-blocks', ...onData('json'), path('first.json'))
    expect(jsonOf(await runCli('import-blocks', ...onData('json'), path('second.json'), '--json'))).toMatchObject({ best: head })
  })

  it('are executed again on request', async () => {
    expect(jsonOf(await runCli('check-block', ...onData('source'), '--json', '7'))).toMatchObject({ number: 7, extrinsics: expect.any(Number) as number })
    expect(await runCli('check-block', ...onData('source'), head.hash)).toMatchObject({ code: 0, stdout: expect.stringContaining(`Block ${head.number} ${head.hash} comes out as its header says`) as string })
    expect(await runCli('check-block', ...onData('source'), '9999')).toMatchObject({ code: 2, stderr: expect.stringContaining('Block 9999 is not here.') as string })
  })

  it('are deleted only by who says so', async () => {
    expect(await runCli('purge-chain', ...onData('copy'))).toMatchObject({ code: 7, stderr: expect.stringContaining('nobody to ask') as string })
    expect(jsonOf(await runCli('purge-chain', ...onData('copy'), '-y', '--json'))).toMatchObject({ purged: true })
    expect(jsonOf(await runCli('purge-chain', ...onData('copy'), '-y', '--json'))).toMatchObject({ purged: false })
  })
})

describe('keys', () => {
  it('go into the keystore from a file, and are listed', async () => {
    await writeFile(path('passphrase'), 'four unrelated words\n', { mode: 0o600 })
    await writeFile(path('suri'), '//Alice\n', { mode: 0o600 })
    const insert = await runCli('key', 'insert', ...onData('keys'), '--key-type', 'gran', '--suri', path('suri'), '--keystore-passphrase-file', path('passphrase'), '--json')
    expect(jsonOf(insert)).toMatchObject({ keyType: 'gran', scheme: 'ed25519', publicKey: '0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee' })
    expect(await runCli('key', 'list', ...onData('keys'))).toMatchObject({ code: 0, stdout: 'gran ed25519 0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee\n' })
    await writeFile(path('other'), 'another passphrase\n', { mode: 0o600 })
    expect((await runCli('key', 'insert', ...onData('keys'), '--key-type', 'babe', '--suri', '//Alice', '--keystore-passphrase-file', path('other'))).code).toBe(4)
  })

  it('of a node are made for their owner alone, and never written over', async () => {
    const made = await runCli('key', 'generate-node-key', '--file', path('node.key'))
    expect([made.code, made.stdout]).toEqual([0, ''])
    if (process.platform !== 'win32') expect((await stat(path('node.key'))).mode & 0o777).toBe(0o600)
    expect((await runCli('key', 'inspect-node-key', '--file', path('node.key'))).stdout).toBe(made.stderr)
    expect((await runCli('key', 'generate-node-key', '--file', path('node.key'))).code).toBe(5)
    expect(existsSync(path('node.key'))).toBe(true)
  })
})
