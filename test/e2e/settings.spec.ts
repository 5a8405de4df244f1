/** The settings of the app and of a network, and what the program says of itself. */
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/desktop.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'
import { ROOT } from '../../build/terminal.ts'

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
test.setTimeout(120_000)

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

async function open(page: Page, screen: string): Promise<void> {
  await page.getByRole('button', { name: screen, exact: true }).click()
  await expect(page.getByRole('heading', { name: screen, level: 1 })).toBeVisible()
}

test('a setting is found, checked, kept, and says that it needs a restart', async ({ desktop }) => {
  const { page, userData } = desktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
  await open(page, 'Settings')
  await expect(page.getByTestId('sentence')).toContainText('are in effect')
  await page.keyboard.press('/')
  await page.keyboard.type('inbound')
  const field = page.getByRole('textbox', { name: 'Inbound peers' })
  await expect(page.getByLabel('RPC port')).toHaveCount(0)
  await field.fill('5000')
  await expect(page.getByText('a number from 0 to 1000 is expected.')).toBeVisible()
  await page.screenshot({ path: shots('settings-invalid') })
  await field.fill('12')
  await field.press('Tab')
  await expect(page.getByTestId('sentence')).toContainText('1 setting of Development will take effect')
  await expect(page.getByText('needs a restart')).toBeVisible()
  const stored = JSON.parse(await readFile(join(userData, 'networks.json'), 'utf8')) as { networks: { settings: { network: { inPeers: number } } }[] }
  expect(stored.networks[0]?.settings.network.inPeers).toBe(12)
  await page.getByRole('button', { name: 'Restart' }).click()
  await expect(page.getByTestId('sentence')).toContainText('are in effect', { timeout: 60_000 })
  await page.getByRole('button', { name: 'Reset to default: Inbound peers' }).click()
  await expect(field).toHaveValue('32')
})

test('the editor says where a mistake is, shows the changes, and applies them', async ({ desktop }) => {
  const { page, userData } = desktop
  await open(page, 'Settings')
  await page.getByRole('tab', { name: 'JSON' }).click()
  const editor = page.getByLabel('Settings as JSON')
  const text = await editor.inputValue()
  await editor.fill(text.replace('"outPeers": 8', '"outPeers": many'))
  await expect(page.getByText(/Line \d+, column \d+: unexpected "m"/)).toBeVisible()
  await editor.fill(text.replace('"outPeers": 8', '"outPeers": -1'))
  await expect(page.getByText(/network.network.outPeers: a number from 0 to 1000/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Apply' })).toBeDisabled()
  await editor.fill(text.replace('"outPeers": 8', '"outPeers": 9').replace('"theme": "system"', '"theme": "dark"'))
  await expect(page.getByTestId('changes')).toContainText('network.network.outPeers')
  await page.screenshot({ path: shots('settings-json') })
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByText('No changes.')).toBeVisible()
  expect(JSON.parse(await readFile(join(userData, 'settings.json'), 'utf8'))).toMatchObject({ theme: 'dark' })
  expect(await readFile(join(userData, 'networks.json'), 'utf8')).toMatch(/"outPeers":\s*9/)
})

test('language and appearance follow their settings', async ({ desktop }) => {
  const { page, electron } = desktop
  await open(page, 'Settings')
  await page.getByLabel('Appearance').selectOption('dark')
  await expect.poll(() => electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark')
  await page.getByLabel('Animations').selectOption('always')
  await expect(page.locator('html')).toHaveAttribute('data-motion', 'reduced')
  await page.getByLabel('Language').selectOption('de')
  await expect(page.getByRole('heading', { name: 'Einstellungen', level: 1 })).toBeVisible()
  await page.screenshot({ path: shots('settings-german') })
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
})

test('about: versions and the terms of every package', async ({ realDesktop }) => {
  const { page } = realDesktop
  await open(page, 'About')
  await expect(page.getByTestId('versions')).toContainText('Chromium')
  await expect(page.getByTestId('sentence')).toContainText('Nodestead 0.1.0')
  await page.getByLabel('Filter packages').fill('classic-level')
  await page.getByRole('row', { name: 'classic-level' }).click()
  await expect(page.getByText('Permission is hereby granted')).toBeVisible()
})

for (const scheme of ['light', 'dark'] as const) {
  test(`screenshots and accessibility, ${scheme}`, async ({ realDesktop }) => {
    const { page, electron } = realDesktop
    await electron.evaluate(({ nativeTheme }, theme) => {
      nativeTheme.themeSource = theme
    }, scheme)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    const resize = (width: number, height: number) =>
      electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height), { width, height })
    for (const screen of ['Settings', 'About'] as const) {
      await resize(1280, 860)
      await open(page, screen)
      await expect(page.getByText(screen === 'Settings' ? 'RPC port' : 'Chromium', { exact: true })).toBeVisible()
      expect(await violations(page)).toEqual([])
      await page.screenshot({ path: shots(`${screen.toLowerCase()}-large-${scheme}`) })
      await resize(880, 600)
      await page.screenshot({ path: shots(`${screen.toLowerCase()}-small-${scheme}`) })
    }
    await open(page, 'Settings')
    await page.getByRole('tab', { name: 'JSON' }).click()
    expect(await violations(page)).toEqual([])
  })
}

test('the service API gets a port, and a client with a token that is shown once, lets it in, and is revoked', async ({ desktop }) => {
  const { page, userData } = desktop
  await open(page, 'Settings')
  const card = page.getByRole('region', { name: 'Service API' })
  await card.scrollIntoViewIfNeeded()
  await card.getByRole('button', { name: 'Add client…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('watcher')
  await dialog.getByRole('checkbox', { name: /^Administer/ }).check()
  await expect(dialog.getByTestId('warning')).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: shots('service-client') })
  await dialog.getByRole('checkbox', { name: /^Administer/ }).uncheck()
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  const token = (await dialog.getByTestId('token').innerText()).replace(/\s/g, '')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(card.getByRole('row', { name: /watcher/ })).toContainText('Read')
  const port = await freePort()
  await card.getByLabel('Port', { exact: true }).fill('70000')
  await expect(card.getByText('A number from 1 to 65535')).toBeVisible()
  await card.getByLabel('Port', { exact: true }).fill(String(port))
  await card.getByRole('button', { name: 'Apply' }).click()
  await expect(card.getByRole('button', { name: 'Apply' })).toHaveCount(0)
  await card.getByRole('switch', { name: 'Open a port' }).click()
  await expect(card.getByText(`http://127.0.0.1:${port}`)).toBeVisible()
  const asked = (): Promise<number> => fetch(`http://127.0.0.1:${port}/nodestead.v1.Node/Info`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{}' }).then(({ status }) => status)
  expect(await asked()).toBe(200)
  expect(await violations(page)).toEqual([])
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    for (const width of [880, 1280]) {
      await desktop.electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size, 800), width)
      await card.scrollIntoViewIfNeeded()
      await page.screenshot({ path: shots(`service-api-${scheme}-${width}`) })
    }
  }
  // The local door of the app, in its data folder.
  expect((await stat(join(userData, 'services.sock'))).isSocket()).toBe(true)
  await card.getByRole('button', { name: 'Revoke… watcher' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(card.getByText('No client has a token.')).toBeVisible()
  expect(await asked()).toBe(401)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
