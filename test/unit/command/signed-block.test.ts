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
