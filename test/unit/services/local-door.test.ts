/** The local door: found from the base folder, its user's alone, and the same API as at the port. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, stat, symlink } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createClient, type Interceptor, type Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import type { Surroundings } from '../../../node-core/net/ipc/place.ts'
import type { ServiceLimits } from '../../../node-core/services/limits.ts'
import { Door } from '../../../node-core/services/local-door/door.ts'
import { localDoor } from '../../../node-core/services/local-door/place.ts'
import { Admin } from '../../../node-core/services/proto/nodestead/v1/admin_pb.ts'
import { Node } from '../../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { ServiceApi } from '../../../node-core/services/service-api.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { transportOf } from '../../helpers/service-client.ts'

const LINUX: Surroundings = { platform: 'linux', runtimeFolder: undefined, temporaryFolder: '/tmp', uid: 1000 }

let folder: string
let manager: FakeManager
const apis: ServiceApi[] = []
const sockets: Socket[] = []
let logs: LogRecord[]
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'nodestead-door-')))
  manager = new FakeManager({ clock: systemClock })
  logs = []
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const api of apis.splice(0)) await api.stop()
  await manager.stopAll()
  await rm(folder, { recursive: true, force: true })
})

async function started(options: { readonly port?: number; readonly limits?: Partial<ServiceLimits> } = {}, base = folder): Promise<ServiceApi> {
  const api = new ServiceApi({ manager, program: { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: process.platform }, logger: createLogger([(record) => logs.push(record)]) }, { folder: base, ...options })
  apis.push(api)
  await api.start()
  return api
}

const tokenIn = async (base = folder): Promise<string> => (await readFile(localDoor(base).tokenPath, 'utf8')).trim()

/** A client at the socket. HTTP/2 where `isGrpc`. */
function at(socketPath: string, token: string | undefined, isGrpc: boolean): Transport {
  const authorize: Interceptor = (next) => (call) => {
    if (token !== undefined) call.header.set('authorization', `Bearer ${token}`)
    return next(call)
  }
  const baseUrl = 'http://localhost'
  const interceptors = [authorize]
  if (!isGrpc) return createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: false, interceptors, nodeOptions: { socketPath } })
  return createGrpcTransport({ baseUrl, interceptors, sessionManager: new Http2SessionManager(baseUrl, {}, { createConnection: () => connect(socketPath) }) })
}

