/** Every command for a running node, as processes beside one headless node that has its local door alone. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { CliProcess, type Finished } from '../../helpers/cli.ts'
import { signedExtrinsic, transferCall } from '../../helpers/dev-extrinsic.ts'

const QUIET = ['--port', '0', '--rpc-port', '0', '--no-prometheus', '--no-mdns']

let folder: string
let data: string
let node: CliProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-to-node-'))
  data = join(folder, 'data')
  node = start()
  await vi.waitFor(async () => expect((await ask('status')).code).toBe(0), { timeout: 100_000 })
})
afterAll(async () => {
  node.child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

function start(): CliProcess {
  return new CliProcess(['--dev', '--base-path', data, '--sealing', 'instant', '--finalize-delay-sec', '0', '--net', ...QUIET])
}

/** A command, and what it is: names of a program that runs beside the node. */
function ask(...words: string[]): Promise<Finished> {
  return new CliProcess([...words, '--base-path', data]).finished
}

async function json<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await ask(...words, '--json')
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as T
}

it('status, networks, peers, metrics, logs and call answer about the node', async () => {
  const [status, networks, peers, metrics, logs, head, hash] = await Promise.all([
    json<{ status: { state: string; rpcAddress: string; dataPath: string }; program: { host: string; processId: number } }>('status'),
    ask('networks'), ask('peers'), ask('metrics', 'substrate_block_height'), ask('logs', '--lines', '500'),
    json<{ genesisHash: string }>('call', 'Chain.Head'), ask('call', 'chain_getBlockHash', '0'),
  ])
  expect(status).toMatchObject({ status: { state: 'NODE_STATE_RUNNING' }, program: { host: 'headless', processId: node.child.pid } })
  expect(networks.stdout).toMatch(/^nodestead_dev\trunning\t\d+\t\d+\t0\t/)
  expect([peers.code, peers.stdout, peers.stderr]).toEqual([0, '', 'No peer is connected.\n'])
  expect(metrics.stdout).toMatch(/^substrate_block_height\{status="best"\}\t\d+\t/m)
  expect(logs.stdout).toMatch(/ INFO {2}/)
  expect([hash.code, hash.stdout]).toEqual([0, `${head.genesisHash}\n`])
  expect(await ask('call', 'state_moon')).toMatchObject({ code: 1, stderr: expect.stringContaining('-32601') })
})

it('a transaction is parsed, priced, submitted and watched to finality; what is none is refused', async () => {
  const { genesisHash } = await json<{ genesisHash: `0x${string}` }>('call', 'Chain.Head')
  const version = await json<{ specVersion: number; transactionVersion: number }>('call', 'Chain.RuntimeVersion')
  const known = { genesisHash, version: version as unknown as Parameters<typeof signedExtrinsic>[3]['version'] }
  const hex = Buffer.from(signedExtrinsic(devAccount('//Alice').sr25519, transferCall(devAccount('//Ferdie').sr25519.publicKey, 5_000_000_000_000n), 0, known)).toString('hex')
  const [parsed, fee] = await Promise.all([ask('tx', 'parse', hex), ask('tx', 'fee', `0x${hex}`)])
  expect(parsed.stdout).toMatch(/^call\tBalances\.transfer_keep_alive\(dest: .*, value: 5000000000000\)$/m)
  expect(fee.stdout).toMatch(/^fee\t[1-9]\d*$/m)
  const { code, stdout, stderr } = await ask('tx', 'submit', '--watch', hex)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^0x[0-9a-f]{64}\n/)
  expect(stdout).toMatch(/\nFinalized in block 1 0x[0-9a-f]{64}, extrinsic \d: carried out\.\n$/)
  expect(await ask('tx', 'submit', hex)).toMatchObject({ code: 5, stdout: '' })
})

it('a topic is followed beside one who sends on it; a file is shared', async () => {
  const tail = new CliProcess(['topics', 'tail', 'weather/1', '--declare', '--base-path', data])
  await expect.poll(async () => (await ask('topics')).stdout).toContain('weather/1')
  let taken = ''
  tail.child.stdout?.on('data', (chunk: Buffer) => (taken += chunk.toString()))
  await expect.poll(async () => {
    await ask('topics', 'send', 'weather/1', 'rain')
    return taken
  }).toMatch(/\train\n/)
  expect(await tail.interrupt()).toMatchObject({ code: 0, stderr: '' })
  const file = join(folder, 'a.bin')
  await writeFile(file, Buffer.alloc(100_000, 7))
  expect((await ask('share', file)).stdout).toMatch(new RegExp(`^[0-9a-f]{64}\t100000\t${file}\n$`))
  const bundle = join(folder, 'bundle.tar.gz')
  expect(await ask('support-bundle', bundle)).toMatchObject({ code: 0, stderr: '' })
  expect([(await stat(bundle)).mode & 0o777, [...(await readFile(bundle)).subarray(0, 2)]]).toEqual([0o600, [0x1f, 0x8b]])
})

it.skipIf(process.platform === 'win32')('a reader that has had enough ends a stream without an error', async () => {
  const command = `"$0" "$1" logs -f --base-path "$2" | head -n 1; echo "ended $\{PIPESTATUS[0]}"`
  const cli = join(import.meta.dirname, '../../../node-core/command/cli.ts')
  const piped = promisify(execFile)('bash', ['-c', command, process.execPath, cli, data])
  // What comes next tells it that nobody reads.
  expect(await ask('restart')).toMatchObject({ code: 0, stdout: expect.stringContaining(' is running.\n') })
  const { stdout, stderr } = await piped
  expect([stderr, stdout.split('\n').slice(1)]).toEqual(['', ['ended 0', '']])
})

it('logs -f goes on over another start of the node; stop ends it and frees its data; then no node is found', async () => {
  const logs = new CliProcess(['logs', '-f', '--lines', '1', '--base-path', data])
  let taken = ''
  logs.child.stdout?.on('data', (chunk: Buffer) => (taken += chunk.toString()))
  await expect.poll(() => taken).not.toBe('')
  const { code, stdout } = await ask('stop')
  expect([code, stdout]).toEqual([0, expect.stringContaining('its process has ended')])
  expect((await node.finished).code).toBe(0)
  await logs.waitFor(/waiting for it/)
  expect(await ask('status')).toMatchObject({ code: 6, stdout: '', stderr: expect.stringContaining(`No node runs in ${data}.`) })
  node = start()
  await logs.waitFor(/The node is back\./)
  expect((await logs.interrupt()).code).toBe(0)
})
