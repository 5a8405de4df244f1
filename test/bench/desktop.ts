/**
 * The desktop app beside a blank Electron app: how long until the window is first painted, what it takes of memory with a
 * node in it, what it costs while its window is hidden and the node authors, and how free its main process stays while that node catches up.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../build/terminal.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { DesktopBench, treeMegabytes, treeSeconds, watched } from './desktop-app.ts'
import type { Report } from './report.ts'

const STARTS = 5
const START_GOAL = 1.3
const MEMORY_GOAL_MB = 150
const SETTLE_MS = 20_000
const HIDDEN_MS = 30_000
const HIDDEN_GOAL_PERCENT = 3
const BLOCKS = 1500
const DELAY_GOAL_MS = 50

export async function benchDesktop(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-desktop-'))
  const bench = await DesktopBench.open(folder)
  try {
    await start(bench, folder, report)
    if (process.platform === 'linux') await memory(bench, folder, report)
    if (process.platform === 'linux') await hidden(bench, report)
    await syncing(bench, folder, report)
  } finally {
    await bench.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The two in turns; a first round, which makes their data folders, is not counted. */
async function start(bench: DesktopBench, folder: string, report: Report): Promise<void> {
  const ours = await bench.prepare('start', {})
  const times: Record<'blank' | 'nodestead', number[]> = { blank: [], nodestead: [] }
  for (let round = 0; round <= STARTS; round++) {
    for (const app of ['blank', 'nodestead'] as const) {
      const from = performance.now()
      const running = bench.start(app, app === 'blank' ? join(folder, 'blank-data') : ours)
      await running.line(/^PAINTED/)
      if (round > 0) times[app].push(performance.now() - from)
      await running.end()
    }
  }
  const [blank, nodestead] = [median(times.blank), median(times.nodestead)]
  const detail = `first paint after ${nodestead.toFixed(0)} ms against ${blank.toFixed(0)} ms, medians of ${STARTS}`
  report(`start of the app / of a blank one (goal <= ${START_GOAL})`, nodestead / blank, detail)
}

async function memory(bench: DesktopBench, folder: string, report: Report): Promise<void> {
  const node = join(ROOT, 'node_modules/.bin/node')
  const flags = ['--dev', '--no-mdns', '--port', '0', '--rpc-port', '0', '--no-prometheus']
  const settled = async (running: ReturnType<typeof watched>): Promise<number> => {
    await pause(SETTLE_MS)
    const megabytes = await treeMegabytes(running.child.pid ?? 0)
    await running.end()
    return megabytes
  }
  const blank = await settled(bench.start('blank', join(folder, 'blank-data')))
  const headless = await settled(watched(node, [join(ROOT, 'node-core/command/cli.ts'), ...flags], process.env))
  const network = { port: 0, mdns: false, upnp: false }
  const app = await settled(bench.start('nodestead', await bench.prepare('memory', { role: 'validator', account: 'alice', autoStart: true, network })))
  const more = app - blank - headless
  const detail = `${app.toFixed(0)} MB with a node, ${blank.toFixed(0)} blank, ${headless.toFixed(0)} headless: ${more.toFixed(0)} MB more`
  report(`memory above a blank app and a headless node / ${MEMORY_GOAL_MB} MB (goal <= 1)`, more / MEMORY_GOAL_MB, detail)
}

/** All its processes, with a node that authors: what a person pays for leaving it in the tray. */
async function hidden(bench: DesktopBench, report: Report): Promise<void> {
  const network = { port: 0, mdns: false, upnp: false }
  const app = bench.start('nodestead', await bench.prepare('hidden', { role: 'validator', account: 'alice', autoStart: true, network }), true)
  try {
    await app.line(/^PAINTED/)
    await pause(SETTLE_MS)
    app.child.stdin.write('hide\n')
    await pause(SETTLE_MS)
    const pid = app.child.pid ?? 0
    const [before, from] = [await treeSeconds(pid), performance.now()]
    await pause(HIDDEN_MS)
    const percent = (((await treeSeconds(pid)) - before) / ((performance.now() - from) / 1000)) * 100
    report(`CPU with a hidden window / ${HIDDEN_GOAL_PERCENT} % of a core (goal <= 1)`, percent / HIDDEN_GOAL_PERCENT, `${percent.toFixed(2)} %`)
  } finally {
    await app.end()
  }
}

/** Served by a process of its own, as on a network. */
async function syncing(bench: DesktopBench, folder: string, report: Report): Promise<void> {
  const author = await DevNode.start({ basePath: join(folder, 'served') })
  await author.leaps(BLOCKS, 2)
  const height = author.node.blocks.best().number
  await author.stop()
  const server = watched(process.execPath, [join(import.meta.dirname, 'sync-node.ts'), 'serve', join(folder, 'served')], process.env)
  const [address] = await server.line(/^\/ip4\S+/)
  const network = { port: 0, mdns: false, upnp: false, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], bootnodes: [address] }
  const app = bench.start('nodestead', await bench.prepare('syncing', { autoStart: true, network }), true)
  try {
    const [, rpc] = await app.line(/JSON-RPC is served address=ws:(\S+)/)
    const reach = async (number: number): Promise<void> => {
      for (const end = performance.now() + 120_000; (await bestOf(`http:${rpc}`)) < number; await pause(100)) {
        if (performance.now() > end) throw new Error(`the app did not reach block ${number}`)
      }
    }
    await reach(1)
    app.child.stdin.write('measure\n')
    const from = performance.now()
    await reach(height)
    const speed = height / ((performance.now() - from) / 1000)
    const told = app.line(/^DELAY (.*)$/)
    app.child.stdin.write('tell\n')
    const { p99Ms, maxMs } = JSON.parse((await told)[1] ?? '') as { p99Ms: number; maxMs: number }
    const detail = `p99 ${p99Ms.toFixed(1)} ms, max ${maxMs.toFixed(1)} ms, at ${speed.toFixed(0)} blocks/s`
    report(`event-loop delay of main p99 while syncing / ${DELAY_GOAL_MS} ms (goal <= 1)`, p99Ms / DELAY_GOAL_MS, detail)
  } finally {
    await app.end()
    server.child.stdin.end()
    await server.end()
  }
}

async function bestOf(rpc: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_getHeader', params: [] })
  const answer = await fetch(rpc, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  return Number(((await answer.json()) as { result: { number: string } }).result.number)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
