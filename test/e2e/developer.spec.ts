/** What a developer does with a network of their own, in the app as built, with a real node: accounts, transfers, blocks on request, a second node, a reset. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test, type DesktopApp } from './fixtures/desktop.ts'
import { looksDestructive } from './fixtures/destructive.ts'
import { developmentOnFreePorts, fileOf } from './fixtures/networks-file.ts'
import { CATALOGS, complaints, type LanguageId } from './fixtures/words.ts'
import { ROOT } from '../../build/terminal.ts'
import { chainSettingsSchema } from '../../node-core/manager/kinds/chain/profile.ts'
import type { NetworkProfile } from '../../node-core/manager/kinds/table.ts'

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
test.setTimeout(180_000)

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `developer-${name}.png`)
const sentence = (page: Page) => page.getByTestId('sentence')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function start(page: Page): Promise<void> {
  await button(page, 'Start').click()
  await expect(page.getByTestId('accounts')).toContainText('Alice', { timeout: 60_000 })
}

async function height(page: Page, tile: 'best' | 'finalized'): Promise<number> {
  const text = (await page.getByTestId(`tile-${tile}`).textContent()) ?? ''
  return Number(/^#([\d,]+)$/.exec(text)?.[1]?.replaceAll(',', '') ?? -1)
}

/** Light and dark, narrow and wide: for people. */
async function pictures({ page, electron }: Pick<DesktopApp, 'page' | 'electron'>, name: string): Promise<void> {
  for (const [width, tall] of [[1280, 860], [880, 600]] as const) {
    await electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size[0], size[1]), [width, tall] as const)
    await expect.poll(() => page.evaluate(() => innerWidth)).toBe(width)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: shots(`${name}-${width}-${colorScheme}`) })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

test('accounts with their balances; a transfer is checked beside its fields and followed until it is final', async ({ desktop }) => {
  const { page } = desktop
  await expect(page.getByTestId('developer')).toContainText('Known once the node is running')
  await start(page)
  await expect(button(page, 'Stop')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Copy RPC address ws:\/\/127\.0\.0\.1:\d+$/ })).toBeVisible()

  await button(page, 'Send from Alice…').click()
  const dialog = page.getByRole('dialog')
  await button(page, 'Send').click()
  await expect(dialog).toContainText('Enter an address or the name of an account.')
  await expect(dialog).toContainText('Enter a number above 0 with at most 12 decimals.')
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: shots('send-faults') })
  await dialog.getByLabel('Recipient').fill('5NotAnAddress')
  await dialog.getByLabel('Amount in UNIT').fill('1,5')
  await button(page, 'Send').click()
  await expect(dialog).toContainText('This is not an address of this network.')
  await dialog.getByLabel('Recipient').fill('Bob')
  await dialog.getByLabel('Amount in UNIT').fill('999999999999')
  await button(page, 'Send').click()
  await expect(dialog).toContainText('The account has')
  await dialog.getByLabel('Amount in UNIT').fill('1,5')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  const transfer = page.getByTestId('transfers').getByRole('listitem').first()
  await expect(transfer).toContainText('1.5 UNIT from Alice to Bob:')
  await expect(transfer).toContainText(/finalized in block #\d+/, { timeout: 60_000 })
  expect(await violations(page)).toEqual([])
  await pictures(desktop, 'accounts')

  // Its block is one click away.
  await transfer.getByRole('button').click()
  await expect(page.getByTestId('block')).toContainText('transfer_keep_alive', { timeout: 10_000 })
})

test("the runtime's own error is told by its name", async ({ desktop }) => {
  const { page } = desktop
  await start(page)
  await button(page, 'Send from Alice…').click()
  // Nobody's: it does not exist yet.
  await page.getByLabel('Recipient').fill('5C62Ck4UrFPiBtoCmeSrgF7x9yv9mn38446dhCpsi2mLHiFT')
  await page.getByLabel('Amount in UNIT').fill('0.000001')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('transfers')).toContainText(/failed in block #\d+: Token: BelowMinimum/, { timeout: 60_000 })
  await page.screenshot({ path: shots('transfer-failed') })
})

