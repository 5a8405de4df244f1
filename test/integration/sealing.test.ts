/** A development network whose blocks are sealed on request: by RPC, for each transaction, or at a pace. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../node-core/base/bytes.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import type { Extrinsic } from '../../node-core/chain/scale/block.ts'
import { remarkCall, signedExtrinsic } from '../helpers/dev-extrinsic.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { pass } from '../helpers/passing-time.ts'
import { Client } from '../unit/chain/rpc/client.ts'

interface CreatedBlock {
  readonly hash: Hash
  readonly aux: Record<string, boolean>
  readonly proof_size: number
}

let basePath: string
let dev: DevNode
let client: Client

beforeEach(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-sealing-'))
})

afterEach(async () => {
  await client?.close()
  await dev?.stop()
  await rm(basePath, { recursive: true, force: true })
})

async function start(options: DevNodeOptions): Promise<void> {
  dev = await DevNode.start({ basePath, ...options })
  client = await Client.open(Number(new URL(dev.node.rpcAddress as string).port))
}

async function restart(options: DevNodeOptions): Promise<void> {
  const { clock } = dev
  await client.close()
  await dev.stop()
  await start({ clock, ...options })
}

async function remark(nonce: number): Promise<Extrinsic> {
  const { blocks, runtime } = dev.node
  const version = await runtime.version(blocks.header(blocks.best().hash)?.stateRoot ?? blocks.genesisHash)
  return signedExtrinsic(devAccount('//Bob').sr25519, remarkCall(Uint8Array.of(nonce)), nonce, { genesisHash: blocks.genesisHash, version })
}

const submit = async (nonce: number): Promise<Hash> => dev.node.core.pool.submit(await remark(nonce), 'local')
const create = (...params: readonly unknown[]): Promise<CreatedBlock> => client.call('engine_createBlock', ...params)

/** Hashes of a block's extrinsics. */
const bodyOf = async (hash: Hash): Promise<Hash[]> => ((await dev.node.blocks.body(hash)) ?? []).map(blake2Hash)

/** The moment that the runtime has noted. */
async function now(): Promise<number> {
  const TIMESTAMP_NOW = '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb'
  const value = Buffer.from((await client.call<string>('state_getStorage', TIMESTAMP_NOW)).slice(2), 'hex')
  return Number(value.readBigUInt64LE())
}

