/**
 * Every screen, dialog and card in every language, in the smallest window and in a usual one: no word of English is left
 * in another language, and no word is cut off.
 */
import { join } from 'node:path'
import { FAKE_APP } from './fixtures/places.ts'
import { expect, test, type DesktopApp } from './fixtures/desktop.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'
import { choose, LANGUAGES, LARGE, look, resize, SMALL, USUAL } from './fixtures/every-language.ts'
import { CATALOGS, type LanguageId } from './fixtures/words.ts'
import { ROOT } from '../../build/terminal.ts'
import { wordsFor } from '../../electron/i18n/words.ts'
import type { FakeManager } from '../helpers/fake-manager.ts'
import { fakeTopic } from '../helpers/fake-network.ts'
import { fakePeers } from '../helpers/fake-peers.ts'
import { SAMPLE_TROUBLES } from '../helpers/sample-troubles.ts'

const SCREENS = ['overview', 'peers', 'sync', 'topics', 'blocks', 'metrics', 'keys', 'logs', 'settings'] as const
/** What a screen has when it has told all. */
const CONTENTS: Record<(typeof SCREENS)[number], string> = {
  overview: '[data-testid=blocks] [role=row], [data-testid=blocks] tr',
  peers: '[data-index="0"]',
  sync: '[data-testid=gap], [data-testid=tile-stage]',
  topics: '[data-index="0"]',
  blocks: '[data-testid=chain] [role=option]',
  metrics: 'canvas',
  keys: 'h2',
  logs: '[data-level]',
  settings: 'select',
}
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `languages-${name}.png`)

/** As it is in both sizes; a picture of it for people. */
async function picture(desktop: DesktopApp, language: LanguageId, what: string): Promise<void> {
  for (const size of [LARGE, USUAL, SMALL]) {
    await resize(desktop, size)
    await look(desktop, language, `${what} ${size[0]}`)
    await desktop.page.screenshot({ path: shots(`${language}-${what}-${size[0]}`) })
  }
}

async function fake({ electron }: DesktopApp, state: unknown): Promise<void> {
  await electron.evaluate((_, given) => {
    const { fakeManager } = globalThis as unknown as { fakeManager: FakeManager }
    const { peers, topics, troubles } = given as { peers?: never[]; topics?: never[]; troubles?: never[] }
    const network = fakeManager.node('dev')?.network
    if (network !== undefined && peers !== undefined) network.details = peers
    if (network !== undefined && topics !== undefined) network.topics = topics
    if (troubles !== undefined) fakeManager.setTroubles('dev', troubles)
  }, state)
}

/** What the menu, and the tray when it changes, are made of. */
function systemWords({ electron }: DesktopApp): Promise<{ readonly menu: readonly string[]; readonly tray: readonly string[] }> {
  return electron.evaluate(({ Menu, Tray }) => {
    const labels = (menu: Electron.Menu | null | undefined): string[] => (menu?.items ?? []).flatMap((item) => [item.label, ...labels(item.submenu)]).filter((label) => label !== '')
    const seen = globalThis as unknown as { tray?: string[] }
    if (seen.tray === undefined) {
      seen.tray = []
      const set = Tray.prototype.setContextMenu
      Tray.prototype.setContextMenu = function (menu) {
        seen.tray = labels(menu)
        set.call(this, menu)
      }
    }
    return { menu: labels(Menu.getApplicationMenu()), tray: seen.tray }
  })
}

