/** The package of the headless node as its users get it: packed, unpacked, installed, run. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packHeadless, type Archives } from '../../build/headless/archives.ts'
import { stageHeadless } from '../../build/headless/stage.ts'
import { CliProcess, troublesIn, type Finished } from '../helpers/cli.ts'
import packageJson from '../../package.json' with { type: 'json' }

const OUT = join(import.meta.dirname, '../../out')
const QUIET = ['--port', '0', '--rpc-port', '0', '--prometheus-port', '0', '--dashboard-port', '0', '--no-mdns']

let folder: string
let staged: string
let archives: Archives
/** The unpacked tarball, far from any node_modules but its own. */
let unpacked: string
let built: Awaited<ReturnType<typeof stageHeadless>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-package-'))
  staged = join(folder, 'staged')
  built = await stageHeadless(OUT, staged)
  archives = await packHeadless(staged, join(folder, 'release'), built.manifest, built.build)
  execFileSync('tar', ['-xzf', archives.whole, '-C', folder])
  unpacked = join(folder, `nodestead-${packageJson.version}`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function start(args: readonly string[], nodeFlags: readonly string[] = []): CliProcess {
  return new CliProcess(args, { script: join(unpacked, 'bin/nodestead.js'), nodeFlags })
}

function versionTold(): string {
  const { commit, time, dirty } = built.build
  const origin = commit === undefined ? 'commit unknown' : `commit ${commit.slice(0, 12)}${dirty ? '-dirty' : ''}, built ${time}`
  return `nodestead ${packageJson.version} (${origin}, node ${process.version})\n`
}

// Most of the time is spent waiting for slots, for npm and for starting programs.
describe.concurrent('the archives', () => {
  it('are the same, byte for byte, from a copy of other times and modes', async () => {
    const copy = join(folder, 'copy')
    await cp(staged, copy, { recursive: true })
    for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      await utimes(path, 1_000_000_000, 1_000_000_000)
      await chmod(path, 0o700)
    }
    const again = await packHeadless(copy, join(folder, 'again'), built.manifest, built.build)
    for (const name of ['npm', 'whole'] as const) expect([name, (await readFile(again[name])).equals(await readFile(archives[name]))]).toEqual([name, true])
  })

  it('hold what the package has, and nothing of this machine', async () => {
    expect((await readdir(unpacked)).sort()).toEqual([
      'LICENSE', 'README.md', 'bin', 'build.json', 'chains', 'lib', 'licenses.json', 'node_modules', 'package.json', 'renderer', 'share',
    ])
    expect(execFileSync('tar', ['-tzf', archives.npm], { encoding: 'utf8' })).not.toContain('node_modules')
    const names = (JSON.parse(await readFile(join(unpacked, 'licenses.json'), 'utf8')) as { name: string }[]).map(({ name }) => name)
    expect(names).toContain('classic-level')
    expect(names).not.toContain('electron')
    for (const entry of await readdir(join(unpacked, 'lib'), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toContain(join(OUT, '..'))
    }
  })
})

describe.concurrent('the unpacked tarball', () => {
  it('tells version, commit and build', async () => {
    expect(await start(['--version']).finished).toEqual({ code: 0, stdout: versionTold(), stderr: '' })
  })

  it('says which Node.js it needs where this one is too old', async () => {
    const old = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '22.10.0' } })`
    expect(await start(['--version'], ['--import', old]).finished).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Nodestead needs Node.js 22.11 or newer; this is 22.10.0. Install a newer one, then run this again.\n',
    })
  })

  it('prints a chain specification, and a usage that names the command', async () => {
    const [{ stdout, ...spec }, usage] = await Promise.all([start(['build-spec', '--chain', 'dev']).finished, start(['--help']).finished])
    expect(spec).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ id: 'nodestead_dev', chainType: 'Development' })
    expect(usage.stdout).toMatch(/^Usage {2}nodestead \[command\] \[flags\]$/m)
  })

  it('authors, finalizes, serves the dashboard, and ends at Ctrl-C', async ({ expect }) => {
    const cli = start(['--dev', '--tmp', '--dashboard', ...QUIET])
    let ended: Finished | undefined
    try {
      const [, rpc = ''] = await cli.waitFor(/JSON-RPC is served address=ws:\/\/(\S+)/)
      const [, dashboard = ''] = await cli.waitFor(/^Dashboard: (http:\/\/\S+?)\/#token=\S+$/m)
      const page = await (await fetch(dashboard)).text()
      const [, bundle = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(page) ?? []
      expect(bundle).not.toBe('')
      expect((await fetch(new URL(bundle, `${dashboard}/`))).status).toBe(200)
      await expect.poll(() => finalizedHeight(`http://${rpc}`), { interval: 250 }).toBeGreaterThan(0)
    } finally {
      ended = await cli.interrupt()
    }
    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expect(troublesIn(ended.stderr)).toEqual([])
  })

  it('has a unit that systemd understands', async ({ skip }) => {
    if (spawnSync('systemd-analyze', ['--version']).error !== undefined) skip('there is no systemd-analyze on this machine')
    const unit = await readFile(join(unpacked, 'share/systemd/nodestead.service'), 'utf8')
    const path = join(folder, 'nodestead.service')
    // The command is not where the system looks for it, because it is not installed.
    await writeFile(path, unit.replace(/^ExecStart=nodestead /m, `ExecStart=${join(unpacked, 'bin/nodestead.js')} `))
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

describe.concurrent('the npm package', () => {
  it('is installed by npm, and its command runs', async ({ skip }) => {
    const prefix = join(folder, 'prefix')
    await mkdir(prefix)
    // The command's first line looks for `node` on the PATH: the one that runs this.
    const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` }
    const run = promisify(execFile)
    const flags = ['--global', '--prefix', prefix, '--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier', '--fetch-retries=0', '--fetch-timeout=15000']
    const failure = await run('npm', ['install', ...flags, archives.npm], { cwd: prefix, env }).then(() => undefined, (error: { stderr?: string }) => error.stderr ?? String(error))
    const silence = /npm error code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED)/.exec(failure ?? '')?.[1]
    if (silence !== undefined) skip(`the package registry does not answer (${silence}), and npm's cache does not hold classic-level`)
    expect(failure).toBeUndefined()
    expect(await run(join(prefix, 'bin/nodestead'), ['--version'], { env })).toEqual({ stdout: versionTold(), stderr: '' })
    // The native part, which npm fetched.
    expect(await readdir(join(prefix, 'lib/node_modules/nodestead/node_modules'))).toContain('classic-level')
  })
})

async function finalizedHeight(url: string): Promise<number> {
  const call = async <T>(method: string, params: unknown[]): Promise<T> => {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })
    return ((await response.json()) as { result: T }).result
  }
  const { number } = await call<{ number: string }>('chain_getHeader', [await call<string>('chain_getFinalizedHead', [])])
  return Number(number)
}
