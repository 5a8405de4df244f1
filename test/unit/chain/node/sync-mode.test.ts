import { describe, expect, it } from 'vitest'
import { blocksPruningOf, keptBlocksOf, statePruningOf, syncModeOf } from '../../../../node-core/chain/node/sync-mode.ts'
import type { ChainSpec } from '../../../../node-core/chain/spec/schema.ts'

const spec = (chainType: ChainSpec['chainType'], genesis: ChainSpec['genesis'] = { raw: { top: {} } }): ChainSpec => ({ name: 'Test', id: 'test', chainType, bootNodes: [], genesis })
const light = { stateRootHash: `0x${'aa'.repeat(32)}` } as const

describe('how a node catches up', () => {
  it('is by the state of a late block on live networks, and by every block elsewhere', () => {
    expect([spec('Live'), spec('Development'), spec('Local'), spec({ Custom: 'Canary' })].map((one) => syncModeOf({}, one))).toEqual(['warp', 'full', 'full', 'full'])
  })

  it('of an authority of a live network is by every block, for it may be the first who is there', () => {
    expect(syncModeOf({ validator: true }, spec('Live'))).toBe('full')
    expect([syncModeOf({ validator: true }, spec('Live', light)), syncModeOf({ sync: 'warp', validator: true }, spec('Live'))]).toEqual(['warp', 'warp'])
  })

  it('is what a person says', () => {
    expect([syncModeOf({ sync: 'full' }, spec('Live')), syncModeOf({ sync: 'warp' }, spec('Local'))]).toEqual(['full', 'warp'])
  })

  it('cannot be by every block where there is no state to begin with', () => {
    expect(syncModeOf({}, spec('Local', light))).toBe('warp')
    expect(() => syncModeOf({ sync: 'full' }, spec('Live', light))).toThrow(expect.objectContaining({ code: 'CHAIN_SPEC_NO_STATE' }))
  })
})

it('blocks of forks are kept on networks of one’s own, and where a person says so', () => {
  expect([spec('Live'), spec('Local')].map((one) => blocksPruningOf({}, one))).toEqual(['archive-canonical', 'archive'])
  expect(blocksPruningOf({ blocksPruning: 0 }, spec('Local'))).toBe(0)
  expect([keptBlocksOf({}, spec('Live')), keptBlocksOf({ blocksPruning: 'archive' }, spec('Live')), keptBlocksOf({ blocksPruning: 0 }, spec('Live'))]).toEqual([undefined, undefined, 0])
})

it('states are kept all on networks of one’s own, and those of the newest blocks on live ones', () => {
  expect([spec('Live'), spec('Local'), spec('Development')].map(statePruningOf)).toEqual([256, 'archive', 'archive'])
})