test.describe('around a manager without a node', () => {
  test.use({ appFolder: FAKE_APP, settings: { toldAboutTray: true, language: 'en' } })
  test.setTimeout(150_000)

  test('screens, dialogs, drawers, cards, the menu and the tray', async ({ desktop }) => {
    const { page } = desktop
    const dialog = page.getByRole('dialog')
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' })
    await expect(page.getByTestId('sentence')).toBeVisible()
    await systemWords(desktop)
    await resize(desktop, SMALL)
    for (const language of LANGUAGES) {
      const m = CATALOGS[language]
      const button = (name: string) => page.getByRole('button', { name, exact: true })
      const close = async (): Promise<void> => {
        await page.keyboard.press('Escape')
        await expect(dialog).toHaveCount(0)
      }
      await choose(page, language)
      await look(desktop, language, 'settings')

      await page.keyboard.press('1')
      await expect(button(m.frame.actions.start)).toBeVisible()
      await look(desktop, language, 'stopped')
      await button(m.frame.actions.start).click()
      await expect(button(m.frame.actions.restart)).toBeVisible()
      await fake(desktop, {
        peers: fakePeers(30, Date.now()),
        topics: (['block-announces', 'transactions', 'grandpa'] as const).map((topic) => fakeTopic({ topic, messagesIn: 48_120, bytesIn: 9_400_000, messagesOut: 1_204, bytesOut: 240_000 })),
        troubles: SAMPLE_TROUBLES(Date.now()),
      })
      await expect(page.locator('[data-trouble]')).toHaveCount(SAMPLE_TROUBLES(0).length)
      await picture(desktop, language, 'troubles')
      await fake(desktop, { troubles: [] })
      for (const [index, screen] of SCREENS.entries()) {
        await page.keyboard.press(String(index + 1))
        await expect(page.getByRole('heading', { level: 1, name: m.frame.titles[screen], exact: true })).toBeVisible()
        await expect(page.locator(CONTENTS[screen]).first()).toBeVisible()
        await (screen === 'peers' || screen === 'metrics' ? picture : look)(desktop, language, screen)
      }
      await button(m.frame.titles.about).click()
      await expect(page.getByTestId('versions')).toBeVisible()
      await look(desktop, language, 'about')
      for (const size of [LARGE, USUAL]) {
        await resize(desktop, size)
        await look(desktop, language, `about ${size[0]}`)
        for (const [index, screen] of SCREENS.entries()) {
          await page.keyboard.press(String(index + 1))
          await expect(page.locator(CONTENTS[screen]).first()).toBeVisible()
          await look(desktop, language, `${screen} ${size[0]}`)
        }
        await button(m.frame.titles.about).click()
        await expect(page.getByTestId('versions')).toBeVisible()
      }
      await resize(desktop, SMALL)

      await page.keyboard.press('2')
      await page.getByRole('button', { name: m.peers.connect }).click()
      await button(m.peers.connectNow).click()
      await look(desktop, language, 'connect')
      await page.getByLabel(m.peers.connectLabel).fill('/ip4/192.0.2.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
      await button(m.peers.connectNow).click()
      await button(m.peers.stopCalling).click()
      await expect(dialog.getByRole('status')).toContainText(m.peers.staysReserved)
      await look(desktop, language, 'call')
      await dialog.getByRole('button', { name: m.peers.unreserve }).click()
      await close()
      await page.getByRole('button', { name: m.peers.bans(0) }).click()
      await look(desktop, language, 'bans')
      await close()
      await page.locator('[data-index="1"]').focus()
      await page.keyboard.press('Enter')
      await expect(dialog).toBeVisible()
      await look(desktop, language, 'peer')
      await dialog.getByRole('button', { name: m.peers.ban }).click()
      await expect(dialog).toHaveCount(2)
      await look(desktop, language, 'ban')
      await page.keyboard.press('Escape')
      await close()

      await page.keyboard.press('5')
      await page.getByTestId('chain').locator('[role=option][data-place=final]').first().click()
      await expect(page.getByTestId('block')).toContainText(m.chain.raw, { timeout: 5_000 }).catch(() => undefined)
      await look(desktop, language, 'block')

      await page.keyboard.press('7')
      if (language === 'en') {
        await button(m.keys.actions.setPassphrase).click()
        await look(desktop, language, 'passphrase')
        await dialog.getByLabel(m.keys.passphrase, { exact: true }).fill('correct horse battery')
        await dialog.getByLabel(m.keys.again, { exact: true }).fill('correct horse battery')
        await page.keyboard.press('Enter')
        await expect(dialog).toHaveCount(0)
      }
      await button(m.keys.actions.change).click()
      await look(desktop, language, 'change')
      await close()
      for (const action of ['create', 'import'] as const) {
        await button(m.keys.actions[action]).first().click()
        await look(desktop, language, action)
        await close()
      }
      await button(m.keys.actions.rotate).click()
      await look(desktop, language, 'rotate')
      await close()

      await page.keyboard.press('ControlOrMeta+K')
      await expect(dialog).toBeVisible()
      await look(desktop, language, 'palette')
      await close()
      await page.keyboard.press('?')
      await look(desktop, language, 'keys')
      await close()
      await page.keyboard.press('1')
      await page.getByRole('button', { name: m.networks.choose('Development', m.frame.states.running) }).click()
      await look(desktop, language, 'networks')
      await page.keyboard.press('Escape')

      const words = wordsFor(language, 'en')
      const { menu, tray } = await systemWords(desktop)
      expect(menu).toEqual(expect.arrayContaining([words.menuNode, words.menuEdit, words.menuView, words.menuWindow, words.roles.copy, words.roles.reload, words.restart, words.quit]))
      expect(tray).toEqual(expect.arrayContaining([words.start, words.copyAddress, words.open, words.quit]))
      if (language !== 'en') expect([...menu, ...tray].filter((label) => Object.values({ ...wordsFor('en', 'en'), ...wordsFor('en', 'en').roles }).includes(label) && !['Zoom', '&Node'].includes(label))).toEqual([])
      await page.getByRole('button', { name: m.frame.actions.stop, exact: true }).click()
      await expect(button(m.frame.actions.start)).toBeVisible()
    }
  })
})

test.describe('around real networks', () => {
  test.use({ settings: { toldAboutTray: true, language: 'en' }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
  test.setTimeout(150_000)

  test('settings, networks and the guide', async ({ desktop }) => {
    const { page } = desktop
    const dialog = page.getByRole('dialog')
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' })
    await expect(page.getByTestId('sentence')).toBeVisible()
    await resize(desktop, SMALL)
    for (const language of LANGUAGES) {
      const m = CATALOGS[language]
      const button = (name: string) => page.getByRole('button', { name, exact: true })
      await choose(page, language)
      await picture(desktop, language, 'settings')
      await page.getByRole('tab', { name: m.settings.tabs.json }).click()
      await look(desktop, language, 'json')
      await page.getByRole('tab', { name: m.settings.tabs.form }).click()
      for (const action of [m.networks.move, m.networks.remove, m.ceremony.share]) {
        await button(action).click()
        await look(desktop, language, action)
        await page.keyboard.press('Escape')
        await expect(dialog).toHaveCount(0)
      }
      await page.getByRole('button', { name: m.networks.choose('Development', m.frame.states.stopped) }).click()
      await page.getByRole('menuitem', { name: m.networks.add }).click()
      for (const way of ['known', 'private', 'join', 'keys'] as const) {
        await dialog.getByRole('tab', { name: m.ceremony.ways[way] }).click()
        await look(desktop, language, `add-${way}`)
      }
      await page.keyboard.press('Escape')
      await expect(dialog).toHaveCount(0)

      await button(m.setup.again).click()
      const progress = page.getByTestId('progress')
      const next = button(m.setup.next)
      for (let step = 1; step <= 7; step++) {
        await expect(progress).toHaveText(m.setup.progress(step, 7))
        if (step === 2) {
          for (const way of [m.setup.network.private, m.ceremony.fromFile, 'Polkadot', m.setup.network.dev]) {
            await page.getByRole('radio', { name: way, exact: true }).check()
            await look(desktop, language, `guide 2, ${way}`)
          }
        } else if (step === 4) {
          await page.getByRole('radio', { name: m.setup.role.full, exact: true }).check()
          await look(desktop, language, 'guide-4-full')
          await page.getByRole('radio', { name: m.setup.role.validator, exact: true }).check()
        } else if (step === 5) {
          await page.getByLabel(m.setup.ports.port).fill('0')
          await look(desktop, language, 'guide-5-none')
          await page.getByLabel(m.setup.ports.port).fill('47123')
        }
        if (step < 7) await expect(next).toBeEnabled()
        await look(desktop, language, `guide-${step}`)
        if (step < 7) await next.click()
      }
      await button(m.setup.close).click()
    }
  })
})
