/** Which node a command finds on this computer: the folder that is named, the one that `run` takes, or the desktop app's. */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { appFolder } from '../../../../node-core/command/to-node/place.ts'
import { chainDetails } from '../../../helpers/chain-status.ts'
import { fakeHash } from '../../../helpers/fake-manager.ts'
import { AskedNode, run } from '../../../helpers/asked-node.ts'

let folder: string
let node: AskedNode
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-place-'))
  node = await AskedNode.start()
  await node.manager.start('dev')
  for (const name of ['XDG_DATA_HOME', 'APPDATA', 'HOME']) vi.stubEnv(name, folder)
  vi.stubEnv('NODESTEAD_USER_DATA', join(folder, 'app'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

it('is by the local door of the folder that is named, and by no other', async () => {
  expect(await run(['status', '--base-path', node.service.folder])).toMatchObject({ code: 0, out: expect.stringContaining('network\tdev') })
  vi.stubEnv('NODESTEAD_USER_DATA', node.service.folder)
  expect(await run(['status', '--base-path', join(folder, 'other')])).toMatchObject({ code: 6, error: { code: 'NODE_NOT_FOUND', message: `No node runs in ${join(folder, 'other')}.` } })
})

it("is the app's where none is named and none runs where run would have its data", async () => {
  expect(await run(['status'])).toMatchObject({ code: 6, error: { message: expect.stringContaining(`nor in ${join(folder, 'app')} (the app).`) } })
  vi.stubEnv('NODESTEAD_USER_DATA', node.service.folder)
  expect(await run(['status'])).toMatchObject({ code: 0, out: expect.stringContaining('network\tdev') })
})

it.skipIf(process.platform === 'win32')('is a temporary one of this user, where it is the only one (skipped where sockets are no files)', async () => {
  const temporary = async (mode: number): Promise<string> => {
    const path = join(folder, `nodestead-${randomUUID()}`)
    await mkdir(path, { mode })
    for (const name of ['services.sock', 'service-local.token']) await symlink(join(node.service.folder, name), join(path, name))
    return path
  }
  await temporary(0o755)
  await symlink(node.service.folder, join(folder, `nodestead-${randomUUID()}`))
  expect(await run(['status'])).toMatchObject({ code: 6, error: { code: 'NODE_NOT_FOUND' } })
  const first = await temporary(0o700)
  expect(await run(['status'])).toMatchObject({ code: 0, out: expect.stringContaining('network\tdev') })
  const second = await temporary(0o700)
  const { code, error } = await run(['status'])
  expect([code, error?.message]).toEqual([2, expect.stringMatching(/^Several temporary nodes run: .* Name one by --base-path\.$/)])
  for (const path of [first, second]) expect(error?.message).toContain(path)
})

it("has the app's folder where Electron keeps the data of its users", () => {
  expect(appFolder({ platform: 'linux', env: { XDG_CONFIG_HOME: '/c' } })).toBe(join('/c', 'Nodestead'))
  expect(appFolder({ platform: 'linux', env: {} })).toMatch(/\.config.Nodestead$/)
  expect(appFolder({ platform: 'darwin', env: {} })).toMatch(/Library.Application Support.Nodestead$/)
  expect(appFolder({ platform: 'win32', env: { APPDATA: '/roaming' } })).toBe(join('/roaming', 'Nodestead'))
})

it('answers methods of JSON-RPC at the port that its status names', async () => {
  const asked: unknown[] = []
  const rpc = createServer((request: IncomingMessage, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      const { method, params } = JSON.parse(text) as { method: string; params: unknown }
      asked.push([method, params])
      response.end(JSON.stringify(method === 'moon_rise' ? { error: { code: -32601, message: 'Method not found' } } : { result: method === 'system_health' ? { peers: 0 } : '0x01' }))
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => rpc.once('listening', resolve))
  try {
    node.manager.setStatus('dev', { details: chainDetails({ genesisHash: fakeHash(0), rpcAddress: `ws://127.0.0.1:${(rpc.address() as AddressInfo).port}` }) })
    const call = (...words: string[]) => run(['call', ...words, '--base-path', node.service.folder])
    expect(await call('state_getStorage', '0x3a', 'null')).toMatchObject({ code: 0, out: '0x01\n' })
    expect(await call('system_health', '[]')).toMatchObject({ code: 0, out: '{"peers":0}\n' })
    expect(asked).toEqual([['state_getStorage', ['0x3a', null]], ['system_health', []]])
    expect(await call('moon_rise')).toMatchObject({ code: 1, error: { code: 'RPC_REFUSED', hint: 'rpc_methods lists what there is.' } })
    expect(await call('chain_subscribeNewHeads')).toMatchObject({ code: 2, error: { message: expect.stringContaining('WebSocket') } })
    node.manager.setStatus('dev', { details: chainDetails({ genesisHash: fakeHash(0) }) })
    expect(await call('system_health')).toMatchObject({ code: 6 })
  } finally {
    rpc.close()
  }
})
