/**
 * An idle development node in a process of its own: memory, CPU, and the event-loop delay of its main thread while it
 * authors.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Report } from './report.ts'

/** Goal for the 99th percentile of the main thread's event-loop delay, in milliseconds. */
const DELAY_GOAL_MS = 20
const SECONDS = 30

interface Sample {
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  readonly rssMegabytes: number
  readonly cpuPercent: number
  readonly blocks: number
}

export async function benchIdle(report: Report): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'idle-node.ts'), String(SECONDS)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let sample: Sample | undefined
  for await (const line of createInterface(child.stdout)) sample = JSON.parse(line) as Sample
  if (sample === undefined) throw new Error('the node ended without figures')
  const { delayP99Ms, delayMaxMs, rssMegabytes, cpuPercent, blocks } = sample
  report(
    `event-loop delay p99 while authoring / ${DELAY_GOAL_MS} ms (goal <= 1)`,
    delayP99Ms / DELAY_GOAL_MS,
    `p99 ${delayP99Ms.toFixed(1)} ms, max ${delayMaxMs.toFixed(1)} ms, ${blocks} blocks in ${SECONDS} s`,
  )
  const bare = await bareProcessMegabytes()
  report('memory of the idle node / of an empty Node.js process', rssMegabytes / bare, `${rssMegabytes.toFixed(0)} MB against ${bare.toFixed(0)} MB`)
  report('CPU of the idle node / one core', cpuPercent / 100, `${cpuPercent.toFixed(2)} %`)
}

async function bareProcessMegabytes(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => console.log(process.memoryUsage().rss / 1e6), 200)'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  return Number(text)
}
