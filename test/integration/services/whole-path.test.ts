/** The command line with the service API: a client of each protocol, a transaction on its way to finality, curl, and who is let in. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Code, createClient } from '@connectrpc/connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { localDoor } from '../../../node-core/services/local-door/place.ts'
import { Account } from '../../../node-core/services/proto/nodestead/v1/account_pb.ts'
import { Admin } from '../../../node-core/services/proto/nodestead/v1/admin_pb.ts'
import { Chain } from '../../../node-core/services/proto/nodestead/v1/chain_pb.ts'
import { Metrics } from '../../../node-core/services/proto/nodestead/v1/metrics_pb.ts'
import { Network } from '../../../node-core/services/proto/nodestead/v1/network_pb.ts'
import { Node } from '../../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { Peers } from '../../../node-core/services/proto/nodestead/v1/peers_pb.ts'
import { Scope } from '../../../node-core/services/proto/nodestead/v1/rights_pb.ts'
import { Transaction, TransactionState } from '../../../node-core/services/proto/nodestead/v1/transaction_pb.ts'
import { CliProcess } from '../../helpers/cli.ts'
import { signedExtrinsic, transferCall } from '../../helpers/dev-extrinsic.ts'
import { PROTOCOLS, transportOf, type Protocol } from '../../helpers/service-client.ts'

const QUIET = ['--port', '0', '--rpc-port', '0', '--no-prometheus', '--no-mdns']
const FERDIE = devAccount('//Ferdie').sr25519.publicKey

let folder: string
let cli: CliProcess
let address: string
let token: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-services-'))
  const tokenFile = join(folder, 'token')
  cli = start(tokenFile)
  address = (await cli.waitFor(/Service API: (\S+)/))[1] as string
  token = (await readFile(tokenFile, 'utf8')).trim()
})
afterAll(async () => {
  await cli?.interrupt()
  await rm(folder, { recursive: true, force: true })
})

function start(tokenFile: string): CliProcess {
  return new CliProcess(['--dev', '--base-path', join(folder, 'data'), '--sealing', 'instant', '--finalize-delay-sec', '0', '--service-port', '0', '--service-token-file', tokenFile, ...QUIET])
}

const by = (protocol: Protocol) => transportOf(protocol, address, token)

/** Which nobody signed for before. */
async function transfer(nonce: number): Promise<Uint8Array<ArrayBuffer>> {
  const chain = createClient(Chain, by('gRPC'))
  const { genesisHash } = await chain.head({})
  const version = await chain.runtimeVersion({})
  const known = { genesisHash: genesisHash as `0x${string}`, version: { specVersion: version.specVersion, transactionVersion: version.transactionVersion } as Parameters<typeof signedExtrinsic>[3]['version'] }
  return new Uint8Array(signedExtrinsic(devAccount('//Alice').sr25519, transferCall(FERDIE, 5_000_000_000_000n), nonce, known))
}

it('a transaction is parsed, priced, submitted once, and watched to finality; its events are told in words', async () => {
  const transport = by('gRPC')
  const [chain, account, transaction] = [createClient(Chain, transport), createClient(Account, transport), createClient(Transaction, transport)]
  const alice = (await account.keys({})).keys.find(({ development }) => development)
  expect(alice?.usable).toBe(true)
  const ferdie = `0x${Buffer.from(FERDIE).toString('hex')}`
  const before = BigInt((await account.balance({ account: ferdie })).free)
  const { nonce } = await account.nonce({ account: `0x${Buffer.from(devAccount('//Alice').sr25519.publicKey).toString('hex')}` })
  const bytes = await transfer(nonce)
  const { transaction: words } = await transaction.parse({ transaction: bytes })
  expect(words).toMatchObject({ call: { pallet: 'Balances', name: 'transfer_keep_alive' }, nonce: String(nonce), problem: '' })
  expect(BigInt((await transaction.fee({ transaction: bytes })).partialFee)).toBeGreaterThan(0n)
  const { hash } = await transaction.submit({ transaction: bytes })
  await expect(transaction.submit({ transaction: bytes })).rejects.toThrow()
  const states: TransactionState[] = []
  let block = ''
  for await (const status of transaction.watch({ hash })) {
    states.push(status.state)
    block = status.blockHash || block
  }
  expect(states.at(-1)).toBe(TransactionState.FINALIZED)
  expect(states).toContain(TransactionState.IN_BLOCK)
  const decoded = (await chain.events({ at: { id: { case: 'hash', value: block } } })).block
  expect(decoded?.extrinsics.find((extrinsic) => extrinsic.hash === hash)).toMatchObject({ succeeded: true, events: expect.arrayContaining([expect.objectContaining({ pallet: 'Balances', name: 'Transfer' })]) })
  expect(BigInt((await account.balance({ account: ferdie })).free) - before).toBe(5_000_000_000_000n)
  await expect(transaction.submit({ transaction: new Uint8Array([1, 2, 3]) })).rejects.toThrow('These bytes are no transaction')
})

