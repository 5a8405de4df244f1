/** JSON-RPC of a whole node on the development network: what it answers fits what the chain did. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { readHeader } from '../../node-core/chain/scale/header.ts'
import { decodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { decodeAll } from '../../node-core/scale/reader.ts'
import { remarkCall, signedExtrinsic } from '../helpers/dev-extrinsic.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { Client } from '../unit/chain/rpc/client.ts'

/** twox128("System"), the prefix of a pallet's storage; and of its block number. */
const SYSTEM = '0x26aa394eea5630e07c48ae0c9558cef7'
const SYSTEM_NUMBER = '0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac'

let dev: DevNode
let client: Client
/** The same through a proxy: whoever asks is not trusted. */
let stranger: Client
let remark: (nonce: number) => Uint8Array

beforeAll(async () => {
  dev = await DevNode.start()
  const port = Number(new URL(dev.node.rpcAddress as string).port)
  client = await Client.open(port)
  stranger = await Client.open(port, { 'x-forwarded-for': '8.8.8.8' })
  const { genesisHash } = dev.node.blocks
  const version = await dev.node.runtime.version(dev.node.blocks.header(genesisHash)?.stateRoot ?? genesisHash)
  remark = (nonce) => signedExtrinsic(devAccount('//Bob').sr25519, remarkCall(Uint8Array.of(nonce)), nonce, { genesisHash, version })
  await dev.slots(4)
})

afterAll(async () => {
  await client.close()
  await stranger.close()
  await dev.stop()
})

describe('storage', () => {
  it('of a prefix has the size of all values below it', async () => {
    const pairs = await client.call<[string, string][]>('state_getPairs', SYSTEM)
    const sum = pairs.reduce((size, [, value]) => size + fromHex(value).length, 0)
    expect(pairs.map(([key]) => key)).toEqual(await client.call('state_getKeys', SYSTEM))
    expect(await client.call('state_getStorageSize', SYSTEM)).toBe(sum)
    expect(await client.call('state_getStorageSizeAt', SYSTEM_NUMBER)).toBe(4)
    expect(await client.call('state_getStorageSize', '0xffff')).toBeNull()
  })

  it('is handed out as a whole to the owner alone', async () => {
    const denied = { error: { code: -32601, message: 'RPC call is unsafe to be called externally' } }
    for (const [method, ...params] of [['state_getPairs', SYSTEM], ['system_dryRun', '0x00'], ['babe_epochAuthorship'], ['system_addLogFilter', 'rpc=debug'], ['system_resetLogFilter']] as const) {
      expect(await stranger.request(method, ...params), method).toMatchObject(denied)
    }
    expect(await stranger.call('state_getStorageSize', SYSTEM)).toBeGreaterThan(0)
  })

  it('differs between two blocks where archive_v1_storageDiff says', async () => {
    const block = dev.node.blocks.best().hash
    const parent = dev.node.blocks.header(block)?.parentHash
    await client.call('archive_v1_storageDiff', block, [{ key: SYSTEM_NUMBER, returnType: 'value' }, { key: SYSTEM_NUMBER, returnType: 'hash' }])
    const value = await client.call<string>('state_getStorage', SYSTEM_NUMBER, block)
    const changed = { event: 'storageDiff', key: SYSTEM_NUMBER, type: 'modified' }
    expect(await client.next()).toEqual({ ...changed, value })
    expect(await client.next()).toEqual({ ...changed, hash: blake2Hash(fromHex(value)) })
    expect(await client.next()).toEqual({ event: 'storageDiffDone' })
    await client.call('archive_v1_storageDiff', dev.node.blocks.genesisHash, [{ key: SYSTEM_NUMBER, returnType: 'value' }], block)
    expect(await client.next()).toMatchObject({ key: SYSTEM_NUMBER, type: 'deleted' })
    expect(await client.next()).toEqual({ event: 'storageDiffDone' })
    await client.call('archive_v1_storageDiff', block, [], parent)
    const keys: string[] = []
    for (let event = await client.next<{ event: string; key: string }>(); event.event === 'storageDiff'; event = await client.next()) keys.push(event.key)
    expect(keys).toContain(SYSTEM_NUMBER)
    expect(keys).toEqual([...keys].sort())
    await client.call('archive_v1_storageDiff', `0x${'11'.repeat(32)}`, [])
    expect(await client.next()).toMatchObject({ event: 'storageDiffError' })
  })

  it('is summed up by Merkle values', async () => {
    const { hash } = dev.node.blocks.best()
    const item = (key: string): object => ({ key, type: 'closestDescendantMerkleValue' })
    await client.call('archive_v1_storage', hash, [item('0x'), item(SYSTEM_NUMBER), item('0xffff')])
    expect(await client.next()).toEqual({ event: 'storage', key: '0x', closestDescendantMerkleValue: dev.node.blocks.header(hash)?.stateRoot })
    expect(await client.next()).toMatchObject({ event: 'storage', key: SYSTEM_NUMBER, closestDescendantMerkleValue: expect.stringMatching(/^0x/) as string })
    expect(await client.next()).toEqual({ event: 'storageDone' })
  })

  it('of a child trie is proven, also that there is none', async () => {
    const child = toHex(Buffer.from(':child_storage:default:kid'))
    const { at, proof } = await client.call<{ at: string; proof: string[] }>('state_getChildReadProof', child, ['0x01'])
    expect(at).toBe(dev.node.blocks.best().hash)
    expect(proof.length).toBeGreaterThan(0)
    expect(await client.request('state_getChildReadProof', '0x01', ['0x01'])).toMatchObject({ error: { code: -32602 } })
  })
})

