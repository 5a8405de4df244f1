/**
 * Whole nodes on runtimes of others: a Westend development chain of 2022, and Paseo's runtime of 2024 with an authority of ours; Paseo
 * itself as it is. Read from the folder beside the project; skipped where it is absent.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../node-core/base/bytes.ts'
import type { ChainSpec } from '../../../node-core/chain/spec/schema.ts'
import { babeConfiguration } from '../../../node-core/chain/core/engines/babe/runtime-api.ts'
import type { Header } from '../../../node-core/chain/scale/header.ts'
import { DevNode, type DevNodeOptions } from '../../helpers/dev-node.ts'
import { hasModernChain, modernSpec } from '../../helpers/modern-chain.ts'
import { hasVector, vectorSpec } from '../../helpers/vectors.ts'

const HOUR = 3_600_000
const LEAPS = 40

const nodes: DevNode[] = []

async function start(options: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start(options)
  nodes.push(node)
  return node
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

/** BABE's next epoch is announced in the first block of each. */
const announces = ({ digest }: Header): boolean => digest.some((item) => item.type === 'consensus' && item.engine === 'BABE' && item.data[0] === 1)

/** What relay runtimes say of each block without parachains is no problem of ours. */
const problems = (node: DevNode): string[] => node.problems().filter((text) => !text.startsWith('runtime:'))

/** Every slot of `count` has a block, and all but the newest are final. */
async function finalizes(author: DevNode, count: number): Promise<void> {
  const { blocks } = author.node
  const before = blocks.best().number
  await author.slots(count)
  expect(blocks.best().number).toBe(before + count)
  expect(blocks.finalized().number).toBeGreaterThanOrEqual(blocks.best().number - 3)
}

/** Takes over the author's blocks and the proof of its last final one. */
async function follow(author: DevNode, follower: DevNode): Promise<void> {
  const { blocks } = author.node
  for (const { hash } of blocks.route(blocks.genesisHash, blocks.best().hash)) {
    const [header, body, justifications] = [blocks.header(hash) as Header, (await blocks.body(hash)) ?? [], (await blocks.justifications(hash)) ?? []]
    expect(await follower.node.core.importer.importBlock({ header, body }, 'sync', justifications)).toMatchObject({ kind: 'imported' })
  }
  expect(follower.node.blocks.best()).toEqual(blocks.best())
}

const CHAINS: readonly { readonly name: string; readonly isAbsent: boolean; readonly spec: () => ChainSpec }[] = [
  { name: "Westend's development chain", isAbsent: !hasVector('specs/westend-dev.json'), spec: () => vectorSpec('westend-dev') },
  { name: "Paseo's runtime", isAbsent: !hasModernChain, spec: () => modernSpec() },
]

describe.each(CHAINS)('$name', ({ isAbsent, spec }) => {
  it.skipIf(isAbsent)('is started, authored and finalized over epochs and a gap of three hours, and followed', async () => {
    const author = await start({ spec: spec() })
    const { blocks, core } = author.node
    await finalizes(author, 4)
    // Over two epochs and more, a block in each part of one.
    const { epochLength } = await babeConfiguration(author.node.runtime, blocks.header(blocks.genesisHash)?.stateRoot as Hash)
    await author.leaps(LEAPS, Math.ceil((epochLength * 2.5) / LEAPS))
    await finalizes(author, 4)
    author.clock.skip(3 * HOUR)
    // The slot under way when it wakes up has a block, too.
    await author.leaps(1, 1)
    await finalizes(author, 8)

    const changed = blocks.route(blocks.genesisHash, blocks.best().hash).filter(({ hash }) => announces(blocks.header(hash) as Header))
    expect(changed.length).toBeGreaterThanOrEqual(4)
    const follower = await start({ spec: spec(), validator: false, clock: author.clock })
    await follow(author, follower)
    await core.idle()
    expect(follower.node.blocks.finalized().number).toBeGreaterThanOrEqual(blocks.best().number - 4)
    expect([...problems(author), ...problems(follower)]).toEqual([])
  }, 180_000)
})

describe('Paseo itself', () => {
  it.skipIf(!hasVector('specs/paseo.json'))('is started as a follower, under its genesis hash', async () => {
    const paseo = await start({ spec: { ...vectorSpec('paseo'), bootNodes: [] }, validator: false })
    expect(paseo.node.blocks.genesisHash).toMatch(/^0x77afd6/)
    expect(problems(paseo)).toEqual([])
  }, 60_000)
})
