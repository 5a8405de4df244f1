/** Managing another node: a headless one in a process of its own, from the desktop app. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication, Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { answers, electronPath, expect, test as base } from './fixtures/desktop.ts'
import { startSession, whyNoSession, type DesktopSession } from './fixtures/desktop-session.ts'
import { startHeadless, type HeadlessNode } from './fixtures/headless-node.ts'
import { FAKE_APP } from './fixtures/places.ts'
import { CATALOGS, complaints } from './fixtures/words.ts'
import { OUT, ROOT } from '../../build/terminal.ts'
import { DashboardService } from '../../node-core/api/server/dashboard-service.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { FakeManager } from '../helpers/fake-manager.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `remote-${name}.png`)
const tokenIn = (url: string): string => new URLSearchParams(new URL(url).hash.slice(1)).get('token') ?? ''

const test = base.extend<{ place: string; start: (...more: string[]) => HeadlessNode }>({
  place: async ({}, use) => {
    const place = await mkdtemp(join(tmpdir(), 'nodestead-elsewhere-'))
    await use(place)
    await rm(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  },
  // `place` is removed after its nodes have ended.
  start: async ({ place }, use) => {
    const nodes: HeadlessNode[] = []
    await use((...more) => {
      const node = startHeadless('--base-path', join(place, 'data'), ...more)
      nodes.push(node)
      return node
    })
    for (const { child, ended } of nodes) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    }
  },
})

test.use({ appFolder: FAKE_APP, settings: { toldAboutTray: true, language: 'en' } })

const dialogOf = (page: Page) => page.getByRole('dialog')

async function openDialog(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Network: / }).click()
  await page.getByRole('menuitem', { name: 'Manage another node…' }).click()
  await expect(dialogOf(page)).toBeVisible()
}

/** The next window of the app, once it answers. */
async function windowAfter(electron: ElectronApplication, act: () => Promise<void>): Promise<Page> {
  const opened = electron.waitForEvent('window')
  await act()
  const page = await opened
  await answers(page)
  return page
}

const titles = (electron: ElectronApplication) => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.getTitle()))

async function resize(electron: ElectronApplication, page: Page, [width, height]: readonly [number, number]): Promise<void> {
  const window = await electron.browserWindow(page)
  await window.evaluate((it, size) => it.setContentSize(size[0], size[1]), [width, height] as const)
  await expect.poll(() => page.evaluate(() => innerWidth)).toBe(width)
}

