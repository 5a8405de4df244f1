/**
 * Joining a chain whose finality has changed hands a dozen times: the late node follows the proofs over every change, and then knows who
 * decides, which it shows by following further changes and, as an authority, by voting.
 */
import { afterEach, expect, it } from 'vitest'
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { ChangingChain, EPOCH } from '../helpers/changing-chain.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function chainOf(blocks: number): Promise<ChangingChain> {
  const chain = await ChangingChain.start()
  stops.push(() => chain.stop())
  await chain.blocks(blocks)
  return chain
}

async function late({ author, spec }: ChangingChain, options: Partial<DevNodeOptions> = {}): Promise<DevNode> {
  const node = await DevNode.start({ spec, clock: author.clock, validator: false, bootnodes: [author.address], sync: 'warp', ...options })
  stops.push(() => node.stop())
  return node
}

const DAVE = toHex(devAccount('//Dave').ed25519.publicKey)

it('follows a dozen changes of the authorities, and goes on as one of them', async () => {
  const chain = await chainOf(100)
  const { author } = chain
  const before = chain.changes()
  expect(before.length).toBeGreaterThanOrEqual(12)
  const dave = await late(chain, { validator: true, account: 'dave' })
  const seen = { author: 0, dave: 0, votes: 0 }
  author.node.core.events.on('vote', ({ setId, authority }) => {
    seen.author = setId
    if (authority === DAVE) seen.votes++
  })
  dave.node.core.events.on('vote', ({ setId }) => (seen.dave = setId))
  const { blocks } = dave.node
  const start = author.node.blocks.best().number
  await author.reach('joining', () => blocks.finalized().number > 0 && dave.node.joining.status() === undefined)
  const anchor = blocks.finalized().number
  expect(anchor).toBeGreaterThanOrEqual(before.at(-1)!.number)

  for (let i = 0; i < 40 && (seen.votes === 0 || chain.changes().length < before.length + 3); i++) await chain.blocks(5)
  const after = chain.changes()
  expect(after.length).toBeGreaterThanOrEqual(before.length + 3)
  await author.reach('finality', () => blocks.finalized().number > after.at(-1)!.number && seen.dave === seen.author)
  expect(seen.author).toBe(chain.changes().length)
  expect(dave.node.core.engine.voters()).toEqual(author.node.core.engine.voters())
  expect(seen.votes).toBeGreaterThan(0)
  // What it made is on the chain of the others: it made nothing before it had come to their head.
  const made = author.node.blocks.route(author.node.blocks.genesisHash, author.node.blocks.best().hash).filter(({ hash }) => author.node.authorOf(hash) === 'Dave')
  for (const { number } of made) expect(number).toBeGreaterThan(start)
  expect([...author.problems(), ...dave.problems()]).toEqual([])
})

it('goes on from any block of an epoch: the first, the last, and those that change the authorities', async () => {
  const chain = await chainOf(30)
  const { author } = chain
  /** How many blocks before it announced the epoch that it is in. */
  const depthOf = (hash: Hash): number => {
    let depth = 0
    for (let header = author.node.blocks.header(hash)!; !announces(header); depth++) header = author.node.blocks.header(header.parentHash)!
    return depth
  }
  const places = new Set<number>()
  for (let nodes = 0; places.size < 4 || !places.has(0); nodes++) {
    expect(nodes).toBeLessThan(20)
    // While it joins, finality goes on by a block or so: it stands where nobody stood, sooner or later.
    for (let blocks = 0; blocks < EPOCH && places.has(depthOf(author.node.blocks.finalized().hash)); blocks++) await chain.blocks(1)
    const joiner = await late(chain)
    const { blocks, joining } = joiner.node
    await author.reach('joining', () => blocks.finalized().number > 0 && joining.status() === undefined)
    const outcome = joining.outcome()
    if (outcome?.kind !== 'joined') throw new Error('it did not join')
    places.add(depthOf(outcome.block.hash))
    // Over the end of its epoch.
    await chain.blocks(EPOCH)
    await author.reach('following', () => blocks.best().hash === author.node.blocks.best().hash && blocks.finalized().number > outcome.block.number)
    expect(joiner.problems()).toEqual([])
    await joiner.stop()
  }
})

const announces = ({ digest }: Header): boolean => digest.some((item) => item.type === 'consensus' && item.engine === 'BABE' && item.data[0] === 1)
