/**
 * Every refusal has a code, a sentence with the reason and what to do, whatever door it comes from: the service API by each of its protocols, the same behind the gateway, and JSON-RPC
 * at the gateway and at the node. Also of bytes that are no message, which the libraries of the protocols refuse.
 */
import { connect as connectHttp2 } from 'node:http2'
import { request as ask } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { endStreamFromJson, errorFromJson } from '@connectrpc/connect/protocol-connect'
import { findTrailerError } from '@connectrpc/connect/protocol-grpc'
import { trailerParse } from '@connectrpc/connect/protocol-grpc-web'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorInfoSchema } from '../../../node-core/services/proto/nodestead/v1/errors_pb.ts'
import { GatewayLab, type RpcAnswer } from '../../helpers/gateway-lab.ts'
import { TestService, TOKEN } from '../../helpers/service-client.ts'
import { startService, type Running } from '../chain/rpc/client.ts'

const LIMIT = 64 * 1024
const STATUS = '/nodestead.v1.Node/Status'
const WATCH = '/nodestead.v1.Chain/WatchBlocks'
const HEAD = '/nodestead.v1.Chain/Head'

let service: TestService
let lab: GatewayLab
let key: string
let rpc: Running
beforeAll(async () => {
  service = await TestService.start({ limits: { messageBytes: LIMIT } })
  const { token } = await service.api.clients.add('gateway', ['read', 'submit'])
  lab = await GatewayLab.start({ limits: { messageBytes: LIMIT } })
  await lab.gateway.stop()
  await lab.startGateway({ limits: { messageBytes: LIMIT }, upstream: { rpcUrl: lab.node.url, service: { url: service.api.address, token } } })
  key = await lab.key()
  rpc = await startService({ maxRequestBytes: LIMIT })
})
afterAll(async () => {
  await lab.stop()
  await service.stop()
  await rpc.service.stop()
})

