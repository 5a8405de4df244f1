/**
 * What wallets and explorers do all day, by the libraries that they are made of, against one node whose clock the test turns: the whole life of
 * `@polkadot/api`, the calls with which polkadot.js apps begin, a `polkadot-api` script over WebSocket and over smoldot, and descriptors
 * generated from the metadata.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ApiPromise, Keyring, WsProvider, type SubmittableResult } from '@polkadot/api'
import type { SubmittableExtrinsic } from '@polkadot/api/types'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { createClient, Enum, type ChainDefinition, type PolkadotClient } from 'polkadot-api'
import { getWsProvider } from 'polkadot-api/ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { LightClient, slotsUntil } from '../helpers/light-client.ts'
import { Client } from '../unit/chain/rpc/client.ts'

const ROOT = join(import.meta.dirname, '../..')
const UNIT = 10n ** 12n
const ALICE = encodeSs58(devAccount('//Alice').sr25519.publicKey)
const BOB = encodeSs58(devAccount('//Bob').sr25519.publicKey)
const DAVE = encodeSs58(devAccount('//Dave').sr25519.publicKey)

let dev: DevNode

beforeAll(async () => {
  dev = await DevNode.start()
  await dev.slots(3)
})

afterAll(() => dev.stop())

/** Slots pass until it is done. */
async function authoredUntil<T>(done: Promise<T>): Promise<T> {
  let isDone = false
  const end = (): void => void (isDone = true)
  void done.then(end, end)
  while (!isDone) {
    await dev.slots(1)
    // A round trip, in which the clients hear of the block.
    await fetch(`${dev.node.rpcAddress?.replace('ws', 'http') ?? ''}/health`)
  }
  return done
}

