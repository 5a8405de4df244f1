/** The first hour explains itself: one line at a time, which never comes back once it was dismissed. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'
import { expect, test } from './fixtures/desktop.ts'
import { FAKE_APP } from './fixtures/places.ts'
import { CATALOGS, complaints } from './fixtures/words.ts'
import { OUT, ROOT } from '../../build/terminal.ts'
import { DashboardService } from '../../node-core/api/server/dashboard-service.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { SyncStatus } from '../../node-core/chain/sync/types.ts'
import { FakeManager } from '../helpers/fake-manager.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `hints-${name}.png`)
const note = (page: Page) => page.getByRole('note', { name: 'Hint' })
const dismiss = (page: Page) => note(page).getByRole('button', { name: 'Dismiss this hint' }).click()

async function fromPalette(page: Page, text: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+K')
  await expect(page.getByRole('dialog').locator('input')).toBeFocused()
  await page.keyboard.type(text)
}

test('in a browser: seen, dismissed, away after a reload, and back when asked for', async ({ page }) => {
  const manager = new FakeManager({ clock: systemClock, blockEveryMs: 300, transitionMs: 50 })
  const app = { name: 'Nodestead', version: '0.1.0', host: 'headless', platform: 'linux' } as const
  const service = new DashboardService({ manager, logger: silentLogger }, { port: 0, assetsPath: join(OUT, 'renderer'), app, token: 'a-token-that-the-test-knows' })
  await service.start()
  try {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.setViewportSize({ width: 880, height: 600 })
    await page.goto(service.url)
    await expect(page.getByTestId('sentence')).toContainText('Stopped')
    await expect(note(page)).toHaveCount(0)
    await manager.start('dev')
    await expect(note(page)).toContainText('Finality is 2 blocks behind: authorities vote on a block after it is produced.')

    // A peer comes: what is being read stays, and the peer is explained when the screen is opened again.
    manager.setStatus('dev', { peers: 3 })
    await expect(page.getByTestId('tile-peers')).toHaveText('3')
    await expect(note(page)).toContainText('Finality')
    await page.keyboard.press('8')
    await expect(page.getByRole('heading', { level: 1, name: 'Logs' })).toBeVisible()
    await page.keyboard.press('1')
    await expect(note(page)).toContainText('A peer is another node of this network, usually on another computer.')
    for (const language of ['de', 'es', 'en'] as const) {
      await fromPalette(page, { en: 'English', de: 'Deutsch', es: 'Español' }[language])
      await page.keyboard.press('Enter')
      await expect(page.locator('[data-hint=peer]')).toContainText(CATALOGS[language].hints.peer)
      expect(await complaints(page, language)).toEqual([])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        // Roles and colours are those of every language.
        if (language === 'en') expect(await violations(page)).toEqual([])
        await page.screenshot({ path: shots(`overview-880-${language}-${colorScheme}`) })
      }
    }

    // One at a time: the screen is quiet until it is opened again.
    await dismiss(page)
    await expect(note(page)).toHaveCount(0)
    await page.keyboard.press('2')
    await expect(note(page)).toContainText('Outbound peers')
    await page.screenshot({ path: shots('peers-880') })
    await page.keyboard.press('5')
    await expect(note(page)).toContainText('Finality')
    await page.screenshot({ path: shots('blocks-880') })
    await page.reload()
    await page.keyboard.press('1')
    await expect(note(page)).toContainText('Finality')

    await note(page).getByRole('button', { name: 'No more hints' }).click()
    await page.reload()
    for (const screen of ['2', '3', '5', '1']) {
      await page.keyboard.press(screen)
      await expect(page.getByTestId('sentence')).not.toContainText('Connecting')
      await expect(note(page)).toHaveCount(0)
    }
    await expect(page.getByTestId('tile-peers')).toHaveText('3')

    await fromPalette(page, 'show hints')
    await page.keyboard.press('Enter')
    await expect(note(page)).toContainText('A peer is another node')
  } finally {
    await service.stop()
    await manager.stopAll()
  }
})

const CATCHING_UP: SyncStatus = {
  state: 'major-sync', startingBlock: 0, currentBlock: 31_250, highestBlock: 100_000, blocksPerSecond: 412, secondsLeft: 860, peers: 3, queuedBlocks: 0, queuedBytes: 0, pendingRequests: 0, stalled: undefined,
}

test('on Sync while it catches up and when it is up to date, and where the chain is drawn with a fork', async ({ page }) => {
  const manager = new FakeManager({ clock: systemClock })
  await dashboardAround(manager, async (url) => {
    await manager.start('dev')
    for (let i = 0; i < 40; i++) manager.produce('dev')
    manager.setStatus('dev', { producing: false, peers: 3 })
    const node = manager.node('dev')
    if (node === undefined) throw new Error('it does not run')
    await page.setViewportSize({ width: 880, height: 600 })
    await page.goto(url)
    await expect(page.getByTestId('tile-peers')).toHaveText('3')

    /** The hint of a screen, as whoever opens it sees it. */
    const look = async (screen: 'sync' | 'blocks', hint: 'catchingUp' | 'upToDate' | 'fork'): Promise<void> => {
      for (const language of ['de', 'es', 'en'] as const) {
        await fromPalette(page, { en: 'English', de: 'Deutsch', es: 'Español' }[language])
        await page.keyboard.press('Enter')
        await expect(page.locator('html')).toHaveAttribute('lang', language)
        await page.keyboard.press(screen === 'sync' ? '3' : '5')
        await expect(page.getByRole('note')).toContainText(CATALOGS[language].hints[hint])
        expect.soft(await complaints(page, language)).toEqual([])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          if (language === 'en') expect(await violations(page)).toEqual([])
          await page.screenshot({ path: shots(`${screen}-${hint}-${language}-${colorScheme}`) })
        }
      }
    }
    node.syncStatus = CATCHING_UP
    await look('sync', 'catchingUp')
    // What does not fit any more gives way.
    node.syncStatus = { ...CATCHING_UP, state: 'idle', currentBlock: 100_000, secondsLeft: 0 }
    await look('sync', 'upToDate')
    await page.keyboard.press('5')
    await expect(note(page)).toContainText('Finality')
    await dismiss(page)
    await page.keyboard.press('1')
    await look('blocks', 'fork')
  })
  await manager.stopAll()
})

test.describe('in the desktop app', () => {
  test.use({ appFolder: FAKE_APP, settings: { toldAboutTray: true, language: 'en' } })

  test('a dismissed hint stays away after the app was ended and started', async ({ desktop }) => {
    const { page } = desktop
    const start = (window: Page) => window.getByRole('button', { name: 'Start', exact: true }).click()
    await start(page)
    await expect(note(page)).toContainText('Finality')
    await dismiss(page)
    await expect(note(page)).toHaveCount(0)
    const { page: again } = await desktop.reopen()
    await start(again)
    await expect(again.getByTestId('sentence')).toContainText('Producing blocks')
    await expect(note(again)).toContainText('Time is divided into slots of 6 s')
    await again.screenshot({ path: shots('desktop-slot') })
  })
})