interface Asked {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

interface Told {
  readonly code: string
  /** With what to do. */
  readonly text: string
}

type Headers2 = Readonly<Record<string, string | string[] | undefined>>

async function send(url: URL, { path = '/', method = 'POST', headers = {}, body = '' }: Asked, isHttp2: boolean): Promise<{ readonly headers: Headers2; readonly trailers: Headers2; readonly body: Buffer }> {
  const parts: Buffer[] = []
  if (!isHttp2) {
    return new Promise((resolve, reject) => {
      const sent = ask({ port: url.port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => resolve({ headers: response.headers, trailers: response.trailers, body: Buffer.concat(parts) }))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
  const session = connectHttp2(url)
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject)
      const stream = session.request({ ':method': method, ':path': path, te: 'trailers', ...headers })
      let [first, last]: [Headers2, Headers2] = [{}, {}]
      stream.on('response', (received) => (first = received as Headers2))
      stream.on('trailers', (received) => (last = received as Headers2))
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('error', reject)
      stream.on('end', () => resolve({ headers: first, trailers: last, body: Buffer.concat(parts) }))
      stream.end(body)
    })
  } finally {
    session.destroy()
  }
}

const headersOf = (record: Headers2): Headers => new Headers(Object.entries(record).flatMap<[string, string]>(([name, value]) => (typeof value === 'string' && !name.startsWith(':') ? [[name, value]] : [])))

/** The last message of a stream by Connect or gRPC-web, behind its envelope. */
function lastOf(body: Buffer): Buffer {
  let last = body
  for (let rest = body; rest.length >= 5; rest = rest.subarray(5 + rest.readUInt32BE(1))) last = rest.subarray(5)
  return last
}

function toldBy(type: string, answer: Awaited<ReturnType<typeof send>>): Told {
  const missing = new ConnectError('no error', Code.Unknown)
  let error: ConnectError | undefined
  if (type.startsWith('application/grpc-web')) error = findTrailerError(headersOf(answer.headers)) ?? findTrailerError(trailerParse(lastOf(answer.body)))
  else if (type.startsWith('application/grpc')) error = findTrailerError(headersOf(answer.headers)) ?? findTrailerError(headersOf(answer.trailers))
  else if (type.startsWith('application/connect+') && answer.headers['content-type'] !== 'application/json') error = endStreamFromJson(lastOf(answer.body)).error
  else error = errorFromJson(JSON.parse(answer.body.toString()) as never, undefined, missing)
  const [info] = error?.findDetails(ErrorInfoSchema) ?? []
  return { code: info?.code ?? 'none', text: (error ?? missing).rawMessage }
}

function toldByRpc(text: string): Told {
  const { error } = JSON.parse(text) as RpcAnswer
  const { code, hint = '' } = (error?.data ?? {}) as { readonly code?: string; readonly hint?: string }
  return { code: code ?? String(error?.code), text: `${error?.message ?? ''} ${hint}` }
}

const envelope = (bytes: Uint8Array, flags = 0): Buffer => {
  const head = Buffer.alloc(5)
  head[0] = flags
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
const cutOff = Buffer.from([0x0a, 0x7f, 0x61])
const large = Buffer.alloc(LIMIT + 1, 0x20)

/** By protocol: its media type, whether its messages have envelopes, and whether it takes HTTP/2. */
const PROTOCOLS = [
  ['Connect JSON', 'application/json', false, false, STATUS],
  ['Connect', 'application/proto', false, false, STATUS],
  ['a stream of Connect JSON', 'application/connect+json', true, false, WATCH],
  ['a stream of Connect', 'application/connect+proto', true, false, WATCH],
  ['gRPC-web', 'application/grpc-web+proto', true, false, STATUS],
  ['gRPC', 'application/grpc+proto', true, true, STATUS],
] as const

describe.each(['the service API', 'the gateway'] as const)('%s', (door) => {
  const isGateway = door === 'the gateway'
  const urlOf = (): URL => new URL(isGateway ? lab.gateway.address : service.api.address)

  describe.each(PROTOCOLS)('by %s', (_, type, isEnveloped, isHttp2, usual) => {
    const path = isGateway && usual === STATUS ? HEAD : usual
    const packing = isEnveloped ? (type.startsWith('application/connect') ? 'connect-content-encoding' : 'grpc-encoding') : 'content-encoding'
    const timeout = type.startsWith('application/grpc') ? 'grpc-timeout' : 'connect-timeout-ms'
    const wrapped = (bytes: Uint8Array, flags = 0): Uint8Array => (isEnveloped ? envelope(bytes, flags) : bytes)
    const broken = type.endsWith('json') ? Buffer.from('{"network":') : cutOff
    const asked = (request: Asked = {}): Promise<Told> => {
      const token = isGateway ? key : TOKEN
      return send(urlOf(), { path, body: wrapped(Buffer.alloc(0)), ...request, headers: { 'content-type': type, authorization: `Bearer ${token}`, ...request.headers } }, isHttp2).then((answer) => toldBy(request.headers?.['content-type'] ?? type, answer))
    }
    const own = isGateway ? 'GATEWAY' : 'SERVICE'
    const CASES: readonly (readonly [what: string, request: Asked, code: string])[] = [
      ['bytes that are no message', { body: wrapped(broken) }, 'SERVICE_BAD_REQUEST'],
      ['a message that breaks a rule', { body: wrapped(type.endsWith('json') ? Buffer.from('{"network":"../etc"}') : Buffer.from('\n\u0006../etc')) }, 'SERVICE_BAD_REQUEST'],
      ['a message that is too large', { body: wrapped(large) }, isGateway ? 'GATEWAY_TOO_LARGE' : 'SERVICE_TOO_LARGE'],
      ['a small one that unpacks to a large one', { headers: { [packing]: 'gzip' }, body: wrapped(gzipSync(large), 1) }, 'SERVICE_TOO_LARGE'],
      ['what does not unpack', { headers: { [packing]: 'gzip' }, body: wrapped(gzipSync(Buffer.alloc(100)).subarray(0, 15), 1) }, 'SERVICE_BAD_REQUEST'],
      ['a packing that is not understood', { headers: { [packing]: 'zip' }, body: wrapped(Buffer.from('{}'), 1) }, 'SERVICE_BAD_REQUEST'],
      ['a deadline that is no number', { headers: { [timeout]: 'soon' } }, 'SERVICE_BAD_REQUEST'],
      ['a method that there is not', { path: '/nodestead.v1.Node/Nothing' }, `${own}_NO_SUCH_METHOD`],
      ['a token of nobody', { headers: { authorization: 'Bearer nobody' } }, isGateway ? 'GATEWAY_KEY_REFUSED' : 'SERVICE_TOKEN_UNKNOWN'],
      ['a page of another site', { headers: { origin: 'https://evil.example' } }, `${own}_FOREIGN_ORIGIN`],
      ['a body of another type', { headers: { 'content-type': 'text/plain' } }, 'SERVICE_BAD_REQUEST'],
      ...(isEnveloped ? [['an envelope that is cut off', { body: Buffer.from([0, 0, 0, 0, 9, 1]) }, 'SERVICE_BAD_REQUEST'], ['two messages', { body: Buffer.concat([envelope(Buffer.alloc(0)), envelope(Buffer.alloc(0))]) }, 'SERVICE_BAD_REQUEST']] as const : []),
    ]
    it('every refusal has a code and says what to do', async () => {
      const told: string[] = []
      for (const [what, request] of CASES) {
        const { code, text } = await asked(request)
        // The reason, and behind it what to do.
        told.push(`${what}: ${/\. .*\.$|: .*\.$/s.test(text) ? code : `${code}, only "${text}"`}`)
      }
      expect(told).toEqual(CASES.map(([what, , code]) => `${what}: ${code}`))
    })
  })

  it('what is no HTTP, headers longer than any, and a call in a form that there is not', async () => {
    const { port } = urlOf()
    const raw = await new Promise<string>((resolve) => {
      let said = ''
      connect(Number(port), '127.0.0.1', function (this: unknown) {
        ;(this as { write(text: string): void }).write('HELLO\r\n\r\n')
      }).on('data', (part: Buffer) => (said += part.toString())).on('close', () => resolve(said)).on('error', () => undefined)
    })
    const read = (text: string): Told => (isGateway ? toldByRpc(text) : toldBy('application/json', { headers: {}, trailers: {}, body: Buffer.from(text) }))
    expect(read(raw.slice(raw.indexOf('{')))).toEqual({ code: isGateway ? 'GATEWAY_BAD_REQUEST' : 'SERVICE_BAD_REQUEST', text: expect.stringContaining('Speak HTTP') })
    const headers = { authorization: `Bearer ${isGateway ? key : TOKEN}`, 'content-type': 'application/json' }
    const long = await send(urlOf(), { path: HEAD, headers: { ...headers, 'x-long': 'x'.repeat(32_000) } }, false)
    expect(read(long.body.toString())).toEqual({ code: isGateway ? 'GATEWAY_HEADERS_TOO_LARGE' : 'SERVICE_TOO_LARGE', text: expect.stringContaining('Send fewer') })
    if (isGateway) return
    for (const [path, method] of [[HEAD, 'PUT'], [`${HEAD}?encoding=xml&message=`, 'GET'], [`${HEAD}?encoding=proto&base64=1&message=%21`, 'GET'], ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', 'POST']] as const) {
      const { body } = await send(urlOf(), { path, method, headers }, false)
      expect([path, read(body.toString()).code]).toEqual([path, 'SERVICE_BAD_REQUEST'])
    }
  })
})

describe.each(['the node', 'the gateway'] as const)('JSON-RPC of %s', (door) => {
  const isGateway = door === 'the gateway'
  const own = isGateway ? 'GATEWAY' : 'RPC'
  const json = { 'content-type': 'application/json' }
  const CASES: readonly (readonly [what: string, request: Asked, code: string])[] = [
    ['no JSON', { headers: json, body: '{"jsonrpc":' }, '-32700'],
    ['no request', { headers: json, body: '5' }, '-32600'],
    ['a method that there is not', { headers: json, body: '{"jsonrpc":"2.0","id":1,"method":"nothing"}' }, '-32601'],
    ['too much', { headers: json, body: Buffer.alloc(LIMIT + 1, 0x20) }, isGateway ? 'GATEWAY_TOO_LARGE' : '-32007'],
    ['another type', { headers: { 'content-type': 'text/plain' }, body: '{}' }, `${own}_TYPE_REFUSED`],
    ['another verb', { method: 'PUT', headers: json, body: '{}' }, `${own}_VERB_REFUSED`],
    ['a foreign host', { headers: { ...json, host: 'evil.example' }, body: '{}' }, `${own}_FOREIGN_HOST`],
    ['a foreign page', { headers: { ...json, origin: 'https://evil.example' }, body: '{}' }, `${own}_FOREIGN_ORIGIN`],
    ['headers longer than any', { headers: { ...json, 'x-long': 'x'.repeat(32_000) }, body: '{}' }, `${own}_HEADERS_TOO_LARGE`],
    ['a WebSocket for a foreign page', { method: 'GET', headers: { origin: 'https://evil.example', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' } }, `${own}_FOREIGN_ORIGIN`],
    ...(isGateway ? [['a key of nobody', { headers: { ...json, authorization: 'Bearer nobody' }, body: '{}' }, 'GATEWAY_KEY_REFUSED']] as const : []),
  ]
  it('every refusal has a code and a sentence', async () => {
    const told: string[] = []
    for (const [what, request] of CASES) {
      const url = new URL(isGateway ? lab.gateway.address : `http://127.0.0.1:${rpc.port}`)
      const { body } = await send(url, { ...request, headers: { ...(isGateway ? { authorization: `Bearer ${key}` } : {}), ...request.headers } }, false)
      const { code, text } = toldByRpc(body.toString())
      told.push(`${what}: ${text.length > 8 ? code : 'no sentence'}`)
    }
    expect(told).toEqual(CASES.map(([what, , code]) => `${what}: ${code}`))
  })
})
