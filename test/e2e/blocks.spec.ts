/** The blocks screen: a drawn chain with forks on the manager without a node, and real blocks, decoded, on a real one. */
import { join } from 'node:path'
import type { ElectronApplication, Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/desktop.ts'
import { drawnAnew } from './fixtures/drawing.ts'
import { ROOT } from '../../build/terminal.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

async function noViolations(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([])
}

async function openBlocks(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: 'Blocks' }).click()
}

async function resize(electron: ElectronApplication, size: readonly [number, number]): Promise<void> {
  await electron.evaluate(({ BrowserWindow }, [width, height]) => BrowserWindow.getAllWindows()[0]?.setContentSize(width, height), size)
}

test.describe('without a node', () => {
  test('the chain is drawn with its forks; keys move and open; search finds', async ({ fakeDesktop: { page, electron } }) => {
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await openBlocks(page)
    await expect(page.getByTestId('sentence')).toContainText('2 blocks not finalized', { timeout: 20_000 })
    await expect(page.getByTestId('chain').locator('[role=option][data-place=retracted]').first()).toBeVisible({ timeout: 20_000 })
    await expect(page.getByTestId('sentence')).toContainText(/1 fork|\d forks/)

    await page.keyboard.press('/')
    await page.keyboard.type('3')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('block')).toContainText('Block #3')
    await page.keyboard.press('Escape')
    await page.getByTestId('chain').focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('block')).toContainText('Block #0')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('block')).toContainText('Block #1')
    await page.getByTestId('extrinsic').locator('summary').first().click()
    await expect(page.getByTestId('extrinsic')).toContainText('Failed: Balances.InsufficientBalance')
    await expect(page.getByTestId('extrinsic')).toContainText('1.5 UNIT')

    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await noViolations(page)
      for (const size of [[880, 600], [1280, 860]] as const) {
        await resize(electron, size)
        await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual(size)
        await drawnAnew(page)
        await page.screenshot({ path: shots(`blocks-forks-${scheme}-${size[0]}`) })
      }
    }
    await page.keyboard.press('/')
    await page.keyboard.type('nonsense')
    await page.keyboard.press('Enter')
    await expect(page.getByText('Enter a block number, a hash or an address')).toBeVisible()
  })

  test('says what will appear while the node is stopped', async ({ fakeDesktop: { page } }) => {
    await openBlocks(page)
    await expect(page.getByText('Start the node on the Overview to see its chain')).toBeVisible()
    await noViolations(page)
  })
})

test.describe('with a real node', () => {
  test.use({ settings: { toldAboutTray: true, rpcPort: 0 } })
  test.setTimeout(180_000)

  test('blocks are decoded by the metadata of their runtime; an account shows its balance', async ({ desktop: { page, electron } }) => {
    await resize(electron, [1280, 860])
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
    await openBlocks(page)
    const chain = page.getByTestId('chain')
    await expect.poll(() => chain.locator('[role=option][data-place=final]').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
    await chain.locator('[role=option][data-place=final]').first().click()
    await expect(page.getByTestId('block')).toContainText('Timestamp.set')
    await expect(page.getByTestId('block')).toContainText('Alice')
    await expect(page.getByTestId('block')).toContainText('nodestead 1')
    await page.getByTestId('extrinsic').locator('summary').first().click()
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await noViolations(page)
      await page.screenshot({ path: shots(`blocks-real-${scheme}`) })
    }
    await page.keyboard.press('/')
    await page.keyboard.type('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('account')).toContainText('Account: Alice')
    await expect(page.getByTestId('account')).toContainText('UNIT')
    await noViolations(page)
    await page.screenshot({ path: shots('blocks-account') })
  })
})
