/**
 * Whole nodes over libp2p on loopback, and whom they trust: not one peer's word against the others', and not themselves against
 * everybody.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import { RuntimeError } from '../../node-core/chain/runtime/errors.ts'
import type { RuntimeExecutor } from '../../node-core/chain/runtime/types.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { BadPeer, honest, stopsAnswering, type BadPeerOptions } from '../helpers/bad-peers.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { reach as passUntil } from '../helpers/passing-time.ts'

let folder: string
const stops: (() => Promise<void>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-distrust-'))
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  await rm(folder, { recursive: true, force: true })
})

async function node(options: Parameters<typeof DevNode.start>[0]): Promise<DevNode> {
  const started = await DevNode.start(options)
  stops.push(() => started.stop())
  return started
}

async function peer(name: string, author: DevNode, options: Partial<BadPeerOptions> = {}): Promise<BadPeer> {
  const { blocks } = author.node
  const started = await BadPeer.start({ behaviour: honest, claims: blocks.best(), blocks, clock: author.clock, dataPath: join(folder, name), ...options })
  stops.push(() => started.stop())
  return started
}

const bansOf = ({ logs }: DevNode): unknown[] => logs.filter(({ message }) => message === 'a peer is banned').map(({ fields }) => fields)

function reach(what: string, clocks: readonly FakeClock[], done: () => boolean, msPerTurn?: number): Promise<void> {
  return passUntil(clocks, what, done, msPerTurn)
}

it('a node whose clock is 20 s slow imports each block when its time has come, and asks nobody twice', async () => {
  const author = await node({})
  await author.leaps(5, 2)
  const { blocks, slotDurationMs } = author.node
  const seen = await peer('seen', author)
  const late = new FakeClock(author.clock.now() - 20_000)
  const follower = await node({ validator: false, clock: late, bootnodes: [seen.address] })
  const clocks = [author.clock, late]
  let announced = blocks.best().number
  const tell = (): void => {
    if (blocks.best().number === announced) return
    announced = blocks.best().number
    const header = blocks.header(blocks.best().hash) as Header
    // Once more than needed: what is announced twice is still fetched once.
    seen.announce(header)
    seen.announce(header)
  }
  await reach('the connection', clocks, () => seen.requests > 0)
  const end = author.clock.now() + 15 * slotDurationMs
  await reach('fifteen slots', clocks, () => {
    tell()
    return author.clock.now() >= end
  })
  const top = blocks.best().number
  expect(top).toBeGreaterThan(12)
  await reach('the last block', clocks, () => follower.node.blocks.best().number >= top)
  expect(follower.logs.some(({ fields }) => fields?.['code'] === 'BABE_SLOT_IN_FUTURE')).toBe(true)
  expect(seen.repeats()).toEqual([])
  expect(seen.requests).toBeLessThan(top + 10)
  expect(bansOf(follower)).toEqual([])
}, 120_000)

it('a peer that claims #4,000,000,000 keeps an authority from nothing', async () => {
  const author = await node({})
  await author.slots(5)
  const { clock } = author
  const liar = await peer('liar', author, { behaviour: stopsAnswering, claims: { number: 4_000_000_000, hash: `0x${'ab'.repeat(32)}` }, bootnodes: [author.address] })
  const follower = await node({ validator: false, clock, bootnodes: [author.address, liar.address] })
  let wasMajor = false
  const look = (isDone: () => boolean) => (): boolean => {
    wasMajor ||= author.node.sync.isMajorSyncing()
    return isDone()
  }
  await reach('both connections', [clock], look(() => [author, follower].every(({ node }) => node.network.peers().length === 2)))
  const best = author.node.blocks.best().number
  await reach('five more blocks, announced', [clock], look(() => follower.node.blocks.best().number >= best + 5))
  expect(wasMajor).toBe(false)
  expect(author.node.sync.status()?.highestBlock).toBeLessThan(best + 20)
  expect(liar.repeats()).toEqual([])
}, 120_000)

it('a node that traps where nobody else does bans nobody, says so, and goes on when it can', async () => {
  const author = await node({})
  await author.leaps(20, 2)
  const { clock } = author
  const others = [await peer('a', author), await peer('b', author), await peer('c', author)]
  const sick = await node({ validator: false, clock, bootnodes: others.map(({ address }) => address) })
  const runtime: Pick<RuntimeExecutor, 'executeBlock'> = sick.node.runtime
  const { executeBlock } = runtime
  let isSick = true
  Object.assign(runtime, {
    executeBlock: (...call: Parameters<RuntimeExecutor['executeBlock']>) =>
      isSick && call[1].number === 12 ? Promise.reject(new RuntimeError('RUNTIME_TRAP', 'Core_execute_block trapped: unreachable')) : executeBlock.apply(runtime, call),
  })
  await reach('the suspicion', [clock], () => sick.node.sync.status()?.refused !== undefined)
  expect(sick.node.sync.status()?.refused).toMatchObject({ number: 12, code: 'RUNTIME_TRAP' })
  await reach('some minutes', [clock], () => clock.now() > 1_700_000_600_000, 1000)
  expect(sick.node.blocks.best().number).toBe(11)
  expect(sick.node.network.peers().length).toBe(3)
  expect(bansOf(sick)).toEqual([])
  for (const other of others) expect(other.repeats()).toEqual([])
  isSick = false
  await reach('the rest', [clock], () => sick.node.blocks.best().number >= 20, 1000)
  expect(sick.node.sync.status()?.refused).toBeUndefined()
}, 120_000)
