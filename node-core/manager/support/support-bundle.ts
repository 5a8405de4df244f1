/**
 * What a helper needs to see of this program, in one archive: versions, settings, how each network is, its figures, what
 * failed lately and the log. Everything goes through redact.ts first; nothing is read from where keys are kept.
 */
import { arch, cpus, freemem, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { errorMessage } from '../../base/errors.ts'
import { tar, type TarFile } from '../../base/tar.ts'
import { formatRecord } from './log-sinks.ts'
import { Redactor } from './redact.ts'
import { reportOf } from '../kinds/table.ts'
import type { NetworkSummary, NodeManagerView } from '../types.ts'

export interface BundleSources {
  readonly manager: NodeManagerView
  readonly app: { readonly name: string; readonly version: string; readonly host: string; readonly platform: string }
  readonly now: number
  /** Settings of the program and of its networks, as they are. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The end of the log file, which reaches further back than this run. */
  readonly logTail?: (() => Promise<string>) | undefined
  readonly redactor?: Redactor
}

export interface SupportBundle {
  readonly fileName: string
  /** tar.gz */
  readonly bytes: Uint8Array
}

const LOG_RECORDS = 5000
const FAILURES = 200
const compress = promisify(gzip)

const ABOUT = `This archive was made by Nodestead to find out what went wrong.
Removed before it was written: recovery phrases, keys, passphrases, tokens, your name, your computer's name, your home
folder, and the addresses of peers (the same address has the same number everywhere). Hashes are shortened.
Look through it before you give it away: these are plain text files.
`

export async function makeSupportBundle({ manager, app, now, settings, logTail, redactor = new Redactor() }: BundleSources): Promise<SupportBundle> {
  const files: TarFile[] = []
  const add = (name: string, text: string): void => void files.push({ name: `nodestead-support/${name}`, content: new TextEncoder().encode(text) })
  const logs = manager.recentLogs(LOG_RECORDS)
  add('about.txt', ABOUT)
  add('versions.json', redactor.json(versions(app, now)))
  add('settings.json', redactor.json(settings))
  for (const network of manager.networks()) {
    add(`network-${network.id}.json`, redactor.json(await describe(manager, network)))
    add(`metrics-${network.id}.txt`, redactor.text(await metricsOf(manager, network.id)))
  }
  const failures = logs.filter(({ level }) => level === 'error' || level === 'warn').slice(-FAILURES)
  add('failures.txt', redactor.text(failures.map(formatRecord).join('\n')))
  add('log.txt', redactor.text(logs.map(formatRecord).join('\n')))
  if (logTail !== undefined) add('log-file.txt', redactor.text(await logTail().catch((error: unknown) => `It could not be read: ${errorMessage(error)}`)))
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')
  return { fileName: `nodestead-support-${stamp}.tar.gz`, bytes: await compress(tar(files, now)) }
}

function versions(app: BundleSources['app'], now: number): Record<string, unknown> {
  const { node, electron, chrome, v8 } = process.versions
  return {
    ...app,
    madeAt: new Date(now).toISOString(),
    node, electron, chrome, v8,
    system: { platform: process.platform, release: release(), arch: arch(), cpus: cpus().length, memoryBytes: totalmem(), freeMemoryBytes: freemem() },
    process: { uptimeSeconds: Math.round(process.uptime()), memory: process.memoryUsage() },
  }
}

async function describe(manager: NodeManagerView, network: NetworkSummary): Promise<Record<string, unknown>> {
  const node = manager.node(network.id)
  const peers = node?.network.peerDetails() ?? []
  const agents: Record<string, number> = {}
  for (const { agent = 'unknown' } of peers) agents[agent] = (agents[agent] ?? 0) + 1
  return {
    ...network,
    troubles: manager.troubles(network.id),
    disk: await manager.disk(network.id).catch(() => undefined),
    progress: node?.progress(),
    ...(node === undefined ? {} : reportOf(node)),
    nat: node?.network.nat(),
    bandwidth: node?.network.bandwidth(),
    peers: { count: peers.length, inbound: peers.filter(({ direction }) => direction === 'inbound').length, agents, bans: node?.network.bans().length ?? 0 },
  }
}

async function metricsOf(manager: NodeManagerView, network: string): Promise<string> {
  try {
    return (await manager.node(network)?.metrics.text()) ?? 'The node does not run.\n'
  } catch (error) {
    return `They could not be read: ${errorMessage(error)}\n`
  }
}
