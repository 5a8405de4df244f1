/** Aura with GRANDPA over libp2p on loopback: two authorities take turns, one is away for a while, and a node joins late. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toHex } from '../../node-core/base/bytes.ts'
import { auraDigests } from '../../node-core/chain/core/engines/aura/digest.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { auraPatch, auraSpec } from '../helpers/aura-chain.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { auraRuntime } from '../helpers/own-runtime.ts'
import { reach as passUntil } from '../helpers/passing-time.ts'
import { Client } from '../unit/chain/rpc/client.ts'

let folder: string
const nodes: DevNode[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-aura-'))
})
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
  await rm(folder, { recursive: true, force: true })
})

async function start(options: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start(options)
  nodes.push(node)
  return node
}

async function leave(node: DevNode): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1)
  await node.stop()
}

function reach(clock: DevNode['clock'], what: string, done: () => boolean): Promise<void> {
  return passUntil(clock, what, done, 100)
}

function authorsOf({ node }: DevNode): { slot: number; author: string | undefined }[] {
  const { blocks } = node
  return blocks.route(blocks.genesisHash, blocks.best().hash).map(({ hash }) => ({ slot: auraDigests.slotOf(blocks.header(hash) as Header) as number, author: node.authorOf(hash) }))
}

it('two authorities take turns and finalize, go on when one comes back, and who joins late catches up', async () => {
  const spec = auraSpec('Alice', 'Bob')
  const alice = await start({ spec, basePath: join(folder, 'alice'), account: 'alice' })
  const { clock } = alice
  const bobAt = { spec, basePath: join(folder, 'bob'), account: 'bob' as const, clock, bootnodes: [alice.address] }
  let bob = await start(bobAt)
  const both = (): DevNode[] => [alice, bob]
  await reach(clock, 'finality of both', () => both().every(({ node }) => node.blocks.finalized().number >= 8))

  // By the slot, whoever it is.
  for (const { slot, author } of authorsOf(alice)) expect([slot, author]).toEqual([slot, slot % 2 === 0 ? 'Alice' : 'Bob'])
  expect(new Set(authorsOf(alice).map(({ author }) => author))).toEqual(new Set(['Alice', 'Bob']))
  expect(alice.node.blocks.isAncestor(bob.node.blocks.finalized().hash, alice.node.blocks.best().hash)).toBe(true)

  // Half of them away: the chain stands still, as nobody builds where nobody listens; with somebody there it goes on without becoming final.
  await leave(bob)
  const listener = await start({ spec, validator: false, clock, bootnodes: [alice.address] })
  const before = { best: alice.node.blocks.best().number, final: alice.node.blocks.finalized().number }
  await reach(clock, 'blocks of half of the authorities', () => listener.node.blocks.best().number >= before.best + 12)
  expect(authorsOf(alice).slice(before.best + 2).every(({ author }) => author === 'Alice')).toBe(true)
  expect(alice.node.blocks.finalized().number).toBeLessThanOrEqual(before.best + 1)

  bob = await start({ ...bobAt, bootnodes: [alice.address] })
  const [low] = [alice.node.blocks.best().number]
  await reach(clock, 'finality after the outage', () => [...both(), listener].every(({ node }) => node.blocks.finalized().number > low))
  expect(authorsOf(alice).slice(low).some(({ author }) => author === 'Bob')).toBe(true)

  const late = await start({ spec, validator: false, clock, bootnodes: [bob.address] })
  const goal = alice.node.blocks.finalized()
  await reach(clock, 'who joined late', () => late.node.blocks.finalized().number >= goal.number)
  expect(late.node.blocks.hashByNumber(goal.number)).toBe(goal.hash)
  for (const { node, logs } of [alice, bob, listener, late]) {
    expect(node.blocks.isAncestor(goal.hash, node.blocks.best().hash)).toBe(true)
    expect(logs.filter(({ message }) => message === 'refused a block')).toEqual([])
  }
}, 240_000)

it('a specification as the field\'s tools write it runs, its node tells what an author has to know of its keys, and is sealed on request as any other', async () => {
  const path = join(folder, 'solo.json')
  const runtimeGenesis = { code: toHex(auraRuntime()), patch: auraPatch('Alice') }
  await writeFile(path, JSON.stringify({ name: 'Solo', id: 'solo', chainType: 'Development', bootNodes: [], telemetryEndpoints: null, protocolId: null, properties: null, codeSubstitutes: {}, genesis: { runtimeGenesis } }))
  const spec = await loadChainSpec(path, { chainsPath: folder })
  const alice = await start({ spec, basePath: folder })
  await alice.slots(4)
  expect(alice.node.core.engine.name).toBe('Aura with GRANDPA')
  expect(await alice.node.sessionKeys.kinds()).toEqual([{ keyType: 'gran', scheme: 'ed25519' }, { keyType: 'aura', scheme: 'sr25519' }])
  const { types, keys } = await alice.node.sessionKeys.refresh()
  expect([...types].sort()).toEqual(['aura', 'gran'])
  expect(alice.node.sessionKeys.development().map(({ keyType, publicKey }) => keys.has(`${keyType}:${publicKey}`))).toEqual([true, true])
  const block = await alice.node.explorer.block(alice.node.blocks.best().hash)
  expect(block).toMatchObject({ author: { name: 'Alice' }, digest: [{ kind: 'slot' }, { kind: 'seal', engine: 'aura' }] })
  const { number } = alice.node.blocks.best()
  await leave(alice)

  const sealed = await start({ spec, basePath: folder, clock: alice.clock, sealing: 'manual' })
  const client = await Client.open(Number(new URL(sealed.node.rpcAddress as string).port))
  for (let i = 1; i <= 3; i++) await client.call('engine_createBlock', true, true)
  await client.close()
  expect(sealed.node.blocks.finalized().number).toBe(number + 3)
  expect(sealed.problems()).toEqual([])
})
