import { beforeEach, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../../node-core/crypto/hashing.ts'
import type { RequestHandler } from '../../../../node-core/network/contracts.ts'
import { requestState, type StateLevel } from '../../../../node-core/network/requests/index.ts'
import { encodeStateRequest, encodeStateResponse } from '../../../../node-core/network/requests/state-messages.ts'
import { stateHandler } from '../../../../node-core/network/requests/state.ts'
import type { StateService } from '../../../../node-core/state/state-service.ts'
import { buildTrie } from '../../../../node-core/trie/build.ts'
import { childRootKey } from '../../../../node-core/trie/child.ts'
import type { Entry } from '../../../../node-core/trie/types.ts'
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

async function serve(main: readonly Entry[], children: Readonly<Record<string, readonly Entry[]>>): Promise<Uint8Array> {
  const tries = Object.entries(children).map(([key, entries]) => ({ key, ...buildTrie(entries, 1) }))
  const roots = tries.map(({ key, root }): Entry => [childRootKey(utf8(key)), root])
  const { root, nodes } = buildTrie([...main, ...roots], 1)
  const header = { parentHash: ZERO, number: 0, stateRoot: toHex(root), extrinsicsRoot: ZERO, digest: [] }
  const all = concatBytes(nodes, ...tries.map((trie) => trie.nodes))
  state = makeService(await temporaryFolder(), { genesis: () => ({ header, nodes: all }) })
  await state.start()
  hash = state.blocks.genesisHash
  handler = stateHandler({ blocks: state.blocks, storage: state.storage })
  return root
}

/** Asks piece after piece, and puts the levels together. */
async function download(): Promise<{ pieces: number; levels: Map<Hash | undefined, Entry[]> }> {
  const levels = new Map<Hash | undefined, Entry[]>()
  let pieces = 0
  for (let start: readonly Uint8Array[] | undefined = []; start !== undefined; pieces++) {
    expect(pieces).toBeLessThan(50)
    const piece = await requestState(loopback(handler), PEER, hash, start)
    for (const { childRoot, entries } of piece.levels) levels.set(childRoot, [...(levels.get(childRoot) ?? []), ...entries])
    start = piece.next
  }
  return { pieces, levels }
}

/** Every level must build to the root under which it came. */
async function expectWhole(root: Uint8Array, levelCount: number, pieces: number): Promise<void> {
  const found = await download()
  expect(toHex(buildTrie(found.levels.get(undefined) ?? [], 1).root)).toBe(toHex(root))
  for (const [childRoot, entries] of found.levels) if (childRoot !== undefined) expect(toHex(buildTrie(entries, 1).root)).toBe(childRoot)
  expect([found.levels.size, found.pieces]).toEqual([levelCount, pieces])
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

  it('comes with values that are larger than a piece, wherever they stand', async () => {
    const large = new Uint8Array(3 * MIB).fill(1)
    const main: Entry[] = [[utf8(':aaa'), large], [utf8(':code'), large], [utf8('zzz'), large]]
    await expectWhole(await serve(main, { a: [[utf8('x'), large], [utf8('y'), large]], b: [[utf8('x'), large]] }), 3, 6)
  })
})

describe('a state request', () => {
  beforeEach(async () => void (await serve(entriesOf(20, 10), { a: entriesOf(3, 10) })))

  it('has the form that others know', () => {
    expect(toHex(encodeStateRequest({ block: `0x${'ab'.repeat(32)}`, start: [Uint8Array.of(1), Uint8Array.of(2)], noProof: true }))).toBe(
      `0x0a20${'ab'.repeat(32)}1201011201021801`,
    )
    const level: StateLevel = { childRoot: undefined, entries: [[Uint8Array.of(1), Uint8Array.of(2)]], complete: true }
    expect(toHex(encodeStateResponse([level]))).toBe('0x0a0a' + '12060a0101120102' + '1801')
  })

  it('for what is not here, or for proofs, is refused without blame', async () => {
    const refused = { kind: 'refuse' }
    const good = { block: hash, start: [], noProof: true }
    expect(await ask(handler, encodeStateRequest({ ...good, block: ZERO }))).toEqual(refused)
    expect(await ask(handler, encodeStateRequest({ ...good, noProof: false }))).toEqual(refused)
    expect(await ask(handler, encodeStateRequest({ ...good, start: [childRootKey(utf8('b')), utf8('x')] }))).toEqual(refused)
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
    const request = encodeStateRequest({ block: hash, start: [childRootKey(utf8('a')), utf8('')], noProof: true })
    await expectTypedAnswers(handler, request)
    const answer = await handler.onRequest(PEER, request, NEVER)
    await expectTypedErrors((sender) => requestState(sender, PEER, hash, []), answer.kind === 'response' ? answer.bytes : request)
  })
})

describe('a bad response', () => {
  const level = (keys: readonly number[], childRoot?: Hash, complete = false): StateLevel => ({
    childRoot, complete, entries: keys.map((key): Entry => [Uint8Array.of(key), Uint8Array.of(1)]),
  })
  const respond = (levels: readonly StateLevel[], start: readonly Uint8Array[] = []): Promise<unknown> =>
    requestState(answering(encodeStateResponse(levels)), PEER, ZERO, start)

  it.each([
    ['nothing', []],
    ['nothing that leads on', [level([])]],
    ['keys out of order', [level([1, 3, 2])]],
    ['a key twice', [level([1, 1])]],
    ['a child without the main trie', [level([1], ZERO)]],
    ['the main trie twice', [level([1]), level([2])]],
    ['keys out of order in a child', [level([1]), level([5, 4], ZERO)]],
  ])('of %s is refused', async (_, levels) => {
    await expect(respond(levels)).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
  })

  it('that repeats what was had already is refused', async () => {
    await expect(respond([level([7])], [Uint8Array.of(7)])).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
    const start = [Uint8Array.of(7), Uint8Array.of(3)]
    await expect(respond([level([]), level([3], ZERO)], start)).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
    expect(await respond([level([]), level([4], ZERO)], start)).toMatchObject({ next: [Uint8Array.of(7), Uint8Array.of(4)] })
  })
})