describe('manual sealing', () => {
  it('makes a block when it is asked to, and only then', async () => {
    await start({ sealing: 'manual' })
    const transaction = await submit(0)
    await dev.slots(3)
    expect(dev.node.blocks.best().number).toBe(0)

    const first = await create(false, false)
    expect(first).toEqual({
      hash: dev.node.blocks.best().hash,
      aux: { header_only: false, clear_justification_requests: false, needs_justification: false, bad_justification: false, is_new_best: true },
      proof_size: 0,
    })
    expect(await bodyOf(first.hash)).toContain(transaction)
    expect(dev.node.blocks.finalized().number).toBe(0)

    expect(await client.request('engine_createBlock', false, false)).toMatchObject({ error: { code: 12_000, message: expect.stringContaining('pool is empty') as string } })
    const second = await create(true, true, null)
    expect(dev.node.blocks.finalized()).toEqual({ hash: second.hash, number: 2 })
    expect(dev.problems()).toEqual([])
  })

  it('forks where a parent is named, and takes the longest chain', async () => {
    await start({ sealing: 'manual' })
    const { blocks } = dev.node
    const [one, two] = [await create(true, false), await create(true, false)]
    const other = await create(true, false, one.hash)
    expect(other.aux['is_new_best']).toBe(false)
    expect(blocks.best().hash).toBe(two.hash)
    const above = await create(true, false, other.hash)
    expect(above.aux['is_new_best']).toBe(true)
    expect(blocks.best()).toEqual({ hash: above.hash, number: 3 })

    expect(await client.call('engine_finalizeBlock', other.hash)).toBe(true)
    expect(await client.call('engine_finalizeBlock', other.hash)).toBe(true)
    expect(blocks.finalized().hash).toBe(other.hash)
    expect(await client.request('engine_finalizeBlock', two.hash)).toMatchObject({ error: { code: expect.toSatisfy((code) => code === 13_000 || code === 16_000) as number } })
    expect(await client.request('engine_createBlock', true, false, `0x${'99'.repeat(32)}`)).toMatchObject({ error: { code: 13_000 } })
    expect(await client.call('engine_finalizeBlock', above.hash, [1, 2, 3])).toBe(true)
    expect(await blocks.justifications(above.hash)).toEqual([{ engine: 'manl', data: Uint8Array.of(1, 2, 3) }])
  })

  it('stamps blocks that the runtime takes, faster than their slots, and after a pause', async () => {
    await start({ sealing: 'manual' })
    const { slotDurationMs } = dev.node
    await create(true, false)
    const first = await now()
    expect(first).toBe(Math.floor(dev.clock.now() / slotDurationMs) * slotDurationMs)
    for (let i = 1; i <= 5; i++) {
      await create(true, false)
      expect(await now()).toBe(first + i * slotDurationMs)
    }
    // Days in which nobody asked: epochs go by without a block.
    dev.clock.skip(3 * 24 * 3600 * 1000)
    await create(true, false)
    expect(await now()).toBe(Math.floor(dev.clock.now() / slotDurationMs) * slotDurationMs)
    expect(dev.problems()).toEqual([])
  })

  it('goes on after a restart, with what is final', async () => {
    await start({ sealing: 'manual' })
    await create(true, true)
    const last = await create(true, false)
    await restart({ sealing: 'manual' })
    expect(dev.node.blocks.best().hash).toBe(last.hash)
    expect(dev.node.blocks.finalized().number).toBe(1)
    await create(true, true)
    expect(dev.node.blocks.finalized().number).toBe(3)
    expect(dev.problems()).toEqual([])
  })

  it('is for who is trusted', async () => {
    await start({ sealing: 'manual' })
    const stranger = await Client.open(Number(new URL(dev.node.rpcAddress as string).port), { 'x-forwarded-for': '8.8.8.8' })
    expect(await stranger.request('engine_createBlock', true, false)).toMatchObject({ error: { code: -32601 } })
    expect(await stranger.request('engine_finalizeBlock', dev.node.blocks.genesisHash)).toMatchObject({ error: { code: -32601 } })
    await stranger.close()
  })
})

describe('instant sealing', () => {
  it('puts each transaction into a block at once, whatever the clock shows', async () => {
    await start({ sealing: 'instant' })
    for (let nonce = 0; nonce < 3; nonce++) {
      const transaction = await submit(nonce)
      await expect.poll(() => dev.node.blocks.best().number).toBe(nonce + 1)
      expect(await bodyOf(dev.node.blocks.best().hash)).toContain(transaction)
    }
    await dev.node.core.idle()
    expect(dev.node.blocks.best().number).toBe(3)
    expect(dev.node.blocks.finalized().number).toBe(0)
  })

  it('leaves none of many behind, and makes no empty block', async () => {
    await start({ sealing: 'instant' })
    const { blocks, core } = dev.node
    const extrinsics = await Promise.all(Array.from({ length: 40 }, (_, nonce) => remark(nonce)))
    // The last come first: they wait for each other.
    await Promise.all(extrinsics.reverse().map((extrinsic) => core.pool.submit(extrinsic, 'local')))
    await expect.poll(() => core.pool.status()).toMatchObject({ ready: 0, future: 0 })
    await core.idle()
    const route = blocks.route(blocks.genesisHash, blocks.best().hash)
    const bodies = await Promise.all(route.map(({ hash }) => bodyOf(hash)))
    const signed = extrinsics.map(blake2Hash)
    for (const extrinsic of signed) expect(bodies.filter((body) => body.includes(extrinsic))).toHaveLength(1)
    for (const body of bodies) expect(body.filter((extrinsic) => signed.includes(extrinsic))).not.toEqual([])
  })

  it('finalizes by itself where it is told to: at once, or later and over a restart', async () => {
    await start({ sealing: 'instant', finalizeDelaySec: 0 })
    const seen: number[] = []
    dev.node.blocks.events.on('finalized', ({ head }) => seen.push(head.number))
    await submit(0)
    await expect.poll(() => seen).toEqual([1])

    await restart({ sealing: 'instant', finalizeDelaySec: 30 })
    await submit(1)
    await expect.poll(() => dev.node.blocks.best().number).toBe(2)
    await pass(dev.clock, 29_000)
    expect(dev.node.blocks.finalized().number).toBe(1)
    await restart({ sealing: 'instant', finalizeDelaySec: 30 })
    await pass(dev.clock, 30_000)
    expect(dev.node.blocks.finalized().number).toBe(2)
    expect(dev.problems()).toEqual([])
  })
})