test('polkadot.js is opened by the system after it was asked, at the address of this node', async ({ desktop }) => {
  const { page, electron } = desktop
  await start(page)
  const address = ((await page.getByRole('button', { name: /^Copy RPC address/ }).getAttribute('aria-label')) ?? '').replace('Copy RPC address ', '')
  await electron.evaluate(({ dialog, shell }) => {
    const seen = { answer: 0, asked: [] as string[], opened: [] as string[] }
    Object.assign(globalThis, { seen })
    Object.assign(dialog, { showMessageBox: async (_window: unknown, options: { detail: string }) => (seen.asked.push(options.detail), { response: seen.answer }) })
    Object.assign(shell, { openExternal: async (url: string) => void seen.opened.push(url) })
  })
  const seen = (answer?: number) =>
    electron.evaluate((_, next) => {
      const { seen } = globalThis as unknown as { seen: { answer: number; asked: string[]; opened: string[] } }
      if (next !== undefined) seen.answer = next
      return seen
    }, answer)
  const url = `https://polkadot.js.org/apps/?rpc=${encodeURIComponent(address)}`
  await button(page, 'Open in polkadot.js…').click()
  await expect.poll(async () => (await seen()).asked.length).toBe(1)
  expect((await seen()).opened).toEqual([])
  expect((await seen(1)).asked[0]).toContain(url)
  await button(page, 'Open in polkadot.js…').click()
  await expect.poll(async () => (await seen()).opened).toEqual([url])
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('blocks are produced by a button, and final by another; a transaction waits for its block', async ({ desktop }) => {
  const { page } = desktop
  await start(page)
  await expect.poll(() => height(page, 'best'), { timeout: 60_000 }).toBeGreaterThanOrEqual(1)
  await page.getByLabel('Block production').selectOption('manual')
  await expect(page.getByTestId('sealing-said')).toHaveText('Restart the node to apply this.')
  await page.getByTestId('developer').getByRole('button', { name: 'Restart' }).click()
  await expect(button(page, 'Produce a block')).toBeVisible({ timeout: 60_000 })
  const before = await height(page, 'best')
  await button(page, 'Send from Alice…').click()
  await page.getByLabel('Recipient').fill('Bob')
  await page.getByLabel('Amount in UNIT').fill('2')
  await page.keyboard.press('Enter')
  const transfer = page.getByTestId('transfers').getByRole('listitem').first()
  await expect(transfer).toContainText('waiting for a block')
  await button(page, 'Produce a block').click()
  await expect(page.getByTestId('sealing-said')).toHaveText(`Block #${before + 1} was produced.`)
  await expect(transfer).toContainText(`in block #${before + 1}, not finalized yet`)
  await expect(sentence(page)).toContainText('Blocks are produced on request: best #')
  await pictures(desktop, 'sealing')
  await button(page, `Finalize up to #${before + 1}`).click()
  await expect(transfer).toContainText(`finalized in block #${before + 1}`)
  await expect(button(page, 'Finalize')).toBeDisabled()
  await expect(button(page, 'Add another node')).toBeDisabled()
})

test('the chain starts again from its genesis once its name was typed, and blocks come in slots again', async ({ desktop }) => {
  const { page, userData } = desktop
  await start(page)
  await page.getByLabel('Block production').selectOption('instant')
  await page.getByTestId('developer').getByRole('button', { name: 'Restart' }).click()
  await expect(page.getByTestId('sealing-said')).toHaveText('Each transaction gets a block at once, and the block is finalized.', { timeout: 60_000 })
  await expect(page.getByTestId('accounts')).toContainText('Alice', { timeout: 60_000 })
  const at = await height(page, 'best')
  await button(page, 'Send from Alice…').click()
  await page.getByLabel('Recipient').fill('Bob')
  await page.getByLabel('Amount in UNIT').fill('2')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('transfers')).toContainText(`finalized in block #${at + 1}`, { timeout: 10_000 })

  const identity = () => readFile(join(userData, 'data/chains/nodestead_dev/network/secret_ed25519'), 'hex')
  const before = await identity()
  await page.getByLabel('Block production').selectOption('slots')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('cannot be continued in slots')
  await expect(dialog.getByRole('button', { name: 'Reset', exact: true })).toBeDisabled()
  await looksDestructive(page, dialog.getByRole('button', { name: 'Reset', exact: true }))
  await page.screenshot({ path: shots('reset') })
  await dialog.getByRole('textbox').fill('Development')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0, { timeout: 60_000 })
  await expect(page.getByLabel('Block production')).toHaveValue('slots')
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 60_000 })
  await expect.poll(() => height(page, 'finalized'), { timeout: 60_000 }).toBeGreaterThanOrEqual(1)
  expect(await height(page, 'best')).toBeLessThan(at + 20)
  expect(await identity()).toBe(before)
})

