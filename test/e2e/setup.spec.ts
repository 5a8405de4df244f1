/** The guide of the first run in the product as built: every way through it, by mouse and by keys alone. */
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test, type DesktopApp } from './fixtures/desktop.ts'
import { ROOT } from '../../build/terminal.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'

test.use({ settings: { firstRunDone: false, toldAboutTray: true, rpcPort: 0, upnp: false } })
test.setTimeout(180_000)

const PASSPHRASE = 'correct horse battery'
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)
const sentence = (page: Page) => page.getByTestId('sentence')
const progress = (page: Page) => page.getByTestId('progress')
const next = (page: Page) => page.getByRole('button', { name: 'Next', exact: true })
const dialog = (page: Page) => page.getByRole('dialog')

async function stored(userData: string): Promise<{ id: string; folder: string; settings: { role: string; account: string; network: { port: number; upnp: boolean } } }[]> {
  const file = JSON.parse(await readFile(join(userData, 'networks.json'), 'utf8')) as { networks: Awaited<ReturnType<typeof stored>> }
  return file.networks
}

async function appSettings(userData: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(userData, 'settings.json'), 'utf8')) as Record<string, unknown>
}

async function goOn(page: Page, step: number): Promise<void> {
  await next(page).click()
  await expect(progress(page)).toHaveText(`Step ${step} of 7`)
}

async function finish(page: Page): Promise<void> {
  await expect(progress(page)).toHaveText('Step 7 of 7')
  await page.getByRole('button', { name: 'Set up and start' }).click()
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible({ timeout: 30_000 })
}

async function resize({ electron }: DesktopApp, width: number, height: number): Promise<void> {
  await electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(...size), [width, height] as [number, number])
}

/** Makes keys at the step of the role; returns the words, which the page does not have any more. */
async function makeKeys(page: Page, hidden?: () => Promise<void>): Promise<readonly string[]> {
  await page.getByRole('button', { name: 'Create keys' }).click()
  await dialog(page).getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
  await dialog(page).getByLabel('Repeat the passphrase').fill(PASSPHRASE)
  await page.keyboard.press('Enter')
  await dialog(page).getByRole('button', { name: 'Create phrase' }).click()
  await hidden?.()
  await dialog(page).getByRole('button', { name: 'Show phrase' }).click()
  const words = await page.getByTestId('words').getByRole('listitem').locator('span:last-child').allTextContents()
  expect(words).toHaveLength(24)
  await dialog(page).getByRole('button', { name: 'I have written it down' }).click()
  for (const label of await dialog(page).locator('label').allTextContents()) {
    await dialog(page).getByLabel(label, { exact: true }).fill(words[Number(label.replace(/\D/g, '')) - 1] ?? '')
  }
  await dialog(page).getByRole('button', { name: 'Save keys' }).click()
  await expect(dialog(page)).toHaveCount(0)
  await expect(sentence(page)).toContainText('6 session keys ready to sign')
  await hasNone(page, words)
  return words
}

/** Three words of the phrase in a row are on no page: neither as a sentence nor one in each element. */
async function hasNone(page: Page, words: readonly string[]): Promise<void> {
  const text = (await page.content()).replace(/<[^>]*>/g, ' ').replace(/[\d\s]+/g, ' ')
  expect(text).not.toContain(words.slice(0, 3).join(' '))
}

/** Light and dark, small and large: a picture of each for people, and no violation in any. */
async function look(desktop: DesktopApp, name: string): Promise<void> {
  const { page, electron } = desktop
  for (const scheme of ['light', 'dark'] as const) {
    await electron.evaluate(({ nativeTheme }, theme) => {
      nativeTheme.themeSource = theme
    }, scheme)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    for (const [width, height] of [[880, 600], [1280, 860]] as const) {
      await resize(desktop, width, height)
      await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(width)
      await page.screenshot({ path: shots(`setup-${name}-${scheme}-${width}`) })
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    }
    expect(await violations(page), `${name} ${scheme}`).toEqual([])
  }
}

