import { beforeEach, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, type Hash } from '../../../../../node-core/base/bytes.ts'
import type { RequestHandler } from '../../../../../node-core/network/contracts.ts'
import { MAX_BLOCKS, requestBlocks, type BlockRequest, type ReceivedBlock } from '../../../../../node-core/chain/protocols/requests/index.ts'
import { ProtobufWriter } from '../../../../../node-core/chain/protocols/requests/protobuf.ts'
import { blockDataMessage, decodeBlockRequest, decodeBlockResponse, encodeBlockRequest, encodeBlockResponse } from '../../../../../node-core/chain/protocols/requests/sync-messages.ts'
import { syncHandler } from '../../../../../node-core/chain/protocols/requests/sync.ts'
import { encodeHeader, type Header } from '../../../../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import type { BlockRef } from '../../../../../node-core/chain/scale/block.ts'
import { CHANGE, JustifiedChain, authorityChange } from './chain.ts'
import { NEVER, PEER, answering, ask, expectTypedAnswers, expectTypedErrors, loopback, responseError } from './loopback.ts'

const EVERYTHING = { header: true, body: true, justifications: true, direction: 'ascending', multipleJustifications: true } as const
const proof = (byte: number): { engine: string; data: Uint8Array } => ({ engine: 'FRNK', data: Uint8Array.of(byte, 2, 3) })

let chain: JustifiedChain
let blocks: BlockRef[]
let handler: RequestHandler

const extrinsics = (number: number): Uint8Array[] => [Uint8Array.of(4, number), Uint8Array.of(8, 1, 2)]
const get = (request: Partial<BlockRequest> & { from: Hash | number }): Promise<ReceivedBlock[]> =>
  requestBlocks(loopback(handler), PEER, { ...EVERYTHING, ...request })
const numbers = (received: readonly ReceivedBlock[]): (number | undefined)[] => received.map(({ header }) => header?.number)
const at = (number: number): Hash => (blocks[number - 1] as BlockRef).hash

beforeEach(() => {
  chain = new JustifiedChain()
  blocks = chain.grow(200, { body: extrinsics, digest: (number) => (number % 50 === 0 ? [CHANGE] : []) })
  handler = syncHandler({ blocks: chain, authorityChange })
})

describe('a block request', () => {
  it('has the form that others know', () => {
    const hash = `0x${'ab'.repeat(32)}` as const
    // fields 0x13000000, hash, descending, 64 blocks, several justifications
    expect(toHex(encodeBlockRequest({ ...EVERYTHING, from: hash, direction: 'descending', maxBlocks: 64 }))).toBe(
      `0x0880808098011220${'ab'.repeat(32)}280130403801`,
    )
    expect(toHex(encodeBlockRequest({ ...EVERYTHING, body: false, justifications: false, multipleJustifications: false, from: 258 }))).toBe(
      '0x08808080081a0402010000',
    )
  })

  it.each<Partial<BlockRequest> & { from: Hash | number }>([
    { from: 7 },
    { from: `0x${'11'.repeat(32)}`, maxBlocks: 5, direction: 'descending', body: false },
  ])(
    'is read as it was written: %o',
    (part) => {
      const request = { ...EVERYTHING, ...part }
      expect(decodeBlockRequest(encodeBlockRequest(request))).toEqual(request)
    },
  )
})

describe('around blocks that are missing here', () => {
  /** Of those from `from` to `to`, only the header of `step` is here, and its proof. */
  function withGap(from: number, to: number, step: number): void {
    const isMissing = (number: number | undefined): boolean => number !== undefined && number >= from && number <= to && number !== step
    const headerOf = (hash: Hash): Header | undefined => chain.header(hash)
    handler = syncHandler({
      blocks: {
        header: (hash) => (isMissing(headerOf(hash)?.number) ? undefined : headerOf(hash)),
        hashByNumber: (number) => (isMissing(number) ? undefined : chain.hashByNumber(number)),
        body: async (hash) => (headerOf(hash)?.number === step || isMissing(headerOf(hash)?.number) ? undefined : chain.body(hash)),
        justifications: (hash) => chain.justifications(hash),
      },
      authorityChange,
    })
  }

  it('an answer has what is there, and stops at the edge, from either side', async () => {
    withGap(41, 120, 100)
    expect(numbers(await get({ from: 123, direction: 'descending' }))).toEqual([123, 122, 121])
    expect(numbers(await get({ from: 38 }))).toEqual([38, 39, 40])
    expect(numbers(await get({ from: at(40), maxBlocks: 1 }))).toEqual([40])
    for (const from of [41, 80, 120, at(41), at(80), at(120)]) {
      expect(await get({ from })).toEqual([])
      expect(await get({ from, direction: 'descending' })).toEqual([])
    }
  })

  it('a header that is there by itself is given where no body is asked for', async () => {
    withGap(41, 120, 100)
    chain.justified.set(at(100), [proof(1)])
    const alone = { body: false, from: at(100), direction: 'descending' } as const
    expect((await get(alone)).map(({ header, justifications }) => [header?.number, justifications])).toEqual([[100, [proof(1)]]])
    expect(numbers(await get({ ...alone, direction: 'ascending' }))).toEqual([100])
    expect(await get({ from: at(100) })).toEqual([])
  })
})

