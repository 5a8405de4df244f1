/** Nodes that joined at a recent block fetch what is below it, over libp2p on loopback, and serve it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'

const nodes: DevNode[] = []
const folders: string[] = []
afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) await node.stop()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function start(options: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start(options)
  nodes.push(node)
  return node
}

const addressOf = ({ node }: DevNode): string => node.network.listenAddresses().find((text) => text.includes('127.0.0.1') && !text.includes('/ws')) as string

async function running(blocks: number): Promise<DevNode> {
  const author = await start({})
  await author.leaps(blocks, 20)
  return author
}

function late(author: DevNode, options: Partial<DevNodeOptions> = {}): Promise<DevNode> {
  return start({ validator: false, clock: author.clock, bootnodes: [addressOf(author)], sync: 'warp', ...options })
}

/** Everything from genesis to the finalized block is here as it is there. */
async function expectSame({ node: { blocks } }: DevNode, { node: { blocks: there } }: DevNode, from = 1): Promise<void> {
  for (let number = from; number <= blocks.finalized().number; number++) {
    const hash = there.hashByNumber(number)!
    expect([blocks.hashByNumber(number), blocks.header(hash), await blocks.body(hash)]).toEqual([hash, there.header(hash), await there.body(hash)])
  }
}

it('all of the chain is fetched where all is kept, beside following the head, and others sync from it block by block', async () => {
  const author = await running(40)
  const joiner = await late(author)
  const { blocks, sync } = joiner.node
  await author.reach('joining', () => blocks.finalized().number > 0)
  await author.reach('the older blocks', () => blocks.gap() === undefined && blocks.finalized().number > 0)
  await author.reach('following', () => blocks.best().hash === author.node.blocks.best().hash)
  expect(sync.status()?.gap).toBeUndefined()
  await expectSame(joiner, author)
  expect(joiner.problems()).toEqual([])
  const third = await late(author, { bootnodes: [addressOf(joiner)], sync: 'full' })
  await author.reach('syncing all of it from there', () => third.node.blocks.best().hash === blocks.best().hash)
  await expectSame(third, author)
  expect(third.problems()).toEqual([])
})

it('a number keeps so many, nothing of what is older is asked for, and the rest is served as far as it is there', async () => {
  const author = await running(60)
  const basePath = await mkdtemp(join(tmpdir(), 'nodestead-gap-'))
  folders.push(basePath)
  const first = await DevNode.start({ validator: false, clock: author.clock, bootnodes: [addressOf(author)], sync: 'warp', blocksPruning: 20, basePath })
  const { blocks, sync } = first.node
  await author.reach('joining', () => blocks.finalized().number > 0)
  await author.reach('the older blocks', () => sync.status() !== undefined && sync.status()?.gap === undefined && sync.status()?.state === 'idle')
  const missing = blocks.gap()!
  expect(missing.from).toBe(1)
  expect(blocks.finalized().number - missing.to).toBeGreaterThanOrEqual(20)
  await expectSame(first, author, missing.to + 1)
  expect([blocks.hashByNumber(missing.to), blocks.hasBlock(author.node.blocks.hashByNumber(5)!)]).toEqual([undefined, false])
  await first.stop()
  // All is wanted now: it goes on from there.
  const again = await late(author, { basePath, blocksPruning: 'archive' })
  expect(again.node.blocks.gap()).toEqual(missing)
  await author.reach('the rest', () => again.node.blocks.gap() === undefined)
  await expectSame(again, author)
  expect(again.problems()).toEqual([])
})
