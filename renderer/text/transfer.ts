/** Transfers as people type and read them. Pure. */
import { formatAmount } from './amount.ts'
import { formatHeight } from './format.ts'
import type { Sentence } from './status-sentence.ts'
import { m } from '../i18n/language.ts'
import type { HeldAccount, Transfer } from '../../node-core/api/network/accounts.ts'
import type { Token } from '../../node-core/chain/explorer/types.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'

export interface TransferDraft {
  readonly to: string
  readonly amount: string
}

/** What is wrong with a field, in a sentence beside it. */
export type TransferFaults = { readonly [Field in keyof TransferDraft]?: string | undefined }

/** An account by the name that says most. */
export function accountName({ name, label, address }: Pick<HeldAccount, 'address' | 'name'> & { readonly label?: string }): string {
  if (name !== undefined) return name
  return label === undefined || label === '' ? `${address.slice(0, 6)}…${address.slice(-6)}` : label
}

/** What can be told before the node is asked. */
export function draftFaults({ to, amount }: TransferDraft, free: string, token: Token): TransferFaults {
  const smallest = smallestOf(amount, token.decimals)
  const faults: { -readonly [Field in keyof TransferFaults]: TransferFaults[Field] } = {}
  if (to.trim() === '') faults.to = m.developer.faults.recipientMissing
  if (smallest === undefined || smallest === 0n) faults.amount = m.developer.faults.amount(token.decimals)
  else if (smallest > BigInt(free)) faults.amount = m.developer.faults.tooMuch(formatAmount(free, token))
  return faults
}

/** What the node refused, beside the field that it is about; undefined where it is about none. */
export function refusedField({ code }: Pick<ApiProblem, 'code'>, free: string, token: Token): TransferFaults | undefined {
  const { faults } = m.developer
  switch (code) {
    case 'TRANSFER_BAD_RECIPIENT':
      return { to: faults.recipient }
    case 'TRANSFER_BAD_AMOUNT':
      return { amount: faults.amount(token.decimals) }
    case 'TRANSFER_TOO_MUCH':
      return { amount: faults.tooMuch(formatAmount(free, token)) }
    default:
      return undefined
  }
}

/** What became of a transfer, with the runtime's own words where it failed. */
export function transferState({ state, block, failure }: Transfer): Sentence {
  const { transferStates: states } = m.developer
  const height = block === undefined ? undefined : formatHeight(block.number)
  if (failure !== undefined) {
    const reason = reasonOf(failure)
    return { text: height === undefined ? states.failed(reason) : states.failedIn(height, reason), tone: 'trouble' }
  }
  if (height === undefined) return { text: states.pooled, tone: 'busy' }
  return state === 'final' ? { text: states.final(height), tone: 'well' } : { text: states.inBlock(height), tone: 'busy' }
}

/** The runtime says why it refused in its own words, in English: its names are what a developer looks for. */
function reasonOf({ code, message, reason }: NonNullable<Transfer['failure']>): string {
  if (reason === undefined) return m.developer.transferFailures[code] ?? message
  const name = reason.pallet === undefined ? reason.name : `${reason.pallet}.${reason.name}`
  return reason.docs === '' ? name : `${name} (${reason.docs})`
}

function smallestOf(text: string, decimals: number): bigint | undefined {
  const match = /^(\d{1,20})(?:[.,](\d+))?$/.exec(text.trim())
  const fraction = (match?.[2] ?? '').replace(/0+$/, '')
  return match === null || fraction.length > decimals ? undefined : BigInt(`${match[1]}${fraction.padEnd(decimals, '0')}`)
}
