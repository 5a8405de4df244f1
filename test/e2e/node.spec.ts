/** The product as a person gets it: the built app with the real node in it, authoring and finalizing on its own. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/desktop.ts'
import { ROOT } from '../../build/terminal.ts'

test.use({ settings: { toldAboutTray: true, rpcPort: 0 } })
test.setTimeout(180_000)

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

async function height(page: Page, tile: 'best' | 'finalized'): Promise<number> {
  const text = (await page.getByTestId(`tile-${tile}`).textContent()) ?? ''
  return Number(/^#([\d,]+)$/.exec(text)?.[1]?.replaceAll(',', '') ?? -1)
}

test('start, blocks rise and become final, stop, start again where it stopped, quit', async ({ desktop }) => {
  const { page, electron, ended, userData } = desktop
  await expect(page.getByTestId('sentence')).toContainText('Stopped. Press Start')
  await page.screenshot({ path: shots('real-stopped') })
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks: best #', { timeout: 60_000 })
  await expect.poll(() => height(page, 'best'), { timeout: 60_000 }).toBeGreaterThanOrEqual(3)
  await expect.poll(() => height(page, 'finalized'), { timeout: 60_000 }).toBeGreaterThanOrEqual(1)
  await expect(page.getByTestId('blocks')).toContainText('final')
  await page.screenshot({ path: shots('real-running') })

  const address = (await page.getByRole('button', { name: /^Copy RPC address/ }).getAttribute('title'))?.split('\n')[0] ?? ''
  const answer = await fetch(address.replace(/^ws:/, 'http:'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system_chain', params: [] }),
  })
  expect(await answer.json()).toMatchObject({ result: 'Development' })

  await page.getByRole('button', { name: /^Logs/ }).click()
  await expect(page.getByRole('log')).not.toBeEmpty()
  await page.screenshot({ path: shots('real-logs') })
  await page.keyboard.press('1')

  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Stopped', { timeout: 30_000 })
  const newest = await page.getByTestId('blocks').getByRole('row').nth(1).getByRole('cell').first().textContent()
  const before = Number(newest?.replace(/\D/g, ''))
  expect(before).toBeGreaterThanOrEqual(3)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect.poll(() => height(page, 'best'), { timeout: 60_000 }).toBeGreaterThan(before)

  await electron.evaluate(({ app }) => app.quit()).catch(() => undefined)
  expect(await ended).toBe(0)
  expect(await readdir(join(userData, 'logs'))).toContain('nodestead.log')
})

test('closing the window keeps the node running; a second start shows it; SIGTERM ends both', async ({ desktop }) => {
  const { page, electron, ended } = desktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
  const at = await height(page, 'best')
  const visible = () => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()))
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  await expect.poll(visible).toEqual([false])
  expect(await desktop.startAgain()).toBe(0)
  await expect.poll(visible).toEqual([true])
  await expect.poll(() => height(page, 'best'), { timeout: 60_000 }).toBeGreaterThan(at)
  electron.process().kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('threads that never end hold up neither a stop, nor a start after it, nor the end of the app', async ({ desktop }) => {
  const { page, electron, ended, userData } = desktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
  // As where V8 waits for itself (node-core/base/v8-flags.ts).
  await electron.evaluate(() => {
    process.getBuiltinModule('node:worker_threads').Worker.prototype.terminate = () => new Promise(() => undefined)
  })
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Stopped', { timeout: 30_000 })
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
  electron.process().kill('SIGTERM')
  // By a signal of its own.
  expect(await ended).toBe(null)
  expect(await readFile(join(userData, 'logs/nodestead.log'), 'utf8')).toContain('a thread did not stop')
})
