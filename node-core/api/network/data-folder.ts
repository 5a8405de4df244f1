/** `networks.*` for data folders: showing one, and one that is not what it was: where it is now, using it as it is, beginning anew. */
import { z } from 'zod'
import { admin, dialogs } from './network-admin.ts'
import { networkId, procedure } from '../trpc.ts'

const path = z.string().min(1).max(4096)
const networkInput = z.strictObject({ network: networkId })
/** The network's name, typed once more. */
const confirmed = networkInput.extend({ name: z.string().max(64) })

export const dataFolderProcedures = {
  /** Folders with the data of networks that are in no list, as after a damage of the list. */
  leftFolders: procedure.query(({ ctx }) => admin(ctx).leftFolders()),
  addLeft: procedure.input(z.strictObject({ folder: path })).mutation(({ ctx, input }) => admin(ctx).addLeft(input.folder)),
  /** In the system's file manager. */
  openFolder: procedure.input(networkInput).mutation(({ ctx, input }) => dialogs(ctx).openFolder(admin(ctx).details(input.network).dataPath)),
  /** Where the data are now. They must be those that were used last; the node is started with them. */
  locateData: procedure.input(networkInput.extend({ path })).mutation(({ ctx, input }) => admin(ctx).locateData(input.network, input.path)),
  useDataAsItIs: procedure.input(confirmed).mutation(({ ctx, input }) => admin(ctx).useDataAsItIs(input.network, input.name)),
  /** What is there is put aside; the node starts with an empty database. */
  beginAnew: procedure.input(confirmed).mutation(({ ctx, input }) => admin(ctx).beginAnew(input.network, input.name)),
}
