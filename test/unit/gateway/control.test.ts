/** The gateway as it is switched in the desktop app: what is kept, what is refused with the reason, and with which rights it asks the node. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { createLogger, silentLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { GATEWAY_OFF, GatewayControl, type GatewayChoice } from '../../../node-core/gateway/control.ts'
import type { UpstreamOptions } from '../../../node-core/gateway/options.ts'
import { ServiceApi } from '../../../node-core/services/service-api.ts'
import { madeCertificate } from '../../helpers/certificate.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { call, StandInNode } from '../../helpers/gateway-lab.ts'

let folder: string
let node: StandInNode
let kept: GatewayChoice
let service: UpstreamOptions['service']
let logs: LogRecord[]
const controls: GatewayControl[] = []
const cleanUps: (() => unknown)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-gateway-control-'))
  node = new StandInNode()
  await node.start()
  kept = { ...GATEWAY_OFF, network: 'dev', port: await freePort() }
  service = undefined
  logs = []
})
afterEach(async () => {
  for (const control of controls.splice(0)) await control.stop()
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

/** One that somebody else has for as long as `stays`. */
async function freePort(stays = false): Promise<number> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  if (stays) cleanUps.push(() => server.close())
  else await new Promise((resolve) => server.close(resolve))
  return port
}

async function started(rpcUrl = (network: string): string | undefined => (network === 'dev' ? node.url : undefined)): Promise<GatewayControl> {
  const control = new GatewayControl({ folder: join(folder, 'gateway'), keeper: { get: () => kept, keep: (choice) => void (kept = choice) }, node: { rpcUrl, service: () => service }, logger: createLogger([(record) => logs.push(record)]) })
  controls.push(control)
  await control.start()
  return control
}

async function ask(path: string, body: unknown, key?: string): Promise<{ readonly status: number; readonly json: { readonly result?: unknown; readonly code?: string; readonly error?: { readonly code: number } } }> {
  const response = await fetch(`http://127.0.0.1:${kept.port}/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) } })
  return { status: response.status, json: (await response.json()) as object }
}

it('is off until it is turned on, serves those with a key, comes back at the next start, and closes when it is turned off', async () => {
  const control = await started()
  expect(await control.state()).toMatchObject({ isOn: false, phase: 'off', address: undefined, keys: [], log: join(folder, 'gateway', 'requests.log') })
  await expect(ask('', call('system_chain'))).rejects.toThrow()
  expect(await control.change({ isOn: true })).toMatchObject({ isOn: true, phase: 'serving', address: `http://127.0.0.1:${kept.port}/`, node: 'ready', problem: undefined })
  const { key } = await control.addKey('wallet', { perMinute: 60 })
  expect((await control.state()).keys).toEqual([{ name: 'wallet', created: expect.any(Number) as number, perMinute: 60, perDay: undefined }])
  expect((await ask('', call('system_chain'), key)).json.result).toBe('system_chain')
  expect((await ask('', call('system_chain'))).status).toBe(401)
  expect((await ask('', call('author_rotateKeys'), key)).json.error?.code).toBe(-32601)
  // Without the service API nothing of it is there.
  expect((await ask('nodestead.v1.Chain/Head', {}, key)).status).toBe(404)
  await control.stop()
  await expect(ask('', call('system_chain'), key)).rejects.toThrow()
  const next = await started()
  expect((await ask('', call('system_chain'), key)).status).toBe(200)
  await next.revokeKey('wallet')
  await expect(next.revokeKey('wallet')).rejects.toMatchObject({ code: 'GATEWAY_KEY_UNKNOWN' })
  expect(await next.change({ isOn: false })).toMatchObject({ isOn: false, phase: 'off' })
  await expect(ask('', call('system_chain'), key)).rejects.toThrow()
  expect(kept.isOn).toBe(false)
})

it('turned off, it answers what is under way before it closes', async () => {
  const control = await started()
  await control.change({ isOn: true })
  const { key } = await control.addKey('wallet', {})
  const answered = ask('', call('state_call'), key)
  await vi.waitFor(() => expect(node.waiting).toHaveLength(1))
  const closed = control.change({ isOn: false })
  await vi.waitFor(async () => expect((await control.state()).phase).toBe('draining'))
  node.waiting[0]?.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":1,"result":"late"}')
  expect((await answered).json.result).toBe('late')
  expect((await closed).phase).toBe('off')
})

