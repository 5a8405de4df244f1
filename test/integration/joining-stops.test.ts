/**
 * A node that is stopped while it joins, at every stage: it stops at once and leaves nothing in the process; the next start goes on, or syncs
 * from genesis as if nothing had been. And a node that others ask meanwhile.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../node-core/base/bytes.ts'
import { WARP_SPEC } from '../../node-core/chain/core/engines/grandpa/proofs/warp.ts'
import { requestBlocks, requestCallProof, requestState } from '../../node-core/chain/protocols/requests/index.ts'
import { chainDataPath } from '../../node-core/chain/spec/load.ts'
import { BUCKET, auxKey } from '../../node-core/chain/state/buckets.ts'
import { TrieStorageReader } from '../../node-core/chain/state/storage-reader.ts'
import { createLevel } from '../../node-core/chain/state/trie-source.ts'
import { ChangingChain } from '../helpers/changing-chain.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { ProvingPeer, little, silent, type ProvingPeerOptions, type Question } from '../helpers/proving-peers.ts'

let chain: ChangingChain
let folder: string
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-stops-'))
  chain = await ChangingChain.start()
  await chain.blocks(40)
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
afterAll(async () => {
  await chain.stop()
  await rm(folder, { recursive: true, force: true })
})

const reach = (what: string, done: () => boolean, stepMs = 250): Promise<void> => chain.author.reach(what, done, stepMs)

/** What a peer has; it serves the state in pieces so small that one of them is never all. */
async function peer(stopsAt?: Question): Promise<ProvingPeer> {
  const { blocks, storage } = chain.author.node
  if (!(storage instanceof TrieStorageReader)) throw new Error('the node proves nothing of its state')
  const state = { blocks, proofs: storage }
  const answers: NonNullable<ProvingPeerOptions['answers']> = stopsAt === undefined ? {} : { [stopsAt]: silent }
  if (stopsAt === 'state') answers.state = (honest, request, asked) => (asked < 4 ? little(state, request) : silent(honest, request, asked))
  const started = await ProvingPeer.start({ ...state, clock: chain.author.clock, dataPath: await mkdtemp(join(folder, 'peer-')), answers })
  stops.push(() => started.stop())
  return started
}

async function joiner(basePath: string, options: Partial<DevNodeOptions> = {}): Promise<DevNode> {
  const node = await DevNode.start({ spec: chain.spec, clock: chain.author.clock, validator: false, sync: 'warp', basePath, ...options })
  stops.push(() => node.stop())
  return node
}

/** A node that was stopped when its peer had fallen silent at the question. */
async function stoppedAt(question: Question): Promise<string> {
  const stopping = await peer(question)
  const basePath = await mkdtemp(join(folder, 'node-'))
  const before = threads()
  const node = await joiner(basePath, { bootnodes: [stopping.address] })
  await reach('the question', () => stopping.asked[question] >= (question === 'state' ? 4 : 1))
  expect(node.node.blocks.best().number).toBe(0)
  await node.stop()
  await expect.poll(threads).toBeLessThanOrEqual(before)
  expect(node.problems()).toEqual([])
  await stopping.stop()
  return basePath
}

/** Worker threads of this process. */
const threads = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length

/** What is in the database of a node that does not run: pieces of states, and notes about joining. */
async function stored({ node: { dataPath } }: DevNode): Promise<{ readonly leftovers: string[]; readonly states: number }> {
  const level = createLevel(dataPath)
  await level.open()
  const pieces = await level.keys({ gte: Uint8Array.of(BUCKET.joining), lt: Uint8Array.of(BUCKET.joining + 1) }).all()
  const notes = await level.keys({ gte: auxKey('joining/'), lt: auxKey('joining0') }).all()
  const journals = await level.keys({ gte: Uint8Array.of(BUCKET.journal), lt: Uint8Array.of(BUCKET.journal + 1) }).all()
  await level.close()
  return { leftovers: [...pieces, ...notes].map((key) => Buffer.from(key).toString('latin1')), states: journals.length }
}

const QUESTIONS: readonly Question[] = ['proofs', 'state', 'body']

