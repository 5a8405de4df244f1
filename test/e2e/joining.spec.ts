/** A chain that is joined, stage by stage, on the screens that tell of it: in a browser, around a manager without a node. */
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'
import { CATALOGS, complaints, type LanguageId } from './fixtures/words.ts'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import type { JoiningStatus, JoinOutcome } from '../../node-core/chain/joining/types.ts'
import type { SyncStatus } from '../../node-core/chain/sync/types.ts'
import { chainDetails } from '../helpers/chain-status.ts'
import { FakeManager, fakeHash, type FakeRunningNode } from '../helpers/fake-manager.ts'
import { brief, fetchingState, provingFinality } from '../helpers/joining-status.ts'

interface Fixtures {
  manager: FakeManager
  address: string
}

const test = base.extend<Fixtures>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock })
    await manager.start('dev')
    await use(manager)
    await manager.stopAll()
  },
  address: async ({ manager }, use) => dashboardAround(manager, use),
})

const STAGES: Readonly<Record<string, JoiningStatus>> = {
  waiting: provingFinality({ stage: 'peers', peers: 0, hold: 'no-peers', proofs: undefined }),
  proofs: provingFinality(),
  unserved: provingFinality({ hold: 'nobody-serves-proofs' }),
  state: fetchingState(),
  gone: fetchingState({}, { hold: 'nobody-serves-state' }),
  assembling: fetchingState({ assembled: 0.64, bytesPerSecond: 0, secondsLeft: undefined }),
  anchor: fetchingState({ assembled: 1 }, { stage: 'anchor' }),
}
const JOINED: JoinOutcome = { kind: 'joined', block: { hash: fakeHash(1), number: 25_100_004 }, fragments: 1_604, bytes: 1_080_000_000, tookMs: 312_000 }

/** As the manager tells it while the chain is joined. */
function joins(manager: FakeManager, status: JoiningStatus): void {
  ;(manager.node('dev') as FakeRunningNode).joiningStatus = status
  const genesis = { hash: fakeHash(0), number: 0 }
  manager.setStatus('dev', { producing: false, peers: status.peers, newest: genesis, settled: genesis, details: chainDetails({ genesisHash: fakeHash(0), joining: brief(status) }) })
}

function follows(manager: FakeManager, outcome: JoinOutcome, gap?: SyncStatus['gap']): void {
  const node = manager.node('dev') as FakeRunningNode
  const block = { hash: fakeHash(9), number: 25_100_120 }
  node.joiningStatus = undefined
  node.joinOutcome = outcome
  node.syncStatus = {
    state: 'idle', startingBlock: 25_100_004, currentBlock: block.number, highestBlock: block.number, blocksPerSecond: 0.2, secondsLeft: 0, peers: 3,
    queuedBlocks: 0, queuedBytes: 0, pendingRequests: 0, stalled: undefined, gap,
  }
  manager.setStatus('dev', { producing: false, peers: 3, newest: block, settled: { ...block, number: block.number - 2 }, newestChangedAt: Date.now(), details: chainDetails({ genesisHash: fakeHash(0), rpcAddress: 'ws://127.0.0.1:9944' }) })
}

const go = async (page: Page, key: number, title: string): Promise<void> => {
  await page.keyboard.press(String(key))
  await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible()
}

test('overview, sync, blocks and the list of networks tell of the stages, and of how it ended', async ({ page, manager, address }) => {
  const sentence = page.getByTestId('sentence')
  const mark = (stage: string): Promise<string | null> => page.locator(`[data-stage=${stage}]`).getAttribute('data-mark')
  joins(manager, STAGES['state'] as JoiningStatus)
  await page.goto(address)
  await expect(sentence).toHaveText('Fetching the state: 412 MB, 38 %, about 3 min left, 3 peers.')
  await expect(page.getByTestId('tile-best')).toHaveText('–')
  await expect(page.getByText('Wallets and apps')).toHaveCount(0)
  await expect(page.getByText('Blocks appear here once the node has joined the chain.')).toBeVisible()
  await go(page, 5, 'Blocks')
  await expect(sentence).toContainText('Fetching the state')
  await go(page, 3, 'Sync')
  await expect(sentence).toContainText('Fetching the state')
  expect([await mark('proofs'), await mark('state'), await mark('following')]).toEqual(['done', 'now', 'next'])
  await expect(page.getByRole('progressbar', { name: 'State' })).toHaveAttribute('aria-valuenow', '38')
  await expect(page.getByRole('table', { name: 'Peers that serve the state' }).locator('[data-index="0"]')).toContainText('187 MB')
  await expect(page.getByText('nothing missing')).toHaveCount(0)

  joins(manager, STAGES['unserved'] as JoiningStatus)
  await expect(sentence).toHaveText('None of 3 peers serves finality proofs. If none does within a minute, this node executes every block from the first one.')
  await expect(page.locator('[data-stage=proofs]')).toHaveAttribute('data-mark', 'held')
  follows(manager, { kind: 'unserved' })
  await expect(page.getByTestId('joined')).toHaveText('No peer served finality proofs, so this node executes every block from the first one.')
  await expect(page.getByTestId('stages')).toHaveCount(0)
  follows(manager, JOINED)
  await expect(page.getByTestId('joined')).toHaveText('Joined at #25,100,004 after 5 min 12 s.')
  await expect(page.locator('[data-stage=following]')).toContainText('Best #25,100,120')
  await expect(sentence).toHaveText('Up to date: best #25,100,120, 3 peers.')
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const language of ['en', 'de', 'es'] as const satisfies readonly LanguageId[]) {
    test(`every stage, ${language}, ${colorScheme}: nothing is cut, nothing is English, and nothing hard to reach`, async ({ browser, manager, address }) => {
      const context = await browser.newContext({ locale: language, colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      const { titles } = CATALOGS[language].frame
      const shoot = async (name: string): Promise<void> => {
        for (const [width, height] of [[880, 600], [1280, 860]] as const) {
          await page.setViewportSize({ width, height })
          expect.soft(await complaints(page, language), `${name} ${width}`).toEqual([])
          await page.screenshot({ path: join(ROOT, 'test-results/screenshots', `joining-${name}-${language}-${width}-${colorScheme}.png`) })
        }
      }
      joins(manager, STAGES['state'] as JoiningStatus)
      await page.goto(address)
      await expect(page.getByTestId('sentence')).toContainText('38 %')
      await shoot('overview')
      await go(page, 3, titles.sync)
      for (const [name, status] of Object.entries(STAGES)) {
        joins(manager, status)
        const [stage, state] = status.stage === 'peers' || status.stage === 'proofs' ? ['proofs', status.hold === undefined ? 'now' : 'held'] : status.stage === 'anchor' ? ['following', 'now'] : ['state', status.hold === undefined ? 'now' : 'held']
        await expect(page.locator(`[data-stage=${stage}]`)).toHaveAttribute('data-mark', state)
        await shoot(`sync-${name}`)
      }
      expect(await violations(page)).toEqual([])
      follows(manager, JOINED)
      await expect(page.getByTestId('joined')).toBeVisible()
      await shoot('sync-joined')
      follows(manager, JOINED, { from: 1, to: 20_000_003, perSecond: 214, msLeft: 93_457_000, foreign: undefined })
      await expect(page.locator('[data-stage=blocks]')).toHaveAttribute('data-mark', 'now')
      await shoot('sync-blocks')
      follows(manager, { kind: 'unserved' })
      await expect(page.getByTestId('stages')).toHaveCount(0)
      await shoot('sync-fallback')
      expect(await violations(page)).toEqual([])
      await context.close()
    })
  }
}