test('a development network: every step, nothing written before the last, and the node runs', async ({ desktop }) => {
  const { page, userData } = desktop
  await expect(progress(page)).toHaveText('Step 1 of 7')
  await expect(page.getByRole('navigation')).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Welcome to Nodestead' })).toBeVisible()
  await look(desktop, '1-welcome')
  await goOn(page, 2)
  await expect(sentence(page)).toContainText('ready at once')
  await look(desktop, '2-network')
  await page.getByRole('radio', { name: 'Polkadot' }).check()
  await expect(sentence(page)).toContainText(/Polkadot takes about \d+ to \d+ minutes to sync and 5\.5 GB of disk/)
  await goOn(page, 3)
  await expect(sentence(page)).toContainText(/free; Polkadot needs about 5\.5 GB/)
  await look(desktop, '3-folder-polkadot')
  await goOn(page, 4)
  await expect(page.getByRole('radio', { name: 'Validator' })).toBeDisabled()
  await expect(page.getByText('a validator must also back and check parachain blocks')).toBeVisible()
  await look(desktop, '4-role-public')
  await expect(page.getByRole('radio', { name: 'Full node' })).toBeChecked()
  await expect(sentence(page)).toContainText('A full node of Polkadot verifies every block')
  for (const step of [3, 2]) {
    await page.getByRole('button', { name: 'Back' }).click()
    await expect(progress(page)).toHaveText(`Step ${step} of 7`)
  }
  await page.getByRole('radio', { name: 'Development' }).check()
  await goOn(page, 3)
  await expect(sentence(page)).toContainText(/free; Local development needs about 1\.0 GB/)
  await page.getByLabel('Data folder').fill('relative/path')
  await expect(sentence(page)).toContainText('Enter an absolute path')
  await expect(next(page)).toBeDisabled()
  const elsewhere = join(userData, 'my chain')
  await page.getByLabel('Data folder').fill(elsewhere)
  await expect(next(page)).toBeEnabled()
  await look(desktop, '3-folder')
  await goOn(page, 4)
  await page.getByRole('radio', { name: 'Full node' }).check()
  await expect(sentence(page)).toContainText('A full node produces no blocks')
  await page.getByRole('radio', { name: 'Validator' }).check()
  await expect(sentence(page)).toContainText('produces blocks with the well-known development keys of Alice')
  await look(desktop, '4-role')
  await goOn(page, 5)
  await expect(sentence(page)).toContainText(/Ports \d+ and \d+ are free/)
  await look(desktop, '5-ports')
  await goOn(page, 6)
  await page.getByLabel('Start this node when Nodestead opens').click()
  await expect(sentence(page)).toHaveText(/This node starts whenever you open Nodestead/)
  await look(desktop, '6-start')
  await goOn(page, 7)
  await expect(page.getByTestId('summary')).toContainText(elsewhere)
  await look(desktop, '7-done')
  expect(await appSettings(userData)).toMatchObject({ firstRunDone: false })
  expect((await readdir(userData)).filter((name) => name === 'my chain' || name === 'networks')).toEqual([])

  await finish(page)
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 90_000 })
  expect(await appSettings(userData)).toMatchObject({ firstRunDone: true })
  expect(await stored(userData)).toMatchObject([{ id: 'dev', folder: elsewhere, settings: { role: 'validator', account: 'alice', autoStart: true, network: { upnp: false } } }])
})

test('a private network is built, and its validator signs with keys of its own', async ({ desktop }) => {
  const { page, userData } = desktop
  await goOn(page, 2)
  await page.getByRole('radio', { name: 'New private network' }).check()
  await expect(sentence(page)).toContainText('Enter a name for the private network')
  await expect(next(page)).toBeDisabled()
  await page.getByLabel('Name').fill('Our net')
  await page.getByLabel('Initial balances').fill('alice lots')
  await expect(sentence(page)).toContainText('has an error')
  await page.getByLabel('Initial balances').fill('alice 500')
  await page.getByRole('checkbox', { name: 'bob' }).check()
  await expect(sentence(page)).toContainText('Our net starts with 2 authorities')
  await look(desktop, '2-private')
  await page.getByText('Advanced').click()
  await page.getByLabel('Slot duration in seconds').fill('61')
  await expect(sentence(page)).toContainText('One of the advanced settings below has an error')
  await expect(page.getByText('Enter a whole number from 1 to 60.')).toBeVisible()
  await page.getByLabel('Slot duration in seconds').fill('3')
  await page.getByLabel('Root account (sudo)').selectOption({ label: 'A multisig of several accounts' })
  await page.getByLabel('Token symbol').fill('OAK')
  await page.getByLabel('Charge transaction fees').click()
  await look(desktop, '2-private-more')
  await goOn(page, 3)
  await goOn(page, 4)
  await expect(sentence(page)).toContainText('produces blocks with the well-known development keys of Alice')
  await page.getByRole('radio', { name: /^A follower/ }).check()
  await expect(sentence(page)).toContainText('only Alice, Bob can produce blocks')
  await page.getByRole('radio', { name: /^An authority with keys of my own/ }).check()
  await expect(sentence(page)).toContainText('Without keys this node follows')
  await expect(page.getByText('Creating keys therefore adds the network now')).toBeVisible()
  await look(desktop, '4-own-keys')

  await makeKeys(page, () => look(desktop, '4-words-hidden'))
  await expect(progress(page)).toHaveText('Step 4 of 7')
  await look(desktop, '4-keys-kept')

  // Keys need their network: that much is settled now, and said.
  await page.keyboard.press('Escape')
  await expect(sentence(page)).toContainText('Our net was added when its keys were created')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('radio', { name: 'Development' })).toBeDisabled()
  for (const step of [3, 4, 5]) await goOn(page, step)
  await page.getByLabel('Forward the ports on the router').click()
  for (const step of [6, 7]) await goOn(page, step)
  await expect(page.getByTestId('summary')).toContainText('6 session keys saved')
  await finish(page)
  await expect(page.getByRole('button', { name: /^Network: Our net/ })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible({ timeout: 60_000 })
  const networks = await stored(userData)
  expect(networks.map(({ id }) => id)).toEqual(['dev', 'our-net'])
  expect(networks[1]?.settings).toMatchObject({ role: 'validator', account: 'none', network: { upnp: false } })
  expect(networks[1]?.settings.network.port).not.toBe(networks[0]?.settings.network.port)
  const spec = JSON.parse(await readFile(join(userData, 'networks/our-net/chain-spec.json'), 'utf8')) as { properties: unknown }
  const members = ['Alice', 'Bob', 'Charlie'].map((name) => encodeSs58(devAccount(`//${name}`).sr25519.publicKey))
  expect(spec.properties).toEqual({ ss58Format: 42, tokenDecimals: 12, tokenSymbol: 'OAK', rootMultisig: { members, threshold: 2 } })
})