describe('sealing at a pace', () => {
  it('makes a block every so many milliseconds, with what there is', async () => {
    await start({ sealing: 1000 })
    for (let block = 1; block <= 4; block++) {
      await pass(dev.clock, 1000)
      expect(dev.node.blocks.best().number).toBe(block)
    }
    const transaction = await submit(0)
    await pass(dev.clock, 1000)
    expect(await bodyOf(dev.node.blocks.best().hash)).toContain(transaction)
  })
})

describe('a network that', () => {
  it('is sealed on request has neither votes nor slots of its own, and its methods are there', async () => {
    await start({ sealing: 'manual' })
    const { methods } = await client.call<{ methods: string[] }>('rpc_methods')
    expect(methods).toEqual(expect.arrayContaining(['engine_createBlock', 'engine_finalizeBlock']))
    expect(methods.filter((name) => name.startsWith('grandpa_') || name.startsWith('babe_'))).toEqual([])
  })

  it('is not, has them not', async () => {
    await start({})
    const { methods } = await client.call<{ methods: string[] }>('rpc_methods')
    expect(methods.filter((name) => name.startsWith('engine_'))).toEqual([])
    expect(methods).toEqual(expect.arrayContaining(['grandpa_roundState', 'babe_epochAuthorship']))
  })

  it('was sealed on request does not go on by consensus', async () => {
    await start({ sealing: 'manual' })
    await create(true, true)
    await client.close()
    await dev.stop()
    await expect(DevNode.start({ basePath })).rejects.toMatchObject({ code: 'ENGINE_SEALED_CHAIN', hint: expect.stringContaining('--sealing') as string })
    await start({ sealing: 'manual' })
    expect(dev.node.blocks.finalized().number).toBe(1)
  })

  it('made blocks by consensus can be sealed from there', async () => {
    await start({})
    await dev.slots(4)
    const { number } = dev.node.blocks.best()
    expect(number).toBeGreaterThan(2)
    await restart({ sealing: 'manual' })
    await create(true, true)
    expect(dev.node.blocks.finalized().number).toBe(number + 1)
    expect(dev.problems()).toEqual([])
  })

  it('is none for development is sealed by who insists alone', async () => {
    await expect(DevNode.start({ basePath, chain: 'local', sealing: 'manual' })).rejects.toMatchObject({
      code: 'SEALING_NOT_DEVELOPMENT', message: expect.stringContaining('is not a development network') as string, hint: expect.stringContaining('--force-sealing') as string,
    })
    await start({ chain: 'local', sealing: 'manual', forceSealing: true })
    await create(true, true)
    expect(dev.node.blocks.finalized().number).toBe(1)
    expect(dev.problems()).toEqual([expect.stringContaining('outside a development network')])
  })
})
