/** The screens of sync and topics in a browser, around a manager without a node. */
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import type { ChainContent } from '../../node-core/chain/protocols/message-content.ts'
import type { InspectedMessage } from '../../node-core/network/topics/message-types.ts'
import type { SyncEvent, SyncPeerDetails, SyncStatus } from '../../node-core/chain/sync/types.ts'
import { FakeManager, fakeHash, type FakeRunningNode } from '../helpers/fake-manager.ts'
import { PEERS, fakeTopic } from '../helpers/fake-network.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

interface Fixtures {
  manager: FakeManager
  node: FakeRunningNode
  open: (screen: string) => Promise<void>
}

const test = base.extend<Fixtures>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock })
    await manager.start('dev')
    manager.produce('dev')
    await use(manager)
    await manager.stopAll()
  },
  node: async ({ manager }, use) => use(manager.node('dev') as FakeRunningNode),
  open: async ({ page, manager }, use) => {
    await dashboardAround(manager, async (url) => {
      await use(async (screen) => {
        await page.goto(url)
        await page.getByRole('navigation').getByRole('button', { name: screen, exact: true }).click()
        await expect(page.getByRole('heading', { name: screen, exact: true, level: 1 })).toBeVisible()
      })
    })
  },
})

function status(change: Partial<SyncStatus> = {}): SyncStatus {
  return {
    state: 'idle', startingBlock: 48_120, currentBlock: 48_120, highestBlock: 48_120, blocksPerSecond: 0.2, secondsLeft: 0, peers: 3,
    queuedBlocks: 0, queuedBytes: 0, pendingRequests: 0, stalled: undefined, ...change,
  }
}

const CATCHING_UP = status({
  state: 'major-sync', startingBlock: 0, currentBlock: 31_250, highestBlock: 100_000, blocksPerSecond: 412, secondsLeft: 860,
  queuedBlocks: 640, queuedBytes: 9_400_000, pendingRequests: 5,
})

function peer(id: string, change: Partial<SyncPeerDetails> = {}): SyncPeerDetails {
  return {
    peer: id, best: { hash: fakeHash(100_000), number: 100_000 }, state: 'serving', forMs: 0, delivered: 14_080, lastRange: { from: 31_105, to: 31_232 },
    requests: [{ kind: 'range', from: 31_361, blocks: 128, forMs: 240 }, { kind: 'range', from: 31_745, blocks: 128, forMs: 80 }],
    timeouts: 0, failures: 0, blocksPerSecond: 260, ...change,
  }
}

const SERVING = [
  peer(PEERS[0]),
  peer(PEERS[1], { requests: [{ kind: 'range', from: 31_489, blocks: 128, forMs: 900 }], delivered: 9_216, timeouts: 1, blocksPerSecond: 96 }),
  peer(PEERS[2], { state: 'resting', forMs: 7_000, requests: [], delivered: 128, timeouts: 3, failures: 1, blocksPerSecond: 12 }),
]

function events(now: number): SyncEvent[] {
  return [
    { at: now - 300_000, kind: 'began', from: 0, to: 99_980 },
    { at: now - 120_000, kind: 'stalled', reason: 'peers-do-not-answer' },
    { at: now - 95_000, kind: 'moves-again', afterMs: 55_000 },
    { at: now - 60_000, kind: 'peer-left', peer: PEERS[2], delivered: 256, fault: 'sync-timeout' },
    { at: now - 30_000, kind: 'reorganized', from: { hash: fakeHash(1), number: 31_000 }, to: { hash: fakeHash(2), number: 31_001 }, depth: 2 },
    { at: now - 8_000, kind: 'forks-ended', head: { hash: fakeHash(3), number: 30_998 }, forks: 1 },
  ]
}

const sentence = (page: Page) => page.getByTestId('sentence')

test('sync: catching up, stalled with its fix, in step, stopped', async ({ page, manager, node, open }) => {
  node.syncStatus = CATCHING_UP
  node.syncPeers = SERVING
  node.syncEvents = events(Date.now())
  manager.setStatus('dev', { producing: false, peers: 3, newestChangedAt: Date.now() })
  await open('Sync')
  await expect(sentence(page)).toHaveText('Catching up: 31 % done, about 14 min left, 412 blocks/s from 2 peers.')
  await expect(page.getByTestId('gap')).toHaveText('#31,250 of #100,000')
  await expect(page.getByRole('progressbar', { name: 'Progress' })).toHaveAttribute('aria-valuenow', '31250')
  const serving = page.getByRole('table', { name: 'Sync peers' })
  await expect(serving).toContainText('#31,361 to #31,488, #31,745 to #31,872')
  await expect(serving).toContainText('paused for 7 s')
  const told = page.getByTestId('sync-events').getByRole('listitem')
  await expect(told.first()).toContainText('1 fork resolved by finality at #30,998.')
  await expect(told.nth(1)).toContainText('Reorg: 2 blocks up to #31,000')
  await expect(told.nth(2)).toContainText('was disconnected after 256 blocks: it did not answer in time')

  node.syncStatus = status({ ...CATCHING_UP, blocksPerSecond: 0, secondsLeft: undefined, stalled: { reason: 'peers-do-not-answer', forMs: 40_000 } })
  await expect(sentence(page)).toContainText('Stalled for 40 s: peers do not answer. Check your internet connection')
  node.syncStatus = status()
  await expect(sentence(page)).toHaveText('Up to date: best #48,120, 3 peers.')
  await expect(page.getByTestId('tile-stage')).toHaveText('Up to date')
  await manager.stop('dev')
  await expect(sentence(page)).toContainText('Stopped at block #1.')
  await expect(page.getByTestId('tile-stage')).toHaveText('–')
})

