/**
 * Private links between programs: `net.link.*`. What is opened here lets peers reach a program of the node's computer, or programs of that computer reach a
 * peer's.
 */
import { z } from 'zod'
import { networkInput, openNet, openingOf, requireNet, type Opening } from './open-net.ts'
import { changes, runningNode, sample } from '../running.ts'
import { procedure, router, type ApiProblem } from '../trpc.ts'
import { plainData } from '../../base/errors.ts'
import type { LinkError } from '../../net/link/errors.ts'
import { linkHost, parseLinkHost } from '../../net/link/hosts.ts'
import type { IpLinkState } from '../../net/link/ip/ip-link.ts'
import { tunSupport, type TunSupport } from '../../net/link/tun.ts'
import type { ForwardState, OpeningState, SocksState } from '../../net/link/types.ts'

/** A local port, and why it does not work where it does not. */
type WithProblem<T extends { readonly failure: LinkError | undefined }> = Omit<T, 'failure'> & { readonly problem: ApiProblem | undefined }

export type ForwardEntry = WithProblem<ForwardState>
export type SocksEntry = WithProblem<SocksState>
export type IpLinkEntry = WithProblem<IpLinkState>

export interface LinkBatch {
  readonly opening: Opening
  /** What peers may reach of this computer. */
  readonly openings: readonly OpeningState[]
  /** Ports of this computer that lead to peers. */
  readonly forwards: readonly ForwardEntry[]
  /** The SOCKS5 door; undefined where there is none. */
  readonly socks: SocksEntry | undefined
  /** The name by which programs elsewhere reach this node through their doors; undefined while it does not run. */
  readonly host: string | undefined
  /** The IP link; undefined where there is none. */
  readonly ip: IpLinkEntry | undefined
  /** What an IP link needs on the node's system, and whether there can be one. */
  readonly tun: TunSupport
}

/** Longer than any; the rules themselves say what is possible. */
const peer = z.string().trim().min(1, 'no peer is named').max(128, 'the peer id is too long')
const name = z.string().trim().min(1, 'no name is given').max(64, 'the name is too long')
const port = z.int('a port is a whole number').min(1, 'a port is at least 1').max(65_535, 'a port is at most 65535')
const openingInput = networkInput.extend({ port })
const peerInput = openingInput.extend({ peer })
const forwardInput = networkInput.extend({ localPort: port })

export const linkRouter = router({
  /** How things are, looked at once a second. */
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changed = changes<LinkBatch>()
    return sample<LinkBatch>(ctx, signal, () => {
      const link = openNet(ctx, input.network)?.link
      const socks = link?.socks()
      const ip = link?.ip()
      const self = link === undefined ? undefined : runningNode(ctx, input.network)?.network.localPeerId
      return changed({
        opening: openingOf(ctx, input.network),
        openings: link?.openings() ?? [],
        forwards: link?.forwards().map(withProblem) ?? [],
        socks: socks === undefined ? undefined : withProblem(socks),
        host: self === undefined ? undefined : linkHost(self),
        ip: ip === undefined ? undefined : withProblem(ip),
        tun: tunSupport(),
      })
    })
  }),

  /** Opens a program of this computer for peers: the one at `targetPort` (the same port where nothing is said) of this computer, or of another one that this one reaches. */
  open: procedure
    .input(openingInput.extend({ name: name.optional(), peers: z.array(peer).min(1, 'no peer is named').max(64, 'at most 64 peers can be named'), targetHost: z.string().trim().min(1).max(64).optional(), targetPort: port.optional(), relayed: z.boolean() }))
    .mutation(({ ctx, input }) =>
      requireNet(ctx, input.network).link.open({
        port: input.port,
        peers: input.peers,
        relayed: input.relayed,
        ...(input.name === undefined ? {} : { name: input.name }),
        target: { ...(input.targetHost === undefined ? {} : { host: input.targetHost }), ...(input.targetPort === undefined ? {} : { port: input.targetPort }) },
      }),
    ),
  /** Its connections are reset. */
  close: procedure.input(openingInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).link.close(input.port)),
  /** One peer more for whom a port is opened. */
  allow: procedure.input(peerInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).link.allow(input.port, input.peer)),
  /** One peer less, whose connections are reset; without any the port is closed. */
  forbid: procedure.input(peerInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).link.forbid(input.port, input.peer)),

  /** Leads a port of this computer to a port of a peer, or to what the peer opened under a name. */
  forward: procedure
    .input(forwardInput.extend({ peer, wanted: z.union([z.strictObject({ port }), z.strictObject({ name })]), relayed: z.boolean() }))
    .mutation(({ ctx, input: { network, ...forward } }) => requireNet(ctx, network).link.forward(forward)),
  /** Its connections are reset. */
  removeForward: procedure.input(forwardInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).link.removeForward(input.localPort)),

  /** Opens the SOCKS5 door, in place of the one before. The answer has user and password where one is wanted; they are kept nowhere. */
  openSocks: procedure
    .input(forwardInput.extend({ relayed: z.boolean(), password: z.boolean() }))
    .mutation(async ({ ctx, input: { network, ...door } }): Promise<{ readonly user: string; readonly password: string } | null> => (await requireNet(ctx, network).link.openSocks(door)) ?? null),
  /** Its connections are reset. */
  closeSocks: procedure.input(networkInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).link.closeSocks()),

  /** Opens the IP link, or changes its peers: those whose addresses stay are not interrupted. */
  openIp: procedure
    .input(networkInput.extend({ device: z.string().trim().min(1).max(64), peers: z.array(z.strictObject({ peer, addresses: z.array(z.string().trim().max(64)).max(64, 'too many addresses are given'), relayed: z.boolean() })).max(64, 'at most 64 peers can be named') }))
    .mutation(({ ctx, input: { network, ...rule } }) => requireNet(ctx, network).link.openIp(rule)),
  /** Its streams are reset, and the device is free for others. */
  closeIp: procedure.input(networkInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).link.closeIp()),

  /** The name by which programs reach a peer through the door, in lower-case as browsers need it. Throws NET_LINK_INVALID. */
  host: procedure.input(z.strictObject({ peer, name: name.optional() })).query(({ input }): string => hostOf(input.peer, input.name)),
})

function hostOf(peer: string, name: string | undefined): string {
  // It says in its own words what is wrong.
  const found = parseLinkHost(`${name === undefined ? '' : `${name}.`}${peer}.nodestead`)
  return found === undefined ? `${peer}.nodestead` : linkHost(found.peer, found.name)
}

function withProblem<T extends { readonly failure: LinkError | undefined }>({ failure, ...state }: T): WithProblem<T> {
  return { ...state, problem: failure && { code: failure.code, message: failure.message, hint: failure.hint, data: plainData(failure) } }
}
