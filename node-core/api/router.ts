/**
 * The API of the dashboard over the node manager, as one tRPC router.
 *
 * The same router answers the desktop window over IPC (electron/ipc.ts) and a browser over WebSocket
 * (dashboard-service.ts). Queries and mutations are request and answer; `watch` procedures are subscriptions that begin
 * with how things are and go on with what changes (watch.ts).
 */
import { procedure, router } from './trpc.ts'
import { aboutRouter } from './about-router.ts'
import { networksRouter, nodeRouter } from './networks.ts'
import { blocksRouter } from './blocks.ts'
import { explorerRouter } from './explorer.ts'
import { keysRouter } from './keys.ts'
import { logsRouter } from './logs.ts'
import { metricsRouter } from './metrics.ts'
import { syncRouter, topicsRouter, trafficRouter } from './network-state.ts'
import { peersRouter } from './peers.ts'
import { supportRouter } from './support.ts'
import { troublesRouter } from './troubles.ts'
import { updatesRouter } from './updates.ts'
import { settingsRouter } from './settings.ts'
import { setupRouter } from './setup.ts'

export const appRouter = router({
  app: router({ info: procedure.query(({ ctx }) => ctx.app) }),
  networks: networksRouter,
  node: nodeRouter,
  blocks: blocksRouter,
  explorer: explorerRouter,
  peers: peersRouter,
  topics: topicsRouter,
  sync: syncRouter,
  traffic: trafficRouter,
  metrics: metricsRouter,
  keys: keysRouter,
  logs: logsRouter,
  troubles: troublesRouter,
  support: supportRouter,
  updates: updatesRouter,
  settings: settingsRouter,
  setup: setupRouter,
  about: aboutRouter,
})

export type AppRouter = typeof appRouter
