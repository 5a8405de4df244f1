/**
 * The API of the dashboard over the node manager, as one tRPC router.
 *
 * The same router answers the desktop window over IPC (electron/ipc.ts) and a browser over WebSocket
 * (dashboard-service.ts). Queries and mutations are request and answer; `watch` procedures are subscriptions that begin
 * with how things are and go on with what changes (watch.ts).
 */
import { procedure, router } from './trpc.ts'
import { netRouter } from './net/net-router.ts'
import { accountsRouter } from './network/accounts.ts'
import { aboutRouter } from './app/about-router.ts'
import { networksRouter, nodeRouter } from './network/networks.ts'
import { blocksRouter } from './network/blocks.ts'
import { developmentRouter } from './network/development.ts'
import { explorerRouter } from './network/explorer.ts'
import { keysRouter } from './network/keys.ts'
import { logsRouter } from './network/logs.ts'
import { membersRouter } from './network/members.ts'
import { metricsRouter } from './network/metrics.ts'
import { topicsRouter, trafficRouter } from './network/network-state.ts'
import { peersRouter } from './network/peers.ts'
import { syncRouter } from './network/sync.ts'
import { supportRouter } from './app/support.ts'
import { troublesRouter } from './network/troubles.ts'
import { authoritiesRouter } from './network/authorities.ts'
import { upgradeRouter } from './network/upgrade.ts'
import { updatesRouter } from './app/updates.ts'
import { remoteRouter } from './app/remote.ts'
import { gatewayRouter } from './app/gateway.ts'
import { servicesRouter } from './app/service-api.ts'
import { settingsRouter } from './app/settings.ts'
import { setupRouter } from './app/setup.ts'

export const appRouter = router({
  app: router({
    info: procedure.query(({ ctx }) => ctx.app),
    /** Ends the app, as its menu does; nothing where there is none to end. */
    quit: procedure.mutation(({ ctx }) => ctx.quit?.()),
  }),
  networks: networksRouter,
  node: nodeRouter,
  blocks: blocksRouter,
  explorer: explorerRouter,
  authorities: authoritiesRouter,
  accounts: accountsRouter,
  development: developmentRouter,
  peers: peersRouter,
  topics: topicsRouter,
  sync: syncRouter,
  traffic: trafficRouter,
  net: netRouter,
  metrics: metricsRouter,
  keys: keysRouter,
  members: membersRouter,
  logs: logsRouter,
  troubles: troublesRouter,
  support: supportRouter,
  updates: updatesRouter,
  upgrade: upgradeRouter,
  services: servicesRouter,
  gateway: gatewayRouter,
  settings: settingsRouter,
  setup: setupRouter,
  about: aboutRouter,
  remote: remoteRouter,
})

export type AppRouter = typeof appRouter
