/** Several networks at once: one list with start and stop, logs told apart, tiles that lead to where they come from, the palette and the tray. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/desktop.ts'
import { customProfile, developmentProfile, fileOf } from './fixtures/networks-file.ts'
import { CATALOGS, complaints } from './fixtures/words.ts'
import { ROOT } from '../../build/terminal.ts'
import { ownSpec } from '../helpers/own-spec.ts'

/** Both have one authority, Alice: with more, her next slot may be a minute away. */
function twoNetworks(userData: string): unknown {
  const spec = { ...ownSpec({ id: 'local', patch: { settings: { epochLength: 20 } } }), name: 'Our local network' }
  return fileOf(developmentProfile(join(userData, 'data')), customProfile(join(userData, 'local'), spec))
}

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(twoNetworks) })
test.setTimeout(240_000)

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `overview-all-${name}.png`)

async function choose(page: Page, item: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: /^Network: |^Netzwerk: |^Red: / }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('all networks are started, watched, told apart in the log, and stopped from one list', async ({ desktop }) => {
  const { page, electron } = desktop
  // What the tray shows from now on.
  await electron.evaluate(({ Tray }) => {
    const seen = globalThis as unknown as { tray: string[][] }
    seen.tray = []
    const set = Tray.prototype.setContextMenu
    Tray.prototype.setContextMenu = function (menu) {
      seen.tray.push((menu?.items ?? []).map((item) => `${item.label}${item.submenu === undefined || item.submenu === null ? '' : ` > ${item.submenu.items.map(({ label }) => label).join(', ')}`}`))
      set.call(this, menu)
    }
  })
  await choose(page, 'All networks')
  const table = page.getByTestId('all-networks')
  await expect(page.getByTestId('sentence')).toHaveText('0 of 2 networks running.')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Start all' }).click()
  for (const id of ['dev', 'local']) await expect(table.locator(`[data-network=${id}]`)).toContainText(/best #[1-9]/, { timeout: 90_000 })
  await expect(page.getByTestId('sentence')).toHaveText('2 of 2 networks running.')
  for (const language of ['en', 'de', 'es'] as const) {
    await page.keyboard.press('9')
    await page.locator('select:has(option[value=de]):has(option[value=es])').selectOption(language)
    await choose(page, CATALOGS[language].overviewAll.allNetworks)
    for (const width of [1280, 880]) {
      await electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size, 640), width)
      await expect.poll(() => page.evaluate(() => innerWidth)).toBe(width)
      expect.soft(await complaints(page, language), `${language} ${width}`).toEqual([])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: shots(`${language}-${width}-${colorScheme}`) })
      }
    }
  }
  await page.keyboard.press('9')
  await page.locator('select:has(option[value=de]):has(option[value=es])').selectOption('en')

  await page.keyboard.press('8')
  const log = page.getByRole('log')
  await page.locator('select:has(option[value=local])').selectOption('local')
  await expect(log.locator('[data-network=local]').first()).toHaveText('Our local network')
  await expect(log.locator('[data-network=dev]')).toHaveCount(0)
  await page.screenshot({ path: shots('logs') })
  await page.locator('select:has(option[value=local])').selectOption('dev')
  await expect(log.locator('[data-network=dev]').first()).toHaveText('Development')
  await expect(log.locator('[data-network=local]')).toHaveCount(0)

  const tray = await electron.evaluate(() => (globalThis as unknown as { tray: string[][] }).tray.at(-1))
  expect(tray?.[0]).toBe('2 of 2 networks running')
  expect(tray).toContainEqual(expect.stringMatching(/^Our local network: .* > Show, Start, Stop, Restart/))
  expect(tray).toEqual(expect.arrayContaining(['Start all', 'Stop all']))

  await choose(page, 'All networks')
  await table.getByRole('button', { name: 'Stop Our local network' }).click()
  await expect(table.getByRole('button', { name: 'Start Our local network' })).toBeEnabled({ timeout: 30_000 })
  await expect(page.getByTestId('sentence')).toHaveText('1 of 2 networks running.')
  await page.getByRole('button', { name: 'Stop all' }).click()
  await expect(page.getByTestId('sentence')).toHaveText('0 of 2 networks running.', { timeout: 30_000 })
  await table.getByRole('button', { name: 'Show Our local network' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Network: / })).toContainText('Our local network')
})

test('tiles and rows lead to where they come from, by mouse and by keyboard; the palette does the rest', async ({ desktop }) => {
  const { page, electron } = desktop
  const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true })
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('tile-best')).toHaveText(/^#[1-9]/, { timeout: 60_000 })
  // The whole tile is the button.
  await page.getByTestId('tile-best').click({ force: true })
  await expect(heading('Blocks')).toBeVisible()
  await page.keyboard.press('1')
  await page.getByRole('button', { name: 'Peers', exact: true }).last().press('Enter')
  await expect(heading('Peers')).toBeVisible()
  await page.keyboard.press('1')
  await page.getByRole('button', { name: 'Disk', exact: true }).press('Enter')
  await expect(heading('Settings')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Duplicate' })).toBeInViewport()
  await page.keyboard.press('1')
  await page.getByRole('button', { name: 'Traffic', exact: true }).click({ position: { x: 4, y: 4 } })
  await expect(heading('Topics')).toBeVisible()
  await page.keyboard.press('1')
  await page.getByTestId('blocks').getByRole('button', { name: /^#[1-9]/ }).first().press('Enter')
  await expect(page.getByTestId('block')).toBeVisible()
  await page.keyboard.press('1')
  expect(await violations(page)).toEqual([])

  const dialog = page.getByRole('dialog')
  const command = async (name: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+K')
    await page.keyboard.type(name)
    await expect(page.getByPlaceholder(CATALOGS.en.frame.palette.search)).toHaveValue(name)
    await expect(dialog.getByText(name, { exact: true }).first()).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(page.getByPlaceholder(CATALOGS.en.frame.palette.search)).toHaveCount(0)
  }
  await page.keyboard.press('ControlOrMeta+K')
  await page.screenshot({ path: shots('palette') })
  await page.keyboard.press('Escape')
  await command('Copy genesis hash')
  expect(await electron.evaluate(({ clipboard }) => clipboard.readText())).toMatch(/^0x[0-9a-f]{64}$/)
  await command('Connect to a peer…')
  await expect(dialog).toContainText(CATALOGS.en.peers.connectTitle)
  await page.keyboard.press('Escape')
  await command('Add a network…')
  await expect(dialog).toContainText(CATALOGS.en.networks.addTitle)
  await page.keyboard.press('Escape')
  await command('Reset the chain…')
  await expect(dialog).toContainText('Reset Development?')
  await page.keyboard.press('Escape')
  await command('Appearance: dark')
  expect(await electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark')
})
