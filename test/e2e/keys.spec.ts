/** The Keys screen in a browser, over a real keystore in a temporary folder and a manager without a node. */
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { looksDestructive } from './fixtures/destructive.ts'
import { OUT } from '../../build/terminal.ts'
import { DashboardService } from '../../node-core/api/server/dashboard-service.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { FakeManager } from '../helpers/fake-manager.ts'

const PASSPHRASE = 'correct horse battery'
const SHOTS = process.env['KEYS_SHOTS']

interface Fixtures {
  manager: FakeManager
  keysPage: Page
}

const test = base.extend<Fixtures>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock, transitionMs: 50 })
    await use(manager)
    await manager.stopAll()
  },
  keysPage: async ({ manager, page }, use) => {
    const app = { name: 'Nodestead', version: '0.1.0', host: 'headless', platform: 'linux' } as const
    const service = new DashboardService({ manager, logger: silentLogger }, { port: 0, assetsPath: join(OUT, 'renderer'), app })
    await service.start()
    await page.setViewportSize({ width: 1280, height: 860 })
    await page.goto(service.url)
    await page.getByRole('navigation').getByRole('button', { name: 'Keys', exact: true }).click()
    await use(page)
    await service.stop()
  },
})

const sentence = (page: Page) => page.getByTestId('sentence')
const dialog = (page: Page) => page.getByRole('dialog')