describe('a node that is stopped while it waits', () => {
  it.each(QUESTIONS)('for %s goes on at its next start', async (question) => {
    const basePath = await stoppedAt(question)
    const whole = await peer()
    const again = await joiner(basePath, { bootnodes: [whole.address] })
    await reach('joining', () => again.node.blocks.best().number >= whole.claims.number && again.node.joining.status() === undefined)
    // Proofs of which it had all are not asked for again, and neither is the state.
    expect([whole.asked.proofs > 0, whole.asked.state > 0]).toEqual([question === 'proofs', question !== 'body'])
    const { blocks, storage } = again.node
    const { hash, number } = blocks.finalized()
    expect(chain.author.node.blocks.hashByNumber(number)).toBe(hash)
    const root = blocks.header(hash)!.stateRoot
    expect(storage.keys(root, new Uint8Array(0), 100_000)).toEqual(chain.author.node.storage.keys(root, new Uint8Array(0), 100_000))
    // Genesis, the anchor, and what it has come to since.
    const outcome = again.node.joining.outcome()
    if (outcome?.kind !== 'joined') throw new Error('it did not join')
    const states = 2 + blocks.best().number - outcome.block.number
    await again.stop()
    expect(await stored(again)).toEqual({ leftovers: [], states })
  })

  it.each(QUESTIONS)('for %s syncs from genesis where it is told to, and nothing of before is left', async (question) => {
    const basePath = await stoppedAt(question)
    const again = await joiner(basePath, { bootnodes: [chain.author.address], sync: 'full' })
    const { blocks } = again.node
    expect(blocks.gap()).toBeUndefined()
    await reach('the head', () => blocks.best().hash === chain.author.node.blocks.best().hash)
    await reach('finality', () => blocks.finalized().number >= chain.author.node.blocks.finalized().number - 1)
    expect(again.problems()).toEqual([])
    const height = blocks.best().number
    await again.stop()
    expect(await stored(again)).toEqual({ leftovers: [], states: height + 1 })
  })
})

it('a node that was stopped between its state and its anchor, and then joins at a newer block, keeps nothing of the older one', async () => {
  const basePath = await stoppedAt('body')
  const level = createLevel(chainDataPath(basePath, chain.spec))
  await level.open()
  const before = await level.keys({ gte: Uint8Array.of(BUCKET.journal), lt: Uint8Array.of(BUCKET.journal + 1) }).all()
  expect(before).toHaveLength(2)
  // What the node was aiming at is forgotten; what it has proven is not.
  await level.del(auxKey('joining/target'))
  await level.close()
  const finalized = chain.author.node.blocks.finalized().number
  for (let i = 0; i < 20 && chain.author.node.blocks.finalized().number < finalized + 2; i++) await chain.blocks(1)
  const whole = await peer()
  const again = await joiner(basePath, { bootnodes: [whole.address] })
  await reach('joining', () => again.node.blocks.best().number >= whole.claims.number && again.node.joining.status() === undefined)
  const outcome = again.node.joining.outcome()
  if (outcome?.kind !== 'joined') throw new Error('it did not join')
  expect(before.map((key) => toHex(key.subarray(1)))).not.toContain(outcome.block.hash)
  const states = 2 + again.node.blocks.best().number - outcome.block.number
  await again.stop()
  expect(await stored(again)).toEqual({ leftovers: [], states })
})

it('answers for what it has while it joins, refuses the rest, and joins nonetheless', async () => {
  const stopping = await peer('proofs')
  const asking = await peer('proofs')
  const node = await joiner(await mkdtemp(join(folder, 'node-')), { bootnodes: [stopping.address, asking.address] })
  await reach('the question', () => stopping.asked.proofs + asking.asked.proofs > 0)
  const { requests } = asking.network
  const id = node.node.network.localPeerId
  const { blocks } = chain.author.node
  const { genesisHash } = blocks
  const { stateRoot } = blocks.header(genesisHash)!
  const request = { header: true, body: true, justifications: true, direction: 'ascending', maxBlocks: 10, multipleJustifications: true } as const
  const refusal = (asked: Promise<unknown>): Promise<string> => asked.then(() => 'answered', (error: { code: string }) => error.code)
  expect((await requestBlocks(requests, id, { ...request, from: genesisHash })).map(({ hash }) => hash)).toEqual([genesisHash])
  expect(await requestBlocks(requests, id, { ...request, from: blocks.best().hash })).toEqual([])
  expect((await requestState(requests, id, { hash: genesisHash, stateRoot }, [])).levels.length).toBeGreaterThan(0)
  expect((await requestCallProof(requests, id, genesisHash, 'Core_version', new Uint8Array(0))).length).toBeGreaterThan(0)
  expect(await refusal(requestCallProof(requests, id, blocks.best().hash, 'Core_version', new Uint8Array(0)))).toBe('RESPONSE_EMPTY')
  expect(await refusal(requestState(requests, id, { hash: blocks.best().hash, stateRoot }, []))).toMatch(/^NETWORK_/)
  expect(await refusal(requests.request(id, WARP_SPEC, fromHex(genesisHash)))).toMatch(/^NETWORK_/)
  node.node.peerActions.addReserved(chain.author.address)
  await reach('joining', () => node.node.blocks.best().number > 0 && node.node.joining.status() === undefined, 500)
  expect(node.problems()).toEqual([])
  expect(node.node.network.bans()).toEqual([])
})
