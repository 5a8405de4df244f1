/**
 * What strangers try at the doors of HTTP and WebSocket: JSON-RPC, the metrics, the dashboard in a browser. Each case is refused, and says how, while
 * another client of the same door is served before and after it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { DashboardService } from '../../../node-core/api/server/dashboard-service.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { MetricsService } from '../../../node-core/metrics/metrics-service.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { startService, type Running } from '../chain/rpc/client.ts'

const TOKEN = 'A'.repeat(43)
const NAME = '{"jsonrpc":"2.0","id":1,"method":"system_name"}'
const MAX_REQUEST = 200_000

let folder: string
let rpc: Running
let metrics: MetricsService
let dashboard: DashboardService
const ports = { rpc: 0, metrics: 0, dashboard: 0 }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-hostile-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>x</title>')
  rpc = await startService({ maxRequestBytes: MAX_REQUEST, maxBatch: 100, maxConnections: 40 })
  const health = { peers: 1, isSyncing: false, shouldHavePeers: true }
  metrics = new MetricsService(
    { source: { contentType: 'text/plain', text: async () => 'one 1\n' }, health: () => health, logger: silentLogger },
    { enabled: true, port: 0, fallback: false, external: false },
  )
  await metrics.start()
  const clock = new FakeClock()
  const app = { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: 'linux' } as const
  dashboard = new DashboardService({ manager: new FakeManager({ clock }), logger: silentLogger, clock }, { port: 0, assetsPath: folder, app, token: TOKEN })
  await dashboard.start()
  Object.assign(ports, { rpc: rpc.port, metrics: Number(new URL(metrics.address as string).port), dashboard: Number(new URL(dashboard.address).port) })
})

afterAll(async () => {
  await rpc.service.stop()
  await metrics.stop()
  await dashboard.stop()
  await rm(folder, { recursive: true, force: true })
})

type Door = keyof typeof ports

interface Heard {
  readonly status: number | undefined
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

function ask(door: Door, method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: ports[door], method, path, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode, text, headers: response.headers }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** The status at which the upgrade was refused, or what the socket said first, or the code with which it was closed. */
function knock(door: Door, path: string, headers: Record<string, string>, first?: string): Promise<number | string> {
  const socket = new WebSocket(`ws://127.0.0.1:${ports[door]}${path}`, { headers })
  return new Promise((resolve) => {
    const done = (outcome: number | string): void => {
      resolve(outcome)
      socket.terminate()
    }
    if (first !== undefined) socket.once('open', () => socket.send(first))
    socket.once('message', (data: Buffer) => done(data.toString()))
    socket.once('close', (code) => done(code))
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      done(response.statusCode ?? 0)
    })
    socket.on('error', () => undefined)
  })
}

const isServed: Readonly<Record<Door, () => Promise<boolean>>> = {
  rpc: async () => (await ask('rpc', 'POST', '/', { 'content-type': 'application/json' }, NAME)).text.includes('Nodestead'),
  metrics: async () => (await ask('metrics', 'GET', '/metrics')).text === 'one 1\n',
  dashboard: async () => (await ask('dashboard', 'GET', '/')).status === 200,
}

const json = { 'content-type': 'application/json' }
const post = (body: string, headers: Record<string, string> = {}) => async () => {
  const { status, text } = await ask('rpc', 'POST', '/', { ...json, ...headers }, body)
  const { code, data } = (JSON.parse(text) as { error: { code: number; data?: { code?: string } } }).error
  // What the door refuses has a code of its own; what is refused of a message, the protocol's.
  return data?.code === undefined ? code : status
}
const status = (door: Door, method: string, path: string, headers: Record<string, string> = {}, body = '') => async () => (await ask(door, method, path, headers, body)).status
const upgrade = (door: Door, path: string, headers: Record<string, string>) => () => knock(door, path, headers)

const INFO = '{"id":1,"method":"query","params":{"path":"app.info"}}'
const problem = async (headers: Record<string, string>) => /DASHBOARD_TOKEN_REFUSED/.exec(String(await knock('dashboard', '/trpc', headers, INFO)))?.[0]

