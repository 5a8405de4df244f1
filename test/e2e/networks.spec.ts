/** Several networks in the product as built: added, run side by side, duplicated, moved, deleted. */
import { existsSync } from 'node:fs'
import { copyFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/desktop.ts'
import { looksDestructive } from './fixtures/destructive.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'
import { ROOT } from '../../build/terminal.ts'

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
test.setTimeout(180_000)

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)
const sentence = (page: Page) => page.getByTestId('sentence')
const switcher = (page: Page) => page.getByRole('button', { name: /^Network: / })

async function choose(page: Page, item: string | RegExp): Promise<void> {
  await switcher(page).click()
  await page.getByRole('menuitem', { name: item }).click()
}

async function open(page: Page, screen: string): Promise<void> {
  await page.getByRole('button', { name: screen, exact: true }).click()
}

async function addPrivate(page: Page, name: string): Promise<void> {
  await choose(page, 'Add a network…')
  await page.getByRole('tab', { name: 'New private network' }).click()
  await page.getByLabel('Name').fill(name)
  // What makes it live is chosen already.
  await expect(page.getByRole('radio', { name: /^Alice, an authority/ })).toBeChecked()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(switcher(page)).toContainText(name)
}

test('a private network runs beside the first one; it is duplicated, moved and deleted', async ({ desktop }) => {
  const { page, userData } = desktop
  await expect(sentence(page)).toContainText('Stopped. Press Start')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 90_000 })

  await addPrivate(page, 'Our net')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 90_000 })
  await switcher(page).click()
  await expect(page.getByRole('menuitem', { name: /Development.*running/ })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: /Our net.*running/ })).toBeVisible()
  await page.screenshot({ path: shots('networks-menu') })
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(sentence(page)).toContainText('Stopped', { timeout: 30_000 })
  await open(page, 'Settings')
  await page.getByRole('button', { name: 'Duplicate' }).click()
  await expect(switcher(page)).toContainText('Our net 2')

  await choose(page, /Our net(?! 2)/)
  const to = join(userData, 'elsewhere')
  await page.getByRole('button', { name: 'Move…' }).click()
  await page.getByLabel('New folder').fill(to)
  await page.screenshot({ path: shots('networks-move') })
  await page.getByRole('button', { name: 'Move', exact: true }).click()
  await expect(page.getByTestId('move')).toContainText('The data was moved to', { timeout: 30_000 })
  expect(existsSync(join(to, 'chains/our_net/db'))).toBe(true)
  expect(await readdir(join(userData, 'networks'))).toEqual(['our-net-2'])
  await open(page, 'Overview')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 90_000 })
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(sentence(page)).toContainText('Stopped', { timeout: 30_000 })

  await choose(page, /Our net 2/)
  await open(page, 'Settings')
  await page.getByRole('button', { name: 'Delete…' }).click()
  const forGood = page.getByRole('button', { name: 'Delete permanently' })
  await looksDestructive(page, forGood)
  await expect(forGood).toBeDisabled()
  await page.getByLabel('Type Our net 2 to confirm').fill('Our net 2')
  await page.screenshot({ path: shots('networks-delete') })
  await forGood.click()
  await expect(switcher(page)).not.toContainText('Our net 2')
  // It leaves the list first; then go its data, and last what the app knows of it.
  await expect.poll(() => existsSync(join(userData, 'networks/our-net-2'))).toBe(false)
  const known = async () => (JSON.parse(await readFile(join(userData, 'networks.json'), 'utf8')) as { networks: { id: string }[] }).networks.map(({ id }) => id)
  await expect.poll(known).toEqual(['dev', 'our-net'])
})

for (const scheme of ['light', 'dark'] as const) {
  test(`adding a network, ${scheme}: what Polkadot needs, a chain specification, a private one`, async ({ realDesktop }) => {
    const { page, electron } = realDesktop
    await electron.evaluate(({ nativeTheme }, theme) => {
      nativeTheme.themeSource = theme
    }, scheme)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(sentence(page)).toContainText('Stopped')
    await choose(page, 'Add a network…')
    await page.getByLabel('Network', { exact: true }).selectOption('polkadot')
    await expect(page.getByTestId('needs')).toContainText('Expect')
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: shots(`networks-add-${scheme}`) })
    await page.getByRole('tab', { name: 'File or invitation' }).click()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(page.getByText('Choose a file, or paste a link.')).toBeVisible()
    await page.getByLabel('File or link').fill(join(ROOT, 'package.json'))
    await expect(page.getByText('is JSON, but not a network file')).toBeVisible()
    await page.getByLabel('File or link').fill(join(ROOT, 'README.md'))
    await expect(page.getByText('is not a network file: it is not JSON')).toBeVisible()
    await page.getByLabel('File or link').fill(join(ROOT, 'out/chains/westend.json'))
    await expect(page.getByText('Type Live')).toBeVisible()
    await page.getByRole('tab', { name: 'New private network' }).click()
    await page.getByLabel('Initial balances').fill('alice lots')
    await expect(page.getByText('Line 1: expected an account')).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: shots(`networks-private-${scheme}`) })
    // What is wrong is said beside its field and at the button, and brought into view.
    await page.getByLabel('Initial balances').fill('mallory 5')
    await page.getByLabel('Name', { exact: true }).fill('Ours')
    await page.getByLabel('Data folder').scrollIntoViewIfNeeded()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(page.getByText('Line 1: mallory is no member')).toBeInViewport()
    await expect(page.getByText('Correct the marked field first.')).toBeInViewport()
    await page.getByLabel('Initial balances').fill('alice 5')
    // An authority alone that nobody is here: said before it is added.
    await page.getByRole('radio', { name: /^A follower/ }).check()
    await expect(page.getByText('This network would stay at block #0: only Alice can produce blocks')).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: shots(`networks-dead-${scheme}`) })
  })
}

