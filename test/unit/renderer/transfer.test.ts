/** Transfers as people type and read them. */
import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { appsAreAllowed } from '../../../renderer/text/developer.ts'
import { accountName, draftFaults, refusedField, transferState } from '../../../renderer/text/transfer.ts'
import type { Transfer } from '../../../node-core/api/network/accounts.ts'
import { ALICE, BOB } from '../../helpers/fake-accounts.ts'

const UNIT = { symbol: 'UNIT', decimals: 12 }
const FREE = '2000000000000'
const SENT: Transfer = { id: 1, from: ALICE, to: BOB, amount: '1', hash: `0x${'0a'.repeat(32)}`, state: 'pooled', block: undefined, failure: undefined }
const BLOCK = { number: 1234, hash: `0x${'0b'.repeat(32)}` } as const

afterEach(() => useLanguage('en'))

describe('a draft', () => {
  it.each([
    ['1.5', {}],
    ['2', {}],
    ['2,000000000001', { amount: 'The account has 2 UNIT.' }],
    ['0', { amount: 'Enter a number above 0 with at most 12 decimals.' }],
    ['a lot', { amount: 'Enter a number above 0 with at most 12 decimals.' }],
    ['0.0000000000001', { amount: 'Enter a number above 0 with at most 12 decimals.' }],
  ])('of %j is told beside the field', (amount, faults) => {
    expect(draftFaults({ to: 'Bob', amount }, FREE, UNIT)).toEqual(faults)
  })

  it('needs a recipient', () => {
    expect(draftFaults({ to: ' ', amount: '1' }, FREE, UNIT)).toEqual({ to: 'Enter an address or the name of an account.' })
  })

  it('that the node refused says so beside the field that it is about, in the language in use', () => {
    useLanguage('de')
    expect(refusedField({ code: 'TRANSFER_BAD_RECIPIENT' }, FREE, UNIT)).toEqual({ to: 'Das ist keine Adresse dieses Netzwerks.' })
    expect(refusedField({ code: 'TRANSFER_TOO_MUCH' }, FREE, UNIT)).toEqual({ amount: 'Das Konto hat 2 UNIT.' })
    expect(refusedField({ code: 'TX_INVALID' }, FREE, UNIT)).toBeUndefined()
  })
})

describe('a transfer', () => {
  const reason = { pallet: 'Balances', name: 'InsufficientBalance', docs: 'Balance too low to send value.' }
  it.each<[Partial<Transfer>, string, string]>([
    [{}, 'waiting for a block', 'busy'],
    [{ state: 'inBlock', block: BLOCK }, 'in block #1,234, not finalized yet', 'busy'],
    [{ state: 'final', block: BLOCK }, 'finalized in block #1,234', 'well'],
    [{ state: 'inBlock', block: BLOCK, failure: { code: 'EXTRINSIC_FAILED', message: '', hint: undefined, reason } }, 'failed in block #1,234: Balances.InsufficientBalance (Balance too low to send value.)', 'trouble'],
    [{ state: 'failed', failure: { code: 'EXTRINSIC_LOST', message: 'x', hint: undefined, reason: undefined } }, 'failed: the pool dropped it before it got into a block', 'trouble'],
    [{ state: 'failed', failure: { code: 'EXTRINSIC_OTHER', message: 'Something else.', hint: undefined, reason: undefined } }, 'failed: Something else.', 'trouble'],
  ])('%j says what became of it', (change, text, tone) => {
    expect(transferState({ ...SENT, ...change })).toEqual({ text, tone })
  })
})

it('an account is called by its name, its label, or the ends of its address', () => {
  expect(accountName(ALICE)).toBe('Alice')
  expect(accountName({ address: ALICE.address, name: undefined, label: 'Savings' })).toBe('Savings')
  expect(accountName({ address: ALICE.address, name: undefined, label: '' })).toBe('5Grwva…GKutQY')
})

it('polkadot.js may call a node whose settings name it, or everybody', () => {
  expect([['https://polkadot.js.org'], ['*'], ['https://dev.papi.how'], []].map(appsAreAllowed)).toEqual([true, true, false, false])
})
