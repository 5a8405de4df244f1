/** Threads that do not end, and a process that ends all the same. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger } from '../../../node-core/base/logger.ts'
import { beginThread, endThread, THREAD_END_LIMIT_MS } from '../../../node-core/base/threads.ts'

const THREADS = new URL('../../../node-core/base/threads.ts', import.meta.url)

/** Keeps more alive than any young generation holds, and tells the most that it grew to, in bytes. */
const HUNGRY = `
import { parentPort } from 'node:worker_threads'
import { getHeapSpaceStatistics } from 'node:v8'
const kept = []
let most = 0
for (let i = 0; i < 3e6; i++) {
  kept[i % 200_000] = { i, list: [i] }
  if (i % 1000 === 0) most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size)
}
parentPort.postMessage(most)
`

describe('a thread that works hard', () => {
  it('collects before its young generation is as large as the computer would allow', async () => {
    const thread = beginThread(new URL(`data:text/javascript,${encodeURIComponent(HUNGRY)}`), {})
    const most = await new Promise<number>((resolve, reject) => thread.once('message', resolve).once('error', reject))
    await thread.terminate()
    expect(most).toBeGreaterThan(4 * 2 ** 20)
    // V8 takes whole pages, and one more while it collects.
    expect(most).toBeLessThan(36 * 2 ** 20)
  })
})

describe('the end of a thread', () => {
  function setUp(terminate: () => Promise<unknown>) {
    const clock = new FakeClock()
    const warnings: unknown[] = []
    const logger = createLogger([({ message, fields }) => warnings.push([message, fields])])
    let over = false
    const end = endThread({ terminate }, 'runtime', { clock, logger }).then(() => (over = true))
    return { clock, warnings, end, isOver: () => over }
  }
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }

  it('is waited for', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const { clock, warnings, end, isOver } = setUp(() => promise)
    clock.advance(THREAD_END_LIMIT_MS - 1)
    await settle()
    expect(isOver()).toBe(false)
    resolve(1)
    await end
    clock.advance(THREAD_END_LIMIT_MS)
    expect(warnings).toEqual([])
  })

  it('is waited for no longer than its time, which is told', async () => {
    const { clock, warnings, end } = setUp(() => new Promise(() => undefined))
    clock.advance(THREAD_END_LIMIT_MS)
    await end
    expect(warnings).toEqual([['a thread did not stop', { thread: 'runtime', reason: 'It has not ended in 3 s.' }]])
  })

  it('may fail, which is told', async () => {
    const { warnings, end } = setUp(() => Promise.reject(new Error('no such thread')))
    await end
    expect(warnings).toEqual([['a thread did not stop', { thread: 'runtime', reason: 'no such thread' }]])
  })
})

describe('the end of the process', () => {
  /** A thread that waits for messages, and what `then` does with it. */
  function run(then: string) {
    const script = `
      const { beginThread, endProcess } = await import('${THREADS}')
      const thread = beginThread(new URL('data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => undefined)'), {})
      await new Promise((resolve) => thread.once('online', resolve))
      ${then}`
    const { status, signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    return { status, signal, stderr }
  }

  it('is an orderly one where every thread has ended', () => {
    expect(run('await thread.terminate(); endProcess(() => process.exit(5))')).toEqual({ status: 5, signal: null, stderr: '' })
  })

  it.skipIf(process.platform === 'win32')('does not wait for those that are left', () => {
    expect(run('endProcess(() => process.exit(5))')).toEqual({ status: null, signal: 'SIGKILL', stderr: '' })
  })
})
