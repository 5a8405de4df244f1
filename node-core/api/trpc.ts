/**
 * The ground on which the routers stand: the context that every procedure gets, the form of errors, and the checks of
 * input that several procedures share.
 *
 * The dashboard is one client of this API wherever it runs: in the desktop window over IPC, in a browser over WebSocket.
 * Everything that crosses is plain data (JSON can carry it), so no transformer rewrites it; the one that is set does
 * nothing and only tells the type system that what goes in comes out.
 */
import { initTRPC, StandardSchemaV1Error, TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { AboutReader } from './app/about.ts'
import type { NetworkOffers } from './network/offers.ts'
import type { AppSettingsKeeper } from './app/app-settings.ts'
import type { GatewayHolder } from './app/gateway-types.ts'
import type { ServiceKeeper } from './app/service-types.ts'
import type { FirstRunKeeper } from './app/first-run.ts'
import type { ManagedNode, RemoteNodesKeeper } from './app/remote-types.ts'
import type { UpdatesKeeper } from './app/update-types.ts'
import { errorMessage, isNodeError, plainData, type PlainData } from '../base/errors.ts'
import type { Clock } from '../base/clock.ts'
import { findNetwork, type AskingErrorCode } from '../manager/asking.ts'
import type { MemberDrafts } from '../manager/kinds/chain/member-drafts.ts'
import type { NetworkAdminView } from '../manager/networks/admin-types.ts'
import type { NetworkSummary, NodeManagerView } from '../manager/types.ts'

/** What the running program says of itself. */
export interface AppInfo {
  readonly name: string
  readonly version: string
  /** Where the dashboard's other end lives: the desktop app or the command line. */
  readonly host: 'desktop' | 'headless'
  /** `linux`, `darwin`, `win32`. */
  readonly platform: string
  /** Whether the system holds the program's files against their hashes at each start; undefined where they are no installed program. */
  readonly filesChecked?: boolean | undefined
}

export interface ApiContext {
  readonly manager: NodeManagerView
  readonly app: AppInfo
  readonly clock: Clock
  /** The administration of networks, where there is one: a node from the command line has the network that its flags say. */
  readonly networks?: NetworkAdminView | undefined
  /** Keys that are made before their network, where networks can be added. */
  readonly members?: MemberDrafts | undefined
  /** Network files and invitations that were opened with the app. */
  readonly offers?: NetworkOffers | undefined
  /** The app's own settings, where it keeps any. */
  readonly settings?: AppSettingsKeeper | undefined
  /** What the command line said, where it did. */
  readonly flags?: Readonly<Record<string, string>> | undefined
  /** The service API, for programs and scripts. */
  readonly services?: ServiceKeeper | undefined
  /** The gateway to the internet, where it runs in this program. */
  readonly gateway?: GatewayHolder | undefined
  readonly dialogs?: FileDialogs | undefined
  /** Ends the app, its nodes first. */
  readonly quit?: (() => void) | undefined
  /** The system's browser, where the app may ask for it. */
  readonly browser?: BrowserDoor | undefined
  readonly about?: AboutReader | undefined
  /** Where the guide of the first run is offered. */
  readonly firstRun?: FirstRunKeeper | undefined
  /** Where the program brings itself up to date. */
  readonly updates?: UpdatesKeeper | undefined
  /** Nodes elsewhere, where the app opens windows for them. */
  readonly remote?: RemoteNodesKeeper | undefined
  /** The node elsewhere that this window shows; its state is all that is answered here. */
  readonly managed?: ManagedNode | undefined
  /** The end of the log file, where there is one. */
  readonly logTail?: (() => Promise<string>) | undefined
}

/** The system's dialogs: the page learns a path only where the person chose it. */
export interface FileDialogs {
  pickFolder(): Promise<string | undefined>
  pickFile(): Promise<string | undefined>
  /** Shows a folder in the system's file manager. Throws a NodeError where there is none, or the system does not. */
  openFolder(path: string): Promise<void>
}

/** What the system's browser is asked to show: one page, after the person agreed. */
export interface BrowserDoor {
  /** The page of polkadot.js for the node at this address. Resolves false where the person did not want it, or there is no such node. */
  openPolkadotApps(rpcAddress: string | undefined): Promise<boolean>
}

/** What happened, why, and what to do, for the person at the screen. `code` is bounded. */
export interface ApiProblem {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  /** What the message is about, for whoever says it in another language: paths, ports, names. */
  readonly data?: PlainData | undefined
}

export type ApiErrorCode = 'API_BAD_INPUT' | AskingErrorCode | 'API_INTERNAL' | 'API_NO_SUCH_PROCEDURE'

/** Puts any error into the form that a person reads. Never a stack, never an object of unknown content. */
export function toProblem(error: TRPCError): ApiProblem {
  const { cause } = error
  if (isNodeError(cause)) return { code: cause.code, message: cause.message, hint: cause.hint, data: plainData(cause) }
  if (error.code === 'NOT_FOUND') {
    return {
      code: 'API_NO_SUCH_PROCEDURE' satisfies ApiErrorCode,
      message: error.message,
      hint: 'The dashboard and the node have different versions. Reload the dashboard.',
    }
  }
  if (cause instanceof z.core.$ZodError || cause instanceof StandardSchemaV1Error) {
    const issues = cause.issues.map((issue) => issue.message).slice(0, 5)
    return { code: 'API_BAD_INPUT' satisfies ApiErrorCode, message: `The request is not valid: ${issues.join('; ')}.`, hint: undefined }
  }
  return {
    code: 'API_INTERNAL' satisfies ApiErrorCode,
    message: errorMessage(cause ?? error),
    hint: 'See the log for details.',
  }
}

const t = initTRPC.context<ApiContext>().create({
  isDev: false,
  transformer: { serialize: (value: unknown) => value, deserialize: (value: unknown) => value },
  errorFormatter: ({ shape, error }) => {
    const problem = toProblem(error)
    return { ...shape, message: problem.message, data: { code: shape.data.code, path: shape.data.path, problem } }
  },
})

export const router = t.router
export const procedure = t.procedure

/** A network's identifier: also a folder name, so it is kept to harmless characters. */
export const networkId = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/, 'not the identifier of a network')

/** The network of this identifier; throws a TRPCError NOT_FOUND that names those that exist. */
export function requireNetwork(ctx: ApiContext, id: string): NetworkSummary {
  try {
    return findNetwork(ctx.manager, id)
  } catch (cause) {
    throw new TRPCError({ code: 'NOT_FOUND', cause })
  }
}
