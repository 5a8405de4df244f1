/** The service API where other computers reach it: never without TLS, and with a certificate that is exchanged while it serves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { FakeClock, systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { Node } from '../../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { ServiceApi } from '../../../node-core/services/service-api.ts'
import { LOOK_EVERY_MS, type TlsPaths } from '../../../node-core/web/tls-files.ts'
import { madeCertificate } from '../../helpers/certificate.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const TOKEN = 'a-token-that-the-test-knows-0123456789'

let folder: string
let clock: FakeClock
let manager: FakeManager
let api: ServiceApi | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-services-tls-'))
  clock = new FakeClock(Date.now())
  manager = new FakeManager({ clock: systemClock })
})
afterEach(async () => {
  await api?.stop()
  api = undefined
  await manager.stopAll()
  await rm(folder, { recursive: true, force: true })
})

async function pair(mode = 0o600): Promise<TlsPaths & { readonly ca: string }> {
  const made = madeCertificate()
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await writeFile(paths.cert, made.cert)
  await writeFile(paths.key, made.key, { mode })
  return { ...paths, ca: made.cert }
}

function open(options: { readonly host?: string; readonly tls?: TlsPaths }): ServiceApi {
  const program = { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: process.platform } as const
  api = new ServiceApi({ manager, program, logger: silentLogger, clock }, { port: 0, folder, local: false, token: TOKEN, ...options })
  return api
}

const statusAt = (port: number, ca: string, headers: Record<string, string> = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/health', ca, headers, servername: 'localhost', agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject).end()
  })

it.each(['0.0.0.0', '::', '192.0.2.1'])('does not listen on %s without TLS', async (host) => {
  await expect(open({ host }).start()).rejects.toMatchObject({ code: 'SERVICE_NOT_LOOPBACK', hint: expect.stringContaining('--service-tls-cert') })
})

it('does not start with a key that others can read', async () => {
  const { cert, key } = await pair(0o644)
  await expect(open({ host: '0.0.0.0', tls: { cert, key } }).start()).rejects.toMatchObject({ code: 'TLS_KEY_OPEN' })
})

it('answers at any name over TLS alone, to no page, and with a new certificate when there is one', async () => {
  const { cert, key, ca } = await pair()
  const service = open({ host: '0.0.0.0', tls: { cert, key } })
  await service.start()
  const port = service.port ?? 0
  expect(service.address).toBe(`https://0.0.0.0:${port}`)
  expect(await statusAt(port, ca, { host: 'node.example' })).toBe(200)
  expect(await statusAt(port, ca, { host: 'node.example', origin: 'https://node.example' })).toBe(403)
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
  const transport = createGrpcTransport({ baseUrl: `https://127.0.0.1:${port}`, nodeOptions: { ca } })
  const client = createClient(Node, transport)
  await expect(client.info({})).rejects.toMatchObject({ code: 16 })
  expect((await client.info({}, { headers: { authorization: `Bearer ${TOKEN}` } })).host).toBe('headless')

  const { ca: newer } = await pair()
  clock.advance(LOOK_EVERY_MS)
  await expect.poll(() => statusAt(port, newer).catch(() => 0), { timeout: 30_000 }).toBe(200)
  await expect(statusAt(port, ca)).rejects.toThrow()
})
