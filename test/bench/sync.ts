/** Syncing: a node that joins late, in a process of its own and served by another process over loopback. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { DevNode } from '../helpers/dev-node.ts'
import type { Report } from './report.ts'
import type { FollowSample } from './sync-node.ts'

const BLOCKS = 2000
const GOAL_BLOCKS_PER_SECOND = 300
const GOAL_DELAY_MS = 50
const LATE_NODES = 2

export async function benchSync(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-sync-'))
  let server: ChildProcessByStdio<Writable, Readable, null> | undefined
  try {
    const author = await DevNode.start({ basePath: join(folder, 'served') })
    await author.leaps(BLOCKS, 2)
    const height = author.node.blocks.best().number
    await author.stop()
    server = syncNode('serve', join(folder, 'served'))
    const address = await firstLine(server.stdout)
    for (let late = 1; late <= LATE_NODES; late++) {
      const child = syncNode('follow', join(folder, `late-${late}`), address, String(height))
      const { blocks, seconds, cpuMsPerBlock, delayP99Ms, delayMaxMs } = JSON.parse(await firstLine(child.stdout)) as FollowSample
      const speed = blocks / seconds
      const detail = `${speed.toFixed(0)} blocks/s over ${blocks} blocks, ${cpuMsPerBlock.toFixed(2)} ms of CPU per block`
      report(`late node ${late}: blocks per second / ${GOAL_BLOCKS_PER_SECOND} (goal >= 1)`, speed / GOAL_BLOCKS_PER_SECOND, detail)
      report(`late node ${late}: event-loop delay p99 / ${GOAL_DELAY_MS} ms (goal <= 1)`, delayP99Ms / GOAL_DELAY_MS, `p99 ${delayP99Ms.toFixed(1)} ms, max ${delayMaxMs.toFixed(1)} ms`)
    }
  } finally {
    server?.stdin.end()
    if (server !== undefined) await new Promise((resolve) => server?.once('exit', resolve))
    await rm(folder, { recursive: true, force: true })
  }
}

function syncNode(...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  const flags = process.env['NODESTEAD_CPU_PROF'] !== undefined && args[0] === 'follow' ? ['--cpu-prof', `--cpu-prof-dir=${process.env['NODESTEAD_CPU_PROF']}`] : []
  return spawn(process.execPath, [...flags, join(import.meta.dirname, 'sync-node.ts'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line
  throw new Error('the node ended without a word')
}
