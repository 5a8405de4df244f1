/**
 * An idle development node as a person starts it: how soon it is there, what it takes while it authors and nobody asks for anything, and
 * what it still takes after a thousand questions. From the sources, and from the package where `npm run package:headless` has made one.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { IdleNode } from './idle-node.ts'
import type { Report } from './report.ts'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAMS = [
  ['sources', join(ROOT, 'node-core/command/cli.ts')],
  ['package', join(ROOT, 'out/headless/bin/nodestead.js')],
] as const

const START_GOAL_MS = 1500
const MEMORY_GOAL_MB = 250
const CPU_GOAL_PERCENT = 3
/** For the 99th percentile of the main thread's event-loop delay. */
const DELAY_GOAL_MS = 20

const STARTS = 5
/** Slots begin at multiples of it. */
const SLOT_MS = 6000
const SETTLE_SECONDS = 40
const WATCHED_SECONDS = 30

const CALLS = 1000
const QUESTIONS: readonly (readonly [method: string, ...params: readonly unknown[]])[] = [
  ['state_getMetadata'], ['chain_getHeader'], ['chain_getBlock'], ['state_getRuntimeVersion'], ['state_call', 'BabeApi_configuration', '0x'],
  ['state_getKeysPaged', '0x', 100], ['state_getReadProof', ['0x3a636f6465']], ['system_accountNextIndex', '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'],
]

export async function benchIdle(report: Report): Promise<void> {
  for (const [name, script] of PROGRAMS) {
    if (!existsSync(script)) continue
    const named: Report = (what, ratio, detail) => report(`${name}: ${what}`, ratio, detail)
    await benchStart(script, named)
    await benchRest(script, named)
  }
}

/** The starts are spread over a slot. The first of all, after which more is at hand, is not counted. */
async function benchStart(script: string, report: Report): Promise<void> {
  const answered: number[] = []
  const authored: number[] = []
  for (let round = 0; round <= STARTS; round++) {
    await pause(((((round / STARTS) * SLOT_MS - Date.now()) % SLOT_MS) + SLOT_MS) / 1000)
    const node = await IdleNode.start(script)
    const firstBlock = await node.firstBlockAfterMs()
    await node.stop()
    if (round === 0) continue
    answered.push(node.answeredAfterMs)
    authored.push(firstBlock)
  }
  const [best, middle] = [Math.min(...answered), median(answered)]
  report(`start to answering JSON-RPC / ${START_GOAL_MS} ms (goal <= 1)`, middle / START_GOAL_MS, `median ${middle.toFixed(0)} ms of ${STARTS}, best ${best.toFixed(0)} ms`)
  const first = median(authored)
  report(`start to the first block / a slot of ${SLOT_MS / 1000} s`, first / SLOT_MS, `median ${first.toFixed(0)} ms, best ${Math.min(...authored).toFixed(0)} ms; on average half a slot passes before one begins`)
}

async function benchRest(script: string, report: Report): Promise<void> {
  const node = await IdleNode.start(script)
  await pause(SETTLE_SECONDS)
  const before = await node.figures()
  await pause(WATCHED_SECONDS)
  const idle = await node.figures()
  report(`memory of the idle node / ${MEMORY_GOAL_MB} MB (goal <= 1)`, idle.megabytes / MEMORY_GOAL_MB, `${idle.megabytes.toFixed(0)} MB; an empty Node.js process has ${(await bareMegabytes()).toFixed(0)} MB`)
  const cpu = ((idle.cpuSeconds - before.cpuSeconds) / WATCHED_SECONDS) * 100
  report(`CPU of the idle node / ${CPU_GOAL_PERCENT} % of a core (goal <= 1)`, cpu / CPU_GOAL_PERCENT, `${cpu.toFixed(2)} %`)
  report(`event-loop delay p99 while authoring / ${DELAY_GOAL_MS} ms (goal <= 1)`, idle.delayP99Ms / DELAY_GOAL_MS, `p99 ${idle.delayP99Ms.toFixed(1)} ms, max ${idle.delayMaxMs.toFixed(1)} ms`)

  const [first, ...others] = await ask(node)
  report('first question to a runtime / the same later', (first ?? 0) / median(others), `${first?.toFixed(0)} ms, which begins a thread, against ${median(others).toFixed(1)} ms`)
  await pause(SETTLE_SECONDS)
  const after = await node.figures()
  report(`memory ${SETTLE_SECONDS} s after ${CALLS} questions / ${MEMORY_GOAL_MB} MB (goal <= 1)`, after.megabytes / MEMORY_GOAL_MB, `${after.megabytes.toFixed(0)} MB`)
  await node.stop()
}

/** Asks all the questions in turns; returns the milliseconds that each call of the first one took. */
async function ask(node: IdleNode): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < CALLS; i++) {
    const [method, ...params] = QUESTIONS[i % QUESTIONS.length] as (typeof QUESTIONS)[number]
    const from = performance.now()
    await node.call(method, ...params)
    if (i % QUESTIONS.length === 0) times.push(performance.now() - from)
  }
  return times
}

async function bareMegabytes(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => console.log(process.memoryUsage.rss() / 1e6), 200)'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  return Number(text)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
