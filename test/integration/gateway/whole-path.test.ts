/** The command `gateway` over TLS before a development node: what both of its doors answer, what neither has, a new certificate, and its end. */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { Code, ConnectError, createClient, type Interceptor, type Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { JSON_RPC_METHODS } from '../../../node-core/gateway/methods/json-rpc.ts'
import { Admin } from '../../../node-core/services/proto/nodestead/v1/admin_pb.ts'
import { Chain } from '../../../node-core/services/proto/nodestead/v1/chain_pb.ts'
import { Node } from '../../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { Scope } from '../../../node-core/services/proto/nodestead/v1/rights_pb.ts'
import { Transaction, TransactionState } from '../../../node-core/services/proto/nodestead/v1/transaction_pb.ts'
import { madeCertificate } from '../../helpers/certificate.ts'
import { CliProcess, runCli } from '../../helpers/cli.ts'
import { signedExtrinsic, transferCall } from '../../helpers/dev-extrinsic.ts'
import { ChromiumPages, WITHOUT_CHROMIUM } from '../../helpers/chromium-pages.ts'
import { call, GatewayClient, type RpcAnswer } from '../../helpers/gateway-lab.ts'
import { PROTOCOLS, transportOf, type Protocol } from '../../helpers/service-client.ts'
import { answersOf } from './page/answers.ts'
import type { PageProtocol, Site } from './page/page.ts'

const QUIET = ['--port', '0', '--rpc-port', '0', '--no-prometheus', '--no-mdns']
const FERDIE = devAccount('//Ferdie').sr25519.publicKey
const [first, second] = [madeCertificate(), madeCertificate()]

let folder: string
let node: CliProcess
let gateway: CliProcess
let nodeUrl: string
let serviceUrl: string
let address: string
let key: string
let agent: Agent
let pages: ChromiumPages

const path = (name: string): string => join(folder, name)

async function replace(name: string, text: string): Promise<void> {
  await writeFile(path(`${name}.new`), text, { mode: 0o600 })
  await rename(path(`${name}.new`), path(name))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-gateway-'))
  pages = await ChromiumPages.start(join(import.meta.dirname, 'page/page.ts'), 2)
  node = new CliProcess(['--dev', '--base-path', path('data'), '--sealing', 'instant', '--finalize-delay-sec', '0', '--service-port', '0', '--service-token-file', path('admin'), ...QUIET])
  serviceUrl = (await node.waitFor(/Service API: (\S+)/))[1] as string
  nodeUrl = ((await node.waitFor(/JSON-RPC is served address=(\S+)/))[1] as string).replace('ws:', 'http:')
  // The gateway's own client at the node: it may read and submit, and no more.
  const admin = createClient(Admin, transportOf('gRPC', serviceUrl, (await readFile(path('admin'), 'utf8')).trim()))
  const { token } = await admin.createClient({ name: 'gateway', scopes: [Scope.READ, Scope.SUBMIT] })
  await replace('token', token)
  await replace('cert.pem', first.cert)
  await replace('key.pem', first.key)
  const added = await runCli('gateway', 'key', 'add', 'wallet', '--per-minute', '100000', '--base-path', path('own'))
  key = added.stdout.trim()
  gateway = new CliProcess([
    'gateway', '--base-path', path('own'), '--gateway-listen', '127.0.0.1', '--gateway-port', '0', '--node-url', nodeUrl, '--node-service-url', serviceUrl, '--node-token-file', path('token'),
    '--tls-cert', path('cert.pem'), '--tls-key', path('key.pem'), '--prometheus-port', '0', '--cors', pages.origins[0] as string,
  ])
  address = (await gateway.waitFor(/Gateway: (\S+)/))[1] as string
  agent = new Agent({ ca: first.cert, keepAlive: true, maxSockets: 1 })
})
afterAll(async () => {
  agent?.destroy()
  await pages?.stop()
  await gateway?.interrupt()
  await node?.interrupt()
  await rm(folder, { recursive: true, force: true })
})

/** By one connection that is kept. */
function post(body: unknown, headers: Readonly<Record<string, string>> = { authorization: `Bearer ${key}` }, url = address): Promise<{ readonly status: number; readonly json: RpcAnswer }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(Buffer.concat(parts).toString()) as RpcAnswer }))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

