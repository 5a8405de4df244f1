/** What tray and menu can ask for: the same things as the window's buttons. */
import type { NetworkSummary, NodeStatus } from '../node-core/manager/types.ts'

export interface DesktopActions {
  open(): void
  startNode(): void
  stopNode(): void
  quit(): void
  setAutoStart(on: boolean): void
}

/** What tray and menu show. */
export interface DesktopState {
  readonly network: NetworkSummary | undefined
  readonly autoStart: boolean
}

/** A line for the tray: short, and true at the moment it is made. */
export function trayLine(network: NetworkSummary | undefined): string {
  if (network === undefined) return 'No network'
  return `${network.name}: ${stateText(network.status)}`
}

function stateText({ state, best, finalized }: NodeStatus): string {
  switch (state) {
    case 'running':
      return best === undefined ? 'running' : `block ${best.number.toLocaleString('en')}, final ${(finalized?.number ?? 0).toLocaleString('en')}`
    case 'failed':
      return 'failed, open to see why'
    case 'starting':
    case 'stopping':
    case 'stopped':
      return state
  }
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
