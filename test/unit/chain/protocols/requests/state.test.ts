import { beforeEach, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Hash } from '../../../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../../../node-core/crypto/hashes/hashing.ts'
import type { RequestHandler } from '../../../../../node-core/network/contracts.ts'
import { requestState, type KnownState, type StateLevel, type StatePiece } from '../../../../../node-core/chain/protocols/requests/index.ts'
import { decodeStateResponse, encodeStateRequest, encodeStateResponse } from '../../../../../node-core/chain/protocols/requests/state-messages.ts'
import { stateHandler } from '../../../../../node-core/chain/protocols/requests/state.ts'
import type { StateService } from '../../../../../node-core/chain/state/state-service.ts'
import { buildTrie } from '../../../../../node-core/chain/trie/build.ts'
import { childRootKey } from '../../../../../node-core/chain/trie/child.ts'
import { decodeCompact, encodeCompact } from '../../../../../node-core/chain/trie/proofs/compact-proof.ts'
import { NodeStore } from '../../../../../node-core/chain/trie/nodes/node-store.ts'
import { generateProof, proofSource } from '../../../../../node-core/chain/trie/proofs/proof.ts'
import { runSteps } from '../../../../../node-core/chain/trie/steps.ts'
import { Trie } from '../../../../../node-core/chain/trie/trie.ts'
import type { Entry } from '../../../../../node-core/chain/trie/types.ts'
import { makeService, temporaryFolder } from '../../state/service-fixture.ts'
import { NEVER, PEER, answering, ask, expectTypedAnswers, expectTypedErrors, loopback, responseError } from './loopback.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`
const MIB = 1024 * 1024

/** Entries by hashed keys: `count` values of `size` bytes. */
const entriesOf = (count: number, size: number, salt = 0): Entry[] =>
  Array.from({ length: count }, (_, i): Entry => [blake2b256(Uint8Array.of(i & 255, i >> 8, salt)), new Uint8Array(size).fill(i)])

let state: StateService
let handler: RequestHandler
let hash: Hash
let block: KnownState

async function serve(main: readonly Entry[], children: Readonly<Record<string, readonly Entry[]>>): Promise<Uint8Array> {
  const tries = Object.entries(children).map(([key, entries]) => ({ key, ...buildTrie(entries, 1) }))
  const roots = tries.map(({ key, root }): Entry => [childRootKey(utf8(key)), root])
  const { root, nodes } = buildTrie([...main, ...roots], 1)
  const header = { parentHash: ZERO, number: 0, stateRoot: toHex(root), extrinsicsRoot: ZERO, digest: [] }
  const all = concatBytes(nodes, ...tries.map((trie) => trie.nodes))
  state = makeService(await temporaryFolder(), { genesis: () => ({ header, nodes: all }) })
  await state.start()
  hash = state.blocks.genesisHash
  block = { hash, stateRoot: toHex(root) }
  handler = stateHandler({ blocks: state.blocks, proofs: state.proofs })
  return root
}

const proven = (start: readonly Uint8Array[], fitting?: number): Promise<StatePiece> => requestState(loopback(handler, fitting), PEER, block, start)

/** What others do who ask for bare entries, and trust them until all are there. */
async function bare(start: readonly Uint8Array[], fitting?: number): Promise<StatePiece> {
  const answer = await handler.onRequest(PEER, encodeStateRequest({ block: hash, start, noProof: true }), NEVER, fitting)
  const { levels, proof } = decodeStateResponse(answer.kind === 'response' ? answer.bytes : expect.fail('refused'))
  expect(proof).toBeUndefined()
  const [main, ...children] = levels
  const last = main?.entries.at(-1)?.[0] ?? start[0]
  const open = children.find(({ complete }) => !complete)?.entries.at(-1)?.[0]
  return { levels, next: main?.complete === true ? undefined : [last, open].filter((key) => key !== undefined) }
}

/** Asks piece after piece, and puts the levels together. */
async function download(get: (start: readonly Uint8Array[]) => Promise<StatePiece>): Promise<{ pieces: number; levels: Map<Hash | undefined, Entry[]> }> {
  const levels = new Map<Hash | undefined, Entry[]>()
  let pieces = 0
  for (let start: readonly Uint8Array[] | undefined = []; start !== undefined; pieces++) {
    expect(pieces).toBeLessThan(50)
    const piece: StatePiece = await get(start)
    for (const { childRoot, entries } of piece.levels) levels.set(childRoot, [...(levels.get(childRoot) ?? []), ...entries])
    start = piece.next
  }
  return { pieces, levels }
}

/** Every level must build to the root under which it came, bare and proven. */
async function expectWhole(root: Uint8Array, levelCount: number, pieces: number, fitting?: number): Promise<void> {
  for (const get of [bare, proven]) {
    const found = await download((start) => get(start, fitting))
    expect(toHex(buildTrie(found.levels.get(undefined) ?? [], 1).root)).toBe(toHex(root))
    for (const [childRoot, entries] of found.levels) if (childRoot !== undefined) expect(toHex(buildTrie(entries, 1).root)).toBe(childRoot)
    expect([found.levels.size, found.pieces]).toEqual([levelCount, pieces])
  }
}

