/** `gateway`: runs until it is told to stop. What it logs goes to standard error. */
import { keepBuffersLow } from '../../base/buffers.ts'
import { createLogger, parseLogFilter } from '../../base/logger.ts'
import { endProcess } from '../../base/threads.ts'
import { Gateway } from '../../gateway/gateway.ts'
import { MetricRegistry } from '../../metrics/registry.ts'
import { MetricsService } from '../../metrics/metrics-service.ts'
import { logOf, portOf } from '../node-options.ts'
import { logSink } from '../terminal/log-sink.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { gatewayOptions, type GatewayValues } from './gateway-options.ts'

/** Resolves when it runs; the process ends with it. Throws as the gateway's constructor and start do. */
export async function runGateway(values: GatewayValues & { readonly log?: readonly string[] }, terminal: Terminal): Promise<void> {
  keepBuffersLow()
  const options = await gatewayOptions(values)
  const logger = createLogger([logSink(terminal.json)], parseLogFilter(logOf(values.log)), 'gateway')
  const gateway = new Gateway({ logger }, options)
  const metrics = metricsOf(values, gateway, logger)

  let stopping: Promise<void> | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping !== undefined) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
      return
    }
    terminal.note('Stopping; once more to end at once.')
    stopping = Promise.all([gateway.stop(), metrics?.stop()]).then(() => endProcess(() => process.exit(0)))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  try {
    await gateway.start()
    await metrics?.start()
  } catch (error) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
    await gateway.stop()
    throw error
  }
  if (process.platform !== 'win32') process.on('SIGHUP', () => void gateway.lookAtFiles())
  process.stderr.write(terminal.json ? `${JSON.stringify({ gateway: gateway.address, publicUrl: options.publicUrl ?? null, metrics: metrics?.address ?? null })}\n` : `Gateway: ${gateway.address}\n`)
}

function metricsOf(values: GatewayValues, gateway: Gateway, logger: ReturnType<typeof createLogger>): MetricsService | undefined {
  if (values['prometheus-port'] === undefined) return undefined
  const registry = new MetricRegistry(logger)
  registry.declare(...gateway.metrics())
  const health = () => ({ peers: gateway.health().ready ? 1 : 0, isSyncing: !gateway.health().ready, shouldHavePeers: true })
  return new MetricsService({ source: registry, health, logger }, { enabled: true, port: portOf('prometheus-port', values['prometheus-port'], 0), fallback: false, external: false })
}