describe.skipIf(process.platform === 'win32')('the local door', () => {
  it.each([['gRPC', true], ['JSON over HTTP/1.1', false]] as const)('answers %s to whoever has its token, and to nobody else', async (_name, isGrpc) => {
    await started()
    const { socketPath } = localDoor(folder)
    const token = await tokenIn()
    expect((await createClient(Node, at(socketPath, token, isGrpc)).info({})).name).toBe('Nodestead')
    // The widest scope, too.
    expect((await createClient(Admin, at(socketPath, token, isGrpc)).listClients({})).clients).toEqual([])
    await expect(createClient(Node, at(socketPath, undefined, isGrpc)).info({})).rejects.toThrow('The request says no token')
    await expect(createClient(Node, at(socketPath, 'b'.repeat(43), isGrpc)).info({})).rejects.toThrow('The token is of no client')
  })

  it('knows the clients of the port, too; the port does not know its token', async () => {
    const api = await started({ port: 0 })
    const { token } = await api.clients.add('reader', ['read'])
    const { socketPath } = localDoor(folder)
    expect((await createClient(Node, at(socketPath, token, true)).info({})).name).toBe('Nodestead')
    await expect(createClient(Admin, at(socketPath, token, true)).listClients({})).rejects.toThrow('scope admin')
    await expect(createClient(Node, transportOf('gRPC', api.address, await tokenIn())).info({})).rejects.toThrow('The token is of no client')
  })

  it('is its user’s alone, another token at each start, and gone after the stop', async () => {
    const api = await started()
    const { socketPath, tokenPath } = localDoor(folder)
    expect(socketPath).toBe(join(folder, 'services.sock'))
    expect([(await stat(socketPath)).mode & 0o777, (await stat(tokenPath)).mode & 0o777]).toEqual([0o600, 0o600])
    const token = await tokenIn()
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    await api.stop()
    await api.stop()
    expect([existsSync(socketPath), existsSync(tokenPath)]).toEqual([false, false])
    await started()
    expect(await tokenIn()).not.toBe(token)
  })

  it('stays with the node that has it: a second one says so and runs without', async () => {
    await started()
    const token = await tokenIn()
    const second = await started()
    expect(logs.filter(({ level }) => level === 'warn').map(({ fields }) => String(fields?.['reason']))).toEqual([expect.stringContaining('Another process listens on the local socket')])
    await second.stop()
    expect(await tokenIn()).toBe(token)
    expect((await createClient(Node, at(localDoor(folder).socketPath, token, true)).info({})).name).toBe('Nodestead')
  })

  it('lies elsewhere where its path would be too long, and is found from the base folder, whatever the caller’s surroundings are', async () => {
    const long = join(folder, 'x'.repeat(60), 'y'.repeat(60))
    await mkdir(long, { recursive: true })
    const door = new Door(long, (socket) => socket.destroy(), 0, { ...LINUX, temporaryFolder: folder, uid: process.getuid?.() })
    await door.start()
    const found = localDoor(long, { ...LINUX, runtimeFolder: '/run/user/1000' })
    expect(found).toEqual({ socketPath: door.path, tokenPath: join(long, 'service-local.token') })
    expect(found.socketPath.startsWith(join(folder, 'nodestead-'))).toBe(true)
    await door.stop()
    // Nobody is there: where one would be.
    expect(localDoor(long, { ...LINUX, runtimeFolder: '/run/user/1000' }).socketPath).toMatch(/^\/run\/user\/1000\/nodestead-[0-9a-f]{12}\/services\.sock$/)
  })

  it('is the same by every way to its folder', async () => {
    await symlink(folder, join(folder, 'link'))
    const expected = localDoor(folder)
    expect(localDoor(relative(process.cwd(), folder))).toEqual(expected)
    expect(localDoor(join(folder, 'link'))).toEqual(expected)
  })

  it('turns away requests for other hosts, and what comes too slowly', async () => {
    await started({ limits: { headersMs: 100, firstBytesMs: 60_000 } })
    const { socketPath } = localDoor(folder)
    const foreign = await new Promise<number | undefined>((resolve, reject) => request({ socketPath, path: '/health', headers: { Host: 'evil.example' } }, (response) => resolve(response.resume().statusCode)).on('error', reject).end())
    expect(foreign).toBe(403)
    const slow = connect(socketPath)
    sockets.push(slow)
    slow.write('GET /health HTTP/1.1\r\nHost: localho')
    await new Promise<void>((resolve) => slow.resume().once('close', () => resolve()))
  })

  it('ends open connections when the node stops', async () => {
    const api = await started()
    const { socketPath } = localDoor(folder)
    const session = connectHttp2('http://localhost', { createConnection: () => connect(socketPath) })
    session.on('error', () => undefined)
    await vi.waitFor(() => expect(session.remoteSettings.maxConcurrentStreams).toBe(128))
    const closed = new Promise<void>((resolve) => session.once('close', () => resolve()))
    await api.stop()
    await closed
  })

  it('is opened by nobody whose token file cannot be written: the socket goes with it', async () => {
    await mkdir(join(folder, 'service-local.token'))
    await started()
    expect(logs.map(({ level }) => level)).toEqual(['warn'])
    expect(existsSync(localDoor(folder).socketPath)).toBe(false)
  })
})

it('is a pipe on Windows, another for each folder', () => {
  const windows: Surroundings = { platform: 'win32', runtimeFolder: undefined, temporaryFolder: 'C:\\Temp', uid: undefined }
  const here = localDoor(folder, windows).socketPath
  expect(here).toMatch(/^\\\\\?\\pipe\\nodestead-[0-9a-f]{12}-services$/)
  expect(localDoor(join(folder, 'other'), windows).socketPath).not.toBe(here)
})
