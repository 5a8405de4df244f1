/** The gateway of the desktop app: before the node of one of its networks, with a token of its own for the service API. */
import { join } from 'node:path'
import type { DesktopManager } from './manager.ts'
import type { SettingsStore } from './settings.ts'
import type { GatewayHolder, GatewayMethods } from '../node-core/api/app/gateway-types.ts'
import { GatewayControl } from '../node-core/gateway/control.ts'
import type { ServiceApi } from '../node-core/services/service-api.ts'

export interface GatewayPlace {
  readonly userData: string
  readonly manager: DesktopManager
  readonly settings: SettingsStore
  readonly serviceApi: ServiceApi
}

export interface DesktopGateway {
  readonly holder: GatewayHolder
  start(): Promise<void>
  stop(): Promise<void>
}

/** What its token is called at the service API. */
const CALLER = 'gateway of this app'

export function createGateway({ userData, manager, settings, serviceApi }: GatewayPlace): DesktopGateway {
  const control = new GatewayControl({
    folder: join(userData, 'gateway'),
    keeper: { get: () => settings.get().gateway, keep: (choice) => settings.update({ gateway: { ...choice, origins: [...choice.origins] } }) },
    node: {
      rpcUrl: (network) => rpcUrlOf(manager, network),
      service: () => {
        const caller = serviceApi.ownCaller(CALLER, ['read', 'submit'])
        return caller === undefined ? undefined : { url: 'http://localhost', ...caller }
      },
    },
    logger: manager.logger.child('gateway'),
  })
  const off = manager.events.on('status', () => control.nodesChanged())
  return {
    holder: {
      state: () => control.state(),
      methods: methodsServed,
      change: (change) => control.change(change),
      addKey: (name, limits) => control.addKey(name, limits),
      revokeKey: (name) => control.revokeKey(name),
    },
    start: () => control.start(),
    stop: () => {
      off()
      return control.stop()
    },
  }
}

/** While the node runs the port that it has, else the one that it will have. */
function rpcUrlOf(manager: DesktopManager, network: string): string | undefined {
  const summary = manager.networks().find(({ id }) => id === network)
  if (summary === undefined) return undefined
  const { details } = summary.status
  const running = details?.kind === 'chain' && details.rpcAddress !== undefined ? Number(new URL(details.rpcAddress).port) : 0
  const port = running > 0 ? running : (manager.admin?.list().find(({ profile }) => profile.id === network)?.profile.settings.rpc.port ?? 0)
  return port > 0 ? `http://127.0.0.1:${port}` : undefined
}

/** Loaded when it is asked for: it reads the .proto files. */
async function methodsServed(): Promise<GatewayMethods> {
  const [{ JSON_RPC_METHODS }, { SERVICE_METHODS }] = await Promise.all([import('../node-core/gateway/methods/json-rpc.ts'), import('../node-core/gateway/methods/service.ts')])
  return { rpc: JSON_RPC_METHODS.usual, service: SERVICE_METHODS.usual }
}