/** Of the node itself, as a stranger. */
async function ofNode(method: string): Promise<RpcAnswer> {
  const response = await fetch(nodeUrl, { method: 'POST', body: JSON.stringify(call(method)), headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' } })
  return (await response.json()) as RpcAnswer
}

function over(protocol: Protocol, said: string | undefined = key): Transport {
  const authorize: Interceptor = (next) => (asked) => {
    if (said !== undefined) asked.header.set('authorization', `Bearer ${said}`)
    return next(asked)
  }
  const options = { baseUrl: address, interceptors: [authorize], nodeOptions: { ca: first.cert } }
  if (protocol === 'gRPC') return createGrpcTransport(options)
  if (protocol === 'gRPC-web') return createGrpcWebTransport({ ...options, httpVersion: '1.1' })
  return createConnectTransport({ ...options, httpVersion: protocol === 'Connect' ? '2' : '1.1', useBinaryFormat: protocol === 'Connect' })
}

const codeOf = (work: Promise<unknown>): Promise<Code | 'no error'> => work.then(() => 'no error' as const, (error: unknown) => ConnectError.from(error).code)

it('a transaction goes in by JSON-RPC over wss and is seen in a block and final; heads come by subscription', async () => {
  const { json: { result: genesisHash } } = await post({ ...call('chain_getBlockHash'), params: [0] })
  const { json: { result } } = await post(call('state_getRuntimeVersion'))
  const extrinsic = signedExtrinsic(devAccount('//Alice').sr25519, transferCall(FERDIE, 5_000_000_000_000n), 0, { genesisHash: genesisHash as `0x${string}`, version: result as Parameters<typeof signedExtrinsic>[3]['version'] })
  const client = await GatewayClient.open(`${address.replace('https', 'wss')}k/${key}`, {}, { ca: first.cert })
  client.send({ ...call('author_submitAndWatchExtrinsic', 'tx'), params: [`0x${Buffer.from(extrinsic).toString('hex')}`] })
  expect(await client.nextJson()).toMatchObject({ id: 'tx', result: expect.any(String) as string })
  for (let seen = ''; !seen.includes('"finalized"');) seen = await client.next()
  client.send([call('chain_subscribeFinalizedHeads', 1), call('author_rotateKeys', 2)])
  expect((await client.nextJson()).map(({ id, error }) => [id, error?.code])).toEqual([[2, -32601], [1, undefined]])
  expect(await client.nextJson()).toMatchObject({ method: 'chain_finalizedHead', params: { result: { number: '0x1' } } })
  client.socket.close()
  await client.closed
})

it.each(PROTOCOLS)('the service API is answered by %s, and what controls or administers does not exist there', async (protocol) => {
  const transport = over(protocol)
  expect((await createClient(Chain, transport).head({})).genesisHash).toMatch(/^0x[0-9a-f]{64}$/)
  const stream = createClient(Chain, transport).watchBlocks({})
  for await (const { cursor } of stream) {
    expect(cursor).not.toBe('')
    break
  }
  expect(await codeOf(createClient(Admin, transport).listClients({}))).toBe(Code.Unimplemented)
  expect(await codeOf(createClient(Node, transport).stop({}))).toBe(Code.Unimplemented)
  expect(await codeOf(createClient(Node, transport).settings({}))).toBe(Code.Unimplemented)
  expect(await codeOf(createClient(Chain, over(protocol, 'nobody')).head({}))).toBe(Code.Unauthenticated)
  expect(await codeOf(createClient(Chain, transport).header({ at: { id: { case: 'number', value: 99_999_999 } } }))).toBe(Code.NotFound)
})

it('a transaction goes in by gRPC and is watched to finality', async () => {
  const [chain, transaction] = [createClient(Chain, over('gRPC')), createClient(Transaction, over('gRPC'))]
  const { genesisHash } = await chain.head({})
  const { specVersion, transactionVersion } = await chain.runtimeVersion({})
  const extrinsic = signedExtrinsic(devAccount('//Alice').sr25519, transferCall(FERDIE, 5_000_000_000_000n), 1, { genesisHash: genesisHash as `0x${string}`, version: { specVersion, transactionVersion } as Parameters<typeof signedExtrinsic>[3]['version'] })
  const { hash } = await transaction.submit({ transaction: new Uint8Array(extrinsic) })
  const states: TransactionState[] = []
  for await (const { state } of transaction.watch({ hash })) states.push(state)
  expect(states.at(-1)).toBe(TransactionState.FINALIZED)
})

/** In pages; the first origin is one that the gateway knows. */
declare const site: Site
const WEB_PROTOCOLS: readonly PageProtocol[] = ['gRPC-web', 'Connect', 'Connect JSON']

it.skipIf(WITHOUT_CHROMIUM !== '')(`a page in Chromium is answered what a program is; one of another site is refused, and the node itself refuses both${WITHOUT_CHROMIUM}`, async () => {
  const [known, foreign] = (await Promise.all(pages.origins.map((origin) => pages.open(origin)))) as [Page, Page]
  const ask = (page: Page, protocol: PageProtocol, url: string): ReturnType<Site['ask']> => page.evaluate(([one, at, said]) => site.ask(one, at, said, 3), [protocol, url, key] as const)
  const told = await answersOf(over('gRPC'), 3)
  expect(told.finalized).toHaveLength(3)
  expect(told.refused.map(({ status, codes }) => [status, codes])).toEqual([['NotFound', ['SERVICE_BLOCK_UNKNOWN']], ['Unimplemented', ['GATEWAY_NO_SUCH_METHOD']], ['InvalidArgument', ['SERVICE_CURSOR_INVALID']]])
  for (const protocol of WEB_PROTOCOLS) expect(await ask(known, protocol, address), protocol).toEqual({ answer: told })
  const failure = { failure: expect.stringContaining('Failed to fetch') as string }
  for (const protocol of WEB_PROTOCOLS) expect(await ask(foreign, protocol, address), protocol).toEqual(failure)
  for (const page of [known, foreign]) expect(await ask(page, 'gRPC-web', serviceUrl)).toEqual(failure)

  const [post, webSocket] = [`${address}k/${key}`, `${address.replace('https', 'wss')}k/${key}`]
  const simple = (page: Page, mode: RequestMode): ReturnType<Site['simple']> => page.evaluate(([at, how]) => site.simple(at, how), [post, mode] as const)
  const open = (page: Page): ReturnType<Site['webSocket']> => page.evaluate((at) => site.webSocket(at), webSocket)
  // What a form can send is no JSON by its type, whoever sends it.
  expect(await simple(known, 'cors')).toEqual({ answer: expect.stringContaining('GATEWAY_TYPE_REFUSED') as string })
  expect(await simple(foreign, 'cors')).toEqual(failure)
  // Told to nobody what it is answered: the log says it.
  expect(await simple(foreign, 'no-cors')).toEqual({ answer: '' })
  expect(await open(known)).toEqual({ answer: expect.stringContaining('Development') as string })
  expect(await open(foreign)).toEqual({ failure: expect.any(String) as string })
  const refused = async (): Promise<readonly string[]> => (await readFile(path('own/gateway/requests.log'), 'utf8')).split('\n').filter((line) => line.includes('"status":403')).map((line) => (JSON.parse(line) as { readonly by: string }).by)
  await vi.waitFor(async () => expect((await refused()).toSorted()).toEqual(['json-rpc', 'json-rpc', 'service', 'service', 'service', 'websocket']), 30_000)
})

it('every method of the node is in one of the lists, and those that it keeps from strangers are in none that is served', async () => {
  const { methods } = (await ofNode('rpc_methods')).result as { readonly methods: readonly string[] }
  const { usual, further, refused } = JSON_RPC_METHODS
  const known = new Set([...usual, ...further, ...Object.keys(refused)])
  expect(methods.filter((method) => !known.has(method))).toEqual([])
  // Their refusal comes before a look at parameters.
  const kept: string[] = []
  for (const method of methods) if ((await ofNode(method)).error?.message === 'RPC call is unsafe to be called externally') kept.push(method)
  expect(kept.length).toBeGreaterThan(10)
  expect(kept.filter((method) => !Object.hasOwn(refused, method))).toEqual([])
  const { json } = await post(call('rpc_methods'))
  expect((json.result as { readonly methods: readonly string[] }).methods).toEqual(methods.filter((method) => new Set<string>(usual).has(method)))
})

it('a token at the node that may do more than read and submit is told of in the log', async () => {
  const other = new CliProcess(['gateway', '--base-path', path('other'), '--gateway-port', '0', '--node-url', nodeUrl, '--node-service-url', serviceUrl, '--node-token-file', path('admin')])
  await other.waitFor(/it has more than the gateway needs: control, admin/)
  await other.interrupt()
})

it('a new certificate counts for new connections, half of one does not, and no connection ends', async () => {
  const seen = (ca: string): Promise<boolean> => new Promise((resolve) => {
    const socket = connectTls({ port: Number(new URL(address).port), host: '127.0.0.1', ca, servername: 'localhost' }, () => resolve(socket.destroy() !== undefined))
    socket.on('error', () => resolve(false))
  })
  const client = await GatewayClient.open(`${address.replace('https', 'wss')}k/${key}`, {}, { ca: first.cert })
  const session = connectHttp2(address, { ca: first.cert })
  await post(call('system_chain'))
  await replace('cert.pem', second.cert)
  gateway.child.kill('SIGHUP')
  await gateway.waitFor(/cannot be used: the former one stays/)
  expect([await seen(first.cert), await seen(second.cert)]).toEqual([true, false])
  await replace('key.pem', second.key)
  gateway.child.kill('SIGHUP')
  await gateway.waitFor(/the TLS certificate was exchanged/)
  expect([await seen(first.cert), await seen(second.cert)]).toEqual([false, true])
  client.send(call('system_chain', 9))
  expect(await client.nextJson()).toMatchObject({ id: 9, result: 'Development' })
  expect((await post(call('system_chain'))).json.result).toBe('Development')
  const stream = session.request({ ':method': 'POST', ':path': '/', 'content-type': 'application/json', authorization: `Bearer ${key}` })
  stream.end(JSON.stringify([call('system_chain', 1), call('system_peers', 2)]))
  let text = ''
  for await (const part of stream.setEncoding('utf8')) text += String(part)
  expect(JSON.parse(text)).toMatchObject([{ id: 2, error: { code: -32601 } }, { id: 1, result: 'Development' }])
  session.destroy()
  client.socket.terminate()
})

it('a key that is revoked beside it is worth nothing within a second', async () => {
  const other = (await runCli('gateway', 'key', 'add', 'other', '--base-path', path('own'))).stdout.trim()
  await vi.waitFor(async () => expect((await post(call('system_chain'), { 'x-api-key': other })).status).toBe(200), 30_000)
  const { stdout } = await runCli('gateway', 'key', 'list', '--json', '--base-path', path('own'))
  expect((JSON.parse(stdout) as readonly { readonly name: string }[]).map(({ name }) => name)).toEqual(['wallet', 'other'])
  expect((await runCli('gateway', 'key', 'revoke', 'other', '--base-path', path('own'))).code).toBe(0)
  await vi.waitFor(async () => expect((await post(call('system_chain'), { 'x-api-key': other })).status).toBe(401), 30_000)
})

it('told to stop it closes WebSockets and streams with a reason, and ends as one that is done; its log has neither keys nor parameters', async () => {
  const client = await GatewayClient.open(`${address.replace('https', 'wss')}k/${key}`, {}, { ca: second.cert })
  const stream = createClient(Chain, createGrpcTransport({ baseUrl: address, nodeOptions: { ca: second.cert }, interceptors: [(next) => (asked) => (asked.header.set('x-api-key', key), next(asked))] })).watchBlocks({})
  const ended = (async () => {
    let isTold = false
    for await (const _ of stream) isTold ||= gateway.child.kill('SIGTERM')
  })()
  expect(await codeOf(ended)).toBe(Code.Unavailable)
  expect(await client.closed).toEqual({ code: 1001, reason: 'the gateway stops' })
  const { code, stderr } = await gateway.finished
  expect(code).toBe(0)
  const log = await readFile(path('own/gateway/requests.log'), 'utf8')
  expect(log).toContain('"methods":["author_submitAndWatchExtrinsic"]')
  expect(log).toContain('"methods":["nodestead.v1.Transaction/Submit"]')
  for (const text of [log, stderr]) for (const secret of [key, (await readFile(path('token'), 'utf8')).trim(), '0x8400']) expect(text).not.toContain(secret)
})
