/** Every command on a terminal of 80 columns, piped, and with `--json`; and what Ctrl-C leaves of a terminal. */
import { spawn, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../node-core/command/commands/table.ts'
import { COMMAND_CASES } from '../helpers/command-cases.ts'
import { COMPILED } from '../helpers/compiled.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { onTerminals, whyNoTerminals, type TerminalEnd } from '../helpers/pseudo-terminal.ts'

const BLOCKS = 12
const COLUMNS = 80
const ROW = join(import.meta.dirname, '../helpers/command-row.ts')
const CLI = join(import.meta.dirname, '../../node-core/command/cli.ts')
const CASES = COMMANDS.flatMap(({ name }) => (COMMAND_CASES[name] === undefined ? [] : [[name, COMMAND_CASES[name]] as const]))
const COLOUR = /\x1b\[[\d;]*m/
const CONTROL = /\x1b\[[\d;?]*[A-Za-z]/g

/** What one command said, and how it ended. */
interface Said {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

type Mode = 'terminal' | 'noColour' | 'dumb' | 'piped' | 'json'
const said: Partial<Record<Mode, ReadonlyMap<string, Said>>> = {}
const none = whyNoTerminals()
/** Behind the name of what is skipped. */
const why = none === undefined ? '' : `, skipped: ${none}`
const TERMINALS = { terminal: {}, noColour: { NO_COLOR: '1' }, dumb: { TERM: 'dumb' } } as const

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-terminal-'))
  const node = await DevNode.start({ basePath: join(folder, 'source') })
  await node.leaps(BLOCKS, BLOCKS - 4)
  await node.stop()
  const names = Object.keys(TERMINALS) as (keyof typeof TERMINALS)[]
  const onScreen = none === undefined ? Promise.all(names.map((name) => linesFor(name))).then((rows) => onTerminals(names.map((name, at) => ({ argv: [ROW, rows[at] as string], env: TERMINALS[name] })))) : Promise.resolve([])
  const [ends, piped, json] = await Promise.all([onScreen, linesFor('piped').then(runPiped), linesFor('json', '--json').then(runPiped)])
  for (const [at, name] of names.entries()) if (ends[at] !== undefined) said[name] = partsOf(ends[at].output, ends[at].output)
  said.piped = partsOf(...piped)
  said.json = partsOf(...json)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Each mode has data of its own. */
async function linesFor(mode: string, ...more: readonly string[]): Promise<string> {
  const [data, out] = [join(folder, mode, 'data'), join(folder, mode, 'out')]
  await cp(join(folder, 'source'), data, { recursive: true })
  await mkdir(out)
  await writeFile(join(out, 'passphrase'), 'four unrelated words\n', { mode: 0o600 })
  return JSON.stringify(CASES.map(([, { line }]) => [...line.replaceAll('{data}', data).replaceAll('{out}', out).split(' '), ...more]))
}

async function runPiped(lines: string): Promise<readonly [string, string]> {
  const { FORCE_COLOR: _, ...env } = process.env
  const child = spawn(process.execPath, [ROW, lines], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...COMPILED, TERM: 'xterm-256color' } })
  return Promise.all([text(child.stdout), text(child.stderr)])
}

function partsOf(stdout: string, stderr: string): ReadonlyMap<string, Said> {
  const split = (all: string): string[] => all.split(/\x1ebegin\n/).slice(1)
  const errors = split(stderr)
  // On a terminal each mark is there twice: what stands between two of a kind is empty.
  const [outs, errs] = stdout === stderr ? [split(stdout).filter((part) => part !== ''), split(stdout).filter((part) => part !== '')] : [split(stdout), errors]
  const codeOf = (part: string): number => Number(/\x1ecode (\d+)\n/.exec(part)?.[1] ?? NaN)
  return new Map(CASES.map(([name], at) => [name, { stdout: (outs[at] ?? '').replaceAll(/\x1ecode \d+\n/g, ''), stderr: (errs[at] ?? '').replaceAll(/\x1ecode \d+\n/g, ''), code: codeOf(outs[at] ?? '') }]))
}

/** Paths of this test's folder, hashes and phrases are as long as they are. */
const hasLong = (row: string): boolean => row.includes(folder) || /0x[0-9a-f]{64}|^Secret phrase:/.test(row)

/** What a person sees: what is drawn over is gone. */
const seen = (output: string): string[] => output.replaceAll(CONTROL, '').split('\n').map((row) => row.split('\r').at(-1) ?? '')

it('every command has a case, and every case a command', () => {
  expect(Object.keys(COMMAND_CASES).sort()).toEqual(COMMANDS.map(({ name }) => name).sort())
})

describe.runIf(none === undefined).each(Object.keys(TERMINALS) as (keyof typeof TERMINALS)[])(`on a terminal: %s${why}`, (mode) => {
  it.each(CASES)('%s', (name, { shows, code = 0, document, bar }) => {
    const { stdout, code: ended } = said[mode]?.get(name) as Said
    expect([ended, stdout]).toEqual([code, expect.stringMatching(shows) as string])
    if (mode !== 'terminal') expect(stdout).not.toMatch(COLOUR)
    if (mode === 'dumb') expect(stdout).not.toContain('\x1b')
    if (bar === true) expect(stdout.includes('\r')).toBe(mode !== 'dumb')
    if (document === undefined) for (const row of seen(stdout)) if (!hasLong(row)) expect(row.length, row).toBeLessThanOrEqual(COLUMNS)
  })

  it('has colours where they are wanted', () => {
    expect(COLOUR.test(said[mode]?.get('help')?.stdout ?? '')).toBe(mode === 'terminal')
  })
})

describe('piped', () => {
  it.each(CASES)('%s is plain', (name, { shows, code = 0 }) => {
    const { stdout, stderr, code: ended } = said.piped?.get(name) as Said
    expect([ended, `${stdout}${stderr}`]).toEqual([code, expect.stringMatching(shows) as string])
    expect(`${stdout}${stderr}`).not.toMatch(/[\x1b\r]/)
  })
})

describe('--json', () => {
  it.each(CASES)('%s', (name, { code = 0, document }) => {
    const { stdout, stderr, code: ended } = said.json?.get(name) as Said
    expect(ended, stderr).toBe(code)
    if (code === 0) expect(stdout.trim()).not.toBe('')
    for (const value of document === 'json' ? [stdout] : stdout.split('\n').filter((row) => row !== '')) expect(() => JSON.parse(value) as unknown, value).not.toThrow()
    if (code === 0) for (const row of stderr.split('\n').filter((one) => one !== '')) expect(() => JSON.parse(row) as unknown, row).not.toThrow()
  })
})

/** In the last group of flags. */
const LAST_FLAG = '--print-config'
const HAS_LESS = spawnSync('less', ['--version']).status === 0
type Paged = readonly [name: string, env: Readonly<Record<string, string>>, steps: readonly { readonly wait: string; readonly send: string }[], expected: { readonly whole: boolean; readonly paged: boolean }]
const PAGERS: readonly Paged[] = [
  ...(HAS_LESS ? [['less', { PAGER: 'less' }, [{ wait: '--base-path', send: 'q' }], { whole: false, paged: false }] satisfies Paged] : []),
  ['a pager of its own', { PAGER: 'sed s/^/PAGED/' }, [], { whole: true, paged: true }],
  ['PAGER=cat', { PAGER: 'cat' }, [], { whole: true, paged: false }],
  ['NO_PAGER', { NO_PAGER: '1', PAGER: 'sed s/^/PAGED/' }, [], { whole: true, paged: false }],
  ['a pager that is not there', { PAGER: 'no-such-pager-here 2>/dev/null' }, [], { whole: true, paged: false }],
]

describe.runIf(none === undefined)(`Ctrl-C${why}`, () => {
  const CTRL_C = '\x03'
  const home = (name: string): Record<string, string> => ({ HOME: join(folder, name), XDG_DATA_HOME: join(folder, name) })
  let ends: TerminalEnd[]
  /** What the program says of itself after the guide. */
  let again: string
  beforeAll(async () => {
    await mkdir(join(folder, 'asked', 'chains', 'nodestead_dev', 'db'), { recursive: true })
    const onData = ['--dev', '--base-path', join(folder, 'asked')]
    ends = await onTerminals([
      { argv: [CLI, 'purge-chain', ...onData], steps: [{ wait: 'yes/no', send: CTRL_C }] },
      { argv: [CLI, 'key', 'insert', ...onData, '--key-type', 'gran'], steps: [{ wait: 'Secret phrase or URI:', send: CTRL_C }] },
      { argv: [CLI], env: home('left'), steps: [{ wait: 'Choose 1 to 7:', send: '2\r' }, { wait: 'Folder:', send: CTRL_C }] },
      {
        argv: [CLI], env: home('led'),
        steps: [
          { wait: 'Choose 1 to 7:', send: '1\r' }, { wait: 'Choose 1 to 2:', send: '1\r' }, { wait: 'Port for peers:', send: '\r' }, { wait: 'Port of JSON-RPC:', send: '\r' },
          { wait: 'Dashboard in a browser', send: 'no\r' }, { wait: 'Ready.*Choose 1 to 3:', send: '1\r' }, { wait: 'JSON-RPC is served', send: CTRL_C },
        ],
      },
      ...PAGERS.map(([, env, steps]) => ({ argv: [CLI, 'help', 'run', 'all'], env, steps })),
    ])
    const child = spawn(process.execPath, [CLI, '--print-config'], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...COMPILED, ...home('led') } })
    again = await text(child.stdout)
  })

  it.each([
    ['at a question', 0, 130],
    ['at a secret', 1, 130],
    ['in the guide', 2, 130],
    ['at the node that the guide began', 3, 0],
  ])('%s', (_, at, code) => {
    const end = ends[at] as TerminalEnd
    expect([end.missed, end.code, end.echoes, end.readsLines], end.output).toEqual([[], code, true, true])
    // The cursor is there, and the terminal's own screen.
    expect(end.output.lastIndexOf('\x1b[?25l')).toBeLessThanOrEqual(end.output.lastIndexOf('\x1b[?25h'))
    expect(end.output.lastIndexOf('\x1b[?1049h')).toBeLessThanOrEqual(end.output.lastIndexOf('\x1b[?1049l'))
  })

  it.each(PAGERS.map(([name, , , expected], at) => [name, at, expected] as const))('help that is longer than the screen, with %s', (_, at, { whole, paged }) => {
    const { output, code, missed, echoes, readsLines } = ends[4 + at] as TerminalEnd
    expect([code, missed, echoes, readsLines], output).toEqual([0, [], true, true])
    expect([output.includes('--base-path'), output.includes(LAST_FLAG), output.includes('PAGED')]).toEqual([true, whole, paged])
  })

  it('leaves nothing of the guide, and of a node that is kept nowhere what it was told, for the next start', async () => {
    expect(await readdir(join(folder, 'left')).catch(() => [])).toEqual([])
    expect(await readdir(join(folder, 'led'), { recursive: true })).toEqual(['nodestead', join('nodestead', 'nodestead.toml')])
    expect(again).toContain(`dev = true  # file ${join(folder, 'led', 'nodestead', 'nodestead.toml')}`)
  })
})
