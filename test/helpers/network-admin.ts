/** The administration of networks on a folder of a test's own, around a manager without nodes that writes down what it is told. */
import { join } from 'node:path'
import { FakeClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { Keyrings, type NetworkKeys } from '../../node-core/keystore/network-keys.ts'
import type { BeginAnew } from '../../node-core/manager/folders/begin-anew.ts'
import { FolderMemory } from '../../node-core/manager/folders/folder-memory.ts'
import { chainSettingsSchema } from '../../node-core/manager/kinds/chain/profile.ts'
import type { NetworkProfile } from '../../node-core/manager/kinds/table.ts'
import type { NetworkHost } from '../../node-core/manager/networks/admin-types.ts'
import { NetworkAdmin } from '../../node-core/manager/networks/network-admin.ts'
import { hosted } from '../../node-core/manager/networks/network-creation.ts'
import { ProfileStore } from '../../node-core/manager/networks/profile-store.ts'
import type { NetworkSummary, NodeState } from '../../node-core/manager/types.ts'
import { CHAINS } from './chain-files.ts'

export class StandInHost implements NetworkHost {
  readonly states = new Map<string, NodeState>()
  readonly paths = new Map<string, string>()
  readonly calls: string[] = []
  readonly keyrings = new Keyrings({ logger: silentLogger, clock: new FakeClock() })

  networks(): readonly NetworkSummary[] {
    return [...this.states].map(([id, state]) => ({ id, name: id, kind: 'chain', screens: [], status: { state } as NetworkSummary['status'] }))
  }

  async setNetwork({ id, dataPath }: { id: string; dataPath: string }): Promise<void> {
    this.paths.set(id, dataPath)
    if (!this.states.has(id)) this.states.set(id, 'stopped')
  }

  async forgetNetwork(id: string): Promise<void> {
    this.states.delete(id)
  }

  async start(id: string): Promise<void> {
    this.calls.push(`start ${id}`)
  }

  async beginAnew(id: string, options?: BeginAnew): Promise<void> {
    this.calls.push(`begin anew ${id}${options === undefined ? '' : ` ${JSON.stringify(options)}`}`)
  }

  async useAsItIs(id: string): Promise<void> {
    this.calls.push(`use ${id}`)
  }

  node(): undefined {
    return undefined
  }

  keys(id: string): NetworkKeys {
    return this.keyrings.at(this.paths.get(id) ?? '')
  }
}

/** A development network whose data lie in `folder`. */
export function firstProfile(folder: string): NetworkProfile {
  return {
    id: 'dev',
    kind: 'chain',
    chain: { kind: 'known', name: 'dev' },
    folder: join(folder, 'data'),
    settings: chainSettingsSchema.parse({ name: 'Development', role: 'validator', account: 'alice', rpc: { port: 0 } }),
  }
}

/** What is remembered in `folder`: at first that network. */
export function storeIn(folder: string): ProfileStore {
  const store = new ProfileStore({ logger: silentLogger, now: () => Date.UTC(2026, 10, 21), initial: () => [firstProfile(folder)] }, folder)
  store.load()
  return store
}

export function adminIn(folder: string, host: StandInHost, store = storeIn(folder), memory = new FolderMemory({ logger: silentLogger }, folder)): NetworkAdmin {
  const admin = new NetworkAdmin({ host, store, logger: silentLogger, memory }, { networksFolder: join(folder, 'networks'), movesFolder: join(folder, 'moves'), installation: { chainsPath: CHAINS } })
  for (const profile of store.list()) void host.setNetwork(hosted(profile))
  return admin
}