describe('a state', () => {
  it('comes whole in one piece where it is small', async () => {
    await expectWhole(await serve(entriesOf(20, 10), {}), 1, 1)
  })

  it('comes whole with its child tries, equal ones once', async () => {
    const root = await serve(entriesOf(300, 40), { a: entriesOf(200, 10, 1), b: entriesOf(5, 100, 2), c: entriesOf(5, 100, 2) })
    await expectWhole(root, 3, 1)
  })

  it('comes in pieces where it is large, in the main trie and in child tries', async () => {
    const root = await serve(entriesOf(900, 5000), { a: entriesOf(900, 5000, 1), b: entriesOf(3, 10, 2), c: entriesOf(500, 5000, 3) })
    await expectWhole(root, 4, 6)
  })

  it('comes in smaller pieces over a limited line, one entry each at least', async () => {
    const root = await serve(entriesOf(20, 5000), { a: entriesOf(5, 5000, 1) })
    await expectWhole(root, 2, 4, 40_000)
    const { pieces } = await download((start) => bare(start, 1))
    // The child's root comes with the first entry in it.
    expect(pieces).toBe(25)
    expect((await proven([], 1)).next).toBeDefined()
  })

  it('comes with values that are larger than a piece, wherever they stand', async () => {
    const large = (byte: number): Uint8Array => new Uint8Array(3 * MIB).fill(byte)
    const main: Entry[] = [[utf8(':aaa'), large(1)], [utf8(':code'), large(2)], [utf8('zzz'), large(3)]]
    const children = { a: [[utf8('x'), large(4)], [utf8('y'), large(5)]], b: [[utf8('x'), large(6)]] } satisfies Record<string, Entry[]>
    await expectWhole(await serve(main, children), 3, 6)
  })
})

describe('a state request', () => {
  beforeEach(async () => void (await serve(entriesOf(20, 10), { a: entriesOf(3, 10) })))

  it('has the form that others know', () => {
    expect(toHex(encodeStateRequest({ block: `0x${'ab'.repeat(32)}`, start: [Uint8Array.of(1), Uint8Array.of(2)], noProof: true }))).toBe(
      `0x0a20${'ab'.repeat(32)}1201011201021801`,
    )
    const level: StateLevel = { childRoot: undefined, entries: [[Uint8Array.of(1), Uint8Array.of(2)]], complete: true }
    expect(toHex(encodeStateResponse({ levels: [level], proof: undefined }))).toBe('0x0a0a' + '12060a0101120102' + '1801')
    const proof = [Uint8Array.of(0x81, 1, 1, 0, 0), new Uint8Array(0)]
    expect(toHex(encodeStateResponse({ levels: [], proof }))).toBe('0x1208' + '08' + '148101010000' + '00')
    expect(decodeStateResponse(encodeStateResponse({ levels: [], proof }))).toEqual({ levels: [], proof })
  })

  it('for what is not here is refused without blame', async () => {
    const refused = { kind: 'refuse' }
    const good = { block: hash, start: [], noProof: true }
    expect(await ask(handler, encodeStateRequest({ ...good, block: ZERO }))).toEqual(refused)
    for (const noProof of [true, false]) {
      expect(await ask(handler, encodeStateRequest({ ...good, noProof, start: [childRootKey(utf8('b')), utf8('x')] }))).toEqual(refused)
    }
    const gone = stateHandler({ blocks: { header: () => ({ ...state.blocks.header(hash)!, stateRoot: ZERO }) }, proofs: state.proofs })
    expect(await ask(gone, encodeStateRequest(good))).toEqual(refused)
    expect(await handler.onRequest(PEER, encodeStateRequest(good), AbortSignal.abort())).toEqual(refused)
    expect(await ask(handler, encodeStateRequest(good))).toMatchObject({ kind: 'response' })
  })

  it.each([
    ['without a block', '0x1801'],
    ['three tries deep', `0x0a20${'ab'.repeat(32)}120101120101120101`],
    ['with a proof flag of two', `0x0a20${'ab'.repeat(32)}1802`],
  ])('%s costs the peer', async (_, hex) => {
    expect(await ask(handler, fromHex(hex))).toMatchObject({ kind: 'refuse', fault: { code: 'bad-request' } })
  })

  it('never does more than that, on either side', async () => {
    const request = { block: hash, start: [childRootKey(utf8('a')), utf8('')] }
    await expectTypedAnswers(handler, encodeStateRequest({ ...request, noProof: true }), encodeStateRequest({ ...request, noProof: false }))
    const answer = await handler.onRequest(PEER, encodeStateRequest({ block: hash, start: [], noProof: false }), NEVER)
    const valid = answer.kind === 'response' ? answer.bytes : expect.fail('refused')
    await expectTypedErrors((sender) => requestState(sender, PEER, block, []), valid)
  })
})