describe('a transaction', () => {
  it('has a fee, also with a byte behind it, and rubbish has none', async () => {
    const extrinsic = toHex(remark(0))
    const info = await client.call<{ partialFee: string }>('payment_queryInfo', extrinsic)
    const longer = await client.call<{ partialFee: string }>('payment_queryInfo', `${extrinsic}00`)
    expect(BigInt(longer.partialFee)).toBeGreaterThan(BigInt(info.partialFee))
    const details = await client.call<{ inclusionFee: { baseFee: string } }>('payment_queryFeeDetails', `${extrinsic}00`)
    expect(details.inclusionFee.baseFee).toMatch(/^0x/)
    for (const rubbish of ['0xdeadbeef', '0x', '0x10aabb', '0x0100']) {
      expect(await client.request('payment_queryInfo', rubbish), rubbish).toMatchObject({ error: { code: 2, message: 'Unable to query dispatch info.' } })
      expect(await client.request('payment_queryFeeDetails', rubbish), rubbish).toMatchObject({ error: { code: 2, message: 'Unable to query fee details.' } })
    }
    // Well formed for the host; what is inside, the runtime alone can tell.
    expect(await client.request('payment_queryInfo', '0x0caabbcc')).toMatchObject({ error: { code: 1, message: 'Unable to query dispatch info.' } })
  })

  it('can be tried without going anywhere', async () => {
    expect(await client.call('system_dryRun', toHex(remark(0)))).toBe('0x0000')
    // Err(InvalidTransaction::Future)
    expect(await client.call('system_dryRunAt', toHex(remark(7)))).toBe('0x010002')
    expect(await client.request('system_dryRun', '0xdeadbeef')).toMatchObject({ error: { code: 2, message: 'Unable to dry run extrinsic.' } })
    expect(dev.node.core.pool.status()).toMatchObject({ ready: 0, future: 0 })
  })

  it('is taken without the byte behind it', async () => {
    expect(await client.call('author_submitExtrinsic', `${toHex(remark(0))}ff`)).toMatch(/^0x[0-9a-f]{64}$/)
    expect(dev.node.core.pool.status()).toMatchObject({ ready: 1 })
    expect(await client.request('author_submitExtrinsic', '0xdeadbeef')).toMatchObject({ error: { code: 1001 } })
  })
})