test('a chain specification opened with the app is shown in the window; its network is added when that was agreed to', async ({ desktop }) => {
  const { page, electron, userData } = desktop
  await expect(sentence(page)).toContainText('Stopped')
  await copyFile(join(ROOT, 'out/chains/local.json'), join(userData, 'ours.chainspec'))
  /** As a second start hands over what it was started with. */
  const openFile = () => electron.evaluate(({ app }, folder) => app.emit('second-instance', {}, ['/usr/bin/nodestead', '--hidden', 'ours.chainspec'], folder, undefined), userData)
  const names = async (): Promise<string[]> => {
    const file = JSON.parse(await readFile(join(userData, 'networks.json'), 'utf8')) as { networks: { settings: { name: string } }[] }
    return file.networks.map(({ settings }) => settings.name)
  }
  await openFile()
  await expect(page.getByLabel('File or link')).toHaveValue(join(userData, 'ours.chainspec'))
  await expect(page.getByTestId('invitation')).toContainText('Genesis hash')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await names()).toEqual(['Development'])
  await openFile()
  await expect(page.getByTestId('invitation')).toBeVisible()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect.poll(async () => (await names()).length).toBe(2)
})

test('a network file dropped into the window opens as one that was opened with the app; in the guide too', async ({ desktop }) => {
  const { page, userData } = desktop
  await expect(sentence(page)).toContainText('Stopped')
  const path = join(userData, 'ours.chainspec')
  await copyFile(join(ROOT, 'out/chains/local.json'), path)
  // The browser gives a file its path only where a person chose it: in a field of the test's own.
  await page.evaluate(() => document.body.appendChild(Object.assign(document.createElement('input'), { type: 'file', id: 'dropped', hidden: true })))
  const drag = async (...types: string[]): Promise<void> => {
    await page.locator('#dropped').evaluate((input, events) => {
      const data = new DataTransfer()
      for (const file of (input as HTMLInputElement).files ?? []) data.items.add(file)
      for (const type of events) document.querySelector('main')?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }))
    }, types)
  }
  await page.locator('#dropped').setInputFiles(path)
  await drag('dragover')
  await expect(page.getByTestId('drop')).toHaveText('Drop to open the network file or invitation')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: shots(`networks-drop-${colorScheme}`) })
  }
  await drag('drop')
  await expect(page.getByTestId('drop')).toHaveCount(0)
  await expect(page.getByLabel('File or link')).toHaveValue(path)
  await expect(page.getByTestId('invitation')).toContainText('Genesis hash')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)

  // What is no network file is said as it is of one that was opened.
  await page.locator('#dropped').setInputFiles(join(ROOT, 'README.md'))
  await drag('dragover', 'drop')
  await expect(page.getByText('is not a network file: it is not JSON')).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()

  await page.locator('#dropped').setInputFiles(path)
  await open(page, 'Settings')
  await page.getByRole('button', { name: 'Run the guide again' }).click()
  await expect(page.getByTestId('progress')).toHaveText('Step 1 of 7')
  await drag('dragover', 'drop')
  await expect(page.getByTestId('progress')).toHaveText('Step 2 of 7')
  await expect(page.getByLabel('File or link')).toHaveValue(path)
})

test('the data folder is shown by the system, from the palette and from Settings; the palette leads to the invitation, too', async ({ desktop }) => {
  const { page, electron, userData } = desktop
  await electron.evaluate(({ shell }) => {
    const shown: string[] = []
    Object.assign(globalThis, { shown })
    Object.assign(shell, { openPath: async (path: string) => (shown.push(path), '') })
  })
  const shown = () => electron.evaluate(() => (globalThis as unknown as { shown: string[] }).shown)
  const command = async (name: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+K')
    await expect(page.getByRole('dialog').locator('input')).toBeFocused()
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
  }
  await expect(sentence(page)).toContainText('Stopped')
  // Before the first start there is nothing to be shown, and that is said.
  await command('Open data folder')
  await expect(page.getByRole('alert')).toContainText('It does not exist yet')
  expect(await shown()).toEqual([])
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence(page)).toContainText('Producing blocks', { timeout: 60_000 })
  const path = join(userData, 'data/chains/nodestead_dev')
  await command('Open data folder')
  await expect.poll(shown).toEqual([path])
  await open(page, 'Settings')
  await page.getByRole('button', { name: 'Open folder' }).click()
  await expect.poll(shown).toEqual([path, path])
  await page.keyboard.press('1')
  await command('Share this network')
  await expect(page.getByRole('dialog')).toContainText('Share Development')
  await page.keyboard.press('Escape')
  await command('Show banned peers')
  await expect(page.getByRole('dialog')).toContainText('No banned peers')
})
