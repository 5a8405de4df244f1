/** The desktop app's window, tray and end, around a manager without a node. */
import { join } from 'node:path'
import { FAKE_APP } from './fixtures/places.ts'
import { expect, test } from './fixtures/desktop.ts'
import { ROOT } from '../../build/terminal.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

test.use({ appFolder: FAKE_APP })

test('start, blocks rise, stop, start again, quit', async ({ desktop }) => {
  const { page, electron, ended } = desktop
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await expect(page.getByTestId('sentence')).toContainText('Stopped. Press Start')

  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks: best #')
  await expect.poll(() => page.getByTestId('blocks').getByRole('row').count()).toBeGreaterThan(5)
  await expect(page.getByTestId('tile-best')).toHaveText(/#\d+/)
  await expect(page.getByTestId('blocks')).toContainText('final')

  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByTestId('sentence')).toContainText(/Stopped at block #\d+/)
  const stoppedAt = await page.getByTestId('tile-best').textContent()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('tile-best')).not.toHaveText(stoppedAt ?? '')

  await electron.evaluate(({ app }) => app.quit()).catch(() => undefined)
  expect(await ended).toBe(0)
})

test.describe('closing the window', () => {
  test.use({ settings: { toldAboutTray: true } })

  test('while the node runs hides it; a second start shows it again', async ({ desktop }) => {
    const { page, electron } = desktop
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
    const visible = () => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()))
    expect(await visible()).toEqual([true])
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await expect.poll(visible).toEqual([false])

    expect(await desktop.startAgain()).toBe(0)
    await expect.poll(visible).toEqual([true])
    await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  })

  test('without a running node quits', async ({ desktop }) => {
    await expect(desktop.page.getByTestId('sentence')).toContainText('Stopped')
    await desktop.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()).catch(() => undefined)
    expect(await desktop.ended).toBe(0)
  })
})

test('the first close tells how to come back and how to quit', async ({ desktop }) => {
  const { page, electron } = desktop
  await electron.evaluate(({ dialog }) => {
    const asked: unknown[] = []
    Object.assign(globalThis, { asked })
    dialog.showMessageBox = (...args: unknown[]) => {
      asked.push(args.at(-1))
      return Promise.resolve({ response: 0, checkboxChecked: false })
    }
  })
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  for (let round = 0; round < 2; round++) {
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await expect.poll(() => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(false)
    await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.show())
  }
  const asked = await electron.evaluate(() => (globalThis as unknown as { asked: { detail: string }[] }).asked)
  expect(asked).toHaveLength(1)
  expect(asked[0]?.detail).toContain('start Nodestead again')
})

test('SIGTERM stops the node and ends the app', async ({ desktop }) => {
  const { page, electron, ended } = desktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  electron.process().kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('the log shows what happens, filtered by level and text', async ({ fakeDesktop }) => {
  const { page } = fakeDesktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('button', { name: /^Logs/ }).click()
  await expect(page.getByRole('heading', { name: 'Logs' })).toBeVisible()
  const log = page.getByRole('log')
  await expect(log).toContainText('imported a block')
  await page.keyboard.press('/')
  await page.keyboard.type('started')
  await expect(log).not.toContainText('imported a block')
  await expect(log).toContainText('Development started')
  await page.keyboard.press('Escape')
  await page.getByLabel('Level').selectOption('error')
  await expect(log).toContainText('No matching lines')
})

test('a hash is copied by a click', async ({ fakeDesktop }) => {
  const { page, electron } = fakeDesktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('button', { name: /^Copy genesis hash/ }).click()
  await expect.poll(() => electron.evaluate(({ clipboard }) => clipboard.readText())).toMatch(/^0x[0-9a-f]{64}$/)
})

for (const scheme of ['light', 'dark'] as const) {
  test(`screenshots, ${scheme}`, async ({ fakeDesktop }) => {
    const { page, electron } = fakeDesktop
    await electron.evaluate(({ nativeTheme }, theme) => {
      nativeTheme.themeSource = theme
    }, scheme)
    await page.emulateMedia({ colorScheme: scheme })
    const resize = (width: number, height: number) =>
      electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height), { width, height })
    await expect(page.getByTestId('sentence')).toContainText('Stopped')
    await page.screenshot({ path: shots(`overview-stopped-${scheme}`) })
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect.poll(() => page.getByTestId('blocks').getByRole('row').count()).toBeGreaterThan(9)
    await resize(1280, 860)
    await page.screenshot({ path: shots(`overview-large-${scheme}`) })
    await resize(880, 600)
    await page.screenshot({ path: shots(`overview-small-${scheme}`) })
    await page.getByRole('button', { name: /^Logs/ }).click()
    await expect(page.getByRole('log')).toContainText('imported a block')
    await page.screenshot({ path: shots(`logs-small-${scheme}`) })
  })
}
