/** The choices of a private network as they come in from outside: a form, a file, an invitation. What they come to is in private.ts. */
import { z } from 'zod'
import { WELL_KNOWN_ACCOUNTS } from '../../crypto/keys/dev-accounts.ts'
import { MAX_MEMBERS, memberName, peerId } from './members.ts'
import { EPOCH_SLOTS, SLOT_SECONDS, TOKEN_DECIMALS } from './private.ts'

/** An address, or the name of a development account. */
const account = z.string().max(64)

export const privateChoicesSchema = z.strictObject({
  name: z.string().trim().min(1).max(64),
  authorities: z
    .array(
      z.union([
        z.strictObject({ account: z.enum(WELL_KNOWN_ACCOUNTS) }),
        z.strictObject({ stash: account, sessionKeys: z.string().max(512), name: memberName.optional(), peerId: peerId.optional() }),
      ]),
    )
    .min(1)
    .max(MAX_MEMBERS),
  balances: z.array(z.strictObject({ address: account, amount: z.int().min(0) })).max(100),
  root: z.union([z.strictObject({ account }), z.strictObject({ members: z.array(account).min(2).max(MAX_MEMBERS), threshold: z.int().min(2).max(MAX_MEMBERS) })]).optional(),
  slotSeconds: z.int().min(SLOT_SECONDS.least).max(SLOT_SECONDS.most).optional(),
  epochLength: z.int().min(EPOCH_SLOTS.least).max(EPOCH_SLOTS.most).optional(),
  existentialDeposit: z.string().max(40).optional(),
  fees: z.boolean().optional(),
  token: z.strictObject({ symbol: z.string().regex(/^[A-Za-z0-9]{1,12}$/, 'not a symbol'), decimals: z.int().min(TOKEN_DECIMALS.least).max(TOKEN_DECIMALS.most) }).optional(),
})