/** Alice's node of the local network, which waits for a second authority. */
function localNetwork(userData: string): unknown {
  const profile: NetworkProfile = {
    id: 'local', kind: 'chain', chain: { kind: 'known', name: 'local' }, folder: join(userData, 'local'),
    settings: chainSettingsSchema.parse({ name: 'Local', role: 'validator', account: 'alice', network: { port: 0, upnp: false, mdns: false }, rpc: { port: 0 } }),
  }
  return fileOf(profile)
}

test.describe('a local network', () => {
  test.use({ networksFile: async ({}, use) => use(localNetwork) })
  test.setTimeout(400_000)

  test('gets further nodes with one click each: authorities while there are free ones, connected, with folders and ports of their own; and starts again as one', async ({ desktop }) => {
    const { page, userData } = desktop
    await start(page)
    await expect(page.getByLabel('Block production')).toHaveCount(0)
    const switcher = page.getByRole('button', { name: /^Network: / })
    // The network has four authorities: with the third of them its blocks become final.
    for (const name of ['Bob', 'Charlie']) {
      await button(page, 'Add another node').click()
      await expect(switcher).toContainText(`Local (${name})`, { timeout: 60_000 })
      await expect(page.getByTestId('accounts')).toContainText('Alice', { timeout: 60_000 })
    }
    await expect.poll(() => height(page, 'finalized'), { timeout: 90_000 }).toBeGreaterThanOrEqual(1)
    await pictures(desktop, 'second-node')
    for (const name of ['Dave', 'follower']) {
      await button(page, 'Add another node').click()
      await expect(switcher).toContainText(`Local (${name})`, { timeout: 60_000 })
      await expect(page.getByTestId('accounts')).toContainText('Alice', { timeout: 60_000 })
    }
    const { networks } = JSON.parse(await readFile(join(userData, 'networks.json'), 'utf8')) as { networks: NetworkProfile[] }
    expect(networks.map(({ settings: { account, role } }) => `${account} ${role}`)).toEqual(['alice validator', 'bob validator', 'charlie validator', 'dave validator', 'none full'])
    expect(new Set(networks.map(({ folder }) => folder)).size).toBe(5)
    const ports = networks.slice(1).flatMap(({ settings }) => [settings.network.port, settings.rpc.port])
    expect(new Set(ports).size).toBe(8)

    // All of them start again, or one would bring the old blocks back; and their blocks become final again.
    const before = await height(page, 'best')
    await button(page, 'Reset the chain…').click()
    const dialog = page.getByRole('dialog')
    await expect(dialog).toContainText('The chain also starts again in Local, Local (Bob), Local (Charlie), Local (Dave).')
    await dialog.getByRole('textbox').fill('Local (follower)')
    await page.keyboard.press('Enter')
    await expect(dialog).toHaveCount(0, { timeout: 60_000 })
    await expect.poll(() => height(page, 'best'), { timeout: 60_000 }).toBeLessThan(before)
    await expect.poll(() => height(page, 'finalized'), { timeout: 90_000 }).toBeGreaterThanOrEqual(1)
  })
})

test.describe('in every language', () => {
  test('the card and its dialogs fit', async ({ desktop }) => {
    const { page, electron } = desktop
    await start(page)
    for (const language of ['en', 'de', 'es'] as const satisfies readonly LanguageId[]) {
      const m = CATALOGS[language]
      await page.keyboard.press('9')
      await page.locator('select:has(option[value=de]):has(option[value=es])').selectOption(language)
      await page.keyboard.press('1')
      await expect(page.getByTestId('accounts')).toContainText('Alice')
      for (const width of [1280, 880]) {
        await electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size, 700), width)
        await expect.poll(() => page.evaluate(() => innerWidth)).toBe(width)
        expect.soft(await complaints(page, language), `${language} ${width}`).toEqual([])
        await page.screenshot({ path: shots(`${language}-${width}`) })
      }
      await button(page, m.developer.sendFrom('Alice')).click()
      await button(page, m.developer.sendNow).click()
      expect.soft(await complaints(page, language), `${language} send`).toEqual([])
      await page.keyboard.press('Escape')
      await button(page, m.developer.reset).click()
      expect.soft(await complaints(page, language), `${language} reset`).toEqual([])
      await page.keyboard.press('Escape')
    }
  })
})