test('a guide that was left after keys were made comes again, with the keys and without the words', async ({ desktop }) => {
  const { page, userData } = desktop
  await goOn(page, 2)
  await page.getByRole('radio', { name: 'New private network' }).check()
  await page.getByLabel('Name').fill('Our net')
  for (const step of [3, 4]) await goOn(page, step)
  await page.getByRole('radio', { name: /^An authority with keys of my own/ }).check()
  const words = await makeKeys(page)
  expect(await appSettings(userData)).toMatchObject({ firstRunDone: false, guideLeft: { network: 'our-net', way: 'private', keys: 'own' } })
  expect(await readFile(join(userData, 'settings.json'), 'utf8')).not.toContain(words.slice(0, 3).join(' '))

  const { page: again } = await desktop.reopen()
  expect(again.url()).toContain('?guide')
  await expect(progress(again)).toHaveText('Step 1 of 7')
  await expect(sentence(again)).toContainText('Our net was added when its keys were created')
  await again.screenshot({ path: shots('setup-1-left') })
  await hasNone(again, words)
  await goOn(again, 2)
  await expect(again.getByRole('radio', { name: 'New private network' })).toBeChecked()
  await expect(again.getByRole('radio', { name: 'Development' })).toBeDisabled()
  for (const step of [3, 4]) await goOn(again, step)
  await expect(again.getByLabel('Keys', { exact: true })).toHaveValue('own')
  await expect(sentence(again)).toContainText('6 session keys ready to sign')
  await again.screenshot({ path: shots('setup-4-left') })
  await hasNone(again, words)
  await again.getByRole('button', { name: 'Create more keys' }).click()
  await expect(dialog(again).getByLabel('Passphrase', { exact: true })).toBeVisible()
  await hasNone(again, words)
  await again.keyboard.press('Escape')
  await expect(dialog(again)).toHaveCount(0)
  await goOn(again, 5)
  await expect(again.getByLabel('Forward the ports on the router')).toBeChecked()
  await again.getByLabel('Forward the ports on the router').click()
  for (const step of [6, 7]) await goOn(again, step)
  await expect(again.getByTestId('summary')).toContainText('6 session keys saved')
  await finish(again)
  const networks = await stored(userData)
  expect(networks.map(({ id }) => id)).toEqual(['dev', 'our-net'])
  expect(networks[1]?.settings).toMatchObject({ role: 'validator', account: 'none', network: { upnp: false } })
  const settings = await appSettings(userData)
  expect(settings).toMatchObject({ firstRunDone: true })
  expect(Object.keys(settings).filter((name) => name.startsWith('guide'))).toEqual([])

  const { page: last } = await desktop.reopen()
  expect(last.url()).not.toContain('?guide')
  await expect(last.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible()
})

test('a network from the file of its specification', async ({ desktop }) => {
  const { page, userData } = desktop
  await goOn(page, 2)
  await page.getByRole('radio', { name: 'From a file' }).check()
  await page.getByLabel('File or link', { exact: true }).fill(join(ROOT, 'package.json'))
  await expect(page.getByText('is JSON, but not a network file')).toBeVisible()
  await expect(next(page)).toBeDisabled()
  await page.getByLabel('File or link', { exact: true }).fill(join(ROOT, 'out/chains/local.json'))
  await expect(sentence(page)).toContainText('The file does not say')
  await look(desktop, '2-file')
  await goOn(page, 3)
  await expect(sentence(page)).toContainText('free.')
  await goOn(page, 4)
  await expect(page.getByRole('radio', { name: 'Full node' })).toBeChecked()
  await goOn(page, 5)
  await expect(page.getByLabel('Forward the ports on the router')).toBeChecked()
  await page.getByLabel('Forward the ports on the router').click()
  for (const step of [6, 7]) await goOn(page, step)
  await finish(page)
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible({ timeout: 60_000 })
  const added = (await stored(userData))[1]
  expect(added?.settings).toMatchObject({ role: 'full', account: 'none', network: { upnp: false } })
  expect(await readdir(added?.folder ?? '')).toContain('chain-spec.json')
})

test('by keys alone, a taken port, and once more from the commands', async ({ desktop }) => {
  const { page, userData } = desktop
  const taken: Server = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '0.0.0.0', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    await expect(progress(page)).toHaveText('Step 1 of 7')
    for (const step of [2, 3, 4, 5]) {
      await page.keyboard.press('Enter')
      await expect(progress(page)).toHaveText(`Step ${step} of 7`)
    }
    await page.keyboard.press('Escape')
    await expect(progress(page)).toHaveText('Step 4 of 7')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowUp')
    await expect(page.getByRole('radio', { name: 'Full node' })).toBeChecked()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(progress(page)).toHaveText('Step 5 of 7')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type(String(port))
    await expect(sentence(page)).toContainText(`Another program uses port ${port}`)
    await page.keyboard.press('Enter')
    await expect(progress(page)).toHaveText('Step 5 of 7')
    await look(desktop, '5-port-taken')
    await page.getByLabel('Peer port').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect(sentence(page)).toContainText('are free')
    await page.getByLabel('Peer port').focus()
    for (const step of [6, 7]) {
      await page.keyboard.press('Enter')
      await expect(progress(page)).toHaveText(`Step ${step} of 7`)
    }
    await page.keyboard.press('Enter')
    await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 90_000 })
    expect((await stored(userData))[0]?.settings.network.port).not.toBe(port)
  } finally {
    await new Promise((resolve) => taken.close(resolve))
  }

  await page.keyboard.press('ControlOrMeta+K')
  await page.keyboard.type('Run the guide')
  await page.keyboard.press('Enter')
  await expect(progress(page)).toHaveText('Step 1 of 7')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible()
  await page.getByRole('button', { name: 'Settings', exact: true }).click()
  await page.getByRole('button', { name: 'Run the guide again' }).click()
  await look(desktop, '1-again')
  for (const step of [2, 3, 4, 5]) await goOn(page, step)
  await expect(sentence(page)).toContainText('are free')
  await page.getByRole('button', { name: 'Close the guide' }).click()
  await expect(page.getByRole('navigation')).toBeVisible()
})

