/** The browser's session, and the dashboard behind a reverse proxy: what a page gets for the token, and who gets nothing for what. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { DashboardService } from '../../../node-core/api/server/dashboard-service.ts'
import { checkOrigin, checkSocketOrigin } from '../../../node-core/api/server/origin-check.ts'
import { parsePublicUrl } from '../../../node-core/api/server/public-url.ts'
import { lacksSlash, pathBelow, type PublicUrl } from '../../../node-core/web/public-url.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const app = { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: 'linux' } as const
const TOKEN = 'A'.repeat(43)

let folder: string
let services: DashboardService[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-session-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>x</title>')
})

afterEach(async () => {
  for (const service of services) await service.stop()
  services = []
  await rm(folder, { recursive: true, force: true })
})

interface Door {
  readonly service: DashboardService
  readonly port: number
}

async function start(publicUrl?: PublicUrl, token = TOKEN): Promise<Door> {
  const clock = new FakeClock()
  const service = new DashboardService({ manager: new FakeManager({ clock }), logger: silentLogger, clock }, { port: 0, assetsPath: folder, app, token, ...(publicUrl === undefined ? {} : { publicUrl }) })
  services.push(service)
  await service.start()
  return { service, port: Number(new URL(service.address).port) }
}

interface Heard {
  readonly status: number | undefined
  readonly cookie: string | undefined
  readonly location: string | undefined
  readonly policy: string
  readonly frames: string | string[] | undefined
}

function ask(port: number, method: string, path: string, headers: Record<string, string>, body = ''): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      response.resume()
      const { 'set-cookie': cookies, location, 'content-security-policy': policy } = response.headers
      resolve({ status: response.statusCode, cookie: cookies?.[0], location, policy: String(policy), frames: response.headers['x-frame-options'] })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const openSession = ({ port }: Door, { token = TOKEN, headers = {}, path = '/session' }: { token?: string; headers?: Record<string, string>; path?: string } = {}) =>
  ask(port, 'POST', path, { origin: `http://127.0.0.1:${port}`, ...headers }, token)

/** `data.name` of the answer, the code of the refusal, or the status at which the upgrade was refused. */
function enter(port: number, headers: Record<string, string>, path = '/trpc'): Promise<string | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  socket.once('open', () => socket.send(JSON.stringify({ id: 1, method: 'query', params: { path: 'app.info' } })))
  return new Promise((resolve) => {
    socket.on('message', (data: Buffer) => {
      const { result, error } = JSON.parse(data.toString()) as { result?: { data: { name: string } }; error?: { data: { problem: { code: string } } } }
      resolve(result?.data.name ?? error?.data.problem.code ?? '?')
      socket.terminate()
    })
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      response.resume()
    })
    socket.on('error', () => undefined)
  })
}

const pairOf = (cookie: string | undefined): string => cookie?.split(';')[0] ?? ''

