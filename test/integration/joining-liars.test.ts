/**
 * A node that joins among liars, over libp2p on loopback: whoever sends what is not true is banned, nothing of it is applied, and the node
 * joins by what others have. Who stops on the way is not banned, and not waited for.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import type { WarpFragment } from '../../node-core/chain/core/engines/grandpa/proofs/warp-proof.ts'
import { TrieStorageReader } from '../../node-core/chain/state/storage-reader.ts'
import { ChangingChain } from '../helpers/changing-chain.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { ownSpec } from '../helpers/own-spec.ts'
import { PROOF_LIES, ProvingPeer, STATE_LIES, silent, type Question, type ProvingPeerOptions } from '../helpers/proving-peers.ts'

let chain: ChangingChain
/** A step of a chain with another authority. */
let foreign: WarpFragment
let folder: string
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-liars-'))
  chain = await ChangingChain.start()
  await chain.blocks(40)
  const other = await DevNode.start({ spec: ownSpec({ patch: { settings: { epochLength: 10 } } }) })
  await other.leaps(8, 1)
  const { blocks } = other.node
  const { hash } = blocks.finalized()
  foreign = { header: blocks.header(hash)!, justification: decodeJustification((await blocks.justifications(hash))![0]!.data) }
  await other.stop()
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
afterAll(async () => {
  await chain.stop()
  await rm(folder, { recursive: true, force: true })
})

async function peer(answers: NonNullable<ProvingPeerOptions['answers']> = {}): Promise<ProvingPeer> {
  const { author } = chain
  const { blocks, storage } = author.node
  if (!(storage instanceof TrieStorageReader)) throw new Error('the node proves nothing of its state')
  const started = await ProvingPeer.start({ blocks, proofs: storage, clock: author.clock, dataPath: await mkdtemp(join(folder, 'peer-')), answers })
  stops.push(() => started.stop())
  return started
}

async function joiner(bootnodes: readonly string[]): Promise<DevNode> {
  const node = await DevNode.start({ spec: chain.spec, clock: chain.author.clock, validator: false, bootnodes, sync: 'warp' })
  stops.push(() => node.stop())
  return node
}

const reach = (what: string, done: () => boolean, stepMs?: number): Promise<void> => chain.author.reach(what, done, stepMs)
const bansOf = ({ node }: DevNode): string[] => node.network.bans().map(({ peerId }) => peerId)

/** The node stands on a finalized block of the chain and has all of its state. */
function expectJoined({ node: { blocks, storage } }: DevNode): void {
  const anchor = blocks.finalized()
  const { blocks: theirs, storage: their } = chain.author.node
  expect(theirs.hashByNumber(anchor.number)).toBe(anchor.hash)
  const root = blocks.header(anchor.hash)!.stateRoot
  const keys = their.keys(root, new Uint8Array(0), 100_000)
  expect(storage.keys(root, new Uint8Array(0), 100_000)).toEqual(keys)
  for (const key of keys) expect(storage.get(root, key)).toEqual(their.get(root, key))
}

/** A liar alone, then an honest node as well. */
async function among(liar: ProvingPeer, question: Question): Promise<void> {
  const late = await joiner([liar.address])
  const { blocks, joining, peerActions } = late.node
  await reach('a ban', () => bansOf(late).length > 0, 250)
  expect(bansOf(late)).toEqual([liar.id])
  expect(liar.asked[question]).toBeGreaterThan(0)
  expect([blocks.best().number, joining.status()?.stage]).toEqual([0, question === 'proofs' ? 'peers' : question])
  peerActions.addReserved(chain.author.address)
  await reach('joining by the other', () => blocks.best().number > 0 && joining.status() === undefined, 250)
  expectJoined(late)
  expect(bansOf(late)).toEqual([liar.id])
  expect(late.problems().filter((text) => !text.includes('a peer is banned'))).toEqual([])
}

describe('a peer that lies about finality is banned, and the node joins by another', () => {
  it.each(Object.keys(PROOF_LIES))('%s', async (name) => {
    await among(await peer({ proofs: PROOF_LIES[name]!(foreign) }), 'proofs')
  })
})

describe('a peer that lies about the state is banned, and the node joins by another', () => {
  it.each(Object.keys(STATE_LIES))('%s', async (name) => {
    const { blocks, storage } = chain.author.node
    await among(await peer({ state: STATE_LIES[name]!({ blocks, proofs: storage as TrieStorageReader }) }), 'state')
  })
})

describe('a peer that stops', () => {
  it.each(['proofs', 'state', 'body'] as const)('at the question for %s is not waited for', async (question) => {
    const stopping = await peer({ [question]: silent })
    const late = await joiner([stopping.address])
    const { blocks, joining, peerActions } = late.node
    await reach('the question', () => stopping.asked[question] > 0, 250)
    peerActions.addReserved(chain.author.address)
    await reach('joining by the other', () => blocks.best().number > 0 && joining.status() === undefined, 500)
    expectJoined(late)
    expect(bansOf(late)).toEqual([])
  })

  it.each(['proofs', 'state', 'body'] as const)('and goes at the question for %s is not missed', async (question) => {
    let leaves: Promise<void> | undefined
    const going: ProvingPeer = await peer({
      [question]: (honest: Uint8Array) => {
        leaves = going.stop()
        return leaves.then(() => honest)
      },
    })
    const late = await joiner([going.address])
    const { blocks, joining, peerActions } = late.node
    await reach('the question', () => leaves !== undefined, 250)
    await leaves
    peerActions.addReserved(chain.author.address)
    await reach('joining by the other', () => blocks.best().number > 0 && joining.status() === undefined, 500)
    expectJoined(late)
    expect(bansOf(late)).toEqual([])
  })
})