test('sync: the overview says how far it is, too', async ({ page, manager, open }) => {
  manager.setStatus('dev', {
    producing: false, peers: 3, newest: { hash: fakeHash(31), number: 31_250 }, newestChangedAt: Date.now(), catchingUp: { highest: 100_000, msLeft: 860_000 },
  })
  await open('Overview')
  await expect(sentence(page)).toHaveText('Catching up: 31 % done, about 14 min left, 3 peers.')
})

const MESSAGES: readonly Omit<InspectedMessage<ChainContent>, 'at'>[] = [
  {
    direction: 'in', peer: PEERS[0], size: 101, fate: 'accepted', reason: undefined, hex: '0x0001aabb',
    content: { kind: 'vote', round: 812, setId: 3, vote: 'prevote', target: { hash: fakeHash(48_120), number: 48_120 }, authority: fakeHash(7) },
  },
  {
    direction: 'in', peer: PEERS[1], size: 101, fate: 'duplicate', reason: 'duplicate', hex: '0x0002aabb',
    content: { kind: 'vote', round: 812, setId: 3, vote: 'precommit', target: { hash: fakeHash(48_120), number: 48_120 }, authority: fakeHash(8) },
  },
  { direction: 'out', peer: PEERS[2], size: 21, fate: 'sent', reason: undefined, hex: '0x0201', content: { kind: 'neighbor', round: 813, setId: 3, finalized: 48_118 } },
  {
    direction: 'in', peer: PEERS[2], size: 1460, fate: 'ignored', reason: 'final already', hex: '0x0101',
    content: { kind: 'commit', round: 811, setId: 3, target: { hash: fakeHash(48_117), number: 48_117 }, precommits: 9 },
  },
  { direction: 'in', peer: PEERS[1], size: 9, fate: 'rejected', reason: 'bad-message', hex: '0xffffff', content: { kind: 'unreadable', reason: 'A GRANDPA message cannot be decoded.' } },
]

function traffic(node: FakeRunningNode, seconds: number): void {
  node.network.topics = [
    fakeTopic({ topic: 'block-announces', subscribers: 12, messagesIn: 100 + seconds, bytesIn: 30_000 + 290 * seconds, messagesOut: 220 + 2 * seconds, bytesOut: 62_000 + 560 * seconds, duplicates: 20 }),
    fakeTopic({ topic: 'transactions', subscribers: 12, messagesIn: 30, bytesIn: 9_000, dropped: 2 }),
    fakeTopic({ topic: 'grandpa', subscribers: 11, messagesIn: 900 + 4 * seconds, bytesIn: 120_000 + 500 * seconds, messagesOut: 800 + 6 * seconds, bytesOut: 90_000 + 700 * seconds, duplicates: 90 + seconds, rejected: 1, limited: 3 }),
  ]
}

/** Traffic that goes on by the second until it is stopped. */
function flow(node: FakeRunningNode): () => void {
  let seconds = 0
  traffic(node, seconds)
  const timer = setInterval(() => traffic(node, ++seconds), 1000)
  return () => clearInterval(timer)
}

const say = (node: FakeRunningNode): void => MESSAGES.forEach((message, i) => node.network.pass('grandpa', { ...message, at: Date.now() + i }))