describe.each(PROTOCOLS)('by %s', (protocol) => {
  it('the same answers', async () => {
    const transport = by(protocol)
    const [node, chain] = [createClient(Node, transport), createClient(Chain, transport)]
    const { status } = await node.status({})
    expect(status).toMatchObject({ network: 'nodestead_dev', chainName: 'Development', producing: true })
    const { best } = await chain.head({})
    const { header } = await chain.header({ at: { id: { case: 'number', value: 0 } } })
    expect(header?.block?.hash).toBe(status?.genesisHash)
    const code = new Uint8Array(Buffer.from(':code'))
    const { values, block } = await chain.state({ keys: [code, new Uint8Array([0])] })
    expect([block, values.map(({ value }) => (value?.length ?? -1) > 1000)]).toEqual([best, [true, false]])
    expect((await chain.stateKeys({ prefix: new Uint8Array(Buffer.from(':')), count: 10 })).keys.map((key) => Buffer.from(key).toString())).toContain(':code')
    expect((await chain.call({ function: 'Core_version' })).result.length).toBeGreaterThan(20)
    await expect(chain.call({ function: 'Core_moon' })).rejects.toMatchObject({ code: Code.NotFound, rawMessage: expect.stringContaining('no function Core_moon') })
    expect(await chain.finality({ at: { id: { case: 'number', value: 0 } } })).toMatchObject({ finalized: true })
    expect(await createClient(Network, transport).reachability({})).toMatchObject({ nat: 'off', peerId: expect.stringMatching(/^12D3/) })
    expect(await createClient(Peers, transport).listPeers({})).toMatchObject({ peers: [] })
    expect((await createClient(Metrics, transport).readMetrics({ prefix: 'substrate_block_height' })).families).toHaveLength(1)
  })

  it('final blocks in order, from a height and from a cursor on', async () => {
    const chain = createClient(Chain, by(protocol))
    let cursor = ''
    for await (const { header, cursor: next } of chain.watchFinalized({ from: 0 })) {
      cursor = next
      if (header?.block?.number === 0) break
    }
    expect(cursor).toBe('h-1')
    for await (const { header, decoded } of chain.watchFinalized({ cursor, decoded: true })) {
      expect([header?.block?.number, decoded?.extrinsics.length]).toEqual([1, expect.any(Number)])
      break
    }
  })

  it('the support bundle in parts', async () => {
    const parts: Uint8Array[] = []
    for await (const { part } of createClient(Admin, by(protocol)).supportBundle({})) parts.push(part)
    expect([...Buffer.concat(parts).subarray(0, 2)]).toEqual([0x1f, 0x8b])
  })
})

it('clients are made and revoked by the API; the file has no token and is private', async () => {
  const admin = createClient(Admin, by('Connect'))
  const made = await admin.createClient({ name: 'reader', scopes: [Scope.READ] })
  const node = createClient(Node, transportOf('Connect', address, made.token))
  expect((await node.info({})).scopes).toEqual([Scope.READ])
  await expect(node.stop({})).rejects.toThrow('scope control')
  const path = join(folder, 'data', 'service-clients.json')
  expect(await readFile(path, 'utf8')).not.toContain(made.token)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await admin.revokeClient({ name: 'reader' })
  await expect(node.info({})).rejects.toThrow('no client')
  await expect(admin.createClient({ name: 'Not a name', scopes: [Scope.READ] })).rejects.toThrow(/name/)
})

it('curl speaks JSON', async () => {
  const { stdout } = await promisify(execFile)('curl', ['-sS', `${address}/nodestead.v1.Chain/Head`, '-H', `Authorization: Bearer ${token}`, '-H', 'Content-Type: application/json', '-d', '{}'])
  expect(JSON.parse(stdout)).toMatchObject({ best: { hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) }, genesisHash: expect.any(String) })
  const refused = await promisify(execFile)('curl', ['-sS', `${address}/nodestead.v1.Chain/Head`, '-H', 'Content-Type: application/json', '-d', '{}'])
  expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('Authorization: Bearer') })
})

it.skipIf(process.platform === 'win32')('a node that was killed leaves its local socket; the next one takes its place, with another token', async () => {
  const { socketPath, tokenPath } = localDoor(join(folder, 'data'))
  const former = (await readFile(tokenPath, 'utf8')).trim()
  const info = async (said: string): Promise<unknown> => {
    const { stdout } = await promisify(execFile)('curl', ['-sS', '--unix-socket', socketPath, 'http://localhost/nodestead.v1.Node/Info', '-H', `Authorization: Bearer ${said}`, '-H', 'Content-Type: application/json', '-d', '{}'])
    return JSON.parse(stdout)
  }
  expect(await info(former)).toMatchObject({ name: 'Nodestead' })
  cli.child.kill('SIGKILL')
  await cli.finished
  expect((await stat(socketPath)).isSocket()).toBe(true)
  cli = start(join(folder, 'token'))
  await cli.waitFor(/Service API: /)
  const token = (await readFile(tokenPath, 'utf8')).trim()
  expect(await info(token)).toMatchObject({ name: 'Nodestead' })
  expect(await info(former)).toMatchObject({ code: 'unauthenticated' })
  await cli.interrupt()
  expect([existsSync(socketPath), existsSync(tokenPath)]).toEqual([false, false])
})