describe('what it cannot do is refused with the reason, and nothing is kept of it', () => {
  it.each([
    [{ host: '0.0.0.0' }, 'GATEWAY_TLS_MISSING'],
    [{ cert: '/no/cert.pem' }, 'GATEWAY_TLS_HALF'],
    [{ cert: '/no/cert.pem', key: '/no/key.pem' }, 'TLS_UNREADABLE'],
    [{ network: 'gone' }, 'GATEWAY_NETWORK_UNKNOWN'],
    [{ publicUrl: 'ftp://node.example' }, 'GATEWAY_OPTION_INVALID'],
  ])('%j', async (change, code) => {
    const control = await started()
    const before = kept
    await expect(control.change({ ...change, isOn: true })).rejects.toMatchObject({ code })
    expect(kept).toEqual(before)
    expect(await control.state()).toMatchObject({ isOn: false, phase: 'failed', address: undefined, problem: { code } })
    // What is chosen while it is off is kept, and tried when it is turned on.
    await control.change({ ...change, isOn: false })
    expect(kept).toMatchObject(change)
    expect((await control.state()).phase).toBe('off')
  })

  it('a port that another program has: what served goes on; at the start it is told', async () => {
    const taken = await freePort(true)
    const control = await started()
    await control.change({ isOn: true })
    await expect(control.change({ port: taken })).rejects.toMatchObject({ code: 'GATEWAY_PORT_IN_USE', data: { port: taken } })
    expect(await control.state()).toMatchObject({ isOn: true, phase: 'serving', problem: undefined, address: `http://127.0.0.1:${kept.port}/` })
    await control.stop()
    kept = { ...kept, port: taken }
    const next = await started()
    expect(await next.state()).toMatchObject({ isOn: true, phase: 'failed', problem: { code: 'GATEWAY_PORT_IN_USE' } })
    kept = { ...kept, port: await freePort() }
    expect(await next.change({ isOn: true })).toMatchObject({ phase: 'serving' })
  })

  it('with a certificate it may listen where others can reach it', async () => {
    const { cert, key } = madeCertificate()
    for (const [name, text] of [['cert.pem', cert], ['key.pem', key]] as const) await writeFile(join(folder, name), text, { mode: 0o600 })
    const control = await started()
    expect(await control.change({ isOn: true, host: '0.0.0.0', cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') })).toMatchObject({ phase: 'serving', address: `https://0.0.0.0:${kept.port}/` })
  })
})

it('waits for a node whose port nobody knows yet', async () => {
  kept = { ...kept, isOn: true }
  const known: { url?: string } = {}
  const control = await started(() => known.url)
  expect(await control.state()).toMatchObject({ isOn: true, phase: 'failed', problem: { code: 'GATEWAY_NETWORK_UNKNOWN' } })
  known.url = node.url
  control.nodesChanged()
  await vi.waitFor(async () => expect(await control.state()).toMatchObject({ phase: 'serving', problem: undefined }))
})

it('follows its node to another port', async () => {
  const other = new StandInNode()
  await other.start()
  cleanUps.push(() => other.stop())
  let url = node.url
  const control = await started(() => url)
  await control.change({ isOn: true })
  const { key } = await control.addKey('wallet', {})
  url = other.url
  control.nodesChanged()
  await vi.waitFor(async () => {
    expect((await ask('', call('system_chain'), key)).status).toBe(200)
    expect(other.asked).not.toEqual([])
  })
  expect(node.asked).toEqual([])
})

describe('the service API', () => {
  const api = async (): Promise<ServiceApi> => {
    const manager = new FakeManager({ clock: systemClock })
    const made = new ServiceApi({ manager, program: { name: 'Nodestead', version: '0.0.0', host: 'desktop', platform: process.platform }, logger: silentLogger }, { folder })
    await made.start()
    cleanUps.push(() => made.stop(), () => manager.stopAll())
    return made
  }
  const complaints = (): unknown[] => logs.filter(({ level, message }) => level === 'warn' && message.includes('token')).map(({ fields }) => fields?.['fault'])

  it('is asked over the local door with a token that reads and submits alone, and no list has it', async () => {
    const made = await api()
    service = { url: 'http://localhost', ...(made.ownCaller('gateway', ['read', 'submit']) as { socketPath: string; token: string }) }
    const control = await started()
    await control.change({ isOn: true, service: true })
    const { key } = await control.addKey('wallet', {})
    expect((await ask('grpc.health.v1.Health/Check', {}, key)).status).toBe(200)
    // The node says of a block that is not there that it is not there: it let the gateway in.
    expect((await ask('nodestead.v1.Chain/Block', { at: { number: '99999999' } }, key)).json.code).not.toMatch(/unauthenticated|permission|unimplemented|unavailable/)
    for (const method of ['nodestead.v1.Admin/ListClients', 'nodestead.v1.Node/Stop', 'nodestead.v1.Node/Info']) expect((await ask(method, {}, key)).json.code).toBe('unimplemented')
    expect(await made.clients.list()).toEqual([])
    expect(complaints()).toEqual([])
    // Another of the same name takes its place.
    const second = made.ownCaller('gateway', ['read'])
    expect(second?.token).not.toBe(service.token)
  })

  it.each([
    [['read', 'submit', 'control', 'admin'], 'it has more than the gateway needs: control, admin'],
    [['read'], 'it lacks submit'],
    [['submit'], 'it lacks read, submit'],
    [[], 'the node does not know it'],
  ] as const)('a token of the scopes %j is told of in the log', async (scopes, fault) => {
    const made = await api()
    const own = made.ownCaller('other', ['read'])
    const token = scopes.length === 0 ? 'x'.repeat(43) : (await made.clients.add('some', scopes)).token
    service = { url: 'http://localhost', socketPath: own?.socketPath, token }
    await (await started()).change({ isOn: true, service: true })
    await vi.waitFor(() => expect(complaints()).toEqual([fault]), 10_000)
  })
})
