/**
 * A team's members: `members.*`. Keys that are made here before a network exists, and the lines by which members tell each other who they are.
 * What goes out is public, but for the words of a new phrase, once, to whoever asked for them.
 */
import { z } from 'zod'
import { TRPCError } from '@trpc/server'
import { procedure, router, type ApiContext } from '../trpc.ts'
import { watch } from '../watch.ts'
import { NodeError } from '../../base/errors.ts'
import type { PhraseDraft } from '../../keystore/drafts.ts'
import type { VaultRefusal } from '../../keystore/vault.ts'
import type { MemberDraft, MemberDrafts } from '../../manager/kinds/chain/member-drafts.ts'

export type MembersApiErrorCode = 'MEMBERS_NOT_HERE'

export interface MembersBatch {
  /** Oldest first. */
  readonly drafts: readonly MemberDraft[]
  /** Why the keyring cannot remember a passphrase. */
  readonly vaultRefusal: VaultRefusal | undefined
}

export type MemberLines = ReturnType<MemberDrafts['readLines']>
export type MemberLine = MemberLines[number]

const MAX_SECRET = 1024
const MAX_LINES = 64 * 1024
const name = z.string().trim().min(1, 'the name is empty').max(32, 'the name is too long').regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'the name has characters that nobody sees')

function drafts(ctx: ApiContext): MemberDrafts {
  if (ctx.members !== undefined) return ctx.members
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<MembersApiErrorCode>('MEMBERS_NOT_HERE', 'This node was started from the command line with one network.', { hint: 'Make the keys on the screen Keys, or use the desktop app.' }),
  })
}

export const membersRouter = router({
  /** The drafts of this computer, now and after each change. */
  watch: procedure.subscription(async function* ({ ctx, signal }) {
    const members = drafts(ctx)
    const changes = watch<true>({ clock: ctx.clock, signal, open: (wake) => members.events.on('changed', wake), take: () => true })
    for await (const _change of changes) yield { drafts: await members.list(), vaultRefusal: members.vaultRefusal } satisfies MembersBatch
  }),

  words: procedure.mutation(({ ctx }): PhraseDraft => drafts(ctx).begin()),
  forget: procedure.input(z.strictObject({ id: z.uuid() })).mutation(({ ctx, input }) => drafts(ctx).forget(input.id)),
  make: procedure
    .input(
      z.strictObject({
        words: z.strictObject({ id: z.uuid(), answers: z.array(z.string().max(32)).max(24) }),
        name,
        passphrase: z.string().max(MAX_SECRET, 'the passphrase is too long'),
        remember: z.boolean(),
      }),
    )
    .mutation(({ ctx, input }) => drafts(ctx).make(input)),
  remove: procedure.input(z.strictObject({ id: z.uuid() })).mutation(({ ctx, input }) => drafts(ctx).remove(input.id)),

  /** Whom the lines in a text name. */
  read: procedure.input(z.strictObject({ text: z.string().max(MAX_LINES, 'the text is too long') })).query(({ ctx, input }): MemberLines => drafts(ctx).readLines(input.text)),
})