test('a headless node is managed: blocks, stop and start, logs; lost, back, and refused', async ({ desktop, place, start }) => {
  test.setTimeout(400_000)
  const { page, electron, userData } = desktop
  const slowly = { timeout: 90_000 }
  const tokenFile = join(place, 'token')
  const first = start('--dashboard-token-file', tokenFile)
  const url = await first.url
  const { host, port } = new URL(url)
  const token = (await readFile(tokenFile, 'utf8')).trim()
  expect(tokenIn(url)).toBe(token)

  await electron.evaluate(({ Tray }) => {
    const set = Tray.prototype.setContextMenu
    Tray.prototype.setContextMenu = function (menu) {
      Object.assign(globalThis, { trayMenu: menu })
      set.call(this, menu)
    }
  })

  // What cannot be right is said at its field.
  await openDialog(page)
  const dialog = dialogOf(page)
  const connect = dialog.getByRole('button', { name: 'Connect', exact: true })
  await dialog.getByLabel('Address').fill(`https://${host}/#token=${token}`)
  await connect.click()
  await expect(dialog).toContainText('begins with http://')
  await dialog.getByLabel('Address').fill(`http://192.0.2.7:9955/#token=${token}`)
  await connect.click()
  await expect(dialog).toContainText('A dashboard answers on its own computer only')
  await dialog.getByLabel('Address').fill(`http://${host}/#token=${'x'.repeat(43)}`)
  await connect.click()
  await expect(dialog).toContainText('The node does not accept this token', slowly)
  await page.screenshot({ path: shots('dialog-refused') })

  // Typed letter by letter it is left alone until one goes on.
  await dialog.getByLabel('Address').fill('')
  await dialog.getByLabel('Address').pressSequentially('http://127.0.0.1:9/#token=ab')
  await expect(dialog.getByLabel('Address')).toHaveValue('http://127.0.0.1:9/#token=ab')
  await page.keyboard.press('Tab')
  await expect(dialog.getByLabel('Address')).toHaveValue('http://127.0.0.1:9')
  await expect(dialog.getByLabel('Token')).toHaveValue('ab')

  // The whole address, as it was printed: the token goes where it is not seen.
  await dialog.getByLabel('Address').fill(url)
  await expect(dialog.getByLabel('Address')).toHaveValue(`http://${host}`)
  await expect(dialog.getByLabel('Token')).toHaveAttribute('type', 'password')
  await dialog.getByLabel('Name').fill('Attic')
  const managed = await windowAfter(electron, () => connect.click())
  await expect(dialog).toHaveCount(0)

  // Its window says whose it is, and shows its blocks.
  const sentence = managed.getByTestId('sentence')
  await expect(managed.getByTestId('managed-node')).toContainText('Attic')
  await expect(page.getByTestId('managed-node')).toHaveCount(0)
  expect((await titles(electron)).sort()).toEqual([`Attic (${host}) - Nodestead`, 'Nodestead'])
  await expect(sentence).toContainText('Producing blocks: best #', slowly)
  await expect.poll(() => managed.getByTestId('blocks').getByRole('row').count(), slowly).toBeGreaterThan(3)
  await expect(page.getByTestId('sentence')).toContainText('Stopped. Press Start to run Development.')

  // Its ports are not this computer's.
  await expect(managed.getByText('On Attic: tools on this computer need a tunnel to this port.')).toBeVisible()
  await expect(managed.getByTitle('The router forwards a port to Attic’s computer.')).toBeVisible()
  await expect(page.getByTitle('The router forwards a port to this computer.')).toBeVisible()
  await expect(managed.getByRole('link', { name: /polkadot\.js/ })).toHaveCount(0)

  // The tray knows it, too: here the window is open, and comes to the front.
  const open = () => electron.evaluate(() => (globalThis as unknown as { trayMenu?: Electron.Menu }).trayMenu?.items.find(({ label }) => label === 'Other nodes')?.submenu?.items.map(({ label }) => label))
  await expect.poll(open).toEqual(['Attic'])

  // Stopped and started from here, as if one sat there.
  await managed.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(sentence).toContainText(/Stopped at block #\d+\. Press Start to run .* on Attic\./, slowly)
  await managed.screenshot({ path: shots('stopped') })
  await managed.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence).toContainText('Producing blocks: best #', slowly)
  await managed.getByRole('navigation').getByRole('button', { name: /^Logs/ }).click()
  await expect(managed.getByRole('log')).toContainText('babe', slowly)
  await managed.getByRole('navigation').getByRole('button', { name: /^Settings/ }).click()
  await expect(managed.getByText('--base-path', { exact: false }).first()).toBeVisible()
  await managed.getByRole('navigation').getByRole('button', { name: /^Overview/ }).click()

  // What the app alone can do is not offered there.
  await expect(managed.getByRole('button', { name: /^Network: / })).toHaveCount(0)

  // The node's process ends: said. It is there again: found by itself, for its token is the same.
  expect(await first.stop()).toBe(0)
  await expect(sentence).toContainText('Connection to Attic lost', slowly)
  await expect(managed.getByRole('alert')).toHaveCount(0)
  await managed.screenshot({ path: shots('lost') })
  const second = start('--dashboard-token-file', tokenFile, '--dashboard-port', port)
  expect(await second.url).toBe(url)
  await expect(sentence).toContainText('Producing blocks: best #', slowly)

  // With another token it is not this window's node any more.
  expect(await second.stop()).toBe(0)
  const third = start('--dashboard-token-file', join(place, 'another-token'), '--dashboard-port', port)
  const anotherUrl = await third.url
  expect(anotherUrl).not.toBe(url)
  await expect(sentence).toContainText('Attic no longer accepts the token', slowly)
  // Said once.
  await expect(managed.getByRole('alert')).toHaveCount(0)
  await managed.screenshot({ path: shots('refused') })

  // The menu leads to the dialog, with the node's address and name in it: the token alone is asked for.
  await electron.evaluate(({ Menu }) => {
    const items = (menu: Electron.Menu | null | undefined): Electron.MenuItem[] => (menu?.items ?? []).flatMap((item) => [item, ...items(item.submenu)])
    items(Menu.getApplicationMenu()).find(({ label }) => label === 'Attic')?.click()
  })
  await expect(dialog.getByLabel('Address')).toHaveValue(`http://${host}`)
  await expect(dialog.getByLabel('Name')).toHaveValue('Attic')
  await dialog.getByLabel('Token').fill(tokenIn(anotherUrl))
  const again = await windowAfter(electron, () => connect.click())
  await expect(again.getByTestId('sentence')).toContainText('Producing blocks: best #', slowly)
  await expect.poll(() => titles(electron)).toHaveLength(2)

  // No trace of a token where somebody could read it.
  const said = [await readFile(join(userData, 'settings.json'), 'utf8'), await readFile(join(userData, 'logs', 'nodestead.log'), 'utf8').catch(() => ''), (await titles(electron)).join()]
  for (const secret of [token, tokenIn(anotherUrl)]) {
    for (const text of [...said, await page.content(), await again.content()]) expect(text.includes(secret)).toBe(false)
  }

  // Remembered by name; forgotten where that is wanted.
  await again.close()
  await openDialog(page)
  await expect(dialog.getByTestId('remembered-nodes')).toContainText('Attic')
  await dialog.getByRole('button', { name: 'Forget Attic' }).click()
  await expect(dialog.getByTestId('remembered-nodes')).toHaveCount(0)
  expect(JSON.parse(await readFile(join(userData, 'settings.json'), 'utf8'))).toMatchObject({ remoteNodes: [] })
  expect(await third.stop()).toBe(0)
})

