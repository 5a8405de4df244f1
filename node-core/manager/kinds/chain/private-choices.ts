/** What may be chosen of a private network, as it comes in from outside; what the choices come to is in chain/spec/private.ts. */
import { z } from 'zod'
import { EPOCH_SLOTS, SLOT_SECONDS, TOKEN_DECIMALS } from '../../../chain/spec/private.ts'
import { profileName } from '../profiles.ts'
import { wellKnownAccount } from './profile.ts'

/** An address, or the name of a development account. */
const account = z.string().max(64)
const MAX_ACCOUNTS = 32

export const privateChoicesSchema = z.strictObject({
  name: profileName,
  authorities: z.array(z.union([z.strictObject({ account: wellKnownAccount }), z.strictObject({ stash: account, sessionKeys: z.string().max(512) })])).min(1).max(MAX_ACCOUNTS),
  balances: z.array(z.strictObject({ address: account, amount: z.int().min(0) })).max(100),
  root: z.union([z.strictObject({ account }), z.strictObject({ members: z.array(account).min(2).max(MAX_ACCOUNTS), threshold: z.int().min(2).max(MAX_ACCOUNTS) })]).optional(),
  slotSeconds: z.int().min(SLOT_SECONDS.least).max(SLOT_SECONDS.most).optional(),
  epochLength: z.int().min(EPOCH_SLOTS.least).max(EPOCH_SLOTS.most).optional(),
  existentialDeposit: z.string().max(40).optional(),
  fees: z.boolean().optional(),
  token: z.strictObject({ symbol: z.string().regex(/^[A-Za-z0-9]{1,12}$/, 'not a symbol'), decimals: z.int().min(TOKEN_DECIMALS.least).max(TOKEN_DECIMALS.most) }).optional(),
})
