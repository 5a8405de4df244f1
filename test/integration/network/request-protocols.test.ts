/** The request protocols over the data of a node that really authored and finalized: what others could check, holds. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromHex, toHex, utf8, type Hash } from '../../../node-core/base/bytes.ts'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { AuthorityChangeIndex } from '../../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import { changeOf } from '../../../node-core/chain/core/engines/grandpa/digest.ts'
import { blake2Hash } from '../../../node-core/crypto/hashes/hashing.ts'
import { grandpaProofs } from '../../../node-core/chain/core/engines/grandpa/proofs/following.ts'
import { warpHandler } from '../../../node-core/chain/core/engines/grandpa/proofs/warp.ts'
import type { ProvenBlock } from '../../../node-core/chain/core/engines/joining.ts'
import { inThreadBatchVerifier } from '../../../node-core/crypto/ed25519/ed25519-batch.ts'
import { requestBlocks, requestCallProof, requestHandlers, requestState, requestStorage } from '../../../node-core/chain/protocols/requests/index.ts'
import type { RequestSender } from '../../../node-core/network/contracts.ts'
import { RuntimeWorkers } from '../../../node-core/chain/runtime/threads/executor.ts'
import { encodeHeader, type Header } from '../../../node-core/chain/scale/header.ts'
import { StateService } from '../../../node-core/chain/state/state-service.ts'
import { openTrieSource } from '../../../node-core/chain/state/trie-source.ts'
import { buildTrie, orderedTrieRoot } from '../../../node-core/chain/trie/build.ts'
import { generateProof, proofSource } from '../../../node-core/chain/trie/proofs/proof.ts'
import type { Entry, RecordSource } from '../../../node-core/chain/trie/types.ts'
import { DevNode } from '../../helpers/dev-node.ts'

const PEER = 'peer'
const SLOTS = 12

let basePath: string
let state: StateService
let runtime: RuntimeWorkers
let sender: RequestSender
let stored: RecordSource
let closeStored: () => Promise<void>
let head: { hash: Hash; header: Header }

beforeAll(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-requests-'))
  const dev = await DevNode.start({ basePath })
  await dev.slots(SLOTS)
  const { dataPath } = dev.node
  const { genesisHash } = dev.node.blocks
  await dev.stop()
  const genesis = (): never => expect.fail('it is there already')
  state = new StateService({ logger: silentLogger, clock: systemClock }, { dataPath, genesisHash, genesis })
  await state.start()
  runtime = new RuntimeWorkers({ logger: silentLogger }, { dataPath })
  await runtime.start()
  ;({ source: stored, close: closeStored } = await openTrieSource(dataPath))
  const changes = new AuthorityChangeIndex({ blocks: state.blocks, aux: state.writer })
  const { blocks, proofs } = state
  const handlers = [...requestHandlers({ blocks, proofs, prover: runtime, authorityChange: changeOf }), warpHandler({ blocks, changes })]
  sender = {
    async request(peer, spec, request) {
      const answer = await handlers.find((handler) => handler.spec === spec)?.onRequest(peer, request, new AbortController().signal)
      return answer?.kind === 'response' ? answer.bytes : expect.fail(`${spec.protocol} refused`)
    },
  }
  const { hash } = state.blocks.finalized()
  head = { hash, header: state.blocks.header(hash) as Header }
})

afterAll(async () => {
  await runtime.stop()
  await closeStored()
  await state.stop()
  await rm(basePath, { recursive: true, force: true })
})

test('blocks follow each other, and their bodies belong to them', async () => {
  const request = { header: true, body: true, justifications: true, from: 1, direction: 'ascending', multipleJustifications: true } as const
  const blocks = await requestBlocks(sender, PEER, request)
  expect(blocks.length).toBe(SLOTS)
  let parent = state.blocks.genesisHash
  for (const { hash, header, body } of blocks) {
    expect(header?.parentHash).toBe(parent)
    expect(toHex(orderedTrieRoot(body ?? [], 0))).toBe(header?.extrinsicsRoot)
    parent = hash
  }
  expect(blocks.find(({ hash }) => hash === head.hash)?.justifications).toHaveLength(1)
})

test('finality is proven from genesis on', async () => {
  const genesis = state.blocks.header(state.blocks.genesisHash) as Header
  const proofs = grandpaProofs.proofs({ crypto: inThreadBatchVerifier, authorityForks: [], storage: state.storage, caller: runtime, logger: silentLogger })
  let proven: ProvenBlock | undefined
  const trusted = await grandpaProofs.genesisSet(runtime, genesis.stateRoot)
  for await (const block of proofs.follow(sender, PEER, state.blocks.genesisHash, trusted, new AbortController().signal)) proven = block
  expect(proven?.hash).toBe(head.hash)
  expect(blake2Hash(encodeHeader(proven?.header as Header))).toBe(head.hash)
})

test('storage is proven, the code included', async () => {
  const block = { hash: head.hash, stateRoot: head.header.stateRoot }
  const [code, nothing] = await requestStorage(sender, PEER, block, [utf8(':code'), utf8('nothing')])
  expect(code).toEqual(state.storage.get(block.stateRoot, utf8(':code')))
  expect(nothing).toBeUndefined()
})

test('a call is proven under the state root', async () => {
  const { stateRoot } = head.header
  const proof = await requestCallProof(sender, PEER, head.hash, 'GrandpaApi_grandpa_authorities', new Uint8Array(0))
  expect(proofSource(proof).get(fromHex(stateRoot))).toBeDefined()
  expect(proof.length).toBeGreaterThan(1)
  // Every node is one of this state.
  const all = generateProof(stored, fromHex(stateRoot), state.storage.keys(stateRoot, new Uint8Array(0), Infinity))
  expect(all.map(toHex)).toEqual(expect.arrayContaining(proof.map(toHex)))
})

test('the whole state comes piece by piece, and is that of the header', async () => {
  const entries: Entry[] = []
  for (let start: readonly Uint8Array[] | undefined = []; start !== undefined; ) {
    const piece = await requestState(sender, PEER, { hash: head.hash, stateRoot: head.header.stateRoot }, start)
    entries.push(...(piece.levels[0]?.entries ?? []))
    start = piece.next
  }
  const version = (await runtime.version(head.header.stateRoot)).stateVersion
  expect(toHex(buildTrie(entries, version).root)).toBe(head.header.stateRoot)
})
