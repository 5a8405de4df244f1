/** With reduced motion nothing in the window is animated. */
import type { Page } from '@playwright/test'
import { FAKE_APP } from './fixtures/places.ts'
import { expect, test } from './fixtures/desktop.ts'

test.use({ appFolder: FAKE_APP, settings: { toldAboutTray: true } })

/** How many elements would move when they change. */
function moving(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, transitionProperty, animationName } = getComputedStyle(element)
        return animationName !== 'none' || (transitionProperty !== 'none' && /[1-9]/.test(transitionDuration))
      }).length,
  )
}

test('what moves stands still where the system asks for that', async ({ fakeDesktop: { page } }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  expect(await moving(page)).toBeGreaterThan(0)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await moving(page)).toBe(0)
})

test.describe('with the setting', () => {
  test.use({ settings: { toldAboutTray: true, reduceMotion: 'always' } })

  test('nothing moves, whatever the system says', async ({ desktop: { page } }) => {
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    await expect.poll(() => moving(page)).toBe(0)
  })
})
