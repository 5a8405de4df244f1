/** `networks.*` besides what there is and how it is: adding, changing, moving and removing networks. */
import { z } from 'zod'
import { TRPCError } from '@trpc/server'
import { networkId, procedure, type ApiContext } from '../trpc.ts'
import { watch } from '../watch.ts'
import type { Hash } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import type { MoveStatus, NetworkAdminView, NetworkDetails } from '../../manager/networks/admin-types.ts'
import { privateChoicesSchema } from '../../manager/kinds/chain/private-choices.ts'
import { chainSettingsSchema, wellKnownAccount } from '../../manager/kinds/chain/profile.ts'
import { profileName } from '../../manager/kinds/profiles.ts'
import type { StoreDamage } from '../../manager/networks/profile-store.ts'
import { requirements } from '../../manager/kinds/chain/requirements.ts'

export type NetworkAdminApiErrorCode = 'NETWORKS_FIXED' | 'NO_DIALOGS'

/** Every network's profile, each time one of them or a move changes. */
export interface ProfilesBatch {
  readonly profiles: readonly NetworkDetails[]
  readonly damage: StoreDamage | undefined
  /** False for a node from the command line: it has one network, and its flags say which. */
  readonly editable: boolean
}

const path = z.string().min(1).max(4096)
/** The path of a network file, or the link of an invitation. */
const source = z.string().trim().min(1).max(8192)
const genesisHash = z.string().regex(/^0x[0-9a-f]{64}$/, 'not a genesis hash').transform((hash) => hash as Hash)
const networkInput = z.strictObject({ network: networkId })
const newNetwork = {
  name: profileName.optional(),
  folder: path.optional(),
  role: z.enum(['full', 'validator']).optional(),
  account: wellKnownAccount.optional(),
  autoStart: z.boolean().optional(),
  upnp: z.boolean().optional(),
  draft: z.strictObject({ id: z.uuid(), passphrase: z.string().max(1024, 'the passphrase is too long').optional() }).optional(),
}
/** Throws a TRPCError where the networks are what the command line said. */
export function admin(ctx: ApiContext): NetworkAdminView {
  if (ctx.networks !== undefined) return ctx.networks
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<NetworkAdminApiErrorCode>('NETWORKS_FIXED', 'This node was started from the command line with one network.', {
      hint: 'Start another node with --chain, or use the desktop app for several networks.',
    }),
  })
}

export function dialogs(ctx: ApiContext): NonNullable<ApiContext['dialogs']> {
  if (ctx.dialogs !== undefined) return ctx.dialogs
  throw new TRPCError({ code: 'PRECONDITION_FAILED', cause: new NodeError<NetworkAdminApiErrorCode>('NO_DIALOGS', 'Only the desktop app can show a file dialog.') })
}

export const networkAdminProcedures = {
  /** Profiles, now and after each change. */
  profiles: procedure.subscription(({ ctx, signal }) =>
    watch<ProfilesBatch>({
      clock: ctx.clock,
      signal,
      open: (wake) => {
        const offs = ctx.networks === undefined ? [] : [ctx.networks.events.on('changed', wake), ctx.networks.events.on('move', wake), ctx.networks.events.on('damageDismissed', wake), ctx.manager.events.on('status', wake)]
        return () => {
          for (const off of offs) off()
        }
      },
      take: () => ({ profiles: ctx.networks?.list() ?? [], damage: ctx.networks?.damage, editable: ctx.networks !== undefined }),
      intervalMs: 250,
    }),
  ),
  dismissDamage: procedure.mutation(({ ctx }) => admin(ctx).dismissDamage()),

  requirements: procedure.query(() => requirements()),
  /** What a network file or an invitation is, before it is added. */
  parseSpec: procedure.input(z.strictObject({ path: source })).mutation(({ ctx, input }) => admin(ctx).look({ kind: 'chain', specPath: input.path })),
  /** What was opened with the app and nobody looked at yet: the path of a network file, or the link of an invitation. */
  offered: procedure.subscription(({ ctx, signal }) =>
    watch<{ readonly source: string | undefined }>({
      clock: ctx.clock,
      signal,
      open: (wake) => ctx.offers?.events.on('changed', wake) ?? (() => undefined),
      take: () => ({ source: ctx.offers?.pending }),
    }),
  ),
  /** The window shows it: it is not offered again. */
  takeOffer: procedure.mutation(({ ctx }) => ctx.offers?.take()),
  checkFolder: procedure.input(z.strictObject({ path })).query(({ ctx, input }) => admin(ctx).checkFolder(input.path)),
  /** The system's own dialogs; undefined where the person chose nothing. */
  pickFolder: procedure.mutation(({ ctx }) => dialogs(ctx).pickFolder()),
  pickFile: procedure.mutation(({ ctx }) => dialogs(ctx).pickFile()),

  add: procedure
    .input(z.strictObject({ chain: z.union([z.strictObject({ known: z.string().max(32) }), z.strictObject({ specPath: source, genesisHash: genesisHash.optional() })]), ...newNetwork }))
    .mutation(({ ctx, input: { chain, ...options } }) => admin(ctx).add({ kind: 'chain', ...chain }, options)),
  buildPrivate: procedure
    .input(z.strictObject({ choices: privateChoicesSchema, ...newNetwork }).omit({ name: true }))
    .mutation(({ ctx, input: { choices: chosen, ...options } }) => admin(ctx).add({ kind: 'chain', private: chosen }, options)),
  duplicate: procedure.input(networkInput.extend({ name: profileName.optional() })).mutation(({ ctx, input }) => admin(ctx).duplicate(input.network, input.name)),
  update: procedure
    .input(networkInput.extend({ settings: chainSettingsSchema }))
    .mutation(({ ctx, input }) => admin(ctx).update(input.network, input.settings)),
  remove: procedure.input(networkInput.extend({ name: z.string().max(64) })).mutation(({ ctx, input }) => admin(ctx).remove(input.network, input.name)),
  export: procedure.input(networkInput).mutation(({ ctx, input }) => admin(ctx).export(input.network)),
  move: procedure.input(networkInput.extend({ to: path })).mutation(({ ctx, input }) => admin(ctx).move(input.network, input.to)),
  cancelMove: procedure.input(networkInput).mutation(({ ctx, input }) => admin(ctx).cancelMove(input.network)),
  moveStatus: procedure.input(networkInput).query(({ ctx, input }): MoveStatus | undefined => admin(ctx).details(input.network).move),
}
