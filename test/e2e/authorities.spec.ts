/** The table of authorities on the Overview, around a manager without a node: who is there, and whom finality waits for. */
import { join } from 'node:path'
import { expect, test as browser } from '@playwright/test'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import type { AuthorityReport } from '../../node-core/chain/authorities/types.ts'
import { FakeManager } from '../helpers/fake-manager.ts'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `authorities-${name}.png`)

const screen = browser.extend<{ manager: FakeManager; url: string }>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock })
    await use(manager)
    await manager.stopAll()
  },
  url: ({ manager }, use) => dashboardAround(manager, use),
})

function three(presence: 'here' | 'away'): AuthorityReport {
  const now = Date.now()
  const row = { address: '5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX', weight: 1 }
  return {
    blocks: 200,
    finality: { total: 3, threshold: 3, behind: presence === 'away' ? 40 : 2 },
    rows: [
      { ...row, key: '0x01', name: 'Ada Lovelace', presence: 'self', lastBlock: { number: 48_120, time: now - 2_000 }, lastVote: { round: 1_204, at: now - 9_000 }, missed: 0 },
      { ...row, key: '0x02', name: undefined, presence: 'here', lastBlock: { number: 48_119, time: now - 8_000 }, lastVote: { round: 1_204, at: now - 9_000 }, missed: 3 },
      { ...row, key: '0x03', name: 'Charlie', presence, lastBlock: undefined, lastVote: undefined, missed: 61 },
    ],
  }
}

for (const [colorScheme, width, language] of [['light', 1280, 'en-GB'], ['dark', 880, 'de-DE'], ['light', 880, 'es-ES']] as const) {
  screen.describe(`${colorScheme}, ${width}, ${language}`, () => {
    screen.use({ colorScheme, locale: language, viewport: { width, height: 900 } })

    screen('who is there, and who is missing', async ({ page, url, manager }) => {
      await manager.start('dev')
      const node = manager.node('dev')
      if (node === undefined) throw new Error('it does not run')
      node.authorityReport = three('away')
      node.days = [{ day: '2026-11-29', blocks: 1_204, missed: 3, votes: 4_410 }, { day: '2026-11-28', blocks: 4_790, missed: 0, votes: 14_388 }]
      await page.goto(url)
      const table = page.getByTestId('authorities')
      await expect(table.locator('tbody tr')).toHaveCount(3)
      await expect(table.locator('[data-presence="away"]')).toContainText('Charlie')
      const waits = page.getByTestId('finality-waits')
      if (language === 'en-GB') await expect(waits).toHaveText(/2 of 3 authorities are here; Charlie's computer is missing; finality waits\./)
      else await expect(waits).toContainText('Charlie')
      // Nothing is cut, and nothing has to be scrolled for.
      expect(await table.evaluate((element) => (element.parentElement as HTMLElement).scrollWidth - (element.parentElement as HTMLElement).clientWidth)).toBe(0)
      expect(await violations(page)).toEqual([])
      await table.scrollIntoViewIfNeeded()
      await page.screenshot({ path: shots(`${colorScheme}-${width}-${language}`) })

      const record = page.getByTestId('validator-record')
      await expect(record.locator('tbody tr')).toHaveCount(2)
      await expect(record.locator('tbody tr').first()).toContainText('29')
      await record.scrollIntoViewIfNeeded()
      await page.screenshot({ path: shots(`record-${colorScheme}-${width}-${language}`) })

      node.authorityReport = three('here')
      await expect(waits).toHaveCount(0)
    })
  })
}