test('it can be skipped, speaks every language, and does not come again', async ({ desktop }) => {
  const { page, userData, electron } = desktop
  for (const [language, title] of [['de', 'Willkommen bei Nodestead'], ['es', 'Le damos la bienvenida a Nodestead']] as const) {
    await page.getByRole('combobox').selectOption(language)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
    for (let step = 1; step < 7; step++) {
      await expect(progress(page)).toContainText(String(step))
      await page.screenshot({ path: shots(`setup-${language}-${step}`) })
      await expect(page.locator('footer button').last()).toBeEnabled()
      await page.locator('footer button').last().click()
    }
    await page.screenshot({ path: shots(`setup-${language}-7`) })
    for (let step = 7; step > 1; step--) await page.keyboard.press('Escape')
  }
  await page.getByRole('combobox').selectOption('en')
  await page.getByRole('button', { name: 'Start with a development network' }).click()
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 90_000 })
  expect(await appSettings(userData)).toMatchObject({ firstRunDone: true })
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.reload())
  await expect(page.getByRole('navigation')).toBeVisible()
})

test.describe('a person who ran a node before', () => {
  test.use({ settings: { firstRunDone: undefined, lastNetwork: 'dev', toldAboutTray: true, rpcPort: 0, upnp: false } })

  test('is not bothered', async ({ desktop }) => {
    await expect(sentence(desktop.page)).toContainText('Stopped. Press Start')
  })
})
