/**
 * The service API of a node as software of others sees it: Python with stubs that protoc makes here (grpcio, and connect-python by two protocols), curl, grpcurl by
 * reflection, a validator of OpenAPI documents; and by each protocol the same answer of every method that reads.
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toJson, type DescMethodUnary } from '@bufbuild/protobuf'
import { createClient } from '@connectrpc/connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OPENAPI } from '../../node-core/services/described/openapi-document.ts'
import { scopeOf } from '../../node-core/services/rights/gate.ts'
import { SERVICES } from '../../node-core/services/routes.ts'
import { CliProcess } from '../helpers/cli.ts'
import { pythonWithAll } from '../helpers/python-venv.ts'
import { PROTOCOLS, transportOf } from '../helpers/service-client.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const PROTOS = join(ROOT, 'node-core/services/proto')
const IMPORTS = join(ROOT, 'build/proto')
const CLIENT = join(import.meta.dirname, 'service-clients/client.py')

const clients = pythonWithAll('service-clients-1', ['grpcio==1.85.1', 'grpcio-tools==1.85.1', 'connect-python==0.9.0', 'protoc-gen-connect-python==0.9.0'], ['grpc', 'grpc_tools', 'connectrpc.client'])
const validator = pythonWithAll('openapi-spec-validator-0.9.0', ['openapi-spec-validator==0.9.0'], ['openapi_spec_validator'])
/** Made with `go install`, which takes minutes: used where it is. */
const grpcurl = ['grpcurl', join(ROOT, 'out/counterparts/grpcurl')].find((command) => spawnSync(command, ['-version']).status === 0)

let folder: string
let cli: CliProcess
let address: string
let token: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-service-clients-'))
  const tokenFile = join(folder, 'token')
  cli = new CliProcess(['--dev', '--base-path', join(folder, 'data'), '--sealing', '500', '--net', '--service-port', '0', '--service-token-file', tokenFile, '--port', '0', '--rpc-port', '0', '--no-prometheus', '--no-mdns'])
  address = (await cli.waitFor(/Service API: (\S+)/))[1] as string
  token = (await readFile(tokenFile, 'utf8')).trim()
})
afterAll(async () => {
  await cli?.interrupt()
  await rm(folder, { recursive: true, force: true })
})

describe.skipIf(clients.missing !== undefined)(`Python${clients.missing === undefined ? '' : ` (skipped: ${clients.missing})`}`, () => {
  const { python = '' } = clients
  let stubs: string

  beforeAll(async () => {
    stubs = join(folder, 'stubs')
    await mkdir(stubs)
    const plugin = join(python, '..', 'protoc-gen-connect-python')
    const files = globSync('nodestead/v1/*.proto', { cwd: PROTOS })
    await run(python, [
      '-m', 'grpc_tools.protoc', '-I.', `-I${IMPORTS}`, `--plugin=protoc-gen-connect-python=${plugin}`, `--python_out=${stubs}`, `--grpc_python_out=${stubs}`, `--connect-python_out=${stubs}`, ...files, 'buf/validate/validate.proto',
    ], { cwd: PROTOS })
  })

  it.each([['grpcio'], ['connect'], ['grpc-web']])('by %s: a status, blocks and messages whose streams are taken up again, and refusals with their details', async (protocol) => {
    const { stdout } = await run(python, [CLIENT, protocol, address, token], { env: { ...process.env, PYTHONPATH: stubs, PYTHONDONTWRITEBYTECODE: '1' }, timeout: 100_000 })
    const seen = JSON.parse(stdout) as Record<string, unknown>
    expect(seen).toEqual({
      network: 'nodestead_dev', chain: 'Development', genesis: expect.stringMatching(/^0x[0-9a-f]{64}$/), heights: [0, 1, 2, 3], messages: ['one', 'two'],
      refused: [
        { status: 'not_found', code: 'API_UNKNOWN_NETWORK', hint: 'Known networks: nodestead_dev.' },
        { status: 'unauthenticated', code: 'SERVICE_TOKEN_UNKNOWN', hint: expect.any(String) },
        { status: 'invalid_argument', code: 'SERVICE_CURSOR_INVALID', hint: expect.any(String) },
      ],
    })
  })
})

