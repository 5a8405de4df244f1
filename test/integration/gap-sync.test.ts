/** Nodes that joined at a recent block fetch what is below it, over libp2p on loopback, and serve it. */
import { afterEach, expect, it } from 'vitest'
import { DevNode } from '../helpers/dev-node.ts'
import { LateNodes } from '../helpers/late-nodes.ts'

const net = new LateNodes()
afterEach(() => net.stop())

/** Everything from genesis to the finalized block is here as it is there. */
async function expectSame({ node: { blocks } }: DevNode, { node: { blocks: there } }: DevNode, from = 1): Promise<void> {
  for (let number = from; number <= blocks.finalized().number; number++) {
    const hash = there.hashByNumber(number)!
    expect([blocks.hashByNumber(number), blocks.header(hash), await blocks.body(hash)]).toEqual([hash, there.header(hash), await there.body(hash)])
  }
}

/** Heights above `from` of blocks that are here with a proof that they are final. */
async function provenAt({ node: { blocks } }: DevNode, from = 0): Promise<number[]> {
  const proven: number[] = []
  for (let number = from + 1; number <= blocks.finalized().number; number++) if (await blocks.justifications(blocks.hashByNumber(number)!)) proven.push(number)
  return proven
}

it('all of the chain is fetched where all is kept, beside following the head, and others sync from it block by block', async () => {
  const author = await net.author(40)
  const joiner = await net.late(author)
  const { blocks, sync } = joiner.node
  await author.reach('joining', () => blocks.finalized().number > 0)
  await author.reach('the older blocks', () => blocks.gap() === undefined && blocks.finalized().number > 0)
  await author.reach('following', () => blocks.best().hash === author.node.blocks.best().hash)
  expect(sync.status()?.gap).toBeUndefined()
  await expectSame(joiner, author)
  const anchor = joiner.node.joining.outcome()
  if (anchor?.kind !== 'joined') throw new Error('it did not join')
  const proven = (await provenAt(author)).filter((number) => number <= anchor.block.number)
  expect(proven.length).toBeGreaterThan(1)
  expect((await provenAt(joiner)).filter((number) => number <= anchor.block.number)).toEqual(proven)
  expect(joiner.problems()).toEqual([])
  const third = await net.late(author, { bootnodes: [joiner.address], sync: 'full' })
  await author.reach('syncing all of it from there', () => third.node.blocks.best().hash === blocks.best().hash)
  await expectSame(third, author)
  expect(third.problems()).toEqual([])
})

it('a number keeps so many, nothing of what is older is asked for, and the rest is served as far as it is there', async () => {
  const author = await net.author(60)
  const basePath = await net.folder()
  const first = await DevNode.start({ validator: false, clock: author.clock, bootnodes: [author.address], sync: 'warp', blocksPruning: 20, basePath })
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
  const again = await net.late(author, { basePath, blocksPruning: 'archive' })
  expect(again.node.blocks.gap()).toEqual(missing)
  await author.reach('the rest', () => again.node.blocks.gap() === undefined)
  await expectSame(again, author)
  expect(again.problems()).toEqual([])
})
