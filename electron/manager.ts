/**
 * Where the desktop app gets its nodes from: the same manager and the same node as the command line's, with its data
 * and its log files in the app's folder, and its worker threads beside the bundle.
 */
import { safeStorage, shell } from 'electron'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../node-core/base/clock.ts'
import { createLogger, type Logger } from '../node-core/base/logger.ts'
import { changePort } from '../node-core/manager/ports/change-port.ts'
import { portHolder } from '../node-core/manager/ports/clashes.ts'
import { FolderMemory } from '../node-core/manager/folders/folder-memory.ts'
import { fileSink, terminalSink } from '../node-core/manager/support/log-sinks.ts'
import { NodeManager } from '../node-core/manager/manager.ts'
import { NetworkAdmin } from '../node-core/manager/networks/network-admin.ts'
import { hosted } from '../node-core/manager/networks/network-creation.ts'
import { MemberDrafts } from '../node-core/manager/kinds/chain/member-drafts.ts'
import { chainSettingsSchema } from '../node-core/manager/kinds/chain/profile.ts'
import type { Installation } from '../node-core/manager/kinds/installation.ts'
import type { NetworkProfile } from '../node-core/manager/kinds/table.ts'
import { ProfileStore } from '../node-core/manager/networks/profile-store.ts'
import type { NodeManagerView } from '../node-core/manager/types.ts'
import { SystemVault } from './passphrase-vault.ts'
import { timeSettings } from './time-settings.ts'

export interface DesktopManager extends NodeManagerView {
  /** Its records are those that the log screen shows. */
  readonly logger: Logger
  /** The networks themselves: adding, changing, moving, removing. */
  readonly admin: NetworkAdmin | undefined
  /** Keys that are made before their network. */
  readonly members: MemberDrafts | undefined
  /** The computer slept, or is in another network. */
  wake(): void
  /** What is being stopped now: `Development: state`. */
  stopping(): readonly string[]
  /** Ends every node and closes the log file. */
  stopAll(): Promise<void>
}

export interface ManagerPlace {
  /** The app's data folder. */
  readonly userData: string
  /** What was set before networks had settings of their own; the first network begins with it. */
  readonly before: { readonly rpcPort: number; readonly upnp: boolean; readonly autoStart: boolean }
}

const INSTALLATION: Installation = {
  chainsPath: fileURLToPath(new URL('../chains', import.meta.url)),
  workerUrls: {
    runtime: new URL('./runtime-worker.js', import.meta.url),
    crypto: new URL('./crypto-worker.js', import.meta.url),
    explorer: new URL('./explorer-worker.js', import.meta.url),
    genesis: new URL('./genesis-worker.js', import.meta.url),
    state: new URL('./state-worker.js', import.meta.url),
    ip: new URL('./ip-worker.js', import.meta.url),
  },
}

export function createManager({ userData, before }: ManagerPlace): DesktopManager {
  const file = fileSink(join(userData, 'logs'))
  const sinks = [terminalSink((line) => process.stderr.write(line)), file.sink]
  const memory = new FolderMemory({ logger: createLogger(sinks, { default: 'info' }, 'manager') }, userData)
  const manager: NodeManager = new NodeManager(
    {
      plan: ({ id }) => admin.plan(id),
      installation: INSTALLATION,
      vault: new SystemVault(safeStorage),
      changePort: (network, purpose) => changePort(admin, network, purpose),
      portHolder: (asking, port) => portHolder(store.list(), manager.networks(), asking, port),
      openTimeSettings: timeSettings({ platform: process.platform, env: process.env, openExternal: (url) => shell.openExternal(url) }),
      logSinks: sinks,
      memory,
    },
    { networks: [], logFilter: { default: 'info' } },
  )
  const store = new ProfileStore({ logger: manager.logger, now: Date.now, initial: () => [firstProfile(userData, before)] }, userData)
  store.load()
  const members = new MemberDrafts({ keyrings: manager.keyrings, clock: systemClock }, join(userData, 'members'))
  const admin: NetworkAdmin = new NetworkAdmin(
    { host: manager, store, logger: manager.logger, memory, drafts: members },
    { networksFolder: join(userData, 'networks'), movesFolder: join(userData, 'moves'), installation: INSTALLATION },
  )
  for (const profile of store.list()) void manager.setNetwork(hosted(profile))
  void admin.resumeMoves()
  return {
    events: manager.events,
    logger: manager.logger,
    admin,
    members,
    networks: () => manager.networks(),
    start: (network) => manager.start(network),
    stop: (network) => manager.stop(network),
    restart: (network) => manager.restart(network),
    node: (network) => manager.node(network),
    keys: (network) => manager.keys(network),
    history: (network) => manager.history(network),
    disk: (network) => manager.disk(network),
    troubles: (network) => manager.troubles(network),
    mend: (network, code, action) => manager.mend(network, code, action),
    latestBlocks: (network, count) => manager.latestBlocks(network, count),
    recentLogs: (count) => manager.recentLogs(count),
    wake: () => manager.wake(),
    stopping: () => manager.stopping(),
    stopAll: async () => {
      try {
        await Promise.all([admin.stop(), manager.stopAll()])
      } finally {
        await file.close()
      }
    },
  }
}

/** The development network that the app had before there were others: its data stay where they are. */
function firstProfile(userData: string, { rpcPort, upnp, autoStart }: ManagerPlace['before']): NetworkProfile {
  return {
    id: 'dev',
    kind: 'chain',
    chain: { kind: 'known', name: 'dev' },
    folder: join(userData, 'data'),
    settings: chainSettingsSchema.parse({ name: 'Development', role: 'validator', account: 'alice', autoStart, rpc: { port: rpcPort }, network: { upnp } }),
  }
}
