/** The way to another node: against the real dashboard service, and against servers that are none. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as dial, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { AnsweredError } from '../../../../electron/caller.ts'
import { RemoteConnection } from '../../../../electron/remote/connection.ts'
import { DashboardService } from '../../../../node-core/api/server/dashboard-service.ts'
import { systemClock } from '../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { createLogger, type LogRecord, silentLogger } from '../../../../node-core/base/logger.ts'
import { FakeManager } from '../../../helpers/fake-manager.ts'

const TOKEN = 'a-token-that-only-this-test-knows'

let folder: string
let manager: FakeManager
let service: DashboardService
const connections: RemoteConnection[] = []
const servers: WebSocketServer[] = []
const records: LogRecord[] = []

async function serve(port: number, token = TOKEN): Promise<DashboardService> {
  const app = { name: 'Nodestead', version: '0', host: 'headless', platform: 'linux' } as const
  const made = new DashboardService({ manager, logger: silentLogger }, { port, assetsPath: folder, app, token })
  await made.start()
  return made
}

function connect(address: string, token = TOKEN): RemoteConnection {
  const logger = createLogger([(record) => records.push(record)], { default: 'trace' })
  const connection = new RemoteConnection({ address, token }, { clock: systemClock, logger })
  connections.push(connection)
  return connection
}

const addressOf = ({ address }: DashboardService) => new URL(address).host
const portOf = (it: DashboardService) => Number(new URL(it.address).port)
const is = (connection: RemoteConnection, kind: string) => expect.poll(() => connection.state.kind, { timeout: 20_000 }).toBe(kind)
const LIMIT = 20_000

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-remote-'))
  await writeFile(join(folder, 'index.html'), '')
  manager = new FakeManager({ clock: systemClock })
  service = await serve(0)
})

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close()
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate()
    server.close()
  }
  await service.stop()
  await rm(folder, { recursive: true, force: true })
  records.length = 0
})

describe('another node', () => {
  it('answers queries, does what it is told, and streams', async () => {
    const connection = connect(addressOf(service))
    expect(await connection.settled(LIMIT)).toEqual({ kind: 'open' })
    expect(await connection.call('query', 'app.info', undefined, undefined)).toMatchObject({ host: 'headless' })
    await connection.call('mutation', 'node.start', { network: 'dev' }, undefined)
    expect(manager.networks()[0]?.status.state).toBe('running')
    const abort = new AbortController()
    const events = (await connection.call('subscription', 'networks.watch', undefined, abort.signal)) as AsyncGenerator<unknown>
    expect((await events.next()).value).toMatchObject({ reset: true, networks: [{ id: 'dev' }, {}] })
    manager.setStatus('dev', { peers: 3 })
    expect((await events.next()).value).toMatchObject({ reset: false, networks: [{ id: 'dev', status: { peers: 3 } }] })
    abort.abort()
    await events.return(undefined)
    await expect.poll(() => manager.events.listenerCount('status')).toBe(0)
  })

  it('is reached through a tunnel that begins on another port, where its page is not', async () => {
    const tunnel = createServer((near) => {
      const far = dial(portOf(service), '127.0.0.1')
      near.pipe(far).pipe(near)
      for (const [one, other] of [[near, far], [far, near]] as const) one.on('error', () => other.destroy())
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => tunnel.once('listening', resolve))
    const { port } = tunnel.address() as AddressInfo
    const connection = connect(`127.0.0.1:${port}`)
    expect(await connection.settled(LIMIT)).toEqual({ kind: 'open' })
    const wrong = connect(`127.0.0.1:${port}`, 'a-wrong-token')
    expect(await wrong.settled(LIMIT)).toEqual({ kind: 'refused' })
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(403)
    connection.close()
    tunnel.close()
  })

  it('says what went wrong in its own words', async () => {
    const connection = connect(addressOf(service))
    manager.failNextStart = new NodeError('RPC_PORT_IN_USE', 'Port 9944 is in use.', { hint: 'Choose another.' })
    const error: unknown = await connection.call('mutation', 'node.start', { network: 'dev' }, undefined).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AnsweredError)
    expect((error as AnsweredError).shape.data).toMatchObject({ problem: { code: 'RPC_PORT_IN_USE', message: 'Port 9944 is in use.', hint: 'Choose another.' } })
    await expect(connection.call('query', 'node.explode', undefined, undefined)).rejects.toMatchObject({ shape: { data: { problem: { code: 'API_NO_SUCH_PROCEDURE' } } } })
  })

  it('refuses a wrong token, and is not asked again', async () => {
    const connection = connect(addressOf(service), 'a-wrong-token')
    expect(await connection.settled(LIMIT)).toEqual({ kind: 'refused' })
    await expect(connection.call('query', 'app.info', undefined, undefined)).rejects.toMatchObject({ code: 'REMOTE_TOKEN_REFUSED' })
    expect(JSON.stringify(records)).not.toContain('a-wrong-token')
  })

  it('is lost when it ends, fails what is asked meanwhile, and comes back with its subscriptions', async () => {
    const connection = connect(addressOf(service))
    await is(connection, 'open')
    const abort = new AbortController()
    const events = (await connection.call('subscription', 'networks.watch', undefined, abort.signal)) as AsyncGenerator<unknown>
    await events.next()
    const next = events.next()
    const port = portOf(service)
    await service.stop()
    await is(connection, 'lost')
    await expect(connection.call('mutation', 'node.stop', { network: 'dev' }, undefined)).rejects.toMatchObject({ code: 'REMOTE_LOST' })
    service = await serve(port)
    await is(connection, 'open')
    expect((await next).value).toMatchObject({ reset: true })
    expect(await connection.call('query', 'app.info', undefined, undefined)).toMatchObject({ name: 'Nodestead' })
    abort.abort()
  }, 40_000)

  it('is refused where it comes back with another token', async () => {
    const connection = connect(addressOf(service))
    await is(connection, 'open')
    const events = (await connection.call('subscription', 'networks.watch', undefined, undefined)) as AsyncGenerator<unknown>
    await events.next()
    const next = events.next()
    const port = portOf(service)
    await service.stop()
    service = await serve(port, 'another-token')
    await is(connection, 'refused')
    // It ends, without an error of its own: the state says why.
    expect(await next).toEqual({ value: undefined, done: true })
  }, 40_000)

  it('nobody there: lost, and no word of the token', async () => {
    const address = addressOf(service)
    await service.stop()
    const connection = connect(address)
    expect(await connection.settled(LIMIT)).toMatchObject({ kind: 'lost' })
    expect(JSON.stringify(records)).not.toContain(TOKEN)
  })
})

/** A server on the loopback interface that answers each message with what `answer` makes of it. */
async function impostor(answer: (message: { readonly id?: number; readonly params?: { readonly path: string } }, socket: WebSocket) => unknown): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text === 'PING') return
      const said = answer(JSON.parse(text) as never, socket)
      if (said !== undefined) socket.send(said as never)
    })
  })
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

describe('what is no dashboard', () => {
  it.each([
    ['null', 'null'],
    ['a number', '7'],
    ['no JSON', 'hello'],
    ['bytes', Buffer.from([1, 2, 3])],
    ['a result that is none', '{"id":1,"result":null}'],
    ['more than any answer', `{"id":1,"result":{"data":"${'x'.repeat(9 * 1024 * 1024)}"}}`],
  ])('is hung up on where it sends %s, and nothing throws', async (_what, said) => {
    const connection = connect(await impostor(() => said))
    expect(await connection.settled(LIMIT)).toMatchObject({ kind: 'lost' })
    await expect(connection.call('query', 'app.info', undefined, undefined)).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  })

  it('never counts as open before it answered', async () => {
    const connection = connect(await impostor(() => undefined))
    expect(await connection.settled(300)).toEqual({ kind: 'connecting' })
  })
})
