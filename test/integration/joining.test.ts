/** Nodes that join a running chain by proofs of finality and a recent state, over libp2p on loopback. */
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { encodeHeader } from '../../node-core/chain/scale/header.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import { ScaleReader } from '../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { LateNodes } from '../helpers/late-nodes.ts'

const net = new LateNodes()
afterEach(() => net.stop())

const rootOf = ({ node: { blocks } }: DevNode, hash: Hash): Hash => blocks.header(hash)!.stateRoot

it('begins at the newest finalized block, has its state whole, and follows blocks and finality', async () => {
  const author = await net.author(40)
  const anchor = author.node.blocks.finalized()
  const joiner = await net.late(author, { blocksPruning: 0 })
  const { blocks, storage } = joiner.node
  expect(joiner.node.joining.status()).toMatchObject({ stage: expect.stringMatching(/peers|proofs/) })
  await author.reach('joining', () => blocks.finalized().number >= anchor.number)
  const { number } = blocks.finalized()
  expect(blocks.gap()).toEqual({ from: 1, to: expect.any(Number) })
  await author.reach('following', () => blocks.best().number >= number + 3 && blocks.best().hash === author.node.blocks.best().hash)
  await author.reach('finality', () => blocks.finalized().number > number + 1)
  expect(joiner.node.joining.status()).toBeUndefined()
  // Every key of the state at the head.
  const root = rootOf(joiner, blocks.best().hash)
  const keys = author.node.storage.keys(root, new Uint8Array(0), 100_000)
  expect(storage.keys(root, new Uint8Array(0), 100_000)).toEqual(keys)
  for (const key of keys) expect(storage.get(root, key)).toEqual(author.node.storage.get(root, key))
  expect(joiner.problems()).toEqual([])
})

it('needs no genesis state: a specification for light clients is enough', async () => {
  const author = await net.author(30)
  const { blocks, runtime, core } = author.node
  const header = blocks.header(blocks.finalized().hash)!
  const setId = new ScaleReader(await runtime.call(header.stateRoot, 'GrandpaApi_current_set_id', new Uint8Array(0))).u64Number()
  const voters = core.engine.voters()!.authorities
  const grandpaAuthoritySet = toHex(new ScaleWriter().vec(voters, (writer, { key, weight }) => writer.hash(key).u64(weight)).u64(setId).finish())
  const genesis = blocks.header(blocks.genesisHash)!
  const spec = {
    ...(await loadChainSpec('dev', { chainsPath: join(import.meta.dirname, '../../out/chains') })),
    genesis: { stateRootHash: genesis.stateRoot },
    lightSyncState: { finalizedBlockHeader: toHex(encodeHeader(header)), grandpaAuthoritySet },
  }
  const joiner = await net.late(author, { spec, sync: undefined })
  expect(joiner.node.blocks.genesisHash).toBe(blocks.genesisHash)
  await author.reach('joining', () => joiner.node.blocks.finalized().number > header.number)
  await author.reach('following', () => joiner.node.blocks.best().hash === blocks.best().hash)
  expect(joiner.problems()).toEqual([])
})

it('goes on after a restart, and then is a node as any other', async () => {
  const author = await net.author(30)
  const basePath = await net.folder()
  const first = await DevNode.start({ validator: false, clock: author.clock, bootnodes: [author.address], sync: 'warp', basePath })
  await author.reach('joining', () => first.node.blocks.finalized().number > 0)
  const joined = first.node.blocks.finalized().number
  await first.stop()
  await author.leaps(5, 2)
  const again = await net.late(author, { basePath })
  expect(again.node.joining.status()).toBeUndefined()
  expect(again.node.blocks.finalized().number).toBeGreaterThanOrEqual(joined)
  await author.reach('following', () => again.node.blocks.best().hash === author.node.blocks.best().hash)
  await author.reach('finality', () => again.node.blocks.finalized().number > joined + 3)
  expect(again.problems()).toEqual([])
})

it('serves others: a node that joined is enough to join', async () => {
  const author = await net.author(30)
  const first = await net.late(author)
  await author.reach('joining', () => first.node.blocks.finalized().number > 0 && first.node.joining.status() === undefined)
  await author.reach('following', () => first.node.blocks.best().hash === author.node.blocks.best().hash)
  const second = await net.late(author, { bootnodes: [first.address] })
  await author.reach('joining through it', () => second.node.blocks.finalized().number > 0)
  await author.reach('following through it', () => second.node.blocks.best().hash === author.node.blocks.best().hash)
  expect(second.problems()).toEqual([])
})