describe('a bad response', () => {
  const first: Entry = [Uint8Array.of(0x10), new Uint8Array(40).fill(1)]
  const kid = childRootKey(utf8('kid'))
  const inside = [[utf8('x'), new Uint8Array(40)], [utf8('y'), new Uint8Array(41)]] satisfies Entry[]
  let answer: Uint8Array

  beforeEach(async () => {
    await serve([first, [Uint8Array.of(0x11), new Uint8Array(50)], [Uint8Array.of(0xff), new Uint8Array(50)]], { kid: inside })
    const found = await ask(handler, encodeStateRequest({ block: hash, start: [], noProof: false }))
    answer = found.kind === 'response' ? found.bytes : expect.fail('refused')
  })

  const receive = (bytes: Uint8Array, start: readonly Uint8Array[] = []): Promise<StatePiece> => requestState(answering(bytes), PEER, block, start)
  const receiveProof = (proof: readonly Uint8Array[], start: readonly Uint8Array[] = []): Promise<StatePiece> =>
    receive(encodeStateResponse({ levels: [], proof }), start)
  const isMismatch = responseError('RESPONSE_MISMATCH')

  it('without a proof is refused, with or without entries', async () => {
    const level: StateLevel = { childRoot: undefined, entries: [first], complete: true }
    await expect(receive(encodeStateResponse({ levels: [level], proof: undefined }))).rejects.toThrow(isMismatch)
    await expect(receive(new Uint8Array(0))).rejects.toThrow(isMismatch)
    await expect(receive(concatBytes(encodeStateResponse({ levels: [level], proof: undefined }), answer))).rejects.toThrow(isMismatch)
    await expect(receiveProof([])).rejects.toThrow(isMismatch)
  })

  it('is refused whichever byte of it is another', async () => {
    expect((await receive(answer)).next).toBeUndefined()
    for (let i = 0; i < answer.length; i++) {
      const changed = answer.slice()
      changed[i] = (changed[i] as number) ^ 0x11
      await expect(receive(changed)).rejects.toThrow(expect.objectContaining({ code: expect.stringMatching(/^RESPONSE_M/) as string }))
    }
  })

  it('that does not lead on is refused', async () => {
    // Proofs of this state, and true; but of other keys.
    const root = fromHex(block.stateRoot)
    const rootNode = generateProof(state.proofs.nodes(block.stateRoot), root, [])[0] as Uint8Array
    const compact = (nodes: readonly Uint8Array[]): Uint8Array[] => runSteps(encodeCompact(proofSource(nodes), root))
    await expect(receiveProof(compact([rootNode]))).rejects.toThrow(isMismatch)
    await expect(receiveProof(compact(state.proofs.readProof(block.stateRoot, [first[0]])), [first[0]])).rejects.toThrow(isMismatch)
    await expect(receiveProof(compact(state.proofs.readProof(block.stateRoot, [first[0]])), [kid, utf8('x')])).rejects.toThrow(isMismatch)
    // The root of a child trie without the child: its contents would be left out.
    const keys = [first[0], Uint8Array.of(0x11), kid]
    await expect(receiveProof(compact(state.proofs.readProof(block.stateRoot, keys)))).rejects.toThrow(isMismatch)
  })

  it('that ends early leads on from where it ends', async () => {
    const root = fromHex(block.stateRoot)
    const nodes = [...state.proofs.readProof(block.stateRoot, [first[0], Uint8Array.of(0x11), kid]), ...state.proofs.readChildProof(block.stateRoot, utf8('kid'), [utf8('x')])]
    const piece = await receiveProof(runSteps(encodeCompact(proofSource(nodes), root)))
    expect(piece.levels.map(({ entries, complete }) => [entries.length, complete])).toEqual([[3, false], [1, false]])
    expect(piece.next).toEqual([kid, utf8('x')])
    const rest = await proven(piece.next ?? [])
    expect(rest.levels.map(({ entries, complete }) => [entries.length, complete])).toEqual([[1, true], [1, true]])
    expect(rest.next).toBeUndefined()
  })

  it('ends where nobody waits for it', async () => {
    await expect(requestState(answering(answer), PEER, block, [], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})

describe('a proof for others', () => {
  it('has the value at which it begins, which they read before they go on', async () => {
    await serve([[utf8(':code'), new Uint8Array(3 * MIB)], ...entriesOf(30, 100)], {})
    const { next } = await proven([])
    const answer = await ask(handler, encodeStateRequest({ block: hash, start: next ?? [], noProof: false }))
    const { proof } = decodeStateResponse(answer.kind === 'response' ? answer.bytes : expect.fail('refused'))
    const nodes = runSteps(decodeCompact(proof ?? [], fromHex(block.stateRoot)))
    expect(next).toHaveLength(1)
    expect(new Trie(new NodeStore(nodes), fromHex(block.stateRoot)).get(next?.[0] as Uint8Array)).toBeDefined()
  })

  it('does not hold up others while it is made', async () => {
    await serve(entriesOf(6000, 100), {})
    let turns = 0
    let isDone = false
    const count = (): void => void (isDone || (turns++, setImmediate(count)))
    count()
    await proven([])
    isDone = true
    expect(turns).toBeGreaterThan(50)
  })
})
