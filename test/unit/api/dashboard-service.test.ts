/** The browser's dashboard over real sockets of the loopback interface. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { DashboardService } from '../../../node-core/api/server/dashboard-service.ts'
import { checkOrigin, checkSocketOrigin } from '../../../node-core/api/server/origin-check.ts'
import type { AppRouter } from '../../../node-core/api/router.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const app = { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: 'linux' } as const
const transformer = { serialize: (value: unknown) => value, deserialize: (value: unknown) => value }

let folder: string
let clock: FakeClock
let manager: FakeManager
let service: DashboardService
let port: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-dashboard-'))
  await mkdir(join(folder, 'public/assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'public/index.html'), '<!doctype html><title>x</title>')
  await writeFile(join(folder, 'public/assets/a-1234.js'), 'export {}')
  await symlink(join(folder, 'secret.txt'), join(folder, 'public/link.txt'))
  clock = new FakeClock()
  manager = new FakeManager({ clock })
  service = new DashboardService({ manager, logger: silentLogger, clock }, { port: 0, assetsPath: join(folder, 'public'), app })
  await service.start()
  port = Number(new URL(service.address).port)
})

afterEach(async () => {
  await service.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A raw request, for what `fetch` would tidy up. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const get = (path: string, host = `127.0.0.1:${port}`, more = '') => raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`)

describe('files', () => {
  it('serves the page with a strict policy and the right types', async () => {
    const page = await get('/')
    expect(page).toContain('200 OK')
    expect(page).toContain('Content-Type: text/html; charset=utf-8')
    expect(page).toContain("script-src 'self';")
    expect(page).not.toContain('unsafe-inline')
    expect(page).toContain(`connect-src 'self' ws://127.0.0.1:${port};`)
    expect(page).toContain('X-Content-Type-Options: nosniff')
    const script = await get('/assets/a-1234.js')
    expect(script).toContain('Content-Type: text/javascript; charset=utf-8')
    expect(script).toContain('immutable')
  })

  it.each(['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/..%5csecret.txt', '/link.txt', '/secret.txt', '//etc/passwd', '/%00', '/%'])(
    'has nothing at %s',
    async (path) => {
      const answer = await get(path)
      expect(answer).toMatch(/^HTTP\/1\.1 404/)
      expect(answer).not.toContain('secret\n')
    },
  )

  it('refuses hosts and origins that are not its own', async () => {
    expect(await get('/', `evil.example:${port}`)).toContain('403 Forbidden')
    expect(await get('/', '127.0.0.1:1')).toContain('403 Forbidden')
    expect(await get('/', undefined, 'Origin: https://evil.example\r\n')).toContain('403 Forbidden')
    expect(await get('/', `localhost:${port}`)).toContain('200 OK')
  })

  it('answers other methods with 405', async () => {
    expect(await raw(`POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)).toContain('405')
  })
})

describe('checkOrigin', () => {
  it.each([
    ['127.0.0.1:9', undefined, 'ok'],
    ['LOCALHOST:9', 'http://localhost:9', 'ok'],
    ['[::1]:9', 'http://[::1]:9', 'ok'],
    [undefined, undefined, 'foreign-host'],
    ['127.0.0.1', undefined, 'foreign-host'],
    ['127.0.0.1.evil.example:9', undefined, 'foreign-host'],
    ['127.0.0.1:9', 'http://localhost:9', 'foreign-origin'],
    ['127.0.0.1:9', 'https://127.0.0.1:9', 'foreign-origin'],
    ['127.0.0.1:9', 'null', 'foreign-origin'],
  ] as const)('host %s and origin %s: %s', (host, origin, verdict) => {
    expect(checkOrigin(host, origin, 9)).toBe(verdict)
  })
})

describe('checkSocketOrigin', () => {
  it.each([
    // A program, here or through a tunnel whose port on the other computer is another one.
    ['127.0.0.1:9', undefined, 'ok'],
    ['127.0.0.1:19955', undefined, 'ok'],
    ['localhost', undefined, 'ok'],
    ['[::1]:19955', undefined, 'ok'],
    // A browser, which names the page's origin: that page must be ours, wherever the tunnel ends.
    ['127.0.0.1:9', 'http://127.0.0.1:9', 'ok'],
    ['127.0.0.1:19955', 'http://127.0.0.1:19955', 'foreign-host'],
    ['127.0.0.1:19955', 'https://evil.example', 'foreign-host'],
    ['127.0.0.1:9', 'https://evil.example', 'foreign-origin'],
    ['127.0.0.1:9', 'http://127.0.0.1:8', 'foreign-origin'],
    ['127.0.0.1:9', 'null', 'foreign-origin'],
    // A name that was made to resolve to this computer, with an origin and without.
    ['evil.example:9', 'http://evil.example:9', 'foreign-host'],
    ['evil.example:9', undefined, 'foreign-host'],
    ['127.0.0.1.evil.example:9', undefined, 'foreign-host'],
    ['127.0.0.1:9@evil.example', undefined, 'foreign-host'],
    ['127.0.0.1:', undefined, 'foreign-host'],
    ['', undefined, 'foreign-host'],
    [undefined, undefined, 'foreign-host'],
  ] as const)('host %s and origin %s: %s', (host, origin, verdict) => {
    expect(checkSocketOrigin(host, origin, 9)).toBe(verdict)
  })
})

function open(token: string) {
  const socket = createWSClient({
    url: `ws://127.0.0.1:${port}/trpc`,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: { token },
    retryDelayMs: () => 60_000,
  })
  return { socket, client: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer })] }) }
}

const token = () => new URLSearchParams(new URL(service.url).hash.slice(1)).get('token') ?? ''

describe('the API over WebSocket', () => {
  it('answers whoever has the token', async () => {
    const { socket, client } = open(token())
    expect((await client.app.info.query()).name).toBe('Nodestead')
    await client.node.start.mutate({ network: 'dev' })
    expect(manager.networks()[0]?.status.state).toBe('running')
    await socket.close()
  })

  it('streams, and lets go of its listeners when the client leaves', async () => {
    const { socket, client } = open(token())
    const first = await new Promise<number>((resolve, reject) => {
      client.networks.watch.subscribe(undefined, { onData: ({ networks }) => resolve(networks.length), onError: reject })
    })
    expect(first).toBe(2)
    expect(manager.events.listenerCount('status')).toBe(1)
    await socket.close()
    await expect.poll(() => manager.events.listenerCount('status')).toBe(0)
  })

  it.each(['', 'wrong', 'x'.repeat(43)])('refuses the token %j, says so and hangs up', async (wrong) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/trpc?connectionParams=1`)
    const said: string[] = []
    socket.on('message', (data: Buffer) => said.push(data.toString()))
    socket.once('open', () => {
      socket.send(JSON.stringify({ method: 'connectionParams', data: { token: wrong } }))
      socket.send(JSON.stringify({ id: 1, method: 'mutation', params: { path: 'node.start', input: { network: 'dev' } } }))
    })
    expect(await new Promise<number>((resolve) => socket.once('close', resolve))).toBe(4401)
    expect(JSON.parse(said[0] ?? '')).toMatchObject({ id: null, error: { data: { code: 'UNAUTHORIZED', problem: { code: 'DASHBOARD_TOKEN_REFUSED' } } } })
    expect(manager.networks()[0]?.status.state).toBe('stopped')
  })

  it('hangs up on a client that does not say who it is', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/trpc?connectionParams=1`)
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await expect.poll(() => clock.nextDue()).toBeDefined()
    clock.advance(10_000)
    expect(await closed).toBe(1006)
  })

  it('lets a program in that comes through a tunnel on another port, by its token alone', async () => {
    const answers = (said: string) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/trpc?connectionParams=1`, { headers: { host: '127.0.0.1:19955' } })
      socket.once('open', () => {
        socket.send(JSON.stringify({ method: 'connectionParams', data: { token: said } }))
        socket.send(JSON.stringify({ id: 1, method: 'query', params: { path: 'app.info' } }))
      })
      return new Promise<unknown>((resolve) => {
        socket.on('message', (data: Buffer) => {
          resolve(JSON.parse(data.toString()))
          socket.terminate()
        })
      })
    }
    expect(await answers(token())).toMatchObject({ id: 1, result: { data: { name: 'Nodestead' } } })
    expect(await answers('wrong')).toMatchObject({ error: { data: { problem: { code: 'DASHBOARD_TOKEN_REFUSED' } } } })
    // What a page may ask for without an origin stays bound to the port.
    expect(await get('/', '127.0.0.1:19955')).toContain('403 Forbidden')
  })

  it.each([
    ['/trpc', { origin: 'https://evil.example' }, 403],
    ['/trpc', { headers: { host: 'evil.example' } }, 403],
    ['/trpc', { headers: { host: '127.0.0.1:1' }, origin: 'http://127.0.0.1:1' }, 403],
    ['/other', {}, 404],
  ] as const)('refuses an upgrade at %s with %j', async (path, options, status) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options)
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
    expect(error.message).toContain(String(status))
  })
})

describe('its life', () => {
  it('has a new token at each start of the program, and none in the address for the log', () => {
    const other = new DashboardService({ manager, logger: silentLogger }, { port: 0, assetsPath: folder, app })
    expect(other.url.split('#')[1]).not.toBe(service.url.split('#')[1])
    expect(token().length).toBeGreaterThanOrEqual(43)
    expect(service.address).not.toContain('token')
  })

  it('says which port is in use', async () => {
    const second = new DashboardService({ manager, logger: silentLogger }, { port, assetsPath: join(folder, 'public'), app })
    await expect(second.start()).rejects.toMatchObject({ code: 'DASHBOARD_PORT_IN_USE', data: { port } })
    await second.stop()
  })

  it('listens on this machine only', async () => {
    const open = new DashboardService({ manager, logger: silentLogger }, { port: 0, host: '0.0.0.0', assetsPath: join(folder, 'public'), app })
    await expect(open.start()).rejects.toMatchObject({ code: 'DASHBOARD_NOT_LOOPBACK' })
    await open.stop()
  })

  it('says what to do where the page was not built', async () => {
    const bare = new DashboardService({ manager, logger: silentLogger }, { port: 0, assetsPath: join(folder, 'nothing'), app })
    await expect(bare.start()).rejects.toMatchObject({ code: 'API_ASSETS_MISSING', hint: 'The installation is incomplete. Reinstall it, or build it with npm run build.' })
    await bare.stop()
  })

  it('stops while clients are connected, twice without harm', async () => {
    const { socket, client } = open(token())
    await client.app.info.query()
    await service.stop()
    await service.stop()
    await expect(fetch(service.address)).rejects.toThrow()
    await socket.close()
  })
})
