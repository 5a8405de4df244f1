/** The app and the system around it: links that ask first, the tray's actions, and a start in the tray. */
import { FAKE_APP } from './fixtures/apps.ts'
import { expect, test } from './fixtures/desktop.ts'
import type { ElectronApplication } from '@playwright/test'

test.use({ appFolder: FAKE_APP, settings: { toldAboutTray: true } })

/** Answers dialogs with this button, and keeps what they said. */
async function answerWith(electron: ElectronApplication, response: number): Promise<void> {
  await electron.evaluate(({ dialog }, button) => {
    const asked: unknown[] = []
    Object.assign(globalThis, { asked })
    dialog.showMessageBox = (...args: unknown[]) => {
      asked.push(args.at(-1))
      return Promise.resolve({ response: button, checkboxChecked: false })
    }
  }, response)
}

const asked = (electron: ElectronApplication) =>
  electron.evaluate(() => (globalThis as unknown as { asked: { message: string; detail: string; buttons: string[] }[] }).asked)

/** What a second start hands over. */
const openLink = (electron: ElectronApplication, link: string) =>
  electron.evaluate(({ app }, given) => void app.emit('second-instance', {}, ['/usr/bin/nodestead', given], '/', undefined), link)

test('a link shows a screen after it was agreed to, and not before', async ({ desktop }) => {
  const { page, electron } = desktop
  // The window is there before the rest of the app is.
  await expect(page.getByTestId('sentence')).toContainText('Stopped')
  await answerWith(electron, 0)
  await openLink(electron, 'nodestead://open/logs')
  await expect.poll(async () => (await asked(electron)).map(({ detail }) => detail)).toEqual(['Show the screen logs.'])
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  for (let round = 0; round < 2; round++) {
    await answerWith(electron, 1)
    await openLink(electron, 'nodestead://open/logs')
    await expect(page.getByRole('heading', { name: 'Logs' })).toBeVisible()
    await page.getByRole('button', { name: /^Overview/ }).click()
  }
})

test('a link that is none is refused', async ({ desktop }) => {
  const { page, electron } = desktop
  await expect(page.getByTestId('sentence')).toContainText('Stopped')
  await answerWith(electron, 0)
  await openLink(electron, 'nodestead://network/remove?network=dev')
  await expect.poll(async () => (await asked(electron)).map(({ message, buttons }) => [message, buttons])).toEqual([['This link was refused', ['OK']]])
})

test('the menu starts, restarts and stops each network, and copies its address', async ({ desktop }) => {
  const { page, electron } = desktop
  await expect(page.getByTestId('sentence')).toContainText('Stopped')
  const choose = (label: string) =>
    electron.evaluate(({ Menu }, wanted) => {
      const node = Menu.getApplicationMenu()?.items.find((item) => item.label === '&Node')
      const network = node?.submenu?.items.find((item) => item.label === 'Development')
      const item = network?.submenu?.items.find((candidate) => candidate.label === wanted)
      if (item?.enabled !== true) return false
      item.click()
      return true
    }, label)
  expect(await choose('Stop')).toBe(false)
  expect(await choose('Start')).toBe(true)
  await expect(page.getByTestId('sentence')).toContainText('Authoring')
  expect(await choose('Copy its address for peers')).toBe(true)
  await expect.poll(() => electron.evaluate(({ clipboard }) => clipboard.readText())).toContain('/p2p/')
  expect(await choose('Stop')).toBe(true)
  await expect(page.getByTestId('sentence')).toContainText('Stopped at block')
})

test('a page whose process dies is drawn anew', async ({ desktop }) => {
  const { electron, page } = desktop
  await expect(page.getByTestId('sentence')).toContainText('Stopped')
  const read = () =>
    electron.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      return contents?.isLoading() === false ? ((await contents.executeJavaScript(`document.querySelector('[data-testid="sentence"]')?.textContent`)) as string) : undefined
    })
  const before = await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId())
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer())
  await expect.poll(() => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId())).not.toBe(before)
  await expect.poll(read).toContain('Stopped')
})
