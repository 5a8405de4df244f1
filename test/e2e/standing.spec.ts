/** A node that is alone claims nothing: not to be in step, not to have all, and not that the internet is to blame where its network has none. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test, type DesktopApp } from './fixtures/desktop.ts'
import { customProfile, fileOf } from './fixtures/networks-file.ts'
import { CATALOGS, complaints } from './fixtures/words.ts'
import { ROOT } from '../../build/terminal.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import type { NetworkProfile } from '../../node-core/manager/kinds/table.ts'

test.use({ settings: { toldAboutTray: true } })
test.setTimeout(240_000)

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `standing-${name}.png`)
const DEV: ChainSpec = parseChainSpec(await readFile(join(ROOT, 'out/chains/dev.json'), 'utf8'), 'dev')

/** A follower of a network that nobody else is in, and that it would sync block by block. */
function followerOf(userData: string, chainType: 'Live' | 'Local', name: string): NetworkProfile {
  const profile = customProfile(join(userData, name), { ...DEV, id: name, name, chainType, bootNodes: [] })
  const { settings } = profile
  return { ...profile, chain: { kind: 'custom', specId: name, chainType }, settings: { ...settings, role: 'full', account: 'none', sync: 'full', network: { ...settings.network, mdns: false } } }
}

async function start(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('no peers', { timeout: 60_000 })
}

async function pictures({ page, electron }: Pick<DesktopApp, 'page' | 'electron'>, name: string): Promise<void> {
  for (const width of [1280, 880]) {
    await electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size, 760), width)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: shots(`${name}-${width}-${colorScheme}`) })
    }
  }
}

test.describe('a follower of a public network without peers', () => {
  test.use({ networksFile: async ({}, use) => use((userData: string) => fileOf(followerOf(userData, 'Live', 'faraway'), followerOf(userData, 'Live', 'elsewhere'))) })

  test('is nowhere green, and has nothing that is full', async ({ desktop }) => {
    const { page } = desktop
    await start(page)
    const isGreen = () => page.locator('[data-tone=well]').count()
    await expect(page.getByTestId('sentence')).toContainText('best #0, only the genesis block so far, no peers.')
    expect(await isGreen()).toBe(0)
    await page.getByRole('button', { name: /^Network: / }).click()
    await expect(page.getByRole('menuitem', { name: /faraway.*running/ })).toBeVisible()
    expect(await isGreen()).toBe(0)
    await page.keyboard.press('Escape')
    await page.keyboard.press('3')
    await expect(page.getByTestId('tile-stage')).toHaveText('Alone')
    await expect(page.getByTestId('gap')).toHaveText('Best #0')
    await expect(page.getByText('unknown without peers')).toBeVisible()
    await expect(page.getByText('nothing missing')).toHaveCount(0)
    expect(await page.getByRole('progressbar').evaluate((bar) => bar.childElementCount)).toBe(0)
    expect(await isGreen()).toBe(0)
    expect(await violations(page)).toEqual([])
    await pictures(desktop, 'sync')
    await page.keyboard.press('5')
    await expect(page.getByRole('heading', { level: 1, name: 'Blocks' })).toBeVisible()
    expect(await isGreen()).toBe(0)
  })
})

test.describe('a member of a private network alone', () => {
  test.use({ networksFile: async ({}, use) => use((userData: string) => fileOf(followerOf(userData, 'Local', 'ours'))) })

  test('is told of the other members and of a way to them, in every language', async ({ desktop }) => {
    const { page } = desktop
    await start(page)
    const card = page.locator('[data-trouble=no-peers]')
    await expect(card).toContainText('No other node of this network is connected', { timeout: 150_000 })
    await expect(card).not.toContainText(/internet|firewall/i)
    await pictures(desktop, 'alone')
    for (const language of ['en', 'de', 'es'] as const) {
      await page.keyboard.press('9')
      await page.locator('select:has(option[value=de]):has(option[value=es])').selectOption(language)
      await page.keyboard.press('1')
      await expect(card).toContainText(CATALOGS[language].standing.noMembersTitle)
      expect.soft(await complaints(page, language), language).toEqual([])
    }
    await card.getByRole('button', { name: CATALOGS.es.standing.connect }).click()
    await expect(page.getByRole('dialog')).toContainText(CATALOGS.es.peers.connectTitle)
  })
})
