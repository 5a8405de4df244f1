/**
 * Starting and stopping the node twenty times by its buttons, in a real Electron: afterwards nothing of it is left in the main
 * process nor in the window. The first rounds are not counted: they fill caches that stay.
 */
import type { CDPSession, ElectronApplication } from '@playwright/test'
import { expect, test } from './fixtures/desktop.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'

const ROUNDS = 20
const WARM_UP = 4
/** What a round may leave of a heap, in bytes: lists of the newest (log lines, blocks) fill up over some forty rounds, a node that is held is megabytes. */
const HEAP_PER_ROUND = 250_000

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
test.setTimeout(240_000)

/** What keeps the main process busy, and what it holds open. */
function heldByMain(electron: ElectronApplication) {
  return electron.evaluate(async () => {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8')
    const { readdirSync, readFileSync, readlinkSync } = process.getBuiltinModule('node:fs')
    setFlagsFromString('--expose-gc')
    const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void
    // Finalizers, and what they close, take a few turns.
    for (let turn = 0; turn < 5; turn++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const counted = (names: readonly string[]) => {
      const counts: Record<string, number> = {}
      for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1
      return counts
    }
    const read = <T>(act: () => T): T | undefined => {
      try {
        return act()
      } catch {
        return undefined
      }
    }
    const files = (read(() => readdirSync('/proc/self/fd')) ?? []).map((name) => read(() => readlinkSync(`/proc/self/fd/${name}`))?.replace(/\d+/g, '#'))
    const own = read(() => readFileSync('/proc/self/comm', 'utf8'))
    return {
      resources: counted(process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate')),
      // Chromium opens and closes memory that it shares with its processes, and its own databases, when it likes.
      files: counted(files.filter((name) => name !== undefined && !name.startsWith('/proc/') && !/memfd|shm|pipe|\(deleted\)|\/SharedStorage(-wal)?$/.test(name)) as string[]),
      // Those of Chromium's own pools have names, most of them.
      threads: (read(() => readdirSync('/proc/self/task')) ?? []).filter((id) => read(() => readFileSync(`/proc/self/task/${id}/comm`, 'utf8')) === own).length,
      heap: process.memoryUsage().heapUsed,
    }
  })
}

type Held = Awaited<ReturnType<typeof heldByMain>>

/** Of which kinds of resources and files there are more than before. */
function moreThan(before: Held, after: Held): Record<string, number> {
  const counts = (held: Held): [string, number][] => Object.entries({ ...held.resources, ...held.files })
  const known = new Map(counts(before))
  return Object.fromEntries(counts(after).filter(([kind, count]) => count > (known.get(kind) ?? 0)))
}

/** How many nodes the document has: what a screen shows more of than before is not left behind. */
const NODES_IN_SIGHT = `(() => {
  const walker = document.createTreeWalker(document)
  let count = 1
  while (walker.nextNode() !== null) count++
  return count
})()`

async function heldByPage(session: CDPSession) {
  for (let turn = 0; turn < 2; turn++) await session.send('HeapProfiler.collectGarbage')
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters')
  const { result } = await session.send('Runtime.evaluate', { expression: NODES_IN_SIGHT })
  return { detached: nodes - Number(result.value), jsEventListeners, heap: (await session.send('Runtime.getHeapUsage')).usedSize }
}

/** How often a number was higher than all before it. */
function growths(numbers: readonly number[]): number {
  return numbers.filter((count, at) => at > 0 && count > Math.max(...numbers.slice(0, at))).length
}

test('twenty starts and stops leave nothing behind, in the app and in its window', async ({ desktop }) => {
  const { page, electron } = desktop
  const session = await page.context().newCDPSession(page)
  const sentence = page.getByTestId('sentence')
  let before: readonly [Held, Awaited<ReturnType<typeof heldByPage>>] | undefined
  const detached: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    if (round === 0) before = [await heldByMain(electron), await heldByPage(session)]
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(page.getByRole('button', { name: 'Restart' })).toBeEnabled({ timeout: 30_000 })
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await expect(sentence).toContainText('Stopped', { timeout: 30_000 })
    if (round >= 0) detached.push((await heldByPage(session)).detached)
  }
  if (before === undefined) throw new Error('nothing was measured')
  const [mainBefore, windowBefore] = before
  // What closes a socket or a file may come to it later.
  await expect.poll(async () => moreThan(mainBefore, await heldByMain(electron))).toEqual({})
  // Nodes that no screen has any more. What is shown for the first time leaves a template behind, once; what is left behind is so in round after round.
  expect(growths([windowBefore.detached, ...detached]), `detached nodes: ${detached.join(' ')}`).toBeLessThan(ROUNDS / 4)
  const [main, window] = [await heldByMain(electron), await heldByPage(session)]
  expect((main.threads - mainBefore.threads) / ROUNDS).toBeLessThan(0.5)
  expect((main.heap - mainBefore.heap) / ROUNDS).toBeLessThan(HEAP_PER_ROUND)
  expect(window.jsEventListeners).toBeLessThanOrEqual(windowBefore.jsEventListeners + 1)
  expect((window.heap - windowBefore.heap) / ROUNDS).toBeLessThan(HEAP_PER_ROUND)
})
