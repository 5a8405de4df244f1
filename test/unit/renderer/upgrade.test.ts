import { afterEach, describe, expect, it } from 'vitest'
import { LANGUAGES, useLanguage } from '../../../renderer/i18n/language.ts'
import { changeGroups, dismissalOf, needsCall, rootLabel, upgradeText } from '../../../renderer/text/upgrade.ts'
import type { UpgradeState } from '../../../node-core/api/network/upgrade.ts'
import { DETAILS, OFFERED } from '../../helpers/fake-upgrades.ts'

afterEach(() => void useLanguage('en'))

const at = (change: Partial<UpgradeState>): UpgradeState => ({ ...OFFERED, ...change })
const elsewhere = { kind: 'elsewhere' } as const
const said = (state: UpgradeState, finalized?: number) => {
  const { title, text, steps = [] } = upgradeText(state, finalized) ?? {}
  return [title, text, ...steps.map(({ tone, note }) => `${tone}${note === undefined ? '' : `: ${note}`}`)]
}

describe('an upgrade of the runtime in words', () => {
  it('is offered to root, and others learn who that is', () => {
    expect(said(OFFERED)[0]).toBe('New runtime available: version 2, currently 1')
    expect(said(OFFERED)[1]).toContain('You are root')
    expect(said(at({ root: { kind: 'locked' } }))[1]).toContain('Alice (5Grwva…utQY). This node has the key, but it is locked')
    expect(said(at({ root: elsewhere, rootName: undefined }))[1]).toContain('Root of this network, 5Grwva…utQY, can upgrade')
    expect(said(at({ root: { kind: 'multisig', members: ['a', 'b', 'c'], threshold: 2 } }))[1]).toContain('2 of these 3 accounts')
    expect(said(at({ root: { kind: 'multisig', members: undefined, threshold: undefined } }))[1]).toContain('its members must approve')
    expect(upgradeText(at({ root: { kind: 'none' } }), 5)).toBeUndefined()
    expect(upgradeText(at({ stage: 'none' }), 5)).toBeUndefined()
    expect(rootLabel(OFFERED)).toBe('Alice (5Grwva…utQY)')
  })

  it.each<[Partial<UpgradeState>, string, string[]]>([
    [{ stage: 'authorizing', isOwn: true }, 'Upgrading the runtime to version 2', ['busy: waiting for a block', 'off', 'off']],
    [{ stage: 'authorizing', isOwn: true, inBlock: 1234 }, 'Upgrading the runtime to version 2', ['busy: in block #1,234, not finalized yet', 'off', 'off']],
    [{ stage: 'authorizing', root: elsewhere }, 'Upgrade to runtime version 2 in progress', ['busy: in a block that is not finalized yet', 'off', 'off']],
    [{ stage: 'authorized', root: elsewhere, authorizedAt: 1234 }, 'Upgrade to runtime version 2 in progress', ['well: finalized in block #1,234', 'off', 'off']],
    [{ stage: 'authorized', root: elsewhere, target: undefined }, 'Runtime upgrade in progress', ['well: finalized', 'off', 'off']],
    [{ stage: 'applying', isOwn: true, authorizedAt: 1234 }, 'Upgrading the runtime to version 2', ['well: finalized in block #1,234', 'busy: waiting for a block', 'off']],
    [{ stage: 'waiting-for-finality', isOwn: true, inBlock: 1240 }, 'Upgrading the runtime to version 2', ['well: finalized', 'well: in block #1,240, not finalized yet', 'busy: finalized so far: #1,238']],
    [{ stage: 'waiting-for-finality', root: elsewhere }, 'Upgrade to runtime version 2 in progress', ['well: finalized', 'well: in a block that is not finalized yet', 'busy: finalized so far: #1,238']],
  ])('goes step by step: %j', (change, title, steps) => {
    const [saidTitle, , ...saidSteps] = said(at(change), 1238)
    expect([saidTitle, saidSteps]).toEqual([title, steps])
  })

  it('ends with the block since which it runs, or with what went wrong', () => {
    expect(said(at({ stage: 'done', current: 2, since: 1241 }))[0]).toBe('Runtime version 2 is active since block #1,241')
    expect(said(at({ stage: 'done', current: 2 }))[0]).toBe('Runtime version 2 is active')
    const failure = { step: 'apply', code: 'X', message: 'It failed.', hint: 'Try again.' } as const
    expect(upgradeText(at({ stage: 'failed', failure }), 5)).toMatchObject({ tone: 'attention', quote: 'It failed. Try again.', text: expect.stringContaining('continues with the current runtime') as string })
    expect(upgradeText(at({ stage: 'failed', failure: { ...failure, hint: undefined }, canApply: true }), 5)).toMatchObject({ quote: 'It failed.', text: expect.stringContaining('authorization is still valid') as string })
  })

  it('can be put aside where nobody here has to act', () => {
    expect([OFFERED, at({ root: { kind: 'locked' } }), at({ stage: 'applying' }), at({ stage: 'failed' })].map(dismissalOf)).toEqual([undefined, undefined, undefined, undefined])
    expect([at({ root: elsewhere }), at({ stage: 'done', current: 2 })].map(dismissalOf)).toEqual(['offered 2', 'done 2'])
    expect([OFFERED, at({ root: elsewhere }), at({ root: elsewhere, stage: 'authorized' })].map(needsCall)).toEqual([false, true, false])
  })

  it('names what changes, and how much more there is', () => {
    expect(changeGroups(DETAILS).map(({ title, names, more }) => [title, names.length, more])).toEqual([
      ['New pallets', 1, 0], ['New calls', 1, 0], ['Removed calls', 1, 0], ['New runtime APIs', 1, 0],
    ])
    const many = { added: Array.from({ length: 9 }, (_, at) => `Pallet.call_${at}`), removed: [] }
    const none = { added: [], removed: [] }
    expect(changeGroups({ ...DETAILS, changes: { pallets: none, calls: many, apis: undefined } })).toMatchObject([{ title: 'New calls', more: 3 }])
    expect(changeGroups({ ...DETAILS, changes: { pallets: none, calls: none, apis: none } })).toEqual([])
  })

  it('is told in every language', () => {
    for (const { id } of LANGUAGES) {
      useLanguage(id)
      for (const stage of ['offered', 'authorizing', 'authorized', 'applying', 'waiting-for-finality', 'done', 'failed'] as const) {
        expect(said(at({ stage, authorizedAt: 1, since: 2 }), 3).every((text) => text !== undefined && !text.includes('undefined'))).toBe(true)
      }
    }
  })
})
