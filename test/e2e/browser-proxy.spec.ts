/** The dashboard behind a reverse proxy, under a path of a site that others use too: what its pages may do and what it gives them, in a real browser. */
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { startProxy, type ReverseProxy } from './fixtures/reverse-proxy.ts'
import { OUT, ROOT } from '../../build/terminal.ts'
import { DashboardService } from '../../node-core/api/server/dashboard-service.ts'
import { parsePublicUrl } from '../../node-core/api/server/public-url.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { FakeManager } from '../helpers/fake-manager.ts'

const PATH = '/ops/node'
const TOKEN = 'a-token-that-the-test-knows'
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `browser-${name}.png`)

interface Fixtures {
  site: ReverseProxy
  /** As it stands behind the proxy; its `publicUrl` is what the node prints. */
  service: DashboardService
  /** The page at the address that the node prints, let in. */
  inside: Page
}

const test = base.extend<Fixtures>({
  site: async ({}, use) => {
    const site = await startProxy(`${PATH}/`, () => '<!doctype html><title>another page of the site</title>')
    await use(site)
    await site.stop()
  },
  service: async ({ site }, use) => {
    const manager = new FakeManager({ clock: systemClock, blockEveryMs: 300, transitionMs: 50 })
    const app = { name: 'Nodestead', version: '0.1.0', host: 'headless', platform: 'linux' } as const
    const flags = { chain: 'dev', 'base-path': '/srv/node data' }
    const service = new DashboardService({ manager, logger: silentLogger }, { port: 0, assetsPath: join(OUT, 'renderer'), app, flags, token: TOKEN, publicUrl: parsePublicUrl(`${site.origin}${PATH}`) })
    await service.start()
    site.upstream = Number(new URL(service.address).port)
    await use(service)
    await service.stop()
    await manager.stopAll()
  },
  inside: async ({ page, service }, use) => {
    await page.goto(service.publicUrl ?? '')
    await expect(page.getByTestId('sentence')).toContainText('Stopped. Press Start')
    await use(page)
  },
})

/** Everything that a page complains of; a request that is refused on purpose may be left out. */
function complaintsOf(page: Page): string[] {
  const found: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') found.push(message.text())
  })
  page.on('pageerror', (error) => found.push(error.message))
  page.on('requestfailed', (request) => found.push(`${request.url()}: ${request.failure()?.errorText}`))
  return found
}

test('every screen works under a path: assets, WebSocket, the cookie, a reload, the browser’s Back', async ({ page, context, site, service }) => {
  const complaints = complaintsOf(page)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('websocket', (socket) => asked.push(socket.url().replace(/^ws/, 'http')))
  await page.goto(service.publicUrl ?? '')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks')
  const titles = await page.getByRole('navigation').getByRole('button').allTextContents()
  expect(titles.length).toBe(10)
  for (const name of ['Peers', 'Sync', 'Topics', 'Blocks', 'Metrics', 'Keys', 'Logs', 'About', 'Settings']) {
    await page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${name}`) }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    expect(page.url()).toBe(`${site.origin}${PATH}/#/${name.toLowerCase()}`)
  }
  expect(await page.evaluate(async () => (await document.fonts.ready).status)).toBe('loaded')
  expect(asked.filter((url) => !url.startsWith(`${site.origin}${PATH}/`))).toEqual([])
  expect(asked.filter((url) => url.split('#')[0]?.includes(TOKEN))).toEqual([])

  const [cookie, ...more] = await context.cookies()
  expect(more).toEqual([])
  expect(cookie).toMatchObject({ path: PATH, httpOnly: true, sameSite: 'Strict', domain: 'localhost' })
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  await expect(page.getByTestId('there')).toContainText("nodestead purge-chain --chain dev --base-path '/srv/node data'")
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1, name: 'About' })).toBeVisible()
  // Its browser is on another computer than the ports of the node.
  await page.keyboard.press('1')
  await expect(page.getByRole('link', { name: /polkadot\.js/ })).toHaveCount(0)
  expect(complaints).toEqual([])
})

