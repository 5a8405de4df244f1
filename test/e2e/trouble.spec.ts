/** What is wrong, on screen: every card and its button, around a manager without a node. The troubles themselves: real-trouble*.spec.ts. */
import { join } from 'node:path'
import { expect, test as browser } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'
import { test as app } from './fixtures/desktop.ts'
import { FAKE_APP } from './fixtures/places.ts'
import { CATALOGS, complaints } from './fixtures/words.ts'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { wordsFor } from '../../electron/i18n/words.ts'
import { FakeManager } from '../helpers/fake-manager.ts'
import { SAMPLE_TROUBLES } from '../helpers/sample-troubles.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `trouble-${name}.png`)

const screen = browser.extend<{ manager: FakeManager; url: string }>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock })
    await use(manager)
    await manager.stopAll()
  },
  url: ({ manager }, use) => dashboardAround(manager, use),
})

screen('every trouble has its card, and its button mends it', async ({ page, url, manager }) => {
  await page.goto(url)
  await expect(page.getByTestId('sentence')).toContainText('Stopped')
  await expect(page.getByTestId('troubles')).toHaveCount(0)
  const troubles = SAMPLE_TROUBLES(Date.now())
  manager.setTroubles('dev', troubles)
  await expect(page.locator('[data-trouble]')).toHaveCount(troubles.length)
  await expect(page.getByRole('button', { name: `Overview, ${troubles.length} alerts` })).toBeVisible()
  // A browser cannot choose another folder on the node's computer.
  await expect(page.getByRole('button', { name: 'Move data…' })).toHaveCount(0)
  for (const { code, actions } of troubles) {
    const card = page.locator(`[data-trouble="${code}"]`)
    expect(await card.getByRole('button').count()).toBeGreaterThanOrEqual(actions.length)
    // Who is alone is offered the address of a peer first, which is another screen.
    await card.getByRole('button').nth(code === 'authoring-alone' ? 1 : 0).click()
    if (code === 'signed-elsewhere') {
      // Not by one click: somebody has to have looked.
      const confirm = page.getByRole('button', { name: 'The node’s computer is the only one with this key now', exact: true })
      await expect(confirm).toBeDisabled()
      await page.getByRole('checkbox').check()
      await confirm.click()
    }
    await expect(card).toHaveCount(0)
  }
  expect(manager.mended).toEqual(troubles.map(({ code, actions }) => `dev ${code} ${actions[0]}`))
  await expect(page.getByRole('button', { name: 'Overview', exact: true })).toBeVisible()
})