const withService = test.extend<{ service: DashboardService; there: FakeManager }>({
  there: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock, blockEveryMs: 300, transitionMs: 100 })
    await use(manager)
    await manager.stopAll()
  },
  service: async ({ there }, use) => {
    const app = { name: 'Nodestead', version: '0.1.0', host: 'headless', platform: 'linux' } as const
    const service = new DashboardService({ manager: there, logger: silentLogger }, { port: 0, assetsPath: join(OUT, 'renderer'), app })
    await service.start()
    await use(service)
    await service.stop()
  },
})

withService('in three languages, light and dark, in the smallest window: nothing cut, nothing for the accessibility checker', async ({ desktop, service }) => {
  withService.setTimeout(240_000)
  const { page, electron } = desktop
  /** From the command palette. */
  const choose = async (search: string, command: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+K')
    await page.getByPlaceholder(search).fill(command)
    await page.getByRole('option', { name: command, exact: true }).click()
  }
  for (const language of ['en', 'de', 'es'] as const) {
    const m = CATALOGS[language]
    const scheme = language === 'de' ? 'dark' : 'light'
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await resize(electron, page, [880, 600])
    await page.keyboard.press('9')
    await page.locator('select:has(option[value=de]):has(option[value=es])').selectOption(language)
    await expect(page.getByRole('heading', { level: 1, name: m.frame.titles.settings })).toBeVisible()
    await page.keyboard.press('1')
    await page.getByRole('button', { name: m.networks.choose('Development', m.frame.states.stopped) }).click()
    await expect(page.getByRole('menuitem', { name: m.remote.manage })).toBeVisible()
    expect.soft(await complaints(page, language), `${language} menu`).toEqual([])
    await page.keyboard.press('Escape')
    await choose(m.frame.palette.search, m.remote.manage)
    const dialog = dialogOf(page)
    await expect(dialog.getByLabel(m.remote.address)).toBeVisible()
    expect.soft(await complaints(page, language), `${language} dialog`).toEqual([])
    await dialog.getByLabel(m.remote.address).fill('http://192.0.2.7:9955')
    await dialog.getByRole('button', { name: m.remote.connect, exact: true }).click()
    await expect(dialog).toContainText(m.remote.errors.REMOTE_NOT_LOOPBACK)
    expect.soft(await complaints(page, language), `${language} fault`).toEqual([])
    expect.soft(await violations(page), `${language} dialog`).toEqual([])
    await page.screenshot({ path: shots(`dialog-${language}`) })

    await dialog.getByLabel(m.remote.address).fill(service.url)
    await dialog.getByLabel(m.remote.name).fill('Büro 2')
    const managed = await windowAfter(electron, () => dialog.getByRole('button', { name: m.remote.connect, exact: true }).click())
    await managed.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(managed.getByTestId('sentence')).toContainText('Büro 2')
    for (const size of [[1280, 860], [880, 600]] as const) {
      await resize(electron, managed, size)
      expect.soft(await complaints(managed, language), `${language} window ${size[0]}`).toEqual([])
      expect.soft(await violations(managed), `${language} window ${size[0]}`).toEqual([])
      await managed.screenshot({ path: shots(`window-${language}-${size[0]}`) })
    }
    await managed.close()
    // The dialog once more, with what is remembered.
    await choose(m.frame.palette.search, m.remote.manage)
    await expect(dialog.getByTestId('remembered-nodes')).toBeVisible()
    expect.soft(await complaints(page, language), `${language} remembered`).toEqual([])
    await page.screenshot({ path: shots(`remembered-${language}`) })
    await dialog.getByRole('button', { name: m.remote.forgetNamed('Büro 2') }).click()
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
  }
})

