import { describe, expect, it } from 'vitest'
import { privateChoices, USUAL_CHOICES, wrongChoices, type MoreChoices, type PrivateForm } from '../../../renderer/text/private-network.ts'
import { privateChoicesSchema } from '../../../node-core/manager/kinds/chain/private-choices.ts'
import { PRIVATE_DEFAULTS } from '../../../node-core/chain/spec/private.ts'

const form = (more: Partial<MoreChoices> = {}): PrivateForm => ({ name: ' Ours ', authorities: ['alice'], team: [], pasted: '', balances: 'alice 5', more: { ...USUAL_CHOICES, ...more } })

describe('further choices of a private network', () => {
  it('are the usual ones at first, which the node takes where nothing is said', () => {
    expect(wrongChoices(USUAL_CHOICES).size).toBe(0)
    const { slotSeconds, epochLength, existentialDeposit, fees, token } = privateChoices(form()) ?? {}
    expect({ slotSeconds, epochLength, existentialDeposit, fees, token }).toEqual(PRIVATE_DEFAULTS)
    expect(privateChoices(form())).toMatchObject({ name: 'Ours' })
    expect(privateChoices(form())).not.toHaveProperty('root')
  })

  it.each([
    [{ root: 'account', rootAccount: ' bob ' }, { root: { account: 'bob' } }],
    [{ root: 'multisig', members: 'alice\n\n bob \n', threshold: '2' }, { root: { members: ['alice', 'bob'], threshold: 2 } }],
    [{ existentialDeposit: '0,5', fees: false, symbol: ' OAK ', decimals: '18' }, { existentialDeposit: '0.5', fees: false, token: { symbol: 'OAK', decimals: 18 } }],
    [{ slotSeconds: '1', epochLength: '10' }, { slotSeconds: 1, epochLength: 10 }],
    [{ slotSeconds: '60', epochLength: '604800' }, { slotSeconds: 60, epochLength: 604_800 }],
  ] as [Partial<MoreChoices>, object][])('%j are asked of the node as it takes them', (more, expected) => {
    const choices = privateChoices(form(more))
    expect(choices).toMatchObject(expected)
    expect(privateChoicesSchema.safeParse(choices).error).toBeUndefined()
  })

  it.each([
    [{ root: 'account', rootAccount: '' }, 'rootAccount'],
    [{ root: 'account', rootAccount: 'alice bob' }, 'rootAccount'],
    [{ root: 'multisig', members: 'alice' }, 'members'],
    [{ root: 'multisig', members: 'alice\nalice' }, 'members'],
    [{ root: 'multisig', members: 'alice\nbob', threshold: '3' }, 'threshold'],
    [{ root: 'multisig', threshold: '1' }, 'threshold'],
    [{ slotSeconds: '0' }, 'slotSeconds'],
    [{ slotSeconds: '61' }, 'slotSeconds'],
    [{ slotSeconds: '1.5' }, 'slotSeconds'],
    [{ epochLength: '9' }, 'epochLength'],
    [{ existentialDeposit: '0.000' }, 'existentialDeposit'],
    [{ existentialDeposit: 'much' }, 'existentialDeposit'],
    [{ symbol: 'O K' }, 'symbol'],
    [{ decimals: '19' }, 'decimals'],
  ] as [Partial<MoreChoices>, string][])('%j are wrong at %s, and nothing is asked', (more, field) => {
    expect([...wrongChoices({ ...USUAL_CHOICES, ...more })]).toEqual([field])
    expect(privateChoices(form(more))).toBeUndefined()
  })

  it('that are not chosen are not looked at', () => {
    expect(wrongChoices({ ...USUAL_CHOICES, rootAccount: '', members: '', threshold: 'x' }).size).toBe(0)
  })
})
