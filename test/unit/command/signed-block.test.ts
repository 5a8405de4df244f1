import { describe, expect, it } from 'vitest'
import { describeError } from '../../../node-core/base/errors.ts'
import { readBlocks } from '../../../node-core/command/blocks/block-stream.ts'
import { blockFromJson, blockToJson, countOf, encodeSignedBlock, jsonLine, type SignedBlock } from '../../../node-core/command/blocks/signed-block.ts'

const hash = (byte: string): `0x${string}` => `0x${byte.repeat(32)}`
const block = (number: number, size = 3, justified = true): SignedBlock => ({
  header: {
    parentHash: hash('11'), number, stateRoot: hash('22'), extrinsicsRoot: hash('33'),
    digest: [{ type: 'preRuntime', engine: 'BABE', data: Uint8Array.of(1, 2) }, { type: 'seal', engine: 'BABE', data: new Uint8Array(64).fill(9) }],
  },
  body: [Uint8Array.of(size * 4, ...new Uint8Array(size).fill(7)), Uint8Array.of(0)],
  justifications: justified ? [{ engine: 'FRNK', data: Uint8Array.of(5, 6) }] : undefined,
})

async function* parts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

async function all(bytes: Uint8Array, size = 7): Promise<{ total: number | undefined; blocks: SignedBlock[] }> {
  const { total, blocks } = await readBlocks(parts(bytes, size))
  const read: SignedBlock[] = []
  for await (const each of blocks) read.push(each)
  return { total, blocks: read }
}

describe('a signed block', () => {
  it('is encoded as polkadot-sdk does: header, extrinsics, optional justifications', () => {
    const bytes = Buffer.from(encodeSignedBlock(block(5)))
    const header = `${'11'.repeat(32)}14${'22'.repeat(32)}${'33'.repeat(32)}08` + `0642414245080102` + `05424142450101${'09'.repeat(64)}`
    expect(bytes.toString('hex')).toBe(`${header}080c070707000104${Buffer.from('FRNK').toString('hex')}080506`)
    expect(Buffer.from(encodeSignedBlock(block(5, 3, false))).toString('hex')).toBe(`${header}080c0707070000`)
  })

  it('is JSON as its serde writes it, and reads it', () => {
    const json = blockToJson(block(5))
    expect(json).toEqual({
      block: {
        header: { parentHash: hash('11'), number: '0x5', stateRoot: hash('22'), extrinsicsRoot: hash('33'), digest: { logs: ['0x0642414245080102', `0x05424142450101${'09'.repeat(64)}`] } },
        extrinsics: ['0x0c070707', '0x00'],
      },
      justifications: [[[70, 82, 78, 75], [5, 6]]],
    })
    expect(blockFromJson(JSON.stringify(json))).toEqual(block(5))
    expect(blockFromJson(JSON.stringify(blockToJson(block(5, 3, false))))).toEqual(block(5, 3, false))
  })
})

/**
 * Written down by hand from the definitions in polkadot-sdk: `chain_ops::export_blocks` (the number of blocks as u64, then the blocks),
 * `generic::SignedBlock` (block, `Option<Justifications>`), `generic::Block` (header, extrinsics), `generic::Header` and `DigestItem`.
 */
const BY_HAND = [
  '02 00 00 00 00 00 00 00', // two blocks
  'a1'.repeat(32), // parent hash
  '02 00 01 00', // compact 16,384, in four bytes
  'b2'.repeat(32), // state root
  'c3'.repeat(32), // extrinsics root
  '14', // five digest items
  '06 42414245 0c 010203', // PreRuntime, BABE
  '04 46524e4b 04 ff', // Consensus, FRNK
  '08', // RuntimeEnvironmentUpdated
  '00 08 abcd', // Other
  '05 42414245 08 eeff', // Seal, BABE
  '08', // two extrinsics, each behind its length
  '0c 280403',
  '04 00',
  '01 08', // two justifications
  '46524e4b 0c 010203',
  '42454546 00', // BEEF, without bytes
  'd4'.repeat(32),
  '04', // compact 1, in one byte
  'e5'.repeat(32),
  'f6'.repeat(32),
  '00', // no digest items
  '00', // no extrinsics
  '00', // no justifications
].join('').replaceAll(' ', '')

