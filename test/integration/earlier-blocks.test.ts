/** Blocks that were there before the start are shown as they were: with who made them, and when. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { HostedChain } from '../../node-core/manager/kinds/chain/hosted.ts'
import type { BlockSummary } from '../../node-core/manager/kinds/kind.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { eventually } from '../helpers/network.ts'

const SLOT_MS = 6000

let basePath: string
let node: DevNode
beforeEach(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-earlier-'))
})
afterEach(async () => {
  await node.stop()
  await rm(basePath, { recursive: true, force: true })
})

/** A chain of four blocks, and the node that has just opened it; it makes none. */
async function reopened(options: DevNodeOptions, make: (first: DevNode) => Promise<unknown>): Promise<void> {
  node = await DevNode.start({ basePath, ...options })
  await make(node)
  await node.node.stop()
  node = await DevNode.start({ basePath, clock: node.clock, ...options })
}

const rows = (blocks: readonly { readonly number: number; readonly author: string | undefined; readonly time: number | undefined }[]): unknown[] =>
  [...blocks].sort((a, b) => a.number - b.number).map(({ number, author, time }) => [number, author, time])

describe('after a restart', () => {
  it('the list and the drawing of blocks have the authors by the chain, and the times of the slots', async () => {
    await reopened({}, (first) => first.slots(4))
    const told: BlockSummary[] = []
    const hosted = new HostedChain(node.node, { logger: silentLogger, clock: node.clock, chainType: 'Development' })
    const { blocks, dispose } = await hosted.follow({ onBlock: (block) => told.push(block), onNewest: () => undefined, onSettled: () => undefined, onChange: () => undefined })
    await eventually(() => told.length === 4, 'the authors of four blocks')
    const slot = 283_333_334
    const expected = [[0, undefined, undefined], ...[1, 2, 3, 4].map((number) => [number, 'Alice', (slot + number - 1) * SLOT_MS])]
    expect(rows(blocks.latest(10))).toEqual(expected)
    expect(rows(told)).toEqual(expected.slice(1))
    dispose()

    const { explorer } = node.node
    const first = await explorer.chain()
    expect(rows(first.blocks)).toEqual(expected)
  })

  it('the drawing tells of authors that it found out after it was asked', async () => {
    await reopened({}, (first) => first.slots(3))
    const { explorer } = node.node
    const { cursor, blocks } = await explorer.chain()
    expect(blocks.map(({ author }) => author)).toEqual([undefined, undefined, undefined, undefined])
    await eventually(async () => (await explorer.chain(cursor)).blocks.length === 3, 'three authors')
    expect((await explorer.chain(cursor)).blocks.map(({ author }) => author)).toEqual(['Alice', 'Alice', 'Alice'])
  })

  it('blocks that were sealed at a pace have the time that the runtime kept', async () => {
    await reopened({ sealing: 2000 }, (first) => first.slots(1))
    const { blocks, timeOf } = { blocks: node.node.blocks, timeOf: (number: number) => node.node.timeOf(blocks.header(blocks.hashByNumber(number) as Hash) as Header) }
    expect(blocks.best().number).toBeGreaterThanOrEqual(2)
    const times = [1, 2].map(timeOf)
    expect(times[0]).toBeGreaterThan(1_700_000_001_000 - SLOT_MS)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(0)
    expect(times[1]).toBeLessThanOrEqual(node.clock.now())
    expect(timeOf(0)).toBeUndefined()
  })
})
