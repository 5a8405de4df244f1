/** The headless node with its dashboard in a browser, from the command line to Ctrl-C. */
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { startHeadless } from './fixtures/headless-node.ts'
import { ROOT } from '../../build/terminal.ts'

test('blocks rise in the browser, the log runs, Ctrl-C ends the node and the page says so', async ({ page }) => {
  test.setTimeout(150_000)
  const { child, url, stop } = startHeadless('--tmp')
  try {
    await page.goto(await url)
    await expect(page.getByTestId('sentence')).toContainText('Producing blocks: best #', { timeout: 60_000 })
    await expect.poll(() => page.getByTestId('blocks').getByRole('row').count(), { timeout: 60_000 }).toBeGreaterThan(3)
    await page.screenshot({ path: join(ROOT, 'test-results/screenshots/headless-browser.png') })
    await page.getByRole('button', { name: /^Logs/ }).click()
    await expect(page.getByRole('log')).not.toBeEmpty()
    expect(await stop()).toBe(0)
    await expect(page.getByTestId('sentence')).toContainText('Connection to the node lost')
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL')
  }
})