describe('blocks', () => {
  it('come upwards from a number or a hash', async () => {
    chain.justified.set(at(3), [proof(1)])
    const received = await get({ from: 2, maxBlocks: 3 })
    expect(received).toEqual(
      [2, 3, 4].map((number) => ({
        hash: at(number),
        header: chain.header(at(number)),
        body: extrinsics(number),
        justifications: number === 3 ? [proof(1)] : undefined,
      })),
    )
    expect(await get({ from: at(2), maxBlocks: 3 })).toEqual(received)
  })

  it('come downwards, to genesis and not further', async () => {
    expect(numbers(await get({ from: 3, direction: 'descending' }))).toEqual([3, 2, 1, 0])
  })

  it('have the parts that were asked for', async () => {
    chain.justified.set(at(1), [proof(1)])
    expect(await get({ from: at(1), maxBlocks: 1, header: false, body: false, justifications: false })).toEqual([
      { hash: at(1), header: undefined, body: undefined, justifications: undefined },
    ])
  })

  it('bring justifications in the older form for who knows no other', async () => {
    chain.justified.set(at(1), [{ engine: 'BEEF', data: Uint8Array.of(9) }, proof(1)])
    chain.justified.set(at(2), [{ engine: 'FRNK', data: new Uint8Array(0) }])
    const received = await get({ from: 1, maxBlocks: 2, multipleJustifications: false })
    expect(received.map(({ justifications }) => justifications)).toEqual([[proof(1)], [{ engine: 'FRNK', data: new Uint8Array(0) }]])
    expect((await get({ from: 1, maxBlocks: 1 }))[0]?.justifications).toHaveLength(2)
  })

  it('are limited in number', async () => {
    expect(await get({ from: 1, justifications: false })).toHaveLength(MAX_BLOCKS)
    expect(await get({ from: 1, justifications: false, maxBlocks: 129 })).toHaveLength(MAX_BLOCKS)
    expect(await get({ from: 195 })).toHaveLength(6)
  })

  it('end with the justification that changes the authorities', async () => {
    for (const { hash } of blocks) chain.justified.set(hash, [proof(1)])
    expect(numbers(await get({ from: 40 })).at(-1)).toBe(50)
    expect(numbers(await get({ from: 51 })).at(-1)).toBe(100)
    expect(numbers(await get({ from: 120, direction: 'descending' })).at(-1)).toBe(100)
    expect(numbers(await get({ from: 40, justifications: false })).at(-1)).toBe(167)
  })

  it('end before the response is too large, after one at least', async () => {
    const large = new ScaleWriter().bytes(new Uint8Array(3 * 1024 * 1024)).finish()
    const [first] = chain.grow(5, { body: () => [large] })
    expect(await get({ from: (first as BlockRef).number })).toHaveLength(2)
    const [huge] = chain.grow(2, { body: () => [large, large, large, large] })
    expect(await get({ from: (huge as BlockRef).number })).toHaveLength(1)
    const [impossible] = chain.grow(1, { body: () => [large, large, large, large, large, large] })
    expect(await get({ from: (impossible as BlockRef).number })).toEqual([])
  })

  it('are as many as a limited line carries in time, one at least', async () => {
    const kilobyte = new ScaleWriter().bytes(new Uint8Array(1000)).finish()
    const [first] = chain.grow(60, { body: () => [kilobyte] })
    const within = (fitting: number): Promise<ReceivedBlock[]> => requestBlocks(loopback(handler, fitting), PEER, { ...EVERYTHING, from: (first as BlockRef).number })
    expect(await within(Infinity)).toHaveLength(60)
    const some = await within(20_000)
    expect(some.length).toBeGreaterThan(10)
    expect(some.length).toBeLessThan(20)
    expect(await within(10)).toHaveLength(1)
  })

  it('that are not known are not there, and those of a fork do not go on upwards', async () => {
    expect(await get({ from: `0x${'11'.repeat(32)}` })).toEqual([])
    expect(await get({ from: 1000 })).toEqual([])
    const fork = chain.add(at(10))
    expect(numbers(await get({ from: fork.hash }))).toEqual([11])
    expect(numbers(await get({ from: fork.hash, direction: 'descending', maxBlocks: 3 }))).toEqual([11, 10, 9])
  })

  it('are not sent to who has given up', async () => {
    const aborted = AbortSignal.abort()
    expect(await handler.onRequest(PEER, encodeBlockRequest({ ...EVERYTHING, from: 1 }), aborted)).toEqual({ kind: 'refuse' })
  })
})