/** Pictures for people, where a folder for them is named; accessibility always. */
async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`) })
    expect(await violations(page), `${name} ${colorScheme}`).toEqual([])
  }
}

async function choosePassphrase(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Choose a passphrase' }).click()
  await dialog(page).getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
  await dialog(page).getByLabel('Repeat the passphrase').fill(PASSPHRASE)
  await dialog(page).getByRole('button', { name: 'Choose a passphrase' }).click()
  await expect(dialog(page)).toHaveCount(0)
}

test('from nothing to keys: a passphrase, words that are written down, locking and unlocking', async ({ keysPage: page, manager }) => {
  test.slow()
  await expect(sentence(page)).toContainText('No keys in the keystore yet')
  await expect(page.getByRole('button', { name: 'New' }).first()).toBeDisabled()
  await look(page, 'keys-empty')
  await page.getByRole('button', { name: 'Choose a passphrase' }).click()
  await dialog(page).getByLabel('Passphrase', { exact: true }).fill('short')
  await expect(dialog(page).getByText('At least 8 characters.')).toBeVisible()
  await expect(dialog(page).getByText('--keystore-passphrase-file')).toBeVisible()
  await look(page, 'keys-passphrase')
  await page.keyboard.press('Escape')
  await choosePassphrase(page)
  await expect(sentence(page)).toContainText('Unlocked. No keys')

  const accounts = page.getByRole('region', { name: 'Accounts' })
  await accounts.getByRole('button', { name: 'New' }).click()
  await dialog(page).getByLabel('Name').fill('Savings')
  await dialog(page).getByRole('button', { name: 'Create phrase' }).click()
  await expect(page.getByTestId('words')).toHaveCount(0)
  await expect(dialog(page).getByRole('button', { name: 'I have written it down' })).toBeDisabled()
  await dialog(page).getByRole('button', { name: 'Show phrase' }).click()
  const words = (await page.getByTestId('words').getByRole('listitem').locator('span:last-child').allTextContents()) ?? []
  expect(words).toHaveLength(24)
  expect(await violations(page)).toEqual([])
  await dialog(page).getByRole('button', { name: 'I have written it down' }).click()
  const fields = dialog(page).getByRole('textbox')
  await expect(fields).toHaveCount(3)
  for (const field of await fields.all()) await field.fill('wrong')
  await dialog(page).getByRole('button', { name: 'Save keys' }).click()
  await expect(dialog(page).getByRole('alert')).toContainText('not the words at those places')
  await look(page, 'keys-check')
  for (const label of await dialog(page).locator('label').allTextContents()) {
    await dialog(page).getByLabel(label, { exact: true }).fill(words[Number(label.replace(/\D/g, '')) - 1] ?? '')
  }
  await dialog(page).getByRole('button', { name: 'Save keys' }).click()
  await expect(accounts.getByRole('row')).toHaveCount(2)
  await expect(accounts).toContainText('Savings')
  await expect(sentence(page)).toContainText('Unlocked: 1 account can sign.')
  for (const phrase of [words.join(' '), words.slice(0, 3).join(' ')]) expect(await page.content()).not.toContain(phrase)

  const session = page.getByRole('region', { name: 'Session keys' })
  await session.getByRole('button', { name: 'Import' }).click()
  await dialog(page).getByLabel('Recovery phrase or seed').fill('not a phrase')
  await dialog(page).getByRole('button', { name: 'Import' }).click()
  await expect(dialog(page).getByRole('alert')).toContainText('not a valid BIP-39 phrase')
  await dialog(page).getByLabel('Recovery phrase or seed').fill('bottom drive obey lake curtain smoke basket hold race lonely fit walk')
  await dialog(page).getByRole('button', { name: 'Import' }).click()
  await expect(session.getByRole('row')).toHaveCount(7)

  await manager.start('dev')
  const node = manager.node('dev')
  const babe = manager.keys('dev').keystore.entries().find(({ keyType }) => keyType === 'babe')
  if (node !== undefined) node.sessionKeys.used = new Set([`babe:${babe?.publicKey}`])
  await expect(sentence(page)).toContainText('6 session keys and 1 account can sign. 1 of them in use.')
  await expect(page.getByRole('img', { name: 'QR code of the peer address' })).toBeVisible()
  await look(page, 'keys-full')
  await page.setViewportSize({ width: 880, height: 600 })
  await look(page, 'keys-small')
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
  await page.setViewportSize({ width: 1280, height: 860 })

  await session.getByRole('button', { name: 'Rotate' }).click()
  await dialog(page).getByRole('button', { name: 'Rotate' }).click()
  await expect(page.getByTestId('rotated')).toContainText('0x')
  await look(page, 'keys-rotated')
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(session.getByRole('row')).toHaveCount(13)

  await page.getByRole('button', { name: 'Lock', exact: true }).click()
  await expect(sentence(page)).toContainText('Locked: 12 session keys and 1 account')
  await expect(session).toContainText('locked')
  await look(page, 'keys-locked')
  await page.getByRole('button', { name: 'Unlock', exact: true }).click()
  await dialog(page).getByLabel('Passphrase').fill('wrong wrong wrong')
  await page.keyboard.press('Enter')
  await expect(dialog(page).getByRole('alert')).toContainText('not the passphrase')
  await dialog(page).getByLabel('Passphrase').fill(PASSPHRASE)
  await page.keyboard.press('Enter')
  await expect(sentence(page)).toContainText('Unlocked')

  await accounts.getByRole('button', { name: 'Remove: Savings' }).click()
  const remove = dialog(page).getByRole('button', { name: 'Remove', exact: true })
  await dialog(page).getByRole('textbox').fill('Savings')
  await expect(remove).toBeDisabled()
  await looksDestructive(page, remove)
  const end = /Type (\S{6}),/.exec((await dialog(page).locator('label').textContent()) ?? '')?.[1] ?? ''
  await dialog(page).getByRole('textbox').fill(end)
  await look(page, 'keys-remove')
  await remove.click()
  await expect(accounts).toContainText('No accounts yet')
  expect(JSON.stringify(manager.recentLogs(500))).not.toMatch(new RegExp(`${PASSPHRASE}|lake curtain|${words.slice(0, 2).join(' ')}`))
})

test('every language has its own words', async ({ keysPage: page }) => {
  for (const [name, start] of [['Deutsch', 'Noch keine Schlüssel im Keystore'], ['Español', 'Aún no hay claves']] as const) {
    await page.keyboard.press('Control+K')
    await page.getByPlaceholder(/./).fill(name)
    await page.keyboard.press('Enter')
    await expect(sentence(page)).toContainText(start)
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `keys-${name}.png`) })
  }
})