describe('@polkadot/api', () => {
  let api: ApiPromise
  const keys = new Keyring({ type: 'sr25519' })
  const bob = keys.addFromUri('//Bob')

  beforeAll(async () => {
    api = await ApiPromise.create({ provider: new WsProvider(dev.node.rpcAddress) as unknown as ProviderInterface, noInitWarn: true })
  })
  afterAll(() => api.disconnect())

  type Call = SubmittableExtrinsic<'promise'>
  const made = (call: Call | undefined): Call => {
    if (call === undefined) throw new Error('the metadata knows no such call')
    return call
  }
  const transfer = (to: string, value: bigint): Call => made(api.tx['balances']?.['transferKeepAlive']?.(to, value))
  /** What became of it, once it is final. */
  const sent = (call: Call, sender = bob): Promise<SubmittableResult> =>
    authoredUntil(
      new Promise((resolve, reject) => {
        call.signAndSend(sender, (result) => (result.isFinalized || result.isError ? resolve(result) : undefined)).catch(reject)
      }),
    )
  const names = ({ events }: SubmittableResult): string[] => events.map(({ event }) => `${event.section}.${event.method}`)

  it('estimates a fee, which is what a transfer then takes', async () => {
    const before = await api.query['system']?.['account']?.(bob.address)
    const info = await transfer(DAVE, UNIT).paymentInfo(bob)
    expect(info.partialFee.toBigInt()).toBeGreaterThan(0n)
    const result = await sent(transfer(DAVE, UNIT))
    expect(names(result)).toEqual(expect.arrayContaining(['balances.Transfer', 'transactionPayment.TransactionFeePaid', 'system.ExtrinsicSuccess']))
    const paid = result.events.find(({ event }) => event.method === 'TransactionFeePaid')?.event.data[1]?.toString()
    expect(BigInt(paid ?? 0)).toBe(info.partialFee.toBigInt())
    const free = (account: unknown): bigint => BigInt((account as { data: { free: { toString(): string } } }).data.free.toString())
    expect(free(before) - free(await api.query['system']?.['account']?.(bob.address))).toBe(UNIT + info.partialFee.toBigInt())
  })

  it('sends several calls in one, and hears why one of them failed', async () => {
    const batch = made(api.tx['utility']?.['batch']?.([transfer(DAVE, UNIT), transfer(DAVE, 10n ** 30n), transfer(DAVE, UNIT)]))
    const seen = names(await sent(batch))
    expect(seen.filter((name) => name === 'utility.ItemCompleted')).toHaveLength(1)
    expect(seen).toContain('utility.BatchInterrupted')
  })

  it('hears why a transaction failed, and why one was not taken', async () => {
    const { dispatchError, status } = await sent(transfer(DAVE, 10n ** 30n))
    expect([status.isFinalized, dispatchError?.toString()]).toEqual([true, '{"arithmetic":"Underflow"}'])
    const refused = (await sent(made(api.tx['sudo']?.['sudo']?.(transfer(DAVE, 1n))))).dispatchError
    if (refused === undefined) throw new Error('it was not refused')
    const { section, name } = api.registry.findMetaError(refused.asModule)
    expect([section, name]).toEqual(['sudo', 'RequireSudo'])
    await expect(transfer(DAVE, 1n).signAndSend(bob, { nonce: 0 })).rejects.toThrow(/1010: Invalid Transaction: Transaction is outdated/)
  })

  it('is told of heads, finalized heads, storage, events and the runtime', async () => {
    const seen = { heads: [] as number[], finalized: [] as number[], balances: [] as bigint[], events: 0, versions: 0 }
    const stops = await Promise.all([
      api.rpc.chain.subscribeNewHeads((header) => void seen.heads.push(header.number.toNumber())),
      api.rpc.chain.subscribeFinalizedHeads((header) => void seen.finalized.push(header.number.toNumber())),
      api.query['system']?.['account']?.(DAVE, (account: unknown) => void seen.balances.push(BigInt((account as { data: { free: { toString(): string } } }).data.free.toString()))) as unknown as Promise<() => void>,
      api.query['system']?.['events']?.((events: unknown) => void (seen.events += (events as unknown[]).length)) as unknown as Promise<() => void>,
      api.rpc.state.subscribeRuntimeVersion(() => void seen.versions++),
    ])
    await sent(transfer(DAVE, 2n * UNIT))
    for (const stop of stops) stop()
    const rises = (list: readonly number[]): boolean => list.length > 1 && list.every((number, index) => index === 0 || number === (list[index - 1] as number) + 1)
    expect([rises(seen.heads), rises(seen.finalized), seen.events > 2, seen.versions]).toEqual([true, true, true, 1])
    expect((seen.balances.at(-1) as bigint) - (seen.balances[0] as bigint)).toBe(2n * UNIT)
  })

  it('reads storage one by one, many at once, in pages, of the past, and its size and hash', async () => {
    const account = api.query['system']?.['account']
    if (account === undefined) throw new Error('the metadata knows no accounts')
    expect(await account.multi([ALICE, BOB, DAVE])).toHaveLength(3)
    expect(await api.queryMulti([[account, ALICE], api.query['timestamp']?.['now'] as typeof account])).toHaveLength(2)
    const first = await account.entriesPaged({ args: [], pageSize: 2 })
    const next = await account.entriesPaged({ args: [], pageSize: 2, startKey: first.at(-1)?.[0].toHex() as string })
    expect([first.length, next.length]).toEqual([2, 2])
    expect(new Set([...first, ...next].map(([key]) => key.toHex())).size).toBe(4)
    expect((await account.entries()).length).toBe((await account.keys()).length)
    expect([(await account.size(ALICE)).toNumber() > 0, (await account.hash(ALICE)).isEmpty]).toEqual([true, false])
    const past = await api.at(await api.rpc.chain.getBlockHash(1))
    expect((await past.query['system']?.['number']?.())?.toString()).toBe('1')
    expect((await api.call['accountNonceApi']?.['accountNonce']?.(bob.address))?.toString()).toBe((await api.rpc.system.accountNextIndex(bob.address)).toString())
  })

  it('signs for a while only, and shows what waits', async () => {
    const call = transfer(DAVE, 3n)
    const signed = await call.signAsync(bob, { era: 32 })
    const hash = await api.rpc.author.submitExtrinsic(signed)
    expect((await api.rpc.author.pendingExtrinsics()).map((extrinsic) => extrinsic.hash.toHex())).toEqual([hash.toHex()])
    await dev.slots(1)
    expect(await api.rpc.author.pendingExtrinsics()).toHaveLength(0)
    const { block } = await api.rpc.chain.getBlock()
    expect(block.extrinsics.map((extrinsic) => extrinsic.hash.toHex())).toContain(hash.toHex())
  })

  it('derives what explorers show', async () => {
    const [best, finalized, lag] = await Promise.all([api.derive.chain.bestNumber(), api.derive.chain.bestNumberFinalized(), api.derive.chain.bestNumberLag()])
    expect(best.toNumber() - finalized.toNumber()).toBe(lag.toNumber())
    expect((await api.derive.chain.getBlock(await api.rpc.chain.getBlockHash())).block.header.number.toNumber()).toBe(best.toNumber())
    expect((await api.derive.balances.all(ALICE)).freeBalance.toBigInt()).toBeGreaterThan(0n)
  })
})

/**
 * What the apps ask for from the opening of the connection to a filled explorer page: the connection itself (`@polkadot/api`'s start), its
 * title (properties, chain, chain type, name, version), the status of the node, the blocks, and the consensus pages.
 */
const STARTUP: readonly (readonly [method: string, ...params: readonly unknown[]])[] = [
  ['rpc_methods'], ['chain_getBlockHash', 0], ['state_getRuntimeVersion'], ['system_chain'], ['system_properties'], ['state_getMetadata'], ['state_call', 'Metadata_metadata_versions', '0x'],
  ['state_subscribeRuntimeVersion'], ['system_health'], ['system_chainType'], ['system_name'], ['system_version'], ['system_nodeRoles'], ['system_localPeerId'], ['system_localListenAddresses'],
  ['system_peers'], ['system_syncState'], ['chain_getHeader'], ['chain_getBlock'], ['chain_getFinalizedHead'], ['chain_subscribeNewHeads'], ['chain_subscribeAllHeads'], ['chain_subscribeFinalizedHeads'],
  ['author_pendingExtrinsics'], ['state_subscribeStorage', ['0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7']], ['state_queryStorageAt', ['0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac']],
  ['state_getKeysPaged', '0x26aa394eea5630e07c48ae0c9558cef7', 10], ['system_accountNextIndex', ALICE], ['grandpa_roundState'], ['babe_epochAuthorship'],
]

