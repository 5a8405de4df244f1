/** All networks at once, and the actions that are found by name. */
import { formatNumber } from '../../text/format.ts'

export const overviewAll = {
  title: 'All networks',
  network: 'Network',
  allNetworks: 'All networks',
  sentence: (running: number, all: number) => `${formatNumber(running)} of ${formatNumber(all)} networks running.`,
  none: 'No network yet.',
  columns: { name: 'Network', state: 'State', best: 'Best', finalized: 'Finalized', peers: 'Peers' },
  startAll: 'Start all',
  stopAll: 'Stop all',
  start: (name: string) => `Start ${name}`,
  stop: (name: string) => `Stop ${name}`,
  restart: (name: string) => `Restart ${name}`,
  show: (name: string) => `Show ${name}`,
  actions: {
    copyRpc: 'Copy RPC address',
    copyPeerId: 'Copy peer ID',
    copyAddress: 'Copy peer address',
    copyBest: 'Copy hash of the best block',
    copyFinalized: 'Copy hash of the finalized block',
    copyGenesis: 'Copy genesis hash',
    copyFolder: 'Copy data folder path',
    connect: 'Connect to a peer…',
    addNetwork: 'Add a network…',
    exportNetwork: 'Export this network…',
    duplicate: 'Duplicate this network',
    data: 'Show data of this network',
    keyList: 'Show keyboard shortcuts',
    quit: 'Quit Nodestead',
    theme: { system: 'Appearance: system', light: 'Appearance: light', dark: 'Appearance: dark' },
  },
}
