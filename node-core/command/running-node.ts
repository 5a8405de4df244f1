/** `run`: the node itself, until it is told to stop. What it logs goes to standard error. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { aboutReader } from '../api/app/about-file.ts'
import { DashboardService } from '../api/server/dashboard-service.ts'
import { tokenFrom } from '../api/server/token-file.ts'
import { keepBuffersLow } from '../base/buffers.ts'
import { parseLogFilter } from '../base/logger.ts'
import { giveMemoryBack, giveStartBack } from '../base/memory.ts'
import { endProcess } from '../base/threads.ts'
import { VERSION } from '../base/version.ts'
import { chainDataPath, loadChainSpec } from '../chain/spec/load.ts'
import { oldChainIn, oldChainSpec } from '../chain/spec/old-chains.ts'
import { refuseRelayValidator } from '../chain/spec/relay.ts'
import type { ChainPlan } from '../manager/kinds/chain/chain.ts'
import { NodeManager } from '../manager/manager.ts'
import { ServiceControl } from '../services/control.ts'
import { ServiceApi } from '../services/service-api.ts'
import type { Installation } from './definition/command.ts'
import type { NodeChoices } from './node-options.ts'
import { saidFlags } from './said-flags.ts'
import { logSink } from './terminal/log-sink.ts'

/** If stopping takes longer than this, the process ends all the same. */
const STOP_LIMIT_MS = 15_000

/** At once, by the system: the end of threads is not waited for. */
function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

export interface RunOptions {
  readonly log: string
  readonly json: boolean
  /** Unlocks the keys for this run. */
  readonly passphrase?: string | undefined
}

/** Resolves when the node runs; the process ends with it. */
export async function runNode(choices: NodeChoices, { log, json, passphrase }: RunOptions, { folder, workerUrls }: Installation): Promise<void> {
  const { options, temporary, dashboardPort, dashboardTokenFile, dashboardPublicUrl, servicePort, serviceHost, serviceTls, serviceTokenFile } = choices
  giveMemoryBack()
  keepBuffersLow()
  // Before anything runs: what is wrong with it is said at once.
  const token = dashboardTokenFile === undefined ? {} : { token: await tokenFrom(dashboardTokenFile) }
  const chainsPath = join(folder, 'chains')
  const { basePath } = options
  const old = oldChainIn(basePath, options.chain)
  const spec = old === undefined ? await loadChainSpec(options.chain, { chainsPath, basePath, genesisWorkerUrl: workerUrls?.genesis }) : await oldChainSpec(basePath, old)
  if (options.validator) refuseRelayValidator(spec)
  const manager = new NodeManager(
    {
      plan: (): ChainPlan => ({ spec, options }),
      installation: { chainsPath, workerUrls },
      logSinks: [logSink(json)],
    },
    { networks: [{ id: spec.id, kind: 'chain', name: spec.name, dataPath: chainDataPath(basePath, spec) }], logFilter: parseLogFilter(log), passphraseFile: options.keystorePassphraseFile },
  )
  if (old !== undefined) {
    manager.logger.warn('this folder holds the development network of an earlier version, which continues unchanged; use another --base-path for a new one', { folder: chainDataPath(basePath, spec) })
  }
  const app = { name: 'Nodestead', version: VERSION, host: 'headless', platform: process.platform } as const
  const flags = saidFlags(choices, log)
  const serviceToken = serviceTokenFile === undefined ? undefined : await tokenFrom(serviceTokenFile)
  const serviceApi = new ServiceApi({ manager, program: app, logger: manager.logger.child('services'), flags, shutdown: () => void setImmediate(() => stopping === undefined && onSignal('SIGTERM')) }, { port: servicePort, host: serviceHost, tls: serviceTls, folder: basePath, token: serviceToken })
  const services = new ServiceControl(serviceApi, manager.logger.child('services'))
  const dashboard =
    dashboardPort === undefined
      ? undefined
      : new DashboardService(
          { manager, logger: manager.logger.child('api') },
          { port: dashboardPort, assetsPath: join(folder, 'renderer'), app, flags, about: aboutReader(folder), services, ...token, ...(dashboardPublicUrl === undefined ? {} : { publicUrl: dashboardPublicUrl }) },
        )

  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await dashboard?.stop()
      await services.stop()
      await manager.stopAll()
      if (temporary) await rm(basePath, { recursive: true, force: true })
    })())
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping !== undefined) return dieOf(signal)
    setTimeout(() => endProcess(() => process.exit(1)), STOP_LIMIT_MS).unref()
    if (!json) process.stderr.write('Stopping; once more to end at once.\n')
    void stop().then(() => endProcess(() => process.exit(0)))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  try {
    if (passphrase !== undefined) await manager.keys(spec.id).unlock(passphrase, false)
    await manager.start(spec.id)
    await dashboard?.start()
    await services.start()
    giveStartBack()
  } catch (error) {
    await stop()
    throw error
  }
  if (dashboard !== undefined) process.stderr.write(json ? `${JSON.stringify({ dashboard: dashboard.url, publicDashboard: dashboard.publicUrl })}\n` : `Dashboard: ${dashboard.url}\n`)
  if (dashboard?.publicUrl !== undefined && !json) process.stderr.write(`Through the proxy: ${dashboard.publicUrl}\n`)
  if (servicePort !== undefined) process.stderr.write(json ? `${JSON.stringify({ serviceApi: serviceApi.address })}\n` : `Service API: ${serviceApi.address}\n`)
}