/** What `serde_json` makes of the same, with the fields in the order of the structures; blocks stand one behind the other. */
const JSON_BY_HAND =
  `{"block":{"header":{"parentHash":"${hash('a1')}","number":"0x4000","stateRoot":"${hash('b2')}","extrinsicsRoot":"${hash('c3')}","digest":{"logs":["0x06424142450c010203","0x0446524e4b04ff","0x08","0x0008abcd","0x054241424508eeff"]}},` +
  '"extrinsics":["0x0c280403","0x0400"]},"justifications":[[[70,82,78,75],[1,2,3]],[[66,69,69,70],[]]]}' +
  `{"block":{"header":{"parentHash":"${hash('d4')}","number":"0x1","stateRoot":"${hash('e5')}","extrinsicsRoot":"${hash('f6')}","digest":{"logs":[]}},"extrinsics":[]},"justifications":null}`

describe('a file as nodes of polkadot-sdk write it', () => {
  const binary = Buffer.from(BY_HAND, 'hex')

  it('is read as SCALE and as JSON, with the same blocks', async () => {
    const { total, blocks } = await all(binary)
    expect(total).toBe(2)
    expect(blocks.map(({ header, body, justifications }) => [header.number, header.digest.map(({ type }) => type), body.length, justifications?.map(({ engine }) => engine)])).toEqual([
      [16_384, ['preRuntime', 'consensus', 'runtimeEnvironmentUpdated', 'other', 'seal'], 2, ['FRNK', 'BEEF']],
      [1, [], 0, undefined],
    ])
    expect((await all(Buffer.from(JSON_BY_HAND))).blocks).toEqual(blocks)
  })

  it('is written again to the same bytes', async () => {
    const { blocks } = await all(binary)
    expect(Buffer.concat([countOf(2), ...blocks.map(encodeSignedBlock)]).toString('hex')).toBe(BY_HAND)
    // A line for each, which readers of a stream of JSON values pass over.
    expect(Buffer.concat(blocks.map(jsonLine)).toString().replaceAll('\n', '')).toBe(JSON_BY_HAND)
  })
})

describe('a file of blocks', () => {
  const three = [block(1), block(2, 60), block(3, 3, false)]
  const binary = Buffer.concat([countOf(3), ...three.map(encodeSignedBlock)])
  // Its serde writes no breaks between blocks.
  const json = Buffer.from(three.map((each) => JSON.stringify(blockToJson(each))).join(''))

  it('says how many it has, as a little-endian u64', () => {
    expect([...countOf(300)]).toEqual([0x2c, 1, 0, 0, 0, 0, 0, 0])
  })

  it.each([1, 7, 200, 1_000_000])('is read whole, whatever its parts: %d bytes', async (size) => {
    expect(await all(binary, size)).toEqual({ total: 3, blocks: three })
    expect(await all(json, size)).toEqual({ total: undefined, blocks: three })
    expect(await all(Buffer.concat(three.map(jsonLine)), size)).toEqual({ total: undefined, blocks: three })
  })

  // Counts whose first byte is a line break, a space or a brace.
  it.each([10, 32, 123])('is not taken for JSON where it has %d blocks', async (total) => {
    const { blocks } = await all(Buffer.concat([countOf(total), ...Array.from({ length: total }, (_, at) => encodeSignedBlock(block(at)))]), 1000)
    expect(blocks.length).toBe(total)
  })

  it.each([
    ['an empty one', Buffer.alloc(0), 'after 0 blocks: it is empty'],
    ['a text', Buffer.from('hello, world'), 'it is no file of blocks'],
    ['one cut within the number', binary.subarray(0, 5), 'it ends within the number of blocks'],
    ['one cut behind a block', binary.subarray(0, 8 + encodeSignedBlock(block(1)).length), 'after 1 blocks: it ends there and says that it has 3'],
    ['one cut within a block', binary.subarray(0, binary.length - 3), 'after 2 blocks'],
    ['JSON that is cut', json.subarray(0, json.length - 3), 'after 2 blocks: it is cut off'],
    ['JSON of something else', Buffer.from('{"a":"}{"}'), 'after 0 blocks: block:'],
    ['JSON and then something else', Buffer.concat([json, Buffer.from('x')]), 'after 3 blocks: it is no file of blocks'],
  ])('is refused where it is %s', async (_, bytes, expected) => {
    const said = await all(bytes).then(() => 'no error', describeError)
    expect(said).toContain(expected)
  })
})
