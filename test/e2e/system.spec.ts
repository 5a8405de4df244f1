/** The app and the system around it: links that ask first, the tray's actions, and a start in the tray. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ElectronApplication } from '@playwright/test'
import { FAKE_APP } from './fixtures/places.ts'
import { expect, test } from './fixtures/desktop.ts'
import type { FakeManager } from '../helpers/fake-manager.ts'

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
  await expect.poll(async () => (await asked(electron)).map(({ detail }) => detail)).toEqual(['Open the logs screen.'])
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  for (let round = 0; round < 2; round++) {
    await answerWith(electron, 1)
    await openLink(electron, 'nodestead://open/logs')
    await expect(page.getByRole('heading', { name: 'Logs' })).toBeVisible()
    await page.getByRole('button', { name: /^Overview/ }).click()
  }
})

/** What a second start may be given by whoever puts a link on a page, or a file into a folder. */
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const REFUSED = [
  'nodestead://network/remove?network=dev', 'nodestead://open/../../logs', 'nodestead://open/lo\ngs', `nodestead://open/${'a'.repeat(3000)}`,
  'nodestead://open/logs\n--hidden', 'nodestead://\u202e/', 'nodestead://$(id)/`id`;id|id', `nodestead://peer/add?network=__proto__&address=/ip4/192.0.2.1/tcp/1/p2p/${PEER}`,
  `nodestead://peer/add?network=dev&address=/dns4/a%E2%80%AEb/tcp/1/p2p/${PEER}`, 'nodestead://network/add?spec=/etc/passwd',
  'nodestead://network/add?spec=/a%0Ab.json', 'nodestead://network/add?spec=//server/x.json',
]
const ASKED = ['nodestead://open/logs', `nodestead://peer/add?network=dev&address=/ip4/192.0.2.1/tcp/1/p2p/${PEER}`]
const IGNORED = ['javascript:alert(1)', 'file:///etc/passwd', '/etc/passwd', 'NODESTEAD:open/logs', '/dev/null.json']

test('whatever a second start is given changes nothing that nobody agreed to', async ({ desktop }) => {
  const { page, electron, userData, startAgain } = desktop
  await page.getByRole('button', { name: 'Start', exact: true }).first().click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  await answerWith(electron, 0)
  const state = async () => ({
    settings: await readFile(join(userData, 'settings.json'), 'utf8'),
    files: (await readdir(userData)).filter((name) => name.endsWith('.json')),
    peers: await electron.evaluate(() => (globalThis as unknown as { fakeManager: FakeManager }).fakeManager.node('dev')?.network.actions),
    networks: await electron.evaluate(() => (globalThis as unknown as { fakeManager: FakeManager }).fakeManager.networks().map(({ id, status }) => `${id} ${status.state}`)),
  })
  const before = await state()
  const given = [...REFUSED.map((link) => [link]), ...ASKED.map((link) => ['--hidden', link, 'nodestead://open/keys']), IGNORED]
  // A start takes a processor for a moment, and most of it is waiting.
  const begin = async (): Promise<void> => {
    for (let next = given.pop(); next !== undefined; next = given.pop()) await startAgain(...next)
  }
  await Promise.all([begin(), begin(), begin()])
  await expect.poll(async () => (await asked(electron)).length).toBe(REFUSED.length + ASKED.length)
  const dialogs = await asked(electron)
  expect(dialogs.filter(({ buttons }) => buttons.length === 2).map(({ detail }) => detail).sort()).toEqual([expect.stringContaining(PEER), 'Open the logs screen.'])
  for (const { detail } of dialogs) expect(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u.test(detail), JSON.stringify(detail)).toBe(false)
  expect(await state()).toEqual(before)
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
})

test('the menu starts, restarts and stops each network, and copies its address', async ({ fakeDesktop }) => {
  const { page, electron } = fakeDesktop
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
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  expect(await choose('Copy peer address')).toBe(true)
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
