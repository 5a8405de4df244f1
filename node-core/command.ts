/**
 * The headless entry: `npm run -s node -- [flags]`.
 *
 * Standard output carries results alone (a chain specification, the usage); everything else goes to standard error.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aboutReader } from './api/about-file.ts'
import { DashboardService } from './api/dashboard-service.ts'
import { describeError } from './base/errors.ts'
import { parseLogFilter } from './base/logger.ts'
import { loadChainSpec } from './chain-spec/load.ts'
import { Keyrings } from './keystore/network-keys.ts'
import { terminalSink } from './manager/log-sinks.ts'
import { NodeManager } from './manager/manager.ts'
import { chainDataPath, Node } from './node.ts'
import { parseCommandLine, USAGE, type CommandLine, type NodeOptions } from './options.ts'
import { VERSION } from './version.ts'

/** Folders that the build makes: chain specifications and the dashboard's files. */
const OUT = join(import.meta.dirname, '..', 'out')
const CHAINS = join(OUT, 'chains')

/** If stopping takes longer than this, the process ends all the same. */
const STOP_LIMIT_MS = 15_000

async function main(argv: readonly string[]): Promise<void> {
  const line = parseCommandLine(argv, makeTemporaryPath)
  switch (line.command) {
    case 'help':
      process.stdout.write(USAGE)
      return
    case 'version':
      process.stdout.write(`nodestead ${VERSION}\n`)
      return
    case 'build-spec':
      process.stdout.write(`${JSON.stringify(await loadChainSpec(line.options.chain, { chainsPath: CHAINS }), null, 2)}\n`)
      return
    case 'run':
      await run(line)
  }
}

async function run({ options, temporary, log, dashboardPort }: CommandLine): Promise<void> {
  const spec = await loadChainSpec(options.chain, { chainsPath: CHAINS })
  const manager = new NodeManager(
    {
      createNode: (_network, logger, keys) => Node.create({ spec, options, logger, keys }),
      keyrings: (dependencies) => new Keyrings(dependencies, { passphraseFile: options.keystorePassphraseFile }),
      logSinks: [terminalSink((text) => process.stderr.write(text))],
    },
    { networks: [{ id: spec.id, name: spec.name, dataPath: chainDataPath(options.basePath, spec) }], logFilter: parseLogFilter(log) },
  )
  const app = { name: 'Nodestead', version: VERSION, host: 'headless', platform: process.platform } as const
  const dashboard =
    dashboardPort === undefined
      ? undefined
      : new DashboardService(
          { manager, logger: manager.logger.child('api') },
          { port: dashboardPort, assetsPath: join(OUT, 'renderer'), app, flags: flagsOf(options, log), about: aboutReader(OUT) },
        )

  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await dashboard?.stop()
      await manager.stopAll()
      if (temporary) await rm(options.basePath, { recursive: true, force: true })
    })())
  const onSignal = (): void => {
    if (stopping !== undefined) process.exit(130)
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    process.stderr.write('Stopping; once more to end at once.\n')
    void stop().then(() => process.exit(0))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  try {
    await manager.start(spec.id)
    await dashboard?.start()
  } catch (error) {
    await stop()
    throw error
  }
  if (dashboard !== undefined) process.stderr.write(`Dashboard: ${dashboard.url}\n`)
}

/** What was said, for the Settings screen; the node's key is nobody's business. */
function flagsOf({ chain, basePath, name, validator, account, network, rpc, prometheus }: NodeOptions, log: string): Record<string, string> {
  const said: Record<string, string | number | boolean | undefined> = {
    chain, 'base-path': basePath, name, validator, account, port: network.port, 'in-peers': network.inPeers, 'out-peers': network.outPeers,
    'reserved-only': network.reservedOnly, mdns: network.mdns, upnp: network.upnp, 'relay-server': network.relayServer,
    'rpc-port': rpc.port, 'rpc-cors': rpc.cors.join(','), 'prometheus-port': prometheus.enabled ? prometheus.port : undefined, log,
  }
  return Object.fromEntries(Object.entries(said).flatMap(([flag, value]) => (value === undefined ? [] : [[flag, String(value)]])))
}

function makeTemporaryPath(): string {
  const path = join(tmpdir(), `nodestead-${randomUUID()}`)
  mkdirSync(path, { mode: 0o700 })
  return path
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = 1
})
