/** Networks that slept: the chain goes on after any gap, on runtimes that move one epoch a block and on those that move to the slot's epoch. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, describe, expect, it } from 'vitest'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { auxKey } from '../../node-core/chain/state/buckets.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { hasModernChain, modernSpec } from '../helpers/modern-chain.ts'
import { ownSpec } from '../helpers/own-spec.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const GAPS = [125 * MINUTE, 185 * MINUTE, 25 * HOUR, 365 * 24 * HOUR]

const nodes: DevNode[] = []

async function start(options: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start(options)
  nodes.push(node)
  return node
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

/** Imports what `to` lacks of the best chain of `from`, all at once, as a sync does. */
async function follow(from: DevNode, to: DevNode): Promise<void> {
  const { blocks } = from.node
  const chain = await Promise.all(
    blocks.route(to.node.blocks.best().hash, blocks.best().hash).map(async ({ hash }) => {
      const [header, body] = [blocks.header(hash), await blocks.body(hash)]
      if (header === undefined || body === undefined) throw new Error(`no block ${hash}`)
      return { header, body }
    }),
  )
  const outcomes = await Promise.all(chain.map((block) => to.node.core.importer.importBlock(block, 'sync')))
  const kinds = outcomes.map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind !== 'imported')).toEqual([])
  expect(to.node.blocks.best()).toEqual(blocks.best())
}

/** The slot under way when it wakes up, and each that begins after it, has a block. */
async function goesOn(author: DevNode, gap: number, slots: number): Promise<void> {
  const before = author.node.blocks.best().number
  author.clock.skip(gap)
  for (let slot = 0; slot < slots; slot++) await author.leaps(1, 1)
  expect(author.node.blocks.best().number).toBe(before + slots)
}

/** What relay runtimes say of each block without parachains is no problem of ours. */
const problems = (node: DevNode): string[] => node.problems().filter((text) => !text.startsWith('runtime:'))

const WESTEND = join(import.meta.dirname, '../../../shared/vectors/specs/westend-dev.json')
const westend = (): ChainSpec => parseChainSpec(readFileSync(WESTEND, 'utf8'), WESTEND)
const RUNTIMES: [name: string, spec: () => ChainSpec][] = [
  ['our own runtime with epochs of an hour', () => ownSpec()],
  ['our own runtime with epochs of a minute', () => ownSpec({ patch: { settings: { epochLength: 10 } } })],
]
if (existsSync(WESTEND)) RUNTIMES.push(["Westend's runtime of 2022", westend])
if (hasModernChain) RUNTIMES.push(["Paseo's runtime of 2024", () => modernSpec()])

describe.each(RUNTIMES)('on %s', (_name, specOf) => {
  it('every slot has its block after 125 minutes, then 185, then 25 hours, then a year; followers and a restarted author agree', async () => {
    const options = { spec: specOf() }
    const author = await start(options)
    await author.slots(2)
    // It is online all the time, and hears of no block while there is none.
    const follower = await start({ ...options, validator: false, clock: author.clock })
    await follow(author, follower)
    for (const gap of GAPS) await goesOn(author, gap, 5)
    await follow(author, follower)

    await author.node.stop()
    const restarted = await start({ ...options, clock: author.clock, basePath: author.basePath })
    await goesOn(restarted, 0, 3)
    await follow(restarted, follower)
    expect([...problems(author), ...problems(restarted), ...problems(follower)]).toEqual([])
    await restarted.node.stop()
  })
})

const announces = ({ digest }: Header): boolean => digest.some((item) => item.type === 'consensus' && item.engine === 'BABE' && item.data[0] === 1)

function announcing({ node: { blocks } }: DevNode): number[] {
  return blocks.route(blocks.genesisHash, blocks.best().hash).filter(({ hash }) => announces(blocks.header(hash) as Header)).map(({ number }) => number)
}

it('our own runtime moves to the epoch of the slot after a gap, and epochs are as long as ever', async () => {
  const author = await start({ spec: ownSpec() })
  await author.slots(2)
  await goesOn(author, 4 * HOUR, 6)
  // Every twentieth slot, over two epochs of 600.
  await author.leaps(60, 20)
  // Four hours are four epochs, and the first block afterwards ends them all; then each thirty leaps.
  expect(announcing(author)).toEqual([1, 3, 38, 68])
  expect(problems(author)).toEqual([])
})

describe.skipIf(!existsSync(WESTEND))('on a runtime that moves one epoch a block', () => {
  it('epochs are as long as ever once it has caught up', async () => {
    const author = await start({ spec: westend() })
    await author.slots(2)
    await goesOn(author, 4 * HOUR, 6)
    // Every twentieth slot, over two epochs of 600.
    await author.leaps(60, 20)
    // Four hours are four epochs: the first block afterwards ends one of them, and so do the next three; then each thirty leaps.
    expect(announcing(author)).toEqual([1, 3, 4, 5, 6, 38, 68])
    expect(problems(author)).toEqual([])
  })

  it('a node that joins on a block at which the runtime is still catching up goes on', async () => {
    const spec = westend()
    const author = await start({ spec })
    await author.slots(2)
    await goesOn(author, 25 * HOUR, 6)
    const joiner = await start({ spec, validator: false, clock: author.clock, bootnodes: [author.address], sync: 'warp' })
    const { blocks, joining } = joiner.node
    await author.reach('joining', () => blocks.best().number > 0 && joining.status() === undefined)
    const outcome = joining.outcome()
    // The block on which it stands is one of those that end an epoch each.
    expect(announcing(author)).toContain(outcome?.kind === 'joined' ? outcome.block.number : undefined)
    await author.slots(3)
    await author.reach('following', () => blocks.best().hash === author.node.blocks.best().hash)
    expect(problems(joiner)).toEqual([])
  })

  it('a data folder in which the version before was left with one block an hour goes on', async () => {
    const spec = westend()
    const before = await start({ spec })
    await before.slots(2)
    // What that version did: a block when it woke up, one an hour later, and nothing of the doubt in its records.
    for (const gap of [25 * HOUR, HOUR, HOUR]) await goesOn(before, gap, 1)
    await before.node.stop()
    await forgetDoubts(before.node.dataPath)
    const after = await start({ spec, clock: before.clock, basePath: before.basePath })
    await goesOn(after, 0, 5)
    expect(problems(after)).toEqual([])
    const follower = await start({ spec, validator: false, clock: before.clock })
    await follow(after, follower)
    await after.node.stop()
  })
})

/** Takes the last byte off BABE's records of blocks: so they were written before there was a doubt. */
async function forgetDoubts(dataPath: string): Promise<void> {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(join(dataPath, 'db'), { keyEncoding: 'view', valueEncoding: 'view' })
  await level.open()
  for await (const [key, value] of level.iterator({ gte: auxKey('babe/block/'), lt: auxKey('babe/block0') })) await level.put(key, value.subarray(0, -1))
  await level.close()
}