test('topics: rates, and a topic looked into, filtered, paused and closed', async ({ page, node, open }) => {
  const stop = flow(node)
  await open('Topics')
  await expect(sentence(page)).toContainText(/3 topics, 12 peers: [\d.]+ messages\/s in, [\d.]+ out, \d+ % duplicates\./)
  stop()
  expect(node.network.inspectors.size).toBe(0)
  await page.getByRole('row', { name: 'Finality votes' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => node.network.inspectors.size).toBe(1)
  say(node)
  const rows = page.getByTestId('messages').locator('[data-index]')
  await expect(rows).toHaveCount(5)
  await expect(rows.first()).toContainText('A GRANDPA message cannot be decoded.')
  await expect(rows.last()).toContainText('prevote for #48,120')
  await expect(rows.last()).toContainText('round 812, set 3')

  await page.keyboard.press('/')
  await page.keyboard.type('commit')
  await expect(rows).toHaveCount(2)
  await page.keyboard.press('Escape')
  await expect(rows).toHaveCount(5)
  await page.keyboard.press('/')
  await page.keyboard.type(PEERS[1].slice(-6))
  await expect(page.getByTestId('inspector-count')).toHaveText('2 of 5 messages')
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Pause' }).click()
  await expect.poll(() => node.network.inspectors.size).toBe(0)
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect.poll(() => node.network.inspectors.size).toBe(1)
  for (let i = 0; i < 130; i++) say(node)
  await expect(page.getByTestId('inspector-count')).toContainText('500 of 500 messages')
  for (const { listener } of node.network.inspectors) listener.onSkipped(40)
  await expect(page.getByTestId('inspector-count')).toContainText('skipped: too many at once')
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(rows).toHaveCount(0)
  await page.getByRole('button', { name: 'Close inspector' }).click()
  await expect.poll(() => node.network.inspectors.size).toBe(0)
})

test('topics: a message in full, copied as hex and JSON', async ({ page, context, node, open }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  traffic(node, 0)
  await open('Topics')
  await page.getByRole('row', { name: 'Finality votes' }).click()
  await expect.poll(() => node.network.inspectors.size).toBe(1)
  say(node)
  await page.getByTestId('messages').locator('[data-index]').last().click()
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByTestId('decoded')).toContainText('"round": 812')
  await drawer.getByRole('button', { name: 'Copy as hex' }).click()
  await expect(drawer).toContainText('Copied')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('0x0001aabb')
  await drawer.getByRole('button', { name: 'Copy as JSON' }).click()
  await expect.poll(async () => page.evaluate(() => navigator.clipboard.readText())).toContain('"setId": 3')
  await page.keyboard.press('Escape')
  await expect(drawer).toHaveCount(0)
})

/** Tables that are wider than their place. */
function sideways(page: Page): Promise<string[]> {
  return page.locator('[role=table]').evaluateAll((tables) => tables.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map((table) => table.getAttribute('aria-label') ?? ''))
}

test('topics: another screen ends the look', async ({ page, node, open }) => {
  traffic(node, 0)
  await open('Topics')
  await page.getByRole('row', { name: 'Block announcements' }).click()
  await expect.poll(() => node.network.inspectors.size).toBe(1)
  await page.getByRole('navigation').getByRole('button', { name: 'Logs', exact: true }).click()
  await expect.poll(() => node.network.inspectors.size).toBe(0)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`screenshots and accessibility, ${colorScheme}`, async ({ page, manager, node, open }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const check = async (what: string) => {
      expect(await violations(page), what).toEqual([])
    }
    const shoot = async (name: string) => {
      for (const [size, width, height] of [['small', 880, 600], ['usual', 1200, 800], ['large', 1280, 860]] as const) {
        await page.setViewportSize({ width, height })
        await expect.poll(() => sideways(page), `tables at ${width} pixels`).toEqual([])
        await page.screenshot({ path: shots(`${name}-${size}-${colorScheme}`) })
      }
    }
    manager.setStatus('dev', { producing: false, peers: 3, newestChangedAt: Date.now() })
    node.syncPeers = SERVING
    node.syncEvents = events(Date.now())
    node.syncStatus = CATCHING_UP
    const stop = flow(node)
    await open('Sync')
    for (let i = 1; i <= 6; i++) {
      node.syncStatus = { ...CATCHING_UP, currentBlock: 31_250 + i * 400, blocksPerSecond: 380 + ((i * 37) % 90) }
      await expect(page.getByTestId('gap')).toContainText(`#${(31_250 + i * 400).toLocaleString('en')} of`)
    }
    await shoot('sync')
    await page.getByTestId('sync-events').scrollIntoViewIfNeeded()
    await page.screenshot({ path: shots(`sync-end-${colorScheme}`) })
    await check('sync')
    node.syncStatus = status({ ...CATCHING_UP, blocksPerSecond: 0, secondsLeft: undefined, stalled: { reason: 'no-usable-peers', forMs: 40_000 } })
    await expect(sentence(page)).toContainText('Stalled')
    await shoot('sync-stalled')
    await page.getByRole('navigation').getByRole('button', { name: 'Topics', exact: true }).click()
    await expect(page.getByRole('row', { name: 'Finality votes' })).toBeVisible()
    await shoot('topics-closed')
    await page.getByRole('row', { name: 'Finality votes' }).click()
    await expect.poll(() => node.network.inspectors.size).toBe(1)
    for (let i = 0; i < 6; i++) say(node)
    await expect(page.getByTestId('inspector-count')).toHaveText('30 of 30 messages')
    await expect(sentence(page)).toContainText('messages/s in')
    await expect(page.getByRole('row', { name: 'Finality votes' }).locator('path')).toHaveAttribute('d', /L.*L/)
    await shoot('topics')
    await check('topics')
    await page.getByTestId('messages').locator('[data-index]').nth(1).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await shoot('topics-message')
    await check('a message')
    stop()
  })
}