it.skipIf(grpcurl === undefined)(`grpcurl lists, describes and calls by reflection${grpcurl === undefined ? ' (skipped: it is not installed)' : ''}`, async () => {
  const ask = async (...args: string[]): Promise<string> => (await run(grpcurl as string, ['-plaintext', '-H', `Authorization: Bearer ${token}`, ...args])).stdout
  const host = new URL(address).host
  expect((await ask(host, 'list')).split('\n')).toEqual(expect.arrayContaining(SERVICES.map(({ typeName }) => typeName)))
  expect(await ask(host, 'describe', 'nodestead.v1.Topics.WatchTopic')).toContain('returns ( stream .nodestead.v1.WatchTopicResponse )')
  expect(JSON.parse(await ask(host, 'nodestead.v1.Node/Status'))).toMatchObject({ status: { network: 'nodestead_dev' } })
  await expect(ask('-d', '{"network":"moon"}', host, 'nodestead.v1.Node/Status')).rejects.toThrow(/NotFound[\s\S]*API_UNKNOWN_NETWORK/)
})

it('curl by the paths of the OpenAPI document', async () => {
  const curl = async (path: string, ...args: string[]): Promise<string> => (await run('curl', ['-sS', `${address}${path}`, '-H', `Authorization: Bearer ${token}`, ...args])).stdout
  const document = JSON.parse(await curl('/openapi.json')) as { paths: Record<string, unknown> }
  expect(Object.keys(document.paths)).toContain('/nodestead.v1.Topics/Publish')
  expect(JSON.parse(await curl('/nodestead.v1.Node/Status', '-H', 'Content-Type: application/json', '-d', '{}'))).toMatchObject({ status: { network: 'nodestead_dev', state: 'NODE_STATE_RUNNING' } })
  expect(JSON.parse(await curl('/nodestead.v1.Node/Status', '-d', '{}'))).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('Content-Type: application/json') })
})

it.skipIf(validator.missing !== undefined)(`the OpenAPI document is valid${validator.missing === undefined ? '' : ` (skipped: ${validator.missing})`}`, async () => {
  const file = join(folder, 'openapi.json')
  await writeFile(file, OPENAPI)
  expect((await run(validator.python as string, ['-m', 'openapi_spec_validator', file])).stdout).toContain('OK')
})

/** Requests of the methods that cannot do without; the others are asked with nothing. */
const REQUESTS: Readonly<Record<string, Record<string, unknown>>> = {
  'Chain.State': { keys: [new Uint8Array(Buffer.from(':code').subarray(0, 4))] },
  'Chain.StateKeys': { prefix: new Uint8Array(Buffer.from(':')) },
  'Chain.Call': { function: 'Core_version' },
  'Account.Balance': { account: `0x${'11'.repeat(32)}` },
  'Account.Nonce': { account: `0x${'11'.repeat(32)}` },
  'Transaction.Parse': { transaction: new Uint8Array([1, 2, 3]) },
  'Transaction.Fee': { transaction: new Uint8Array([1, 2, 3]) },
  'Channels.Channel': { id: 'none' },
}
/** What differs from one moment to the next. */
const CHANGING = new Set(['Node.Logs', 'Metrics.ReadMetrics', 'Metrics.MetricsText', 'Metrics.History', 'Metrics.Disk', 'Network.Traffic', 'Network.Reachability'])
const GENESIS = { id: { case: 'number', value: 0 } }

const readers = SERVICES.flatMap((service) => service.methods.filter((method): method is DescMethodUnary => method.methodKind === 'unary' && scopeOf(method) === 'read').map((method) => ({ service, method, name: `${service.name}.${method.name}` })))

it('every method that reads answers the same by each protocol', async () => {
  const different: string[] = []
  for (const { service, method, name } of readers) {
    const request = { ...REQUESTS[name], ...(method.input.field.at === undefined ? {} : { at: GENESIS }) }
    const answers: string[] = []
    for (const protocol of PROTOCOLS) {
      const client = createClient(service, transportOf(protocol, address, token)) as unknown as Record<string, (request: unknown) => Promise<never>>
      const told = await client[method.localName]?.(request).then((answer) => JSON.stringify(toJson(method.output, answer)), (error: unknown) => `refused: ${error instanceof Error ? error.message : String(error)}`)
      answers.push(CHANGING.has(name) ? String(told?.startsWith('refused')) : String(told))
    }
    // A block may come between two questions.
    if (new Set(answers.map((text) => text.replace(/"(best|newest|settled|finalized|block|head|blocks)":.*/, ''))).size !== 1) different.push(`${name}: ${answers.join(' | ').slice(0, 400)}`)
  }
  expect(readers.length).toBeGreaterThan(30)
  expect(different).toEqual([])
})