describe('the session of a browser', () => {
  it('is given for the token as a cookie that no script reads and no other site sends, and opens the WebSocket', async () => {
    const door = await start()
    const { status, cookie } = await openSession(door)
    expect(status).toBe(204)
    expect(cookie).toMatch(new RegExp(`^nodestead_session_${door.port}=[\\w-]{43}; Max-Age=2592000; HttpOnly; SameSite=Strict$`))
    expect(cookie).not.toContain(TOKEN)
    const origin = `http://127.0.0.1:${door.port}`
    expect(await enter(door.port, { origin, cookie: `other=1; ${pairOf(cookie)}` })).toBe('Nodestead')
  })

  it.each([
    ['no origin: no page', { origin: undefined }, TOKEN, 403],
    ['a foreign origin', { origin: 'https://evil.example' }, TOKEN, 403],
    ['an opaque origin', { origin: 'null' }, TOKEN, 403],
    ['a re-pointed name', { host: 'evil.example', origin: 'http://evil.example' }, TOKEN, 403],
    ['a wrong token', {}, 'B'.repeat(43), 401],
    ['no token', {}, '', 401],
    ['more than a token', {}, 'A'.repeat(10_000), 413],
  ] as const)('is refused to %s', async (_who, headers, token, status) => {
    const door = await start()
    const own = { origin: `http://127.0.0.1:${door.port}`, ...headers }
    const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as Record<string, string>
    expect(await ask(door.port, 'POST', '/session', said, token)).toMatchObject({ status, cookie: undefined })
  })

  it('counts only in a browser, beside an origin that is ours, and for this node alone', async () => {
    const door = await start()
    const cookie = pairOf((await openSession(door)).cookie)
    const origin = `http://127.0.0.1:${door.port}`
    // A program that stole it.
    expect(await enter(door.port, { cookie })).toBe('DASHBOARD_TOKEN_REFUSED')
    expect(await enter(door.port, { cookie, origin: 'https://evil.example' })).toBe(403)
    expect(await enter(door.port, { cookie, origin: 'http://evil.example', host: 'evil.example' })).toBe(403)
    expect(await enter(door.port, { cookie: `${cookie}x`, origin })).toBe('DASHBOARD_TOKEN_REFUSED')
    expect(await enter(door.port, { cookie: `nodestead_session_${door.port}=`, origin })).toBe('DASHBOARD_TOKEN_REFUSED')
    expect(await enter(door.port, { origin })).toBe('DASHBOARD_TOKEN_REFUSED')
    // Browsers send cookies of a host to all its ports.
    const other = await start(undefined, 'C'.repeat(43))
    const renamed = cookie.replace(String(door.port), String(other.port))
    expect(await enter(other.port, { cookie: renamed, origin: `http://127.0.0.1:${other.port}` })).toBe('DASHBOARD_TOKEN_REFUSED')
  })

  it('is taken from the browser that signs out, and from nobody whom another page makes ask for it', async () => {
    const door = await start()
    const origin = `http://127.0.0.1:${door.port}`
    const own = pairOf((await openSession(door)).cookie)
    expect(await ask(door.port, 'DELETE', '/session', { origin, cookie: own })).toMatchObject({ status: 204, cookie: `nodestead_session_${door.port}=; Max-Age=0; HttpOnly; SameSite=Strict` })
    const strangers = [{}, { origin: 'null' }, { origin: 'https://evil.example' }, { origin: 'http://evil.example', host: 'evil.example' }, { origin: 'http://127.0.0.1:1' }]
    for (const headers of strangers) expect(await ask(door.port, 'DELETE', '/session', { cookie: own, ...headers })).toMatchObject({ status: 403, cookie: undefined })
    // A program that is none keeps its word: the cookie means that its bearer had the token, which is still the node's.
    expect(await enter(door.port, { origin, cookie: own })).toBe('Nodestead')
  })

  it('is not opened by a form of another page, in any of the ways that a form can send', async () => {
    const door = await start()
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain']) {
      for (const origin of ['https://evil.example', 'null', undefined]) {
        const headers = { 'content-type': type, ...(origin === undefined ? {} : { origin }) }
        expect(await ask(door.port, 'POST', '/session', headers, TOKEN)).toMatchObject({ status: 403, cookie: undefined })
      }
    }
    // Nothing else takes a form, not even from our own pages.
    for (const path of ['/', '/trpc']) expect((await ask(door.port, 'POST', path, { origin: `http://127.0.0.1:${door.port}` }, TOKEN)).status).toBe(405)
  })

  it('says with every answer that no page may frame it', async () => {
    const door = await start(parsePublicUrl('https://ops.example/node'))
    const host = 'ops.example'
    const answers = [
      await ask(door.port, 'GET', '/node/', { host }),
      await ask(door.port, 'GET', '/node', { host }),
      await ask(door.port, 'GET', '/node/nothing', { host }),
      await ask(door.port, 'PUT', '/node/', { host }),
      await ask(door.port, 'GET', '/', { host: 'evil.example' }),
      await openSession(door),
      await openSession(door, { token: 'wrong' }),
      await openSession(door, { token: 'A'.repeat(1000) }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 308, 404, 405, 403, 204, 401, 413])
    for (const { frames, policy } of answers) expect([frames, policy]).toEqual(['DENY', expect.stringContaining("frame-ancestors 'none'")])
  })

  it('outlasts the process where the token does', async () => {
    const door = await start()
    const value = pairOf((await openSession(door)).cookie).split('=')[1] ?? ''
    await door.service.stop()
    const again = await start()
    expect(await enter(again.port, { cookie: `nodestead_session_${again.port}=${value}`, origin: `http://127.0.0.1:${again.port}` })).toBe('Nodestead')
  })
})