screen('a card counts down to the next start, by keyboard its button is reached', async ({ page, url, manager }) => {
  await page.goto(url)
  await expect(page.getByTestId('sentence')).toContainText('Stopped')
  const failed = SAMPLE_TROUBLES(Date.now()).filter(({ code }) => code === 'node-failed')
  manager.setTroubles('dev', failed.map((trouble) => ({ ...trouble, outlook: { kind: 'waiting', attempt: 2, at: Date.now() + 4_000 } })))
  await expect(page.getByRole('alert')).toContainText(/Restarting automatically in [123] s \(attempt 2 of 5\)/)
  manager.setTroubles('dev', failed.map((trouble) => ({ ...trouble, outlook: { kind: 'gave-up', attempts: 5 } })))
  await expect(page.getByRole('alert')).toContainText('Start it yourself')
  await page.getByRole('button', { name: 'Try again' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toHaveCount(0)
  expect(manager.mended).toEqual(['dev node-failed start'])
})

screen('the four facts of connectivity', async ({ page, url, manager }) => {
  await manager.start('dev')
  await page.goto(url)
  const facts = page.getByTestId('connectivity')
  await expect(facts).toContainText('off')
  const network = manager.node('dev')?.network
  if (network === undefined) throw new Error('it does not run')
  const mapping = { transport: 'tcp', internalPort: 30333, externalPort: 30333, externalAddress: '45.33.32.1' } as const
  network.natState = { status: 'mapped', mappings: [mapping], reachable: false }
  await expect(facts.locator('[data-fact="verified"]')).toHaveAttribute('data-tone', 'off')
  await expect(facts.locator('[data-fact="external"]')).toContainText('45.33.32.1')
  network.natState = { status: 'verified', mappings: [mapping], reachable: true }
  await expect(facts.locator('[data-fact="verified"]')).toHaveAttribute('data-tone', 'well')
})

const NOT_SIGNING = [['locked', ''], ['failed', 'The worker of the runtime ended.'], ['unknown', '']] as const

for (const [language, locale] of [['en', 'en-GB'], ['de', 'de-DE'], ['es', 'es-ES']] as const) {
  screen.describe(`an authority that stopped signing, ${language}`, () => {
    screen.use({ locale, viewport: { width: 880, height: 600 } })

    screen('has a card for each reason', async ({ page, url, manager }) => {
      const [sample] = SAMPLE_TROUBLES(Date.now()).filter(({ code }) => code === 'not-signing')
      if (sample?.code !== 'not-signing') throw new Error('there is no such sample')
      await manager.start('dev')
      await page.goto(url)
      const card = page.locator('[data-trouble="not-signing"]')
      const texts = new Set<string>()
      for (const [reason, message] of NOT_SIGNING) {
        manager.setTroubles('dev', [{ ...sample, reason, message }])
        await expect(card).toContainText('5')
        if (message !== '') await expect(card).toContainText(message)
        await expect.poll(async () => texts.has((await card.innerText()))).toBe(false)
        texts.add(await card.innerText())
        expect.soft(await complaints(page, language)).toEqual([])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          expect(await violations(page)).toEqual([])
          await page.screenshot({ path: shots(`not-signing-${reason}-${language}-${colorScheme}`) })
        }
      }
      await card.getByRole('button', { name: CATALOGS[language].trouble.actions.check }).click()
      await expect(card).toHaveCount(0)
      expect(manager.mended).toEqual(['dev not-signing check'])
    })
  })
}

app.describe('the notification of an authority that stopped signing', () => {
  app.use({ appFolder: FAKE_APP, settings: { toldAboutTray: true, language: 'en' } })

  app('comes once, and says it in the language of the app', async ({ desktop }) => {
    const { page, electron } = desktop
    await electron.evaluate(({ Notification }) => {
      const shown: string[] = []
      Object.assign(globalThis, { shown })
      Notification.isSupported = () => true
      Notification.prototype.show = function () {
        shown.push(`${this.title} | ${this.body}`)
      }
    })
    const shown = () => electron.evaluate(() => (globalThis as unknown as { shown: string[] }).shown)
    const sample = SAMPLE_TROUBLES(Date.now()).filter(({ code }) => code === 'not-signing')
    const set = (troubles: unknown) => electron.evaluate((_, given) => (globalThis as unknown as { fakeManager: FakeManager }).fakeManager.setTroubles('dev', given as never), troubles)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
    const words = wordsFor('en', 'en')
    for (let i = 0; i < 2; i++) {
      await set(sample)
      await expect(page.locator('[data-trouble="not-signing"]')).toBeVisible()
      await set([])
      await expect(page.locator('[data-trouble="not-signing"]')).toHaveCount(0)
    }
    expect(await shown()).toEqual([`${words.trouble('Development')} | ${words.troubles['not-signing']}`])
  })
})

for (const colorScheme of ['light', 'dark'] as const) {
  screen.describe(colorScheme, () => {
    screen.use({ colorScheme })

    screen(`screenshots and accessibility, ${colorScheme}`, async ({ page, url, manager }) => {
      await manager.start('dev')
      for (let i = 0; i < 8; i++) manager.produce('dev')
      await page.setViewportSize({ width: 1280, height: 860 })
      await page.goto(url)
      await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
      const all = SAMPLE_TROUBLES(Date.now())
      manager.setTroubles('dev', all)
      await expect(page.locator('[data-trouble]')).toHaveCount(all.length)
      expect(await violations(page)).toEqual([])
      await page.screenshot({ path: shots(`all-${colorScheme}`) })
      manager.setTroubles('dev', all.filter(({ code }) => code === 'router' || code === 'clock-wrong'))
      await expect(page.locator('[data-trouble]')).toHaveCount(2)
      await page.screenshot({ path: shots(`large-${colorScheme}`) })
      await page.setViewportSize({ width: 880, height: 600 })
      await page.screenshot({ path: shots(`small-${colorScheme}`) })
      manager.setTroubles('dev', [])
      await expect(page.locator('[data-trouble]')).toHaveCount(0)
      expect(await violations(page)).toEqual([])
      await page.screenshot({ path: shots(`none-${colorScheme}`) })
    })
  })
}
