/** Each stage of an upgrade, by what the chain's state says at the finalized and at the best block and by what the node does itself. */
import { describe, expect, it, test } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { decide, type OwnWork, type RuntimeFacts, type Situation } from '../../../../node-core/chain/upgrades/decision.ts'

const OURS: Hash = `0x${'0c'.repeat(32)}`
const ANOTHER: Hash = `0x${'0a'.repeat(32)}`
const at = (specVersion: number, authorized?: Hash): RuntimeFacts => ({ specVersion, authorized })
const IDLE: OwnWork = { kind: 'idle' }
const step = (name: 'authorize' | 'apply', inBlock?: number): OwnWork => ({ kind: 'step', step: name, inBlock })
const FAILED: OwnWork = { kind: 'failed', failure: { step: 'authorize', code: 'EXTRINSIC_FAILED', message: 'no', hint: undefined } }

function decided(finalized: RuntimeFacts, best: RuntimeFacts, work: OwnWork = IDLE, rest: Partial<Situation> = {}) {
  return decide({ carried: { specVersion: 2, codeHash: OURS }, finalized, best, work, isRecent: false, ...rest })
}

describe('seen by any node', () => {
  test.each<[string, RuntimeFacts, RuntimeFacts, object]>([
    ['nothing newer', at(2), at(2), { stage: 'none', target: undefined, canApply: false }],
    ['a chain that is ahead of the app', at(3), at(3), { stage: 'none', target: undefined }],
    ['a newer runtime in the app', at(1), at(1), { stage: 'offered', target: 2, canApply: false }],
    ['an authorization that is not final', at(1), at(1, OURS), { stage: 'authorizing', target: 2, canApply: false }],
    ['a final one', at(1, OURS), at(1, OURS), { stage: 'authorized', target: 2, canApply: true }],
    ['one of other code', at(1, ANOTHER), at(1, ANOTHER), { stage: 'authorized', target: undefined, canApply: false }],
    ['code that is brought, but not final', at(1, OURS), at(1), { stage: 'waiting-for-finality', target: 2, canApply: false }],
    ['a version that is not final', at(1, OURS), at(2), { stage: 'waiting-for-finality', target: 2 }],
    ['the same on a chain that is ahead of the app', at(2, ANOTHER), at(3), { stage: 'waiting-for-finality', target: 3 }],
    ['an authorization of what runs already', at(2, OURS), at(2, OURS), { stage: 'authorized', target: undefined, canApply: false }],
  ])('%s', (_, finalized, best, expected) => {
    expect(decided(finalized, best)).toMatchObject(expected)
  })

  it('tells of a version for some time after it came, unless there is a newer one', () => {
    expect(decided(at(2), at(2), IDLE, { isRecent: true })).toMatchObject({ stage: 'done', target: 2 })
    expect(decided(at(1), at(1), IDLE, { isRecent: true })).toMatchObject({ stage: 'offered' })
  })
})

describe('seen by the node that upgrades', () => {
  test.each<[string, RuntimeFacts, RuntimeFacts, OwnWork, string]>([
    ['on its way to a block', at(1), at(1), step('authorize'), 'authorizing'],
    ['in a block', at(1), at(1, OURS), step('authorize', 9), 'authorizing'],
    ['final, and the code is on its way', at(1, OURS), at(1, OURS), step('apply'), 'applying'],
    ['the code in a block', at(1, OURS), at(1), step('apply', 12), 'waiting-for-finality'],
    ['the new version not final', at(1, OURS), at(2), step('apply', 12), 'waiting-for-finality'],
    ['the new version final', at(2), at(2), step('apply', 12), 'done'],
  ])('%s', (_, finalized, best, work, stage) => {
    expect(decided(finalized, best, work)).toMatchObject({ stage, target: 2, canApply: false })
  })

  it('says what failed, until somebody else gets further', () => {
    expect(decided(at(1), at(1), FAILED)).toMatchObject({ stage: 'failed', target: 2, canApply: false })
    expect(decided(at(1, OURS), at(1, OURS), FAILED)).toMatchObject({ stage: 'failed', canApply: true })
    expect(decided(at(1, OURS), at(1), FAILED)).toMatchObject({ stage: 'waiting-for-finality' })
    expect(decided(at(1), at(2), FAILED)).toMatchObject({ stage: 'waiting-for-finality' })
    expect(decided(at(2), at(2), FAILED, { isRecent: true })).toMatchObject({ stage: 'done' })
  })
})
