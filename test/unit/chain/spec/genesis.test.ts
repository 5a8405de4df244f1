import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { buildGenesis, genesisCode, genesisOf } from '../../../../node-core/chain/spec/genesis.ts'
import { markedSpec } from '../../../../node-core/chain/spec/private.ts'
import { parseChainSpec } from '../../../../node-core/chain/spec/load.ts'
import { headerHash } from '../../../../node-core/chain/scale/header.ts'
import { buildTrie, orderedTrieRoot } from '../../../../node-core/chain/trie/build.ts'

const CODE = { '0x3a636f6465': '0x0061736d' }

function rootOf(top: Readonly<Record<string, string>>, childrenDefault?: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const spec = parseChainSpec(JSON.stringify({ name: 'Test', id: 'test', genesis: { raw: { top, childrenDefault } } }), 'x.json')
  return buildGenesis(spec, 1).header.stateRoot
}

describe('the genesis state', () => {
  it('has the root of its keys and values, however their digits are written', () => {
    const { root } = buildTrie([[utf8(':code'), Uint8Array.of(0, 0x61, 0x73, 0x6d)], [Uint8Array.of(0xab), Uint8Array.of(0xcd)]], 1)
    expect(rootOf({ ...CODE, '0xab': '0xcd' })).toBe(toHex(root))
    expect(rootOf({ '0x3A636F6465': '0x0061736D', '0xAB': '0xCD' })).toBe(toHex(root))
  })

  it('does not know of a child that has nothing in it', () => {
    expect(rootOf(CODE, { '0x61': {}, '0x62': {} })).toBe(rootOf(CODE))
    expect(rootOf(CODE, { '0x61': {}, '0x62': { '0x01': '0x' } })).toBe(rootOf(CODE, { '0x62': { '0x01': '0x' } }))
    expect(rootOf(CODE, { '0x62': { '0x01': '0x' } })).not.toBe(rootOf(CODE))
  })

  it('has the root of a child at its key behind the prefix', () => {
    const child = buildTrie([[Uint8Array.of(1), Uint8Array.of(2)]], 1).root
    const { root } = buildTrie([[utf8(':code'), Uint8Array.of(0, 0x61, 0x73, 0x6d)], [utf8(':child_storage:default:a'), child]], 1)
    expect(rootOf(CODE, { '0x61': { '0x01': '0x02' } })).toBe(toHex(root))
  })
})

describe('a specification with the root of its genesis state alone', () => {
  const parse = (genesis: unknown) => parseChainSpec(JSON.stringify({ name: 'Test', id: 'test', genesis }), 'x.json')
  const whole = parse({ raw: { top: CODE } })
  const built = buildGenesis(whole, 0)
  const light = parse({ stateRootHash: built.header.stateRoot })

  it('has the genesis block of the state, and no state', () => {
    expect(genesisOf(light)).toEqual({ ...built, nodes: undefined })
    expect(built.hash).toBe(headerHash(built.header))
  })

  it('has no extrinsics, whichever way the runtime stores them', () => {
    for (const version of [0, 1] as const) expect(built.header.extrinsicsRoot).toBe(toHex(orderedTrieRoot([], version)))
  })

  it.each([
    ['its code', () => genesisCode(light)],
    ['its state', () => buildGenesis(light)],
    ['a network made from it', () => markedSpec(light)],
  ])('says what it cannot give: %s', (_what, ask) => {
    expect(ask).toThrow('The chain specification of Test has no genesis state; the node joins the network by warp sync.')
  })
})
