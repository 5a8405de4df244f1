import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { additionOf } from '../../node-core/chain/spec/addition.ts'
import { buildGenesis } from '../../node-core/chain/spec/genesis.ts'
import { invitationOf, makePrivateNetwork } from '../../node-core/chain/spec/invitation.ts'
import { parseChainSpec, shippedRuntime } from '../../node-core/chain/spec/load.ts'
import { printExact } from '../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { withAddition } from '../../node-core/chain/spec/signature.ts'
import { NodeIdentity } from '../../node-core/network/host/identity.ts'
import { CHAINS } from '../helpers/chain-files.ts'
import { CliProcess, runCli, troublesIn } from '../helpers/cli.ts'

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const QUIET_PORTS = ['--port', '0', '--rpc-port', '0', '--prometheus-port', '0', '--no-mdns']

let folder: string
const running: CliProcess[] = []

function start(...args: string[]): CliProcess {
  const cli = new CliProcess(args)
  running.push(cli)
  return cli
}

/** Specifications have megabytes, which nobody wants to see where two differ. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function printed(...flags: string[]): Promise<string> {
  return digestOf((await runCli('build-spec', ...flags)).stdout)
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-cli-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.interrupt()))
  await rm(folder, { recursive: true, force: true })
})

describe('--chain', () => {
  it('takes an invitation, as a file and as a link, and tells a bad file in a sentence that quotes nothing of it', async () => {
    const identity = new NodeIdentity(new Uint8Array(32).fill(7))
    const address = `/ip4/127.0.0.1/tcp/1/p2p/${identity.peerId}`
    const { json } = await makePrivateNetwork({ name: 'Our net', authorities: [{ account: 'alice' }], balances: [] }, { code: await shippedRuntime({ chainsPath: CHAINS }) })
    const text = printExact(withAddition({ ...json, bootNodes: [address] }, { ...additionOf(json), addresses: [address] }, identity), 2)
    const spec = parseChainSpec(text, 'ours')
    const path = join(folder, 'ours.chainspec')
    await writeFile(path, text)
    const { hash } = buildGenesis(spec)
    for (const chain of [path, invitationOf(spec) ?? '']) {
      const { code, stdout, stderr } = await runCli('build-spec', '--chain', chain, '--raw')
      expect([code, stderr]).toEqual([0, ''])
      // Printed anew, it is what nobody signed.
      expect((JSON.parse(stdout) as { nodestead: object }).nodestead).not.toHaveProperty('signature')
      expect(buildGenesis(parseChainSpec(stdout, 'printed')).hash).toBe(hash)
    }
    await writeFile(path, text.replace('/tcp/1/', '/tcp/2/'))
    expect((await runCli('build-spec', '--chain', path)).stderr).toContain('was changed after it was signed by node 12D3KooW')
    await writeFile(path, 'bottom drive obey lake')
    const { stderr } = await runCli('build-spec', '--chain', path)
    expect(stderr).toContain('is not a network file: it is not JSON')
    expect(stderr).not.toContain('bottom')
  })
})

describe('a public network', () => {
  it('has no validator in this node', async () => {
    const { code, stderr } = await runCli('--chain', 'paseo', '--validator', '--tmp')
    expect(code).toBe(1)
    expect(stderr).toContain('This node cannot be a validator of Paseo: a validator of a relay chain must also back and check blocks of parachains')
    expect(stderr).toContain('Leave --validator out')
  })

  it('of which the root of the genesis state is known alone is printed with it, and not as a state', async () => {
    expect(JSON.parse((await runCli('build-spec', '--chain', 'paseo')).stdout)).toMatchObject({ id: 'paseo', genesis: { stateRootHash: '0x070b57c91484ab48bfa87a8af91ec6c20667aa4b0e7b34e3c0689dd00e7980ca' } })
    expect(await runCli('build-spec', '--chain', 'paseo', '--raw')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('The chain specification of Paseo has no genesis state; the node joins the network by warp sync.') as string })
  })
})

describe('build-spec', () => {
  it('prints the specification and nothing else on standard output', async () => {
    const { code, stdout, stderr } = await runCli('build-spec', '--chain', 'local', '--raw')
    expect([code, stderr]).toEqual([0, ''])
    const spec = JSON.parse(stdout)
    expect(spec).toMatchObject({ id: 'nodestead_local', chainType: 'Local', codeSubstitutes: {}, genesis: { raw: { childrenDefault: {} } } })
    expect(spec.genesis.raw.top['0x3a636f6465']).toMatch(/^0x52bc537646db8e05/)
  })

  it('prints what the runtime makes the genesis from, and reads both forms again as the same network', async () => {
    const readable = await runCli('build-spec', '--chain', 'dev')
    const spec = JSON.parse(readable.stdout)
    expect(Object.keys(spec.genesis)).toEqual(['runtimeGenesis'])
    expect(Object.keys(spec.genesis.runtimeGenesis)).toEqual(['code', 'patch'])
    expect(spec.genesis.runtimeGenesis.patch).toMatchObject({ authorities: {}, balances: {}, session: {}, sudo: { key: ALICE } })
    const raw = await runCli('build-spec', '--chain', 'dev', '--raw')
    const paths = { readable: join(folder, 'readable.json'), raw: join(folder, 'raw.json') }
    await writeFile(paths.readable, readable.stdout)
    await writeFile(paths.raw, raw.stdout)
    expect(await printed('--chain', paths.readable)).toBe(digestOf(readable.stdout))
    expect(await printed('--chain', paths.readable, '--raw')).toBe(digestOf(raw.stdout))
    // A specification that has a state alone has nothing else to print.
    expect(await printed('--chain', paths.raw)).toBe(digestOf(raw.stdout))
  })

  it('says in a sentence what the runtime refuses', async () => {
    const spec = JSON.parse((await runCli('build-spec', '--chain', 'dev')).stdout)
    spec.genesis.runtimeGenesis.patch.balances.balances = [[ALICE, 1]]
    const path = join(folder, 'poor.json')
    await writeFile(path, JSON.stringify(spec))
    const { code, stdout, stderr } = await runCli('build-spec', '--chain', path, '--raw')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^The genesis of \S+poor\.json cannot be built: the runtime refuses it: [^\n{}]*existential deposit[^\n{}]*\. Correct genesis\.runtimeGenesis[^\n]*\n$/)
  })

  it('enters this node as a peer to begin with where it has a key, and the flag does not forbid it', async () => {
    const key = ['--node-key', '01'.repeat(32)]
    const bootNodes = async (...flags: string[]): Promise<unknown> => JSON.parse((await runCli('build-spec', '--chain', 'dev', ...flags)).stdout).bootNodes
    expect(await bootNodes()).toEqual([])
    expect(await bootNodes(...key, '--disable-default-bootnode')).toEqual([])
    expect(await bootNodes(...key)).toEqual(['/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'])
  })

  it('says what is wrong with a file on standard error', async () => {
    const { code, stdout, stderr } = await runCli('build-spec', '--chain', join(folder, 'none.json'))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('there is no such file')
  })
})

describe('the sources', () => {
  it('are compiled once, for the main thread and for workers', async () => {
    const cli = new CliProcess(['--dev', '--base-path', folder, ...QUIET_PORTS], { env: { NODE_COMPILE_CACHE: undefined, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } })
    running.push(cli)
    const cached = (file: string): RegExp => new RegExp(`\\[compile cache\\] reading cache from \\S+\\.cache.compiled\\S+ for StrippedTypeScript \\S+/${file}`)
    await cli.waitFor(cached('command/entry\\.ts'))
    await cli.waitFor(cached('runtime/threads/serve\\.ts'))
  })
})

describe('usage', () => {
  it('is printed on request, and names every command', async () => {
    const { code, stdout } = await runCli('--help')
    expect(code).toBe(0)
    expect(stdout.split('\n').length).toBeLessThanOrEqual(25)
    const { COMMANDS } = await import('../../node-core/command/commands/table.ts')
    const { stdout: all } = await runCli('help', 'commands')
    for (const { name } of COMMANDS) expect(all).toContain(`  ${name}`)
  })

  it('names an unknown flag', async () => {
    expect(await runCli('--frobnicate')).toMatchObject({ code: 2, stderr: expect.stringContaining('--frobnicate') })
  })

  it.each([
    [['--name', '']], [['--chain', '']], [['--base-path', '']], [['--name', 'n'.repeat(65)]], [['--dev', '--dev']], [['build-spec', '--chain', '']],
  ])('answers %j with one sentence and what to do', async (argv) => {
    const { code, stdout, stderr } = await runCli(...argv)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^--(name|chain|base-path|dev) [^{}[\]"\n]+\. See --help for what there is\.\n$/)
  })
})

describe('a running node', () => {
  it('serves RPC, authors, and stops cleanly at Ctrl-C', async () => {
    const cli = start('--dev', '--base-path', folder, ...QUIET_PORTS)
    const [, address = ''] = await cli.waitFor(/JSON-RPC is served address=ws:\/\/(\S+)/)
    const response = await fetch(`http://${address}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system_chain', params: [] }),
    })
    expect(await response.json()).toMatchObject({ result: 'Development' })
    await cli.waitFor(/authored a block number=1 /)
    const { code, stderr } = await cli.interrupt()
    expect(code).toBe(0)
    expect(troublesIn(stderr)).toEqual([])
  })

  it('tells a second one which process holds the data', async () => {
    const first = start('--dev', '--base-path', folder, ...QUIET_PORTS)
    await first.waitFor(/JSON-RPC is served/)
    const { code, stderr } = await runCli('--dev', '--base-path', folder, ...QUIET_PORTS)
    expect(code).toBe(3)
    expect(stderr.split('\n').at(-2)).toMatch(new RegExp(`${first.child.pid}`))
    if (process.platform === 'linux') expect(stderr.split('\n').at(-2)).toContain(`in use by node cli.ts, process ${first.child.pid}, since`)
  })

  it('says which port is in use and what to do', async () => {
    const first = start('--dev', '--base-path', join(folder, 'a'), ...QUIET_PORTS)
    const [, port = ''] = await first.waitFor(/JSON-RPC is served address=ws:\/\/\S+:(\d+)/)
    const { code, stderr } = await runCli('--dev', '--base-path', join(folder, 'b'), '--port', '0', '--rpc-port', port)
    expect(code).toBe(3)
    expect(stderr.split('\n').at(-2)).toMatch(new RegExp(`${port}.*--rpc-port`))
    if (process.platform === 'linux') expect(stderr.split('\n').at(-2)).toContain(`in use by node cli.ts (pid ${first.child.pid})`)
  })

  it('leaves nothing behind with --tmp', async () => {
    const cli = start('--dev', '--tmp', ...QUIET_PORTS)
    const [, path = ''] = await cli.waitFor(/data=(\S+)/)
    await cli.waitFor(/JSON-RPC is served/)
    expect(existsSync(path)).toBe(true)
    await cli.interrupt()
    // The data of a chain lies two folders below the temporary one.
    expect(existsSync(join(path, '..', '..'))).toBe(false)
  })

  it('ends all the same when told twice', async () => {
    const cli = start('--dev', '--tmp', ...QUIET_PORTS)
    await cli.waitFor(/JSON-RPC is served/)
    cli.child.kill('SIGINT')
    cli.child.kill('SIGINT')
    const { code } = await cli.finished
    expect([code, cli.child.signalCode]).toBeOneOf([[0, null], [null, 'SIGINT']])
  })
})
