/** What tray and menu can ask for, the same things as the window's buttons, and the lines that they show. */
import type { RemoteNode } from '../node-core/api/app/remote-types.ts'
import type { NetworkSummary, NodeStatus } from '../node-core/manager/types.ts'
import { trayWords } from './i18n/tray.ts'
import type { Words } from './i18n/words.ts'

export interface DesktopActions {
  open(): void
  /** Opens the window at this network. */
  showNetwork(network: string): void
  startAll(): void
  stopAll(): void
  startNode(network: string): void
  stopNode(network: string): void
  restartNode(network: string): void
  /** Puts an address at which peers reach this node on the clipboard. */
  copyAddress(network: string): void
  setAutoStart(network: string, on: boolean): void
  pauseNotifications(on: boolean): void
  /** Shows the window of a node elsewhere, or the dialog where it is entered. */
  manageNode(address: string | undefined): void
  quit(): void
}

/** What tray and menu show. */
export interface DesktopState {
  /** The one that they speak of comes first. */
  readonly networks: readonly NetworkSummary[]
  /** Of those that start with the app. */
  readonly autoStart: ReadonlySet<string>
  readonly notificationsPaused: boolean
  /** Nodes elsewhere that are remembered. */
  readonly remoteNodes: readonly Pick<RemoteNode, 'address' | 'name'>[]
  readonly words: Words
}

/** A line for the tray: short, and true at the moment it is made. */
export function trayLine(network: NetworkSummary | undefined, words: Words): string {
  return network === undefined ? words.noNetwork : `${network.name}: ${stateText(network.status, words)}`
}

function stateText({ state, newest, settled, catchingUp, restartAt, peers, producing, details }: NodeStatus, words: Words): string {
  if (state === 'failed' && restartAt !== undefined) return words.restarting
  if (state !== 'running' || newest === undefined) return words.states[state]
  if (details?.joining !== undefined) return joiningText(details.joining, words)
  if (catchingUp !== undefined) return words.catchingUp(String(Math.min(99, Math.floor((newest.number / Math.max(1, catchingUp.highest)) * 100))))
  const best = heightText(newest.number, words)
  if (details?.sealing !== undefined) return trayWords(words.locale).sealed(best)
  // A node that makes no blocks and has nobody to get them from follows nothing.
  if (!producing && peers === 0) return trayWords(words.locale).noPeers(best)
  return words.block(best, heightText(settled?.number ?? 0, words))
}

/** The stage, and how much of it is done. */
function joiningText({ stage, hold, peers, proofs, state }: NonNullable<NonNullable<NodeStatus['details']>['joining']>, { locale }: Words): string {
  const { joining } = trayWords(locale)
  const percent = (share: number): string => String(Math.min(99, Math.floor(share * 100)))
  if (stage === 'anchor') return joining.anchor
  if (peers === 0 || hold !== undefined) return joining.waiting
  if (stage !== 'state') return joining.proofs(percent(proofs === undefined || proofs.highest === 0 ? 0 : proofs.block.number / proofs.highest))
  return state?.assembled === undefined ? joining.state(percent(state?.share ?? 0)) : joining.assembling(percent(state.assembled))
}

/** A block's height as everywhere in the app: `#48,120`. */
export function heightText(height: number, { locale }: Words): string {
  return `#${height.toLocaleString(locale, { useGrouping: 'always' })}`
}

export function canStart(status: NodeStatus | undefined): boolean {
  return status?.state === 'stopped' || status?.state === 'failed'
}

export function canStop(status: NodeStatus | undefined): boolean {
  return status?.state === 'running' || status?.state === 'starting'
}

/** A node that must be stopped before the app may end. */
export function isAlive(status: NodeStatus): boolean {
  return status.state === 'running' || status.state === 'starting' || status.state === 'stopping'
}

/** A node that the app stays open for: it runs, or is started again by itself. */
export function keepsApp(status: NodeStatus): boolean {
  return isAlive(status) || status.restartAt !== undefined
}