test('a browser signs out, in all its pages, and in again by the address that the node printed', async ({ inside: page, context, service }) => {
  const second = await context.newPage()
  await second.goto(new URL('.', service.publicUrl).href)
  await expect(second.getByTestId('sentence')).toContainText('Stopped')
  await page.keyboard.press('9')
  await page.getByRole('button', { name: 'Sign out' }).click()
  for (const shown of [page, second]) await expect(shown.getByTestId('token-page')).toContainText('The node prints its token when it starts')
  expect(await context.cookies()).toEqual([])
  await page.setViewportSize({ width: 880, height: 600 })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: shots(`token-${colorScheme}`) })
  }
  const field = page.getByLabel('Address or token')
  await field.fill('not a token')
  await page.keyboard.press('Enter')
  await expect(page.getByText('This is not a token.')).toBeVisible()
  await field.fill('x'.repeat(43))
  await page.keyboard.press('Enter')
  await expect(page.getByText('The node rejected this token.')).toBeVisible()
  await field.fill(service.publicUrl ?? '')
  await page.keyboard.press('Enter')
  // Where it was left.
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  // In a tab where it is open already, the printed address changes nothing but what follows the #.
  await page.goto(service.publicUrl ?? '')
  await expect(page.getByTestId('sentence')).toContainText('Stopped. Press Start')
  await expect.poll(() => page.url()).not.toContain(TOKEN)
})

test('another site’s page frames nothing, asks for nothing and signs nobody out', async ({ inside, context, site, service }) => {
  // Of the same site by the rules of cookies, which go by the host alone: the session is sent along, and all that is left is what the node checks.
  const foreign = await startProxy('/nothing', () => '<!doctype html><title>x</title><form method="post" target="out"></form><iframe name="out"></iframe>')
  try {
    const evil = await context.newPage()
    await evil.goto(foreign.origin)
    const address = `${site.origin}${PATH}/`
    const framed = await evil.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const frame = document.createElement('iframe')
          frame.onload = () => {
            // What is shown in place of a page that may not be framed is nobody's.
            try {
              resolve(frame.contentDocument === null ? 'closed' : 'empty')
            } catch {
              resolve('closed')
            }
          }
          frame.src = url
          frame.id = 'framed'
          document.body.append(frame)
        }),
      address,
    )
    expect(framed).toBe('closed')
    expect(evil.frames().map((frame) => frame.url()).filter((url) => url.startsWith(address))).toEqual([])

    // The page inside may be reading more of its own parts meanwhile.
    const before = site.answered.length
    const asked = () => site.answered.slice(before).filter((answer) => !answer.startsWith('GET ')).sort()
    // The second is asked for beforehand, as browsers do with what no form can send.
    for (const [method, mode] of [['POST', 'no-cors'], ['DELETE', 'cors']] as const) {
      await evil.evaluate(([url, how, way]) => fetch(`${url}session`, { method: how, mode: way, credentials: 'include', body: how === 'POST' ? 'token' : null }).catch(() => undefined), [address, method, mode] as const)
    }
    await evil.evaluate((url) => {
      const form = document.forms[0]
      if (form === undefined) return
      form.action = `${url}session`
      form.submit()
    }, address)
    await expect.poll(asked).toEqual(['OPTIONS 403', 'POST 403', 'POST 403'])
    const socket = await evil.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const opened = new WebSocket(`${url.replace(/^http/, 'ws')}trpc`)
          opened.onopen = () => resolve('open')
          opened.onerror = () => resolve('refused')
        }),
      address,
    )
    expect(socket).toBe('refused')

    expect((await context.cookies()).length).toBe(1)
    await inside.reload()
    await expect(inside.getByTestId('sentence')).toContainText('Stopped. Press Start')
    expect(service.publicUrl).toContain(PATH)
  } finally {
    await foreign.stop()
  }
})
