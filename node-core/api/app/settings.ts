/** `settings.*`: of the app. Those of a network are `networks.update`. */
import { z } from 'zod'
import { TRPCError } from '@trpc/server'
import { appSettingsSchema, dismissedHintsSchema, type AppSettings } from './app-settings.ts'
import { procedure, router } from '../trpc.ts'
import { isNodeError, NodeError } from '../../base/errors.ts'
import { checkNetworkKey } from '../../network/topology/network-key.ts'
import { readTopology } from '../../network/topology/topology-file.ts'
import { chainSettingsSchema } from '../../manager/kinds/chain/profile.ts'

export type SettingsErrorCode = 'SETTINGS_READ_ONLY'

export interface SettingsAnswer {
  /** False where the command line decides. */
  readonly writable: boolean
  readonly app: AppSettings | undefined
  /** Ids of the hints that were dismissed; undefined where the app does not keep them. */
  readonly dismissedHints: readonly string[] | undefined
  /** What the command line said, by the names of flags; undefined in the desktop app. */
  readonly flags: Readonly<Record<string, string>> | undefined
}

/** Of a file that can be used. */
export interface FileCheck {
  /** Undefined for a key. */
  readonly members: number | undefined
}

/** JSON Schemas, for a form and an editor that check before anything is sent. */
const SCHEMAS = {
  app: z.toJSONSchema(appSettingsSchema, { io: 'output', unrepresentable: 'any' }),
  network: z.toJSONSchema(chainSettingsSchema, { io: 'output', unrepresentable: 'any' }),
} as const

const changeSchema = z.strictObject({
  language: appSettingsSchema.shape.language.unwrap().optional(),
  theme: appSettingsSchema.shape.theme.unwrap().optional(),
  reduceMotion: appSettingsSchema.shape.reduceMotion.unwrap().optional(),
  launchAtLogin: z.boolean().optional(),
  notifications: appSettingsSchema.shape.notifications.unwrap().optional(),
  updateChannel: appSettingsSchema.shape.updateChannel.unwrap().optional(),
})

export const settingsRouter = router({
  get: procedure.query(({ ctx }): SettingsAnswer => ({
    writable: ctx.settings !== undefined,
    app: ctx.settings?.settings(),
    dismissedHints: ctx.settings?.dismissedHints(),
    flags: ctx.flags,
  })),

  /** Plain JSON, so that the page needs no schema library. */
  schema: procedure.query((): { readonly app: unknown; readonly network: unknown } => SCHEMAS),

  /**
   * Whether a file on the node's computer is what a setting wants, and of how many members it tells. Nothing of a key is said. Rejects
   * NETWORK_TOPOLOGY_{UNREADABLE,INVALID}, NETWORK_KEY_{UNREADABLE,INVALID}.
   */
  checkFile: procedure.input(z.strictObject({ kind: z.enum(['topologyFile', 'networkKeyFile']), path: z.string().min(1, 'no path is given').max(4096, 'the path is too long') })).query(async ({ input }): Promise<FileCheck> => {
    try {
      if (input.kind === 'topologyFile') return { members: (await readTopology(input.path)).peers.length }
      await checkNetworkKey(input.path)
      return { members: undefined }
    } catch (error) {
      if (!isNodeError(error) || !error.code.endsWith('_UNREADABLE')) throw error
      // The service speaks of flags; here it was typed into a field.
      throw new NodeError(error.code, error.message, { hint: 'Check the path, and that the user of the node may read the file.', data: error.data, cause: error })
    }
  }),

  update: procedure.input(changeSchema).mutation(({ ctx, input }): AppSettings => {
    if (ctx.settings !== undefined) {
      return ctx.settings.change(Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)))
    }
    throw readOnly()
  }),

  /** Which hints stay away from now on; an empty list shows all of them again. Throws SETTINGS_READ_ONLY where nothing is kept. */
  dismissHints: procedure.input(dismissedHintsSchema).mutation(({ ctx, input }): void => {
    if (ctx.settings === undefined) throw readOnly()
    ctx.settings.keepDismissedHints(input)
  }),
})

function readOnly(): TRPCError {
  return new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<SettingsErrorCode>('SETTINGS_READ_ONLY', 'This node was started from the command line: its settings are the flags.', {
      hint: 'Stop the node and start it with other flags.',
    }),
  })
}
