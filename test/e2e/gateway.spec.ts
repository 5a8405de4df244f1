/** The gateway of the app: opened after its warning, asked from outside with a key and without, kept over a restart, and closed. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/desktop.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'
import { ROOT } from '../../build/terminal.ts'

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
test.setTimeout(180_000)

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

async function startNode(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Overview', exact: true }).click()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 90_000 })
  await openSettings(page)
}

async function openSettings(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
}

test('the gateway says what it means before it opens, serves who has a key, comes back with the app, and closes', async ({ desktop }) => {
  const { page, electron } = desktop
  await startNode(page)
  const card = page.getByRole('region', { name: 'Gateway' })
  await card.scrollIntoViewIfNeeded()
  const state = card.getByTestId('gateway-state')
  await expect(card.getByTestId('gateway-warning')).toContainText('opens a port of this computer')
  await expect(state).toContainText('Off.')
  await expect(card.getByText(/^What clients reach: \d+ methods$/)).toBeVisible()

  await card.getByRole('button', { name: 'Create API key…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Client', { exact: true }).fill('explorer')
  await page.screenshot({ path: shots('gateway-key') })
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  const key = (await dialog.getByTestId('token').innerText()).replace(/\s/g, '')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(card.getByRole('row', { name: /explorer/ })).toContainText('600 per minute')

  // Where others could reach it without TLS it does not open at all.
  await card.getByLabel('Listen on').fill('0.0.0.0')
  await expect(card.getByText('Other computers can reach this address')).toBeVisible()
  await expect(card.getByRole('switch', { name: 'Open the gateway' })).toBeDisabled()
  await card.getByLabel('Listen on').fill('127.0.0.1')

  const blocker = createServer()
  const [taken, port] = [await listening(blocker), await freePort()]
  await card.getByLabel('Port', { exact: true }).fill(String(taken))
  await card.getByRole('switch', { name: 'Open the gateway' }).click()
  await expect(dialog.getByTestId('gateway-points')).toContainText('API keys decide who gets answers')
  expect(await violations(page)).toEqual([])
  await page.screenshot({ path: shots('gateway-warning') })
  await dialog.getByRole('button', { name: 'Open the gateway' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Another program has the port')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(state).toContainText('Another program has the port')
  await expect(card.getByRole('switch', { name: 'Open the gateway' })).not.toBeChecked()
  blocker.close()
  await card.getByLabel('Port', { exact: true }).fill(String(port))
  await card.getByRole('switch', { name: 'Open the gateway' }).click()
  await dialog.getByRole('button', { name: 'Open the gateway' }).click()
  await expect(state).toContainText('Serving Development.', { timeout: 20_000 })
  await expect(card.getByText(`http://127.0.0.1:${port}/`)).toBeVisible()

  const ask = async (method: string, said?: string): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method }), headers: { 'Content-Type': 'application/json', ...(said === undefined ? {} : { Authorization: `Bearer ${said}` }) } })
    return { status: response.status, text: await response.text() }
  }
  await expect.poll(async () => (await ask('system_chain', key)).text).toContain('"result":"Development"')
  expect((await ask('system_chain')).status).toBe(401)
  expect((await ask('author_rotateKeys', key)).text).toContain('-32601')

  expect(await violations(page)).toEqual([])
  const region = page.getByRole('region', { name: /^(Gateway|Pasarela)$/ })
  for (const language of ['de', 'es', 'en']) {
    await page.locator('[data-setting="language"] select').selectOption(language)
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const width of [880, 1280]) {
        await electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size, 800), width)
        await region.getByTestId('gateway-warning').scrollIntoViewIfNeeded()
        await page.screenshot({ path: shots(`gateway-${language}-${scheme}-${width}`) })
        await region.getByRole('table').scrollIntoViewIfNeeded()
        await page.screenshot({ path: shots(`gateway-${language}-${scheme}-${width}-keys`) })
      }
    }
  }

  const { page: again } = await desktop.reopen()
  await startNode(again)
  const second = again.getByRole('region', { name: 'Gateway' })
  await second.scrollIntoViewIfNeeded()
  await expect(second.getByTestId('gateway-state')).toContainText('Serving Development.', { timeout: 20_000 })
  await expect.poll(async () => (await ask('system_chain', key)).status).toBe(200)
  await second.getByRole('switch', { name: 'Open the gateway' }).click()
  await expect(second.getByTestId('gateway-state')).toContainText('Off.', { timeout: 20_000 })
  await expect(ask('system_chain', key)).rejects.toThrow()
})

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { readonly port: number }).port
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
