/** Downloading a state of a million keys from serving nodes, each in a process of its own, beside the same bytes as a bare stream. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Report } from './report.ts'
import type { JoinSample, MadeSample } from './state-sync-node.ts'

const KEYS = Number(process.env['NODESTEAD_STATE_KEYS'] ?? 1_000_000)
const SERVERS = 2
const GOAL_RSS_MB = 400
const GOAL_DELAY_MS = 50

export async function benchStateSync(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-state-sync-'))
  const servers: ChildProcessByStdio<Writable, Readable, null>[] = []
  try {
    const { root } = await lineOf<MadeSample>(node('make', join(folder, 'state'), String(KEYS)))
    const addresses: string[] = []
    for (let i = 0; i < SERVERS; i++) {
      const own = join(folder, `served-${i}`)
      await cp(join(folder, 'state'), own, { recursive: true })
      const server = node('serve', own, root)
      servers.push(server)
      addresses.push(JSON.stringify(await lineOf(server)))
    }
    const sample = await lineOf<JoinSample>(node('join', join(folder, 'joined'), root, ...addresses))
    const { entries, bytes, wire, pieces, downloadSeconds, assembleSeconds, rawSeconds, cpuSeconds, delayP99Ms, delayMaxMs, maxRss, mappedBytes } = sample
    const [speed, raw] = [wire / 1e6 / downloadSeconds, wire / 1e6 / rawSeconds]
    report(
      'state download bytes per second / raw libp2p stream (goal >= 0.5)', speed / raw,
      `${speed.toFixed(1)} MB/s against ${raw.toFixed(0)} MB/s; ${entries} entries, ${(bytes / 1e6).toFixed(0)} MB as ${(wire / 1e6).toFixed(0)} MB in ${pieces} pieces from ${SERVERS} peers`,
    )
    report('putting it together / downloading it', assembleSeconds / downloadSeconds, `${assembleSeconds.toFixed(1)} s against ${downloadSeconds.toFixed(1)} s; ${cpuSeconds.toFixed(1)} s of CPU for both`)
    report(`memory / ${GOAL_RSS_MB} MB (goal <= 1)`, maxRss / 1e6 / GOAL_RSS_MB, `${(maxRss / 1e6).toFixed(0)} MB, of which ${(mappedBytes / 1e6).toFixed(0)} MB are pages of files`)
    report(`event-loop delay p99 / ${GOAL_DELAY_MS} ms (goal <= 1)`, delayP99Ms / GOAL_DELAY_MS, `p99 ${delayP99Ms.toFixed(1)} ms, max ${delayMaxMs.toFixed(1)} ms`)
  } finally {
    for (const server of servers) {
      server.stdin.end()
      await new Promise((resolve) => server.once('exit', resolve))
    }
    await rm(folder, { recursive: true, force: true })
  }
}

function node(...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  const profile = process.env['NODESTEAD_CPU_PROF']
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profile, args[0] ?? '')}`]
  return spawn(process.execPath, [...flags, join(import.meta.dirname, 'state-sync-node.ts'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function lineOf<T>({ stdout }: { readonly stdout: Readable }): Promise<T> {
  for await (const line of createInterface(stdout)) return JSON.parse(line) as T
  throw new Error('a process ended without a word')
}
