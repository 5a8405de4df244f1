/** The dashboard in a browser, against the real service around a manager without a node. */
import { join } from 'node:path'
import { expect, test as base } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { OUT, ROOT } from '../../build/terminal.ts'
import { DashboardService } from '../../node-core/api/server/dashboard-service.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { FakeManager } from '../helpers/fake-manager.ts'

const TOKEN = 'a-token-that-the-test-knows'

interface Fixtures {
  manager: FakeManager
  /** Serves the manager; a test may stop it and start another on the same port. */
  serve: (port?: number) => Promise<DashboardService>
}

const test = base.extend<Fixtures>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock, blockEveryMs: 300, transitionMs: 100 })
    await use(manager)
    await manager.stopAll()
  },
  serve: async ({ manager }, use) => {
    const services: DashboardService[] = []
    await use(async (port = 0) => {
      const app = { name: 'Nodestead', version: '0.1.0', host: 'headless', platform: 'linux' } as const
      const service = new DashboardService({ manager, logger: silentLogger }, { port, assetsPath: join(OUT, 'renderer'), app, token: TOKEN })
      services.push(service)
      await service.start()
      return service
    })
    for (const service of services) await service.stop()
  },
})

test('start, blocks rise, stop', async ({ page, serve }) => {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  const service = await serve()
  await page.goto(service.url)
  await expect(page.getByTestId('sentence')).toContainText('Stopped. Press Start')
  // The token is in the address no more, no script reads the cookie that came for it, and it opens the page again.
  expect(page.url()).not.toContain(TOKEN)
  expect(await page.evaluate(() => document.cookie)).toBe('')
  await page.goto(service.address)
  await expect(page.getByTestId('sentence')).toContainText('Stopped. Press Start')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  await expect.poll(() => page.getByTestId('blocks').getByRole('row').count()).toBeGreaterThan(4)
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Stopped at block')
  expect(problems).toEqual([])
  expect(requests.filter((url) => new URL(url).origin !== service.address)).toEqual([])
  expect(requests.filter((url) => url.split('#')[0]?.includes(TOKEN))).toEqual([])
})

test('a wrong token is refused and the page says what to do', async ({ page, serve }) => {
  const service = await serve()
  await page.goto(`${service.address}/#token=wrong`)
  await expect(page.getByTestId('token-page')).toContainText('The node rejected this token')
  await expect(page.getByTestId('token-page')).toContainText('journalctl -u nodestead')
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toHaveCount(0)
})

test('a lost connection is said, and comes back by itself', async ({ page, manager, serve }) => {
  const first = await serve()
  const port = Number(new URL(first.address).port)
  await page.goto(first.url)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  await first.stop()
  await expect(page.getByTestId('sentence')).toContainText('Connection to the node lost')
  await expect(page.getByRole('button', { name: 'Stop' })).toBeDisabled()
  const reached = manager.latestBlocks('dev', 1)[0]?.number ?? 0
  await serve(port)
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 20_000 })
  await expect.poll(async () => Number((await page.getByTestId('tile-best').textContent())?.replace(/\D/g, ''))).toBeGreaterThan(reached)
})

test('an error says what happened, why, and what to do', async ({ page, manager, serve }) => {
  manager.failNextStart = new NodeError('RPC_PORT_IN_USE', 'Port 9944 is in use by another program.', { hint: 'Stop it, or choose another port with --rpc-port.' })
  await page.goto((await serve()).url)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const banner = page.getByRole('alert')
  await expect(banner).toContainText('Port 9944 is in use by another program.')
  await expect(banner).toContainText('Stop it, or choose another port with --rpc-port.')
  await expect(page.getByTestId('sentence')).toContainText('Failed: Port 9944')
  await page.screenshot({ path: join(ROOT, 'test-results/screenshots/browser-error.png') })
  await banner.getByRole('button', { name: 'Dismiss' }).click()
  await expect(banner).toHaveCount(0)
})

test('networks are switched, and each shows its own blocks', async ({ page, manager, serve }) => {
  for (let i = 0; i < 3; i++) manager.produce('local')
  await page.goto((await serve()).url)
  await expect(page.getByTestId('sentence')).toContainText('run Development')
  await page.getByRole('button', { name: /^Network: / }).click()
  await page.getByRole('menuitem', { name: /Local/ }).click()
  await expect(page.getByTestId('sentence')).toContainText('run Local')
  await expect(page.getByTestId('blocks').getByRole('row')).toHaveCount(4)
  await page.reload()
  await expect(page.getByTestId('sentence')).toContainText('run Local')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing for the accessibility checker to find, ${colorScheme}`, async ({ page, manager, serve }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto((await serve()).url)
    const check = async (what: string) => {
      expect(await violations(page), what).toEqual([])
    }
    await expect(page.getByTestId('sentence')).toContainText('Stopped')
    await check('stopped')
    manager.failNextStart = new NodeError('X', 'It failed.', { hint: 'Do this.' })
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await check('failed')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect.poll(() => page.getByTestId('blocks').getByRole('row').count()).toBeGreaterThan(3)
    await check('running')
    await page.getByRole('button', { name: /^Logs/ }).click()
    for (const level of ['warn', 'error'] as const) manager.log(level, 'core', `a ${level}`)
    await expect(page.getByRole('log')).toContainText('a error')
    await check('log')
  })
}