withService('the window of another node outlives the app’s own, and the app ends with the last', async ({ desktop, service }) => {
  const { page, electron, ended } = desktop
  await openDialog(page)
  await dialogOf(page).getByLabel('Address').fill(service.url)
  const managed = await windowAfter(electron, () => dialogOf(page).getByRole('button', { name: 'Connect', exact: true }).click())
  await expect(managed.getByTestId('managed-node')).toBeVisible()
  await page.close()
  await managed.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(managed.getByTestId('sentence')).toContainText('Producing blocks')
  await managed.close()
  expect(await ended).toBe(0)
})

const withKeyring = withService.extend<{ session: DesktopSession }>({
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
})

withKeyring.describe('with a keyring', () => {
  withKeyring.skip(process.platform !== 'linux' || whyNoSession() !== undefined, whyNoSession() ?? 'only Linux has these buses')

  withKeyring('the token is sealed, and the node opens without asking, also after a restart of the app', async ({ desktop, service }) => {
    withKeyring.setTimeout(180_000)
    const token = tokenIn(service.url)
    await openDialog(desktop.page)
    await expect(dialogOf(desktop.page)).toContainText('It is kept in the system keyring.')
    await dialogOf(desktop.page).getByLabel('Address').fill(service.url)
    await dialogOf(desktop.page).getByLabel('Name').fill('Attic')
    const first = await windowAfter(desktop.electron, () => dialogOf(desktop.page).getByRole('button', { name: 'Connect', exact: true }).click())
    await expect(first.getByTestId('managed-node')).toContainText('Attic')
    const settings = await readFile(join(desktop.userData, 'settings.json'), 'utf8')
    expect(settings).toContain('"token"')
    for (const form of [token, Buffer.from(token).toString('base64').replace(/=+$/, '')]) expect(settings.includes(form)).toBe(false)

    const { electron, page } = await desktop.reopen()
    await openDialog(page)
    const second = await windowAfter(electron, () => dialogOf(page).getByRole('button', { name: 'Open Attic' }).click())
    await expect(second.getByTestId('sentence')).toContainText('on Attic')
  })
})
