/** Programs of this computer that may use the network: `net.programs.*`. The one secret that goes out is a new program's token, once, to whoever added it. */
import { z } from 'zod'
import { networkInput, openNet, openingOf, requireNet, type Opening } from './open-net.ts'
import { changes, sample } from '../running.ts'
import { procedure, router } from '../trpc.ts'
import type { NetView } from '../../manager/kinds/net-view.ts'
import type { ClientInfo } from '../../net/ipc/clients.ts'
import type { ProgramInfo } from '../../net/ipc/programs.ts'

export interface ProgramEntry extends ProgramInfo {
  /** Path of its own socket, where that is open. */
  readonly socket: string | undefined
  /** Streams that it has open with peers, and protocols that it handles. */
  readonly streams: number
  readonly protocols: readonly string[]
  /** Its connections. */
  readonly clients: readonly ClientInfo[]
}

export interface ProgramsBatch {
  readonly opening: Opening
  /** Path of the socket for programs with a token. */
  readonly socket: string | undefined
  readonly programs: readonly ProgramEntry[]
  /** Connections that have not said yet whose they are. */
  readonly strangers: readonly ClientInfo[]
}

/** Longer than any; the programs themselves say which names and scopes there are. */
const name = z.string().trim().min(1, 'no name is given').max(64, 'the name is too long')
const scopes = z.array(z.string().trim().min(1).max(256, 'a scope is too long')).max(64, 'there are too many scopes')
const programInput = networkInput.extend({ name })

export const programsRouter = router({
  /** How things are, looked at once a second. */
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changed = changes<ProgramsBatch>()
    return sample<ProgramsBatch>(ctx, signal, () => {
      const net = openNet(ctx, input.network)
      return changed({ opening: openingOf(ctx, input.network), ...(net === undefined ? { socket: undefined, programs: [], strangers: [] } : describe(net)) })
    })
  }),

  /** The answer has the token, which is kept nowhere. */
  add: procedure.input(programInput.extend({ scopes, ownSocket: z.boolean() })).mutation(async ({ ctx, input }) => {
    const { token } = await requireNet(ctx, input.network).programs.add(input.name, input.scopes, { ownSocket: input.ownSocket })
    return { token }
  }),
  /** Ends its connections: they were opened with what it might do before. */
  change: procedure.input(programInput.extend({ scopes: scopes.optional(), ownSocket: z.boolean().optional() })).mutation(async ({ ctx, input }) => {
    const { scopes: next, ownSocket } = input
    await requireNet(ctx, input.network).programs.change(input.name, { ...(next === undefined ? {} : { scopes: next }), ...(ownSocket === undefined ? {} : { ownSocket }) })
  }),
  /** Its token is worth nothing from here on, and its connections end. */
  revoke: procedure.input(programInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).programs.revoke(input.name)),
  /** Ends its connections, streams and handlers. It may connect again. */
  end: procedure.input(programInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).ipc.end(input.name)),
})

function describe({ programs, ipc }: NetView): Omit<ProgramsBatch, 'opening'> {
  const clients = ipc.clients.list()
  return {
    socket: ipc.path,
    programs: programs.list().map((program) => ({ ...program, socket: ipc.pathOf(program.name), ...ipc.heldBy(program.name), clients: clients.filter((client) => client.program === program.name) })),
    strangers: clients.filter((client) => client.program === undefined),
  }
}
