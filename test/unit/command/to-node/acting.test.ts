/** `start`, `stop`, `restart`, `call`, `support-bundle`: what they do to a node, and what they say of it. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { AskedNode, eventually, run } from '../../../helpers/asked-node.ts'

const DESKTOP = { name: 'Nodestead', version: '0.0.0', host: 'desktop', platform: 'linux' } as const

let node: AskedNode
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-to-node-'))
  node = await AskedNode.start({ dependencies: { program: DESKTOP } })
})
afterEach(async () => {
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('start, stop and restart', () => {
  it('act on the network that is meant: the one that does not run, the one that does', async () => {
    await node.manager.start('dev')
    expect(await node.run(['start'])).toMatchObject({ code: 0, out: 'Local is running.\n', notes: 'Starting Local.\n' })
    expect(await node.run(['start'])).toMatchObject({ code: 2, error: { message: expect.stringContaining('dev (running), local (running)') } })
    expect(await node.run(['start', '-n', 'dev'])).toMatchObject({ code: 0, out: 'Development runs already.\n' })
    expect(await node.run(['stop', '-n', 'local'])).toMatchObject({ code: 0, out: 'Local is stopped.\n' })
    const { out } = await node.run(['restart'], { reader: 'program' })
    expect(JSON.parse(out)).toMatchObject({ network: 'dev', state: 'NODE_STATE_RUNNING' })
    expect(node.manager.networks().map(({ status }) => status.state)).toEqual(['running', 'stopped'])
  })

  it('end with the reason where a node does not start', async () => {
    node.manager.failNextStart = new NodeError('NETWORK_PORT_IN_USE', 'Port 30333 is taken.', { hint: 'Choose another.' })
    expect(await node.run(['start', '-n', 'dev'])).toMatchObject({ code: 3, error: { code: 'NETWORK_PORT_IN_USE', message: 'Port 30333 is taken.', hint: 'Choose another.' } })
  })

  it('end a program that has no window, and wait until it is gone', async () => {
    await node.stop()
    const shutdown = vi.fn(() => void setImmediate(() => void node.service.api.stop()))
    node = await AskedNode.start({ dependencies: { shutdown } })
    await node.manager.start('dev')
    expect(await node.run(['stop'])).toMatchObject({ code: 0, out: 'Development is stopped, and its process has ended.\n', notes: 'Stopping Development.\n' })
    expect(shutdown).toHaveBeenCalledOnce()
  })

  it('never end the app', async () => {
    expect(await node.run(['call', 'Node.Shutdown'])).toMatchObject({ code: 1, error: { code: 'SERVICE_NO_SHUTDOWN' } })
  })
})

describe('call', () => {
  it('of a method of the service API takes and gives JSON, and knows the network', async () => {
    await node.manager.start('dev')
    const { out, code } = await node.run(['call', 'Node.Status'])
    expect([code, JSON.parse(out)]).toMatchObject([0, { status: { network: 'dev' } }])
    expect(out.trimEnd().split('\n')).toHaveLength(1)
    expect((await node.run(['call', 'nodestead.v1.Node/Status', '{"network":"local"}'], { reader: 'terminal' })).out).toContain('\n    "network": "local",\n')
    expect(JSON.parse((await node.run(['call', 'node.networks'], { reader: 'program' })).out)).toMatchObject({ networks: [{}, {}] })
  })

  it('of one that is a stream goes on until Ctrl-C', async () => {
    await node.manager.start('dev')
    const calling = node.begin(['call', 'Chain.WatchBlocks'])
    await eventually(() => expect(calling.out().split('\n').length).toBeGreaterThan(2))
    node.manager.produce('dev')
    await eventually(() => expect(calling.out()).toContain('"imported":{"block":{'))
    expect(await calling.interrupt()).toMatchObject({ code: 0, error: undefined })
  })

  it('refuses what is no method or no request, with what there is', async () => {
    const refused = async (...words: string[]): Promise<string> => (await node.run(['call', ...words])).error?.message ?? 'no error'
    expect(await refused('Node.Statsu')).toContain('Did you mean Node.Status?')
    expect(await refused('Peers.Frobnicate')).toContain('ListPeers')
    expect(await refused('Node.Status', '{"netwerk":"dev"}')).toContain('This is no request of Node.Status')
    expect(await refused('Node.Status', '[]')).toContain('takes a JSON object')
    expect(await refused('Node.Info', '{}', '{}')).toContain('one JSON object')
    expect(await refused('Node.Info', '--network', 'dev')).toContain('about no network')
    expect(await refused('state_getStorage', '0x')).toContain('on the computer of the node')
  })
})

describe('support-bundle', () => {
  it('is a file of its owner alone, whole or not there', async () => {
    const path = join(folder, 'bundle.tar.gz')
    const { code, out } = await node.run(['support-bundle', path])
    const bytes = await readFile(path)
    expect([code, out]).toEqual([0, `${path}\t${bytes.length}\n`])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(gunzipSync(bytes).toString('latin1')).toContain('ustar')
    expect(JSON.parse((await node.run(['support-bundle', path], { reader: 'program' })).out)).toEqual({ path, bytes: expect.any(Number) })
    expect(await node.run(['support-bundle', join(folder, 'none', 'x')])).toMatchObject({ code: 1, error: { code: 'FILE_UNWRITABLE', message: expect.stringContaining('ENOENT') } })
  })
})

describe('which node', () => {
  it('is refused in a sentence where it cannot be', async () => {
    const refused = async (...flags: string[]): Promise<unknown> => {
      const { code, error } = await run(['status', ...flags])
      return [code, error?.message]
    }
    expect(await refused('--node', 'http://192.0.2.1:9966', '--token-file', 'x')).toEqual([2, '--node http://192.0.2.1:9966 would send the token in the clear.'])
    expect(await refused('--node', 'https://a:1')).toEqual([2, '--node needs --token-file, a file with the token of a client of that node.'])
    expect(await refused('--token-file', 'x')).toEqual([2, expect.stringContaining('--token-file goes with --node')])
    expect(await refused('--node', 'ftp://a', '--token-file', 'x')).toEqual([2, expect.stringContaining('--node takes an address')])
    expect(await refused('--node', 'localhost:1', '--token-file', join(folder, 'none'))).toEqual([5, expect.stringContaining('cannot be read (ENOENT)')])
    expect(await refused('--base-path', folder)).toEqual([6, `No node runs in ${folder}.`])
    expect(await refused('--base-path', folder, '--node', 'a')).toEqual([2, '--node and --base-path exclude each other.'])
  })

  it('is none where something else answers', async () => {
    const { flags } = node
    const other: Server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('hello')).listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    try {
      const { code, error } = await run(['status', '--node', `127.0.0.1:${(other.address() as AddressInfo).port}`, ...flags.slice(2)])
      expect([code, error?.code]).toEqual([6, 'NODE_SILENT'])
    } finally {
      other.close()
    }
  })
})