describe('a bad request', () => {
  it.each([
    ['without a beginning', '0x0880808008'],
    ['for attributes that do not exist', '0x088080808004120100'],
    ['with a short hash', '0x12020102'],
    ['with a long number', '0x1a050102030405'],
    ['with a direction that does not exist', '0x1a04010000002802'],
    ['with very many fields', `0x1a0401000000${'4800'.repeat(50)}`],
  ])('%s costs the peer', async (_, hex) => {
    expect(await ask(handler, fromHex(hex))).toMatchObject({ kind: 'refuse', fault: { code: 'bad-request' } })
  })

  it('never does more than that', async () => {
    const valid = [encodeBlockRequest({ ...EVERYTHING, from: at(1) }), encodeBlockRequest({ ...EVERYTHING, from: 9, maxBlocks: 2 })]
    await expectTypedAnswers(handler, ...valid)
  })
})

describe('a bad response', () => {
  const request: BlockRequest = { ...EVERYTHING, from: 1, maxBlocks: 2 }
  const entry = (hash: Hash, header: Header | undefined, body: readonly Uint8Array[] = []): ProtobufWriter => {
    const writer = new ProtobufWriter().bytes(1, fromHex(hash))
    if (header !== undefined) writer.bytes(2, encodeHeader(header))
    for (const extrinsic of body) writer.bytes(3, extrinsic)
    return writer
  }
  const respond = (...entries: readonly ProtobufWriter[]): Promise<ReceivedBlock[]> => {
    const writer = new ProtobufWriter()
    for (const each of entries) writer.message(1, each)
    return requestBlocks(answering(writer.finish()), PEER, request)
  }
  const good = (number: number): ProtobufWriter => entry(at(number), chain.header(at(number)))

  it.each([
    ['more blocks than were asked for', () => respond(good(1), good(2), good(3)), 'RESPONSE_MALFORMED'],
    ['another header', () => respond(entry(at(1), chain.header(at(2)))), 'RESPONSE_MISMATCH'],
    ['no header', () => respond(entry(at(1), undefined)), 'RESPONSE_MISMATCH'],
    ['another beginning', () => respond(good(2)), 'RESPONSE_MISMATCH'],
    ['an extrinsic that is none', () => respond(entry(at(1), chain.header(at(1)), [Uint8Array.of(8, 1)])), 'RESPONSE_MALFORMED'],
    ['an empty extrinsic', () => respond(entry(at(1), chain.header(at(1)), [new Uint8Array(0)])), 'RESPONSE_MALFORMED'],
    ['a hash of 31 bytes', () => respond(new ProtobufWriter().bytes(1, new Uint8Array(31))), 'RESPONSE_MALFORMED'],
    ['an endless list of justifications', () => respond(good(1).bytes(8, Uint8Array.of(254, 255, 255, 255))), 'RESPONSE_MALFORMED'],
  ])('with %s is refused', async (_, call, code) => {
    await expect(call()).rejects.toThrow(responseError(code))
  })

  it('with a body that nobody asked for is refused', async () => {
    const bytes = new ProtobufWriter().message(1, entry(at(1), undefined, extrinsics(1))).finish()
    const call = requestBlocks(answering(bytes), PEER, { ...request, from: at(1), header: false, body: false })
    await expect(call).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
  })

  it('with another hash than was asked for is refused', async () => {
    const bytes = new ProtobufWriter().message(1, good(2)).finish()
    await expect(requestBlocks(answering(bytes), PEER, { ...request, from: at(1) })).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
  })

  it('of a million entries is refused by their count', async () => {
    const bomb = concatBytes(Uint8Array.of(0x0a, 0xc0, 0x84, 0x3d), new Uint8Array(1_000_000).map((_, i) => (i % 2 === 0 ? 0x1a : 0)))
    await expect(requestBlocks(answering(bomb), PEER, request)).rejects.toMatchObject({
      code: 'RESPONSE_MALFORMED', cause: { code: 'PROTOBUF_TOO_MANY' },
    })
  })

  it('never does more than throw its error', async () => {
    chain.justified.set(at(1), [proof(1)])
    const answer = await handler.onRequest(PEER, encodeBlockRequest(request), NEVER)
    await expectTypedErrors((sender) => requestBlocks(sender, PEER, request), answer.kind === 'response' ? answer.bytes : new Uint8Array(0))
  })
})

describe('the memory behind bodies', () => {
  const block = (...lengths: readonly number[]): ProtobufWriter =>
    blockDataMessage(
      { hash: `0x${'11'.repeat(32)}`, header: new Uint8Array(0), body: lengths.map((length) => new Uint8Array(length).fill(7)), justifications: undefined }, true,
    )
  const held = (input: Uint8Array): boolean[] => decodeBlockResponse(input, 8).flatMap(({ body }) => body.map(({ buffer }) => buffer === input.buffer))

  it('is the message where large extrinsics are most of it, and their own for small ones', () => {
    expect(held(encodeBlockResponse([block(100_000, 50), block(5000)]))).toEqual([true, false, true])
  })

  it('is never a message that holds much else', () => {
    const padding = new ProtobufWriter().bytes(99, new Uint8Array(60_000)).finish()
    const input = concatBytes(encodeBlockResponse([block(50_000, 10)]), padding)
    expect(held(input)).toEqual([false, false])
    expect(decodeBlockResponse(input, 8)[0]?.body.map(({ length }) => length)).toEqual([50_000, 10])
  })
})
