/**
 * The app on a Linux desktop: what it tells through the desktop's notifications, that it hears of sleep, and that the keyring
 * keeps a passphrase. The buses are real, and so is the keyring; the desktop on them is a stand-in.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { electronPath, expect, test as base } from './fixtures/desktop.ts'
import { startSession, whyNoSession, type DesktopSession } from './fixtures/desktop-session.ts'
import { developmentProfile, fileOf } from './fixtures/networks-file.ts'

const PASSPHRASE = 'correct horse battery'

const test = base.extend<{ session: DesktopSession; heldPort: number }>({
  session: async ({}, use) => {
    const session = await startSession()
    try {
      await use(session)
    } finally {
      await session.stop()
    }
  },
  environment: async ({ session }, use) => use(session.environment),
  // As anybody starts it: Playwright's own way turns the keyring off.
  executable: async ({}, use) => use(electronPath()),
  heldPort: async ({}, use) => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    await use((server.address() as AddressInfo).port)
    await new Promise((resolve) => server.close(resolve))
  },
  networksFile: async ({ heldPort }, use) => use((userData) => fileOf(developmentProfile(join(userData, 'data'), { rpc: { port: heldPort, cors: [] } }))),
})
test.skip(process.platform !== 'linux' || whyNoSession() !== undefined, whyNoSession() ?? 'only Linux has these buses')

test('a trouble is told, waking up is heard, and the keyring keeps a passphrase', async ({ desktop, session }) => {
  const { page, userData, electron } = desktop
  const sentence = page.getByTestId('sentence')
  await expect(sentence).toContainText('Stopped')

  await page.getByRole('navigation').getByRole('button', { name: 'Keys', exact: true }).click()
  await page.getByRole('button', { name: 'Choose a passphrase' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
  await dialog.getByLabel('Repeat the passphrase').fill(PASSPHRASE)
  await dialog.getByLabel('Remember it in the system keyring').check()
  await dialog.getByRole('button', { name: 'Choose a passphrase' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await electron.evaluate(({ safeStorage }) => safeStorage.getSelectedStorageBackend())).toBe('gnome_libsecret')
  expect((await session.keyring())?.length ?? 0).toBeGreaterThan(100)
  await page.getByRole('button', { name: 'Lock', exact: true }).click()
  await page.getByRole('button', { name: 'Unlock with the keyring' }).click()
  await expect(page.getByRole('button', { name: 'Lock', exact: true })).toBeVisible()

  await page.getByRole('navigation').getByRole('button', { name: /^Overview/ }).click()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect.poll(() => session.heard).toContainEqual({ app: 'Nodestead', title: 'Development needs attention', body: 'A port is in use.' })

  // It asks for a moment before the computer sleeps, and looks around when it woke up.
  await expect.poll(() => session.heard).toContainEqual({ waits: 'sleep' })
  const wakeUps = async () => (await readFile(join(userData, 'logs', 'nodestead.log'), 'utf8')).match(/the computer woke up/g)?.length ?? 0
  expect(await wakeUps()).toBe(0)
  for (const times of [1, 2]) {
    session.say('sleep')
    session.say('wake')
    await expect.poll(wakeUps).toBe(times)
  }
  // Playwright has lost its hold of the page by the sleep; the app has not.
  const said = await electron.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    return window?.webContents.executeJavaScript(`document.querySelector('[data-testid=sentence]').innerText`)
  })
  expect(said).toMatch(/Port \d+ for wallets and apps is in use/)
})
