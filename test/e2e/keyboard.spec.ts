/**
 * The whole app without a mouse. After every key the focus is somewhere, and to be seen: a ring, or a menu's item that is
 * marked. What holds the focus for want of a control (the screen, a dialog) needs no ring.
 */
import type { Page } from '@playwright/test'
import { FAKE_APP } from './fixtures/places.ts'
import { expect, test } from './fixtures/desktop.ts'
import { fakePeers } from '../helpers/fake-peers.ts'
import type { FakeManager } from '../helpers/fake-manager.ts'

/** No screen has more stops than this that are worth a walk: long tables go on alike. */
const MOST_STOPS = 35

interface Focus {
  readonly name: string
  readonly tag: string
  readonly seen: boolean
  readonly dialog: boolean
  /** Tells apart what is called alike. */
  readonly mark: number
}

function focusOf(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body
    const style = getComputedStyle(element)
    const marks = globalThis as unknown as { marks?: WeakMap<Element, number>; lastMark?: number }
    marks.marks ??= new WeakMap<Element, number>()
    if (!marks.marks.has(element)) marks.marks.set(element, (marks.lastMark = (marks.lastMark ?? 0) + 1))
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1
    // Where a ring would not fit: drawn inside, or the colour of a menu's item.
    const drawn = style.boxShadow.includes('inset')
    const marked = element.matches('[role=menuitem]') && style.backgroundColor !== 'rgba(0, 0, 0, 0)'
    const holder = element.matches('main, main > [tabindex="-1"], [role=dialog], [role=menu]')
    return {
      name: (element.getAttribute('aria-label') ?? (element as HTMLInputElement).labels?.[0]?.textContent ?? element.textContent ?? '').trim().slice(0, 60),
      tag: element.tagName.toLowerCase(),
      seen: element !== document.body && (ring || drawn || marked || holder),
      dialog: element.closest('[role=dialog]') !== null,
      mark: marks.marks.get(element) ?? 0,
    }
  })
}

/** The focus is somewhere, and a person sees where. */
async function seen(page: Page, after: string): Promise<Focus> {
  let focus = await focusOf(page)
  for (const end = Date.now() + 3_000; !focus.seen && Date.now() < end; focus = await focusOf(page)) await page.evaluate(() => new Promise(requestAnimationFrame))
  expect({ after, ...focus }).toMatchObject({ seen: true })
  return focus
}

async function press(page: Page, key: string): Promise<Focus> {
  await page.keyboard.press(key)
  return seen(page, key)
}

/** Tab until a control of this name has the focus, which every one on the way is seen to have. */
async function tabTo(page: Page, name: string | RegExp): Promise<Focus> {
  const passed: string[] = []
  for (let stop = 0; stop < 150; stop++) {
    const focus = await press(page, 'Tab')
    if (typeof name === 'string' ? focus.name === name : name.test(focus.name)) return focus
    passed.push(focus.name)
  }
  throw new Error(`Tab does not lead to ${String(name)}, but to: ${passed.join(', ')}`)
}

/** Every stop of the screen, once round. */
async function walk(page: Page): Promise<number> {
  const first = await press(page, 'Tab')
  let stops = 1
  let focus = first
  for (; stops < MOST_STOPS; stops++) if ((focus = await press(page, 'Tab')).mark === first.mark) break
  // A digit in a field is a digit.
  while (/^(input|select|textarea)$/.test(focus.tag)) focus = await press(page, 'Tab')
  return stops
}

/** The palette, with this in it. */
async function search(page: Page, text: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+K')
  await expect(page.getByRole('dialog').locator('input')).toBeFocused()
  await page.keyboard.type(text)
}

/** Who types does not wait for frames to be drawn: until the answer is called, none is. */
async function holdFrames(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    const frames = globalThis as unknown as { draw: () => void }
    const { requestAnimationFrame } = globalThis
    const waiting: FrameRequestCallback[] = []
    globalThis.requestAnimationFrame = (callback) => waiting.push(callback)
    frames.draw = () => {
      globalThis.requestAnimationFrame = requestAnimationFrame
      for (const callback of waiting) requestAnimationFrame(callback)
    }
  })
  return () => page.evaluate(() => (globalThis as unknown as { draw: () => void }).draw())
}

async function heading(page: Page, title: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible()
}