describe('consensus', () => {
  it('tells whose votes are in', async () => {
    const state = await client.call<{ setId: number; best: { round: number; prevotes: { missing: string[] } }; background: unknown[] }>('grandpa_roundState')
    expect(state).toMatchObject({ setId: 0, best: { totalWeight: 1, thresholdWeight: 1, precommits: { currentWeight: expect.any(Number) as number } } })
    expect(state.best.round).toBeGreaterThan(1)
    const alice = encodeSs58(devAccount('//Alice').ed25519.publicKey, 42)
    for (const address of state.best.prevotes.missing) expect(address).toBe(alice)
  })

  it('proves a block final by a later one, and by the headers between', async () => {
    const finalized = dev.node.blocks.finalized()
    expect(finalized.number).toBeGreaterThan(1)
    const proof = fromHex(await client.call<string>('grandpa_proveFinality', 1))
    const { block, justification, headers } = decodeAll(proof, 'the proof', (reader) => ({
      block: reader.hash(), justification: decodeJustification(reader.bytes()), headers: reader.vec(readHeader),
    }))
    expect(justification.targetHash).toBe(block)
    expect(headers.map(({ number }) => number)).toEqual(Array.from({ length: justification.targetNumber - 1 }, (_, i) => i + 2))
    expect(headers[0]?.parentHash).toBe(dev.node.blocks.hashByNumber(1))
    expect(await client.request('grandpa_proveFinality', 4_000_000)).toMatchObject({ error: { code: 4, message: expect.stringContaining('not yet finalized') as string } })
  })

  it('sends the justification of what becomes final', async () => {
    const id = await client.call('grandpa_subscribeJustifications')
    const before = dev.node.blocks.finalized().number
    await dev.slots(2)
    const { targetNumber } = decodeJustification(fromHex(await client.next<string>()))
    expect(targetNumber).toBeGreaterThan(before)
    expect(await client.call('grandpa_unsubscribeJustifications', id)).toBe(true)
  })

  it('knows the slots of the epoch that local keys may author in', async () => {
    const claims = await client.call<Record<string, { primary: number[]; secondary: number[]; secondary_vrf: number[] }>>('babe_epochAuthorship')
    const [[address, { primary, secondary, secondary_vrf: secondaryVrf }] = ['', { primary: [], secondary: [], secondary_vrf: [] }], ...others] = Object.entries(claims)
    expect(others).toEqual([])
    expect(address).toBe(encodeSs58(devAccount('//Alice').sr25519.publicKey, 42))
    const all = [...primary, ...secondary, ...secondaryVrf].sort((a, b) => a - b)
    expect(primary.length).toBeGreaterThan(0)
    // Nobody else is there: every slot is hers, by one right or another.
    expect(all).toEqual(Array.from({ length: all.length }, (_, i) => (all[0] as number) + i))
    expect(all).toContain(Math.floor(dev.clock.now() / dev.node.slotDurationMs))
  }, 120_000)
})

describe('the log', () => {
  it('grows and shrinks while the node runs', async () => {
    const own = (from: number): string[] => dev.logs.slice(from).filter(({ module }) => module === 'babe').map(({ level }) => level)
    await client.call('system_addLogFilter', 'babe=off')
    const quiet = dev.logs.length
    await dev.slots(1)
    expect(own(quiet)).toEqual([])
    expect(await client.request('system_addLogFilter', 'babe=loud')).toMatchObject({ error: { code: -32602, data: expect.stringContaining('babe=loud') as string } })
    await client.call('system_resetLogFilter')
    const again = dev.logs.length
    await dev.slots(1)
    expect(own(again)).toContain('info')
  })
})

describe('methods', () => {
  it('of other nodes are refused with the reason, and are not listed', async () => {
    const { methods } = await client.call<{ methods: string[] }>('rpc_methods')
    for (const name of ['beefy_getFinalizedHead', 'offchain_localStorageGet', 'state_traceBlock', 'dev_getBlockStats', 'sync_state_genSyncSpec', 'statement_submit', 'system_unstable_networkState']) {
      const { error } = await client.request(name)
      expect(error?.code, name).toBe(-32601)
      expect(error?.message, name).toMatch(/not served here, since .{20}/)
      expect(methods).not.toContain(name)
    }
    for (const name of ['state_getPairs', 'state_getChildReadProof', 'system_dryRun', 'grandpa_roundState', 'grandpa_proveFinality', 'grandpa_subscribeJustifications', 'babe_epochAuthorship', 'archive_v1_storageDiff', 'system_nodeRoles', 'system_addLogFilter', 'system_resetLogFilter']) {
      expect(methods).toContain(name)
    }
    expect(await client.call('system_nodeRoles')).toEqual(['Authority'])
    expect((await client.request('nobody_knowsThis')).error).toEqual({ code: -32601, message: 'Method not found' })
  })
})