describe('polkadot.js apps', () => {
  it('have every call of their start answered', async () => {
    const client = await Client.open(Number(new URL(dev.node.rpcAddress as string).port), { origin: 'https://polkadot.js.org' })
    const { methods } = await client.call<{ methods: string[] }>('rpc_methods')
    const refused: string[] = []
    for (const [method, ...params] of STARTUP) {
      const { error } = await client.request(method, ...params)
      if (error !== undefined || !methods.includes(method)) refused.push(`${method}: ${error?.message ?? 'not listed'}`)
    }
    expect(refused).toEqual([])
    await client.close()
  })
})

/** What it prints of the newest finalized block and its state. */
async function script(client: PolkadotClient): Promise<string[]> {
  const api = client.getUnsafeApi()
  const text = (value: unknown): string => JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part instanceof Uint8Array ? `0x${Buffer.from(part).toString('hex')}` : part))
  const block = await client.getFinalizedBlock()
  const { name, genesisHash } = await client.getChainSpecData()
  const at = { at: block.hash }
  const entries = (await api.query['System']?.['Account']?.getEntries(at)) ?? []
  const call = api.tx['Balances']?.['transfer_keep_alive']?.({ dest: Enum('Id', DAVE), value: UNIT })
  return [
    name, genesisHash, text(block), text(await client.getBlockHeader(block.hash)), text(await client.getBlockBody(block.hash)),
    text(await api.constants['System']?.['Version']?.()),
    text(await api.query['System']?.['Account']?.getValue(ALICE, at)), text(await api.query['System']?.['Account']?.getValues([[ALICE], [BOB]], at)),
    text(await api.query['System']?.['Events']?.getValue(at)), text(await api.query['Balances']?.['TotalIssuance']?.getValue(at)),
    text(entries.map(({ keyArgs, value }) => [keyArgs, value]).sort((a, b) => text(a).localeCompare(text(b)))),
    text(await api.apis['AccountNonceApi']?.['account_nonce']?.(BOB, at)), text(await call?.getEstimatedFees(ALICE, at)),
  ]
}

/** In an answer's digits: behind `0x`, an option and a length of four bytes. */
const METADATA_AT = 2 + 2 + 8

describe('polkadot-api', () => {
  it('prints the same over our WebSocket and over smoldot', async () => {
    const light = new LightClient(dev.node)
    const direct = createClient(getWsProvider(dev.node.rpcAddress as string))
    try {
      await light.seen(/gossip-open-success/)
      await slotsUntil(dev, light, light.client.getFinalizedBlock())
      // Its clock does not go on: both have the same finalized block in the end.
      const ours = dev.node.blocks.finalized().hash
      await expect.poll(async () => (await light.client.getFinalizedBlock()).hash, { timeout: 30_000 }).toBe(ours)
      const [direct1, overSmoldot] = [await script(direct), await script(light.client)]
      expect(overSmoldot).toEqual(direct1)
      expect(direct1.length).toBe(13)
      expect(direct1.filter((line) => line === undefined || line === '[]')).toEqual([])
    } finally {
      direct.destroy()
      await light.stop()
    }
  }, 120_000)

  it('has typed descriptors generated from the metadata, and reads with them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-papi-'))
    try {
      await writeFile(join(folder, 'package.json'), '{ "name": "wallet", "version": "1.0.0", "type": "module" }')
      await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
      await writeFile(join(folder, 'metadata.scale'), Buffer.from(await metadata(), 'hex'))
      await mkdir(join(folder, '.papi'))
      // Without a package of their own nothing is installed.
      const config = { version: 0, descriptorPath: '.papi/descriptors', options: { noDescriptorsPackage: true }, entries: { ours: { metadata: 'metadata.scale' } } }
      await writeFile(join(folder, '.papi/polkadot-api.json'), JSON.stringify(config))
      // Ends with an error where what it generated does not compile.
      await promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/.bin/papi'), 'generate'], { cwd: folder })
      const { ours } = (await import(join(folder, '.papi/descriptors/dist/index.js'))) as { ours: ChainDefinition }
      const client = createClient(getWsProvider(dev.node.rpcAddress as string))
      const api = client.getTypedApi(ours)
      // Each use is checked against the runtime: what does not fit throws.
      expect(await api.query['System']?.['Account']?.getValue(ALICE)).toMatchObject({ providers: expect.any(Number) as number })
      const call = api.tx['Balances']?.['transfer_keep_alive']?.({ dest: Enum('Id', DAVE), value: UNIT })
      expect(await call?.getEstimatedFees(ALICE)).toBeGreaterThan(0n)
      client.destroy()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }, 120_000)

  async function metadata(): Promise<string> {
    const client = await Client.open(Number(new URL(dev.node.rpcAddress as string).port))
    const answer = await client.call<string>('state_call', 'Metadata_metadata_at_version', '0x0f000000')
    await client.close()
    return answer.slice(METADATA_AT)
  }
})