const CASES: readonly (readonly [door: Door, what: string, attempt: () => Promise<unknown>, refusal: unknown])[] = [
  ['rpc', 'a re-pointed name', post(NAME, { host: 'evil.example' }), 403],
  ['rpc', 'a re-pointed name that begins like ours', post(NAME, { host: 'localhost.evil.example:9944' }), 403],
  ['rpc', 'a re-pointed name, over WebSocket', upgrade('rpc', '/', { host: 'evil.example' }), 403],
  ['rpc', 'a foreign page', post(NAME, { origin: 'https://evil.example' }), 403],
  ['rpc', 'a page of a file', post(NAME, { origin: 'null' }), 403],
  ['rpc', 'a foreign page, over WebSocket', upgrade('rpc', '/', { origin: 'https://evil.example' }), 403],
  ['rpc', 'the preflight of a foreign page', status('rpc', 'OPTIONS', '/', { origin: 'https://evil.example', 'access-control-request-method': 'POST' }), 403],
  ['rpc', 'a form of a page, which needs no preflight', status('rpc', 'POST', '/', { 'content-type': 'text/plain' }, NAME), 415],
  ['rpc', 'another method', status('rpc', 'PUT', '/', json, NAME), 405],
  ['rpc', 'a body that is too large', post(`"${'x'.repeat(MAX_REQUEST)}"`), -32007],
  ['rpc', 'deep JSON', post('['.repeat(100_000)), -32700],
  ['rpc', 'deep JSON in the parameters', post(`{"jsonrpc":"2.0","id":1,"method":"system_name","params":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), -32700],
  ['rpc', '10,000 requests in a batch', post(`[${'1,'.repeat(9_999)}1]`), -32010],
  ['rpc', 'an empty batch', post('[]'), -32600],
  ['rpc', 'no JSON', post('{"jsonrpc":'), -32700],
  ['rpc', 'an unsafe method through a proxy', post('{"jsonrpc":"2.0","id":1,"method":"author_rotateKeys"}', { 'x-forwarded-for': '203.0.113.9' }), -32601],
  ['rpc', 'a message that is too large, over WebSocket', async () => /-\d+/.exec(String(await knock('rpc', '/', {}, 'x'.repeat(MAX_REQUEST + 1))))?.[0], '-32007'],
  ['metrics', 'a re-pointed name', status('metrics', 'GET', '/metrics', { host: 'evil.example' }), 403],
  ['metrics', 'a re-pointed name, for the health', status('metrics', 'GET', '/health', { host: 'evil.example' }), 403],
  ['metrics', 'another method', status('metrics', 'POST', '/metrics'), 405],
  ['metrics', 'another path', status('metrics', 'GET', '/../../etc/passwd'), 404],
  ['metrics', 'headers without end', status('metrics', 'GET', '/metrics', { x: 'x'.repeat(20_000) }), 431],
  ['dashboard', 'a re-pointed name', status('dashboard', 'GET', '/', { host: 'evil.example' }), 403],
  ['dashboard', 'a foreign page', status('dashboard', 'GET', '/', { origin: 'https://evil.example' }), 403],
  ['dashboard', 'another method', status('dashboard', 'DELETE', '/'), 405],
  ['dashboard', 'a path that leads out', status('dashboard', 'GET', '/..%2f..%2fetc/passwd'), 404],
  ['dashboard', 'a foreign page, over WebSocket', upgrade('dashboard', '/trpc', { origin: 'https://evil.example' }), 403],
  ['dashboard', 'a re-pointed name, over WebSocket', upgrade('dashboard', '/trpc', { host: 'evil.example' }), 403],
  ['dashboard', 'no token', () => problem({}), 'DASHBOARD_TOKEN_REFUSED'],
  ['dashboard', 'a made-up cookie', () => problem({ cookie: `nodestead_session_${ports.dashboard}=${TOKEN}`, origin: `http://127.0.0.1:${ports.dashboard}` }), 'DASHBOARD_TOKEN_REFUSED'],
  ['dashboard', 'a session for a foreign page', status('dashboard', 'POST', '/session', { origin: 'https://evil.example' }, TOKEN), 403],
  ['dashboard', 'a session for a program', status('dashboard', 'POST', '/session', {}, TOKEN), 403],
  ['dashboard', 'a frame around it', async () => (await ask('dashboard', 'GET', '/')).headers['x-frame-options'], 'DENY'],
]

describe('refused, while others are served', () => {
  it.each(CASES)('%s: %s', async (door, _what, attempt, refusal) => {
    expect(await isServed[door]()).toBe(true)
    expect(await attempt()).toEqual(refusal)
    expect(await isServed[door]()).toBe(true)
  })
})

describe('what holds on, while others are served', () => {
  it('bodies that never end', async () => {
    const slow = Array.from({ length: 20 }, () => connect(ports.rpc, '127.0.0.1'))
    for (const socket of slow) {
      socket.on('error', () => undefined)
      socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1:${ports.rpc}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`)
    }
    for (let client = 0; client < 5; client++) expect(await isServed.rpc()).toBe(true)
    for (const socket of slow) socket.destroy()
  })

  it('a flood of messages on one WebSocket', async () => {
    const flood = new WebSocket(`ws://127.0.0.1:${ports.rpc}`)
    await new Promise((resolve) => flood.once('open', resolve))
    flood.on('error', () => undefined)
    flood.pause()
    for (let message = 0; message < 20_000; message++) flood.send(NAME)
    for (let client = 0; client < 5; client++) expect(await isServed.rpc()).toBe(true)
    flood.terminate()
  })

  it('a flood of WebSockets: some are let in, the rest is told why not', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 70 }, () => {
        const socket = new WebSocket(`ws://127.0.0.1:${ports.rpc}`)
        socket.on('error', () => undefined)
        return new Promise<{ socket: WebSocket; outcome: unknown }>((resolve) => {
          socket.once('open', () => resolve({ socket, outcome: 'open' }))
          socket.once('unexpected-response', (_request, response) => {
            response.resume()
            resolve({ socket, outcome: response.statusCode })
          })
        })
      }),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'open').length).toBeLessThanOrEqual(40)
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['open', 429]))
    for (const { socket } of outcomes) socket.terminate()
    await expect.poll(() => isServed.rpc().catch(() => false), { timeout: 10_000 }).toBe(true)
  })
})
