/** What the methods work with: the manager of nodes, and what the program that hosts it adds. */
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import type { HandlerContext } from '@connectrpc/connect'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { findNetwork } from '../manager/asking.ts'
import type { NetworkAdminView } from '../manager/networks/admin-types.ts'
import type { NetworkSummary, NodeManagerView } from '../manager/types.ts'
import { ServiceError } from './errors.ts'
import type { Client, Clients } from './rights/clients.ts'
import { CLIENT } from './rights/gate.ts'
import type { Feeds } from './streams/feeds.ts'
import type { SubmittedTransactions } from './streams/submitted.ts'
import type { TopicFeeds } from './streams/topic-feeds.ts'

/** What the running program says of itself. */
export interface ProgramInfo {
  readonly name: string
  readonly version: string
  /** Where it runs: the desktop app or the command line. */
  readonly host: 'desktop' | 'headless'
  /** `linux`, `darwin`, `win32`. */
  readonly platform: string
}

export interface ServiceContext {
  readonly manager: NodeManagerView
  readonly program: ProgramInfo
  readonly clients: Clients
  readonly feeds: Feeds
  readonly submitted: SubmittedTransactions
  readonly topics: TopicFeeds
  readonly clock: Clock
  readonly logger: Logger
  /** The administration of networks, where there is one: a node from the command line has the network that its flags say. */
  readonly networks?: NetworkAdminView | undefined
  /** What the command line said, by the names of flags. */
  readonly flags?: Readonly<Record<string, string>> | undefined
  /** Begins to end the program, where a client may: not the desktop app. It returns at once, so that the client gets its answer. */
  readonly shutdown?: (() => void) | undefined
  /** The end of the log file, where there is one. */
  readonly logTail?: (() => Promise<string>) | undefined
}

/** What there is before anybody calls: the streams are made for callers. */
export type ServiceGround = Omit<ServiceContext, 'feeds' | 'submitted' | 'topics'>

/** The network that a request names, or the only one. Throws API_UNKNOWN_NETWORK, SERVICE_NETWORK_UNNAMED. */
export function networkOf({ manager }: Pick<ServiceContext, 'manager'>, { network }: { readonly network: string }): NetworkSummary {
  if (network !== '') return findNetwork(manager, network)
  const [first, ...others] = manager.networks()
  if (first !== undefined && others.length === 0) return first
  throw new ServiceError('SERVICE_NETWORK_UNNAMED', 'The request names no network, and there is not one alone.', { hint: `Name one of: ${manager.networks().map(({ id }) => id).join(', ')}.` })
}

/** Whose call it is. The gate let nobody else in. */
export function clientOf({ values }: HandlerContext): Client {
  const client = values.get(CLIENT)
  if (client === undefined) throw new ServiceError('SERVICE_TOKEN_MISSING', 'The request says no token.')
  return client
}

/** Ends a stream: its client left, its token was revoked, or the node stops. */
export function endOf(context: HandlerContext): AbortSignal {
  return AbortSignal.any([context.signal, clientOf(context).revoked])
}

export function timeOf(ms: number | undefined): Timestamp | undefined {
  return ms === undefined ? undefined : timestampFromMs(ms)
}