test.describe('around a manager without a node', () => {
  test.use({ appFolder: FAKE_APP, settings: { toldAboutTray: true } })
  test.setTimeout(120_000)

  test('the node, every screen, dialogs, drawers, menus and settings', async ({ desktop }) => {
    const { page, electron } = desktop
    const dialog = page.getByRole('dialog')
    const sentence = page.getByTestId('sentence')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await heading(page, 'Overview')

    await test.step('the node is started and stopped', async () => {
      await tabTo(page, 'Start')
      await press(page, 'Enter')
      await expect(sentence).toContainText('Producing blocks')
      await seen(page, 'the start')
      await tabTo(page, 'Stop')
      await press(page, 'Enter')
      await expect(sentence).toContainText('Stopped')
      await seen(page, 'the stop')
      await tabTo(page, 'Start')
      await press(page, 'Enter')
      await expect(sentence).toContainText('Producing blocks')
      const peers = fakePeers(12, Date.now())
      await electron.evaluate((_, details) => {
        const { fakeManager } = globalThis as unknown as { fakeManager: FakeManager }
        const node = fakeManager.node('dev')
        if (node !== undefined) node.network.details = details
      }, peers)
    })

    await test.step('every screen, and every stop in it', async () => {
      const titles = ['Overview', 'Peers', 'Sync', 'Topics', 'Blocks', 'Metrics', 'Keys', 'Logs', 'Settings']
      for (const [index, title] of titles.entries()) {
        await press(page, String(index + 1))
        await heading(page, title)
        expect(await walk(page)).toBeGreaterThan(10)
      }
      await press(page, '1')
      await tabTo(page, 'About')
      await press(page, 'Enter')
      await heading(page, 'About')
      await walk(page)
    })

    await test.step('a filter, and back to where the keyboard was', async () => {
      await press(page, '2')
      await expect(page.getByTestId('shown')).toHaveText('12 of 12 peers')
      const before = await tabTo(page, 'Hide map')
      expect((await press(page, '/')).name).toBe('Filter peers')
      await page.keyboard.type('nobody 2')
      await expect(page.getByRole('table', { name: 'Peers' })).toContainText('No matching peer')
      expect((await press(page, 'Escape')).name).toBe(before.name)
      await expect(page.getByTestId('shown')).toHaveText('12 of 12 peers')
    })

    await test.step('a row is opened; its drawer keeps the focus, and gives it back; what lies on top closes first', async () => {
      await tabTo(page, /^Peer 12D3Koo/)
      await page.keyboard.press('ArrowDown')
      await expect(page.locator('[data-index="1"]')).toBeFocused()
      const row = await seen(page, 'ArrowDown')
      await press(page, 'Enter')
      await expect(dialog).toHaveCount(1)
      for (let stop = 0; stop < 12; stop++) expect((await press(page, 'Tab')).dialog).toBe(true)
      for (let stop = 0; stop < 3; stop++) expect((await press(page, 'Shift+Tab')).dialog).toBe(true)
      await tabTo(page, 'Ban…')
      await press(page, 'Enter')
      await expect(page.getByRole('dialog', { name: /^Ban/ })).toBeVisible()
      await press(page, '3')
      expect((await press(page, 'Escape')).name).toBe('Ban…')
      await expect(dialog).toHaveCount(1)
      expect((await press(page, 'Escape')).name).toBe(row.name)
      await expect(dialog).toHaveCount(0)
      await heading(page, 'Peers')
    })

    await test.step('a call that is given up, and a place that is given up', async () => {
      await tabTo(page, 'Connect to…')
      await press(page, 'Enter')
      await tabTo(page, 'Peer address')
      await page.keyboard.type('/ip4/192.0.2.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
      await press(page, 'Enter')
      await expect(dialog.getByRole('status')).toContainText('no answer for')
      await tabTo(page, 'Cancel')
      await press(page, 'Enter')
      await expect(dialog.getByRole('status')).toContainText('Cancelled.')
      // Told once a second, as all of the peers.
      await expect(dialog).toContainText('Reserved peers')
      await tabTo(page, 'Remove from reserved')
      await press(page, 'Enter')
      await expect(dialog).not.toContainText('Reserved peers')
      expect((await seen(page, 'the place is given up')).dialog).toBe(true)
      expect((await press(page, 'Escape')).name).toBe('Connect to…')
    })

    await test.step('the palette runs an action, and the list of keys', async () => {
      const before = await tabTo(page, 'Hide map')
      await search(page, 'nothing like this')
      expect((await press(page, 'Escape')).name).toBe(before.name)
      await press(page, '?')
      await expect(dialog).toContainText('Ctrl K')
      expect((await press(page, 'Escape')).name).toBe(before.name)
      // No letter is lost, none is taken for a shortcut, and none is left from the last time.
      const draw = await holdFrames(page)
      await page.keyboard.press('ControlOrMeta+K')
      await page.keyboard.type('9 go')
      await expect(dialog.locator('input')).toHaveValue('9 go')
      await page.keyboard.press('Escape')
      await page.keyboard.press('ControlOrMeta+K')
      await page.keyboard.type('go to logs')
      await expect(dialog.locator('input')).toHaveValue('go to logs')
      await draw()
      await press(page, 'Enter')
      await heading(page, 'Logs')
      await expect(dialog).toHaveCount(0)
      await search(page, 'stop')
      await press(page, 'Enter')
      await expect(sentence).toContainText('Stopped')
      await seen(page, 'the stop')
    })

    await test.step('another network from the menu', async () => {
      await tabTo(page, /^Network: Development/)
      await press(page, 'Enter')
      await expect(page.getByRole('menuitem', { name: /Development/ })).toBeFocused()
      expect((await press(page, 'Escape')).name).toMatch(/^Network: Development/)
      await press(page, 'Enter')
      await expect(page.getByRole('menuitem', { name: /Development/ })).toBeFocused()
      await press(page, 'ArrowDown')
      await expect(page.getByRole('menuitem', { name: /Local/ })).toBeFocused()
      await page.keyboard.press('Enter')
      await expect(page.getByRole('button', { name: /^Network: Local/ })).toBeFocused()
    })

    await test.step('a passphrase for keys', async () => {
      await press(page, '7')
      await tabTo(page, 'Choose a passphrase')
      await press(page, 'Enter')
      await tabTo(page, 'Passphrase')
      await page.keyboard.type('correct horse battery')
      await press(page, 'Tab')
      await page.keyboard.type('correct horse battery')
      await press(page, 'Enter')
      await expect(dialog).toHaveCount(0)
      await seen(page, 'the passphrase')
      await tabTo(page, 'Lock')
      await press(page, 'Enter')
      await expect(page.getByRole('button', { name: 'Unlock' })).toBeVisible()
      await seen(page, 'the lock')
    })

    await test.step('settings are changed, and another language leaves the focus where it was', async () => {
      const language = page.locator('select:has(option[value=de]):has(option[value=es])')
      await press(page, '9')
      await language.waitFor()
      await page.getByRole('tab', { name: 'JSON' }).click()
      await expect(language).toBeHidden()
      await page.getByRole('heading', { level: 1 }).click()
      const draw = await holdFrames(page)
      await page.keyboard.press('/')
      await page.keyboard.type('1 lang')
      await draw()
      await expect(page.getByRole('searchbox')).toHaveValue('1 lang')
      expect((await press(page, 'Escape')).tag).not.toBe('input')
      await language.waitFor()
      for (let focus = await press(page, 'Tab'); focus.tag !== 'select'; ) focus = await press(page, 'Tab')
      expect(await page.evaluate(() => (document.activeElement as HTMLSelectElement).labels[0]?.textContent)).toContain('Language')
      await press(page, 'ArrowDown')
      await press(page, 'ArrowDown')
      await heading(page, 'Einstellungen')
      await expect(language).toBeFocused()
      await press(page, 'ArrowUp')
      await heading(page, 'Settings')
      await expect(language).toBeFocused()
      for (let focus = await press(page, 'Tab'); focus.tag !== 'select'; ) focus = await press(page, 'Tab')
      await press(page, 'End')
      await expect.poll(() => electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark')
    })
  })
})

test.describe('the guide of the first run', () => {
  test.use({ settings: { firstRunDone: false, toldAboutTray: true, rpcPort: 0, upnp: false } })
  test.setTimeout(120_000)

  test('from its first step to its last, every control on the way', async ({ desktop }) => {
    const { page } = desktop
    const progress = page.getByTestId('progress')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (let step = 1; step < 7; step++) {
      await expect(progress).toHaveText(`Step ${step} of 7`)
      await seen(page, `step ${step}`)
      await tabTo(page, 'Next')
      await press(page, 'Enter')
    }
    await expect(progress).toHaveText('Step 7 of 7')
    await press(page, 'Escape')
    await expect(progress).toHaveText('Step 6 of 7')
    await press(page, 'Enter')
    await tabTo(page, 'Set up and start')
    await press(page, 'Enter')
    await heading(page, 'Overview')
    await seen(page, 'the guide')
  })
})