describe('behind a reverse proxy', () => {
  const shown = parsePublicUrl('https://ops.example/node')
  const origin = 'https://ops.example'

  it('works under a path, whether the proxy passes path and host on or not; the cookie is for TLS alone', async () => {
    const door = await start(shown)
    expect(door.service.publicUrl).toBe(`https://ops.example/node/#token=${TOKEN}`)
    for (const [host, base] of [['ops.example', '/node'], [`127.0.0.1:${door.port}`, '/node'], ['ops.example', ''], [`127.0.0.1:${door.port}`, '']] as const) {
      const page = await ask(door.port, 'GET', `${base}/`, { host })
      expect([page.status, page.policy]).toEqual([200, expect.stringContaining('wss://ops.example')])
      const { status, cookie } = await openSession(door, { headers: { host, origin }, path: `${base}/session` })
      expect([status, cookie]).toEqual([204, expect.stringMatching(/; Secure$/)])
      expect(await enter(door.port, { host, origin, cookie: pairOf(cookie) }, `${base}/trpc`)).toBe('Nodestead')
    }
    expect(await ask(door.port, 'GET', '/node', { host: 'ops.example' })).toMatchObject({ status: 308, location: '/node/' })
    expect((await ask(door.port, 'GET', '/nodes/', { host: 'ops.example' })).status).toBe(404)
  })

  it('lets nobody else in because of it, whatever a proxy is said to have said', async () => {
    const door = await start(shown)
    const headers = { host: 'evil.example', 'x-forwarded-host': 'ops.example', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/node', origin }
    expect((await ask(door.port, 'GET', '/', headers)).status).toBe(403)
    expect((await openSession(door, { headers })).status).toBe(403)
    expect((await openSession(door, { headers: { host: 'ops.example', origin: 'https://evil.example' } })).status).toBe(403)
    expect((await openSession(door, { headers: { host: 'ops.example', origin: 'http://ops.example' } })).status).toBe(403)
    const plain = await start()
    expect((await openSession(plain, { headers: { host: 'ops.example', origin } })).status).toBe(403)
  })

  it.each([
    ['ops.example', 'https://ops.example', 'ok'],
    ['OPS.example', undefined, 'ok'],
    ['ops.example', 'https://ops.example:444', 'foreign-origin'],
    ['127.0.0.1:9', 'https://ops.example', 'ok'],
    ['127.0.0.1:9', 'https://evil.example', 'foreign-origin'],
    ['ops.example:444', undefined, 'foreign-host'],
    ['evil.ops.example', undefined, 'foreign-host'],
  ] as const)('host %s and origin %s: %s', (host, from, verdict) => {
    expect(checkOrigin(host, from, 9, shown)).toBe(verdict)
    expect(checkSocketOrigin(host, from, 9, shown)).toBe(verdict)
  })

  it.each(['ops.example/node', 'ftp://ops.example', 'https://user:secret@ops.example/', 'https://ops.example/?a=b', 'https://ops.example/#x', '', 'https://'])('does not take %j for an address', (text) => {
    expect(() => parsePublicUrl(text)).toThrow(expect.objectContaining({ code: 'DASHBOARD_PUBLIC_URL_INVALID', message: expect.not.stringContaining('secret') as string }) as Error)
  })

  it('finds the path below its own', () => {
    expect(['/node/', '/node/a', '/a', '/nodes/a'].map((path) => pathBelow(path, '/node/'))).toEqual(['/', '/a', '/a', '/nodes/a'])
    expect(pathBelow('/node', '/')).toBe('/node')
    expect(['/node', '/node/', '/nodes', '/'].map((path) => lacksSlash(path, '/node/'))).toEqual([true, false, false, false])
    expect(lacksSlash('', '/')).toBe(false)
  })
})
