/**
 * A team's members: `members.*`. Keys that are made here before a network exists, and the lines by which members tell each other who they are.
 * What goes out is public, but for the words of a new phrase, once, to whoever asked for them.
 */
import { z } from 'zod'
import { TRPCError } from '@trpc/server'
import { changes, requireChain, runningOfKind, sample } from '../running.ts'
import { networkId, procedure, router, type ApiContext } from '../trpc.ts'
import { watch } from '../watch.ts'
import { NodeError } from '../../base/errors.ts'
import type { PhraseDraft } from '../../keystore/drafts.ts'
import type { VaultRefusal } from '../../keystore/vault.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import { readLines, type MemberDraft, type MemberDrafts } from '../../manager/kinds/chain/member-drafts.ts'

export type MembersApiErrorCode = 'MEMBERS_NOT_HERE' | 'MEMBERS_BAD_LINE'

export interface MembersBatch {
  /** Oldest first. */
  readonly drafts: readonly MemberDraft[]
  /** Why the keyring cannot remember a passphrase. */
  readonly vaultRefusal: VaultRefusal | undefined
}

export type AuthorityChanges = NonNullable<ReturnType<ChainNode['authorityChanges']['state']>>

export interface AuthorityChangesBatch {
  /** Undefined while the node does not run, and on chains without a list that root changes. */
  readonly state: AuthorityChanges | undefined
}

export type MemberLines = ReturnType<typeof readLines>
export type MemberLine = MemberLines[number]

const MAX_SECRET = 1024
const MAX_LINES = 64 * 1024
const name = z.string().trim().min(1, 'the name is empty').max(32, 'the name is too long').regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'the name has characters that nobody sees')

function drafts(ctx: ApiContext): MemberDrafts {
  if (ctx.members !== undefined) return ctx.members
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<MembersApiErrorCode>('MEMBERS_NOT_HERE', 'This node was started from the command line with one network.', { hint: 'Create the keys on the Keys screen, or use the desktop app.' }),
  })
}

const networkInput = z.strictObject({ network: networkId })
/** Whose line is pasted is added; whose address is given is removed. */
const changeInput = networkInput.extend({ change: z.union([z.strictObject({ add: z.string().max(MAX_LINES, 'the text is too long') }), z.strictObject({ remove: z.string().max(64) })]) })

/** The one member whose line the text holds. */
function newcomerIn(text: string): Extract<MemberLine, { readonly ok: true }> {
  const [read, ...others] = readLines(text)
  if (read?.ok === true && others.length === 0) return read
  const why = read === undefined || (!read.ok && read.why === 'none') ? 'The text holds no line of a member.' : others.length > 0 ? 'The text holds several lines.' : 'A character of the line is wrong or missing.'
  throw new NodeError<MembersApiErrorCode>('MEMBERS_BAD_LINE', why, { hint: 'Paste the line of one member, whole.' })
}

export const membersRouter = router({
  authorities: router({
    /** How things are, and again when they have changed; looked at once a second. */
    watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
      const changed = changes<AuthorityChangesBatch>()
      return sample<AuthorityChangesBatch>(ctx, signal, () => changed({ state: runningOfKind(ctx, input.network, 'chain')?.authorityChanges.state() }))
    }),
    /** Sent by root, where this node signs for it. */
    change: procedure.input(changeInput).mutation(async ({ ctx, input: { network, change } }) => {
      const { authorityChanges } = requireChain(ctx, network)
      if ('remove' in change) return authorityChanges.remove(change.remove)
      const { member, proof } = newcomerIn(change.add)
      return authorityChanges.add({ ...member, proof })
    }),
    /** The same as a call, for a root that is somebody else. */
    encoded: procedure.input(changeInput).query(({ ctx, input: { network, change } }) => {
      const { authorityChanges } = requireChain(ctx, network)
      if ('remove' in change) return authorityChanges.call(change)
      const { member, proof } = newcomerIn(change.add)
      return authorityChanges.call({ add: { ...member, proof } })
    }),
    /** What has ended is not told any longer. */
    dismiss: procedure.input(networkInput).mutation(({ ctx, input }) => requireChain(ctx, input.network).authorityChanges.dismiss()),
  }),

  /** The drafts of this computer, now and after each change. */
  watch: procedure.subscription(async function* ({ ctx, signal }) {
    const members = drafts(ctx)
    const told = watch<true>({ clock: ctx.clock, signal, open: (wake) => members.events.on('changed', wake), take: () => true })
    for await (const _change of told) yield { drafts: await members.list(), vaultRefusal: members.vaultRefusal } satisfies MembersBatch
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
  read: procedure.input(z.strictObject({ text: z.string().max(MAX_LINES, 'the text is too long') })).query(({ input }): MemberLines => readLines(input.text)),
})
