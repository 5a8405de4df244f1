/**
 * Where the desktop app gets its nodes from: the same manager and the same node as the command line's, with its data
 * and its log files in the app's folder, and its worker threads beside the bundle.
 */
import { safeStorage } from 'electron'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../node-core/base/logger.ts'
import { loadChainSpec } from '../node-core/chain-spec/load.ts'
import { Keyrings } from '../node-core/keystore/network-keys.ts'
import { fileSink, terminalSink } from '../node-core/manager/log-sinks.ts'
import { NodeManager } from '../node-core/manager/manager.ts'
import type { NodeManagerView } from '../node-core/manager/types.ts'
import { Node } from '../node-core/node.ts'
import { nodeOptionsSchema } from '../node-core/options.ts'
import { SystemVault } from './passphrase-vault.ts'

export interface DesktopManager extends NodeManagerView {
  /** Its records are those that the log screen shows. */
  readonly logger: Logger
  /** Ends every node and closes the log file. */
  stopAll(): Promise<void>
}

export interface ManagerPlace {
  /** The app's data folder. */
  readonly userData: string
  /** Port for wallets and apps; 0 lets the system choose. */
  readonly rpcPort: number
  /** Ask the router to pass the ports for peers on. */
  readonly upnp: boolean
}

const CHAINS = fileURLToPath(new URL('../chains', import.meta.url))
const WORKERS = {
  runtime: new URL('./runtime-worker.js', import.meta.url),
  crypto: new URL('./crypto-worker.js', import.meta.url),
}

/** Networks that a node can be part of on its own; the public ones follow with the peers. */
const NETWORKS = [{ id: 'dev', name: 'Development' }]

export function createManager({ userData, rpcPort, upnp }: ManagerPlace): DesktopManager {
  const basePath = join(userData, 'data')
  const file = fileSink(join(userData, 'logs'))
  const manager = new NodeManager(
    {
      createNode: async ({ id }, logger, keys) => {
        const options = nodeOptionsSchema.parse({ chain: id, basePath, validator: true, account: 'alice', rpc: { port: rpcPort }, network: { upnp } })
        return Node.create({ spec: await loadChainSpec(id, { chainsPath: CHAINS }), options, logger, keys, workerUrls: WORKERS })
      },
      keyrings: (dependencies) => new Keyrings({ ...dependencies, vault: new SystemVault(safeStorage) }),
      logSinks: [terminalSink((line) => process.stderr.write(line)), file.sink],
    },
    { networks: NETWORKS.map(({ id, name }) => ({ id, name, dataPath: join(basePath, 'chains', id) })), logFilter: { default: 'info' } },
  )
  return {
    events: manager.events,
    logger: manager.logger,
    networks: () => manager.networks(),
    start: (network) => manager.start(network),
    stop: (network) => manager.stop(network),
    restart: (network) => manager.restart(network),
    node: (network) => manager.node(network),
    keys: (network) => manager.keys(network),
    latestBlocks: (network, count) => manager.latestBlocks(network, count),
    recentLogs: (count) => manager.recentLogs(count),
    stopAll: () => manager.stopAll().finally(() => file.close()),
  }
}
