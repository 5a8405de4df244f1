/**
 * Every screen of the real app while it follows a live network: an authority and a full node as processes of their own,
 * and the app's node as the third. What the screens say is held against what the network does.
 */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, test as base } from './fixtures/desktop.ts'
import { countDrawing, expectRestWhileHidden } from './fixtures/drawing.ts'
import { startNode, type LiveNode } from './fixtures/live-node.ts'
import { ROOT } from '../../build/terminal.ts'
import { PROFILE_VERSION } from '../../node-core/manager/kinds/profiles.ts'
import { chainSettingsSchema } from '../../node-core/manager/kinds/chain/profile.ts'

const test = base.extend<{ authority: LiveNode; fullNode: LiveNode }>({
  authority: async ({}, use) => {
    const node = await startNode({}, '--alice')
    await use(node)
    await node.stop()
  },
  fullNode: async ({ authority }, use) => {
    const node = await startNode({}, '--reserved-nodes', authority.address)
    await use(node)
    await node.stop()
  },
  networksFile: async ({ authority, fullNode }, use) => {
    await use((userData) => {
      const settings = chainSettingsSchema.parse({
        name: 'Development',
        network: { port: 0, mdns: false, upnp: false, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], bootnodes: [authority.address], reservedNodes: [fullNode.address] },
        rpc: { port: 0 },
      })
      return { version: PROFILE_VERSION, networks: [{ id: 'dev', kind: 'chain', chain: { kind: 'known', name: 'dev' }, folder: join(userData, 'data'), settings }] }
    })
  },
})

test.use({ settings: { toldAboutTray: true } })
test.setTimeout(300_000)

async function bestOf(page: Page): Promise<number> {
  return Number((await page.getByTestId('tile-best').textContent())?.replace(/\D/g, '') ?? -1)
}

async function height(node: LiveNode): Promise<number> {
  const { number } = (await node.call('chain_getHeader')) as { number: string }
  return Number(number)
}

/** Both looks: nothing for the accessibility checker to find, and a picture. */
async function show(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect.soft(await violations(page), name).toEqual([])
    await page.screenshot({ path: join(ROOT, 'test-results/screenshots', `live-${name}-${colorScheme}.png`) })
  }
}

/** Calls that cannot succeed, and what the screen says of each; the place kept for nobody is given up again. */
async function connectInVain(page: Page, { address }: LiveNode): Promise<void> {
  const nobody = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
  const [place = '', id = ''] = address.split('/p2p/')
  await page.getByRole('button', { name: 'Connect to…' }).click()
  const dialog = page.getByRole('dialog')
  const call = async (text: string, outcome: string): Promise<void> => {
    await dialog.getByLabel('Peer address').fill(text)
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('status')).toContainText(outcome)
  }
  await call(address, 'was already connected')
  await call(`/ip4/127.0.0.1/tcp/1/p2p/${nobody}`, 'The connection was refused: nothing listens at this address.')
  await call(`${place}/p2p/${nobody}`, `A different peer answered: ${id} instead of 12D3Koo…c6iDEp.`)
  await page.screenshot({ path: join(ROOT, 'test-results/screenshots', 'live-connect-other-peer.png') })
  await dialog.getByRole('listitem').filter({ hasText: 'not connected' }).getByRole('button', { name: 'Remove from reserved' }).click()
  await expect(dialog.getByRole('listitem').filter({ hasText: 'not connected' })).toHaveCount(0)
  await page.keyboard.press('Escape')
}

test('every screen tells the truth about a network of three', async ({ desktop, authority, fullNode }) => {
  const { page, electron } = desktop
  const sentence = page.getByTestId('sentence')
  const go = async (title: string): Promise<void> => {
    await page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${title}`) }).click()
    await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible()
  }
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 860))
  await page.getByRole('button', { name: 'Start', exact: true }).click()

  await expect(sentence).toContainText('Following the chain: best #', { timeout: 60_000 })
  await expect(page.getByTestId('count-peers')).toHaveText('2', { timeout: 60_000 })
  const first = await bestOf(page)
  await expect.poll(() => bestOf(page), { timeout: 60_000 }).toBeGreaterThanOrEqual(first + 3)
  await expect.poll(async () => Math.abs((await bestOf(page)) - (await height(authority))), { timeout: 30_000 }).toBeLessThanOrEqual(1)
  await expect(page.getByTestId('blocks')).toContainText('final')
  await expect(page.getByTestId('blocks')).toContainText('Alice')
  await show(page, 'overview')

  await go('Peers')
  await expect(page.getByTestId('shown')).toHaveText('2 of 2 peers')
  await expect(sentence).toContainText('2 peers')
  const table = page.getByRole('table', { name: 'Peers' })
  for (const { address } of [authority, fullNode]) {
    const row = table.locator(`[data-key="${address.split('/').at(-1)}"]`)
    await expect(row).toContainText('nodestead')
    await expect.poll(async () => Number(/#([\d,]+)/.exec((await row.textContent()) ?? '')?.[1]?.replaceAll(',', '')), { timeout: 30_000 }).toBeGreaterThan(first)
  }
  for (const title of ['Best block', 'Latency', 'Received', 'Sent']) await expect(table.getByRole('columnheader', { name: title })).toBeInViewport({ ratio: 0.99 })
  await show(page, 'peers')
  await connectInVain(page, authority)

  await go('Sync')
  await expect(sentence).toContainText(/#\d+/)
  await show(page, 'sync')

  await go('Topics')
  const topics = page.getByRole('table', { name: 'Topics' })
  await expect(topics.getByRole('row', { name: /Block announcements/ })).toContainText(/^Block announcements\s*2/)
  await topics.getByRole('row', { name: /Finality votes/ }).click()
  await expect(page.getByTestId('messages').locator('[data-index]').nth(3)).toBeVisible({ timeout: 60_000 })
  await expect(sentence).toContainText('messages/s in')
  await show(page, 'topics')

  await go('Blocks')
  const final = page.getByTestId('chain').locator('[role=option][data-place=final]').first()
  await final.click()
  const block = page.getByTestId('block')
  await expect(block).toContainText('Timestamp.set')
  await expect(block).toContainText('Alice')
  const number = Number(/Block #([\d,]+)/.exec((await block.textContent()) ?? '')?.[1]?.replaceAll(',', ''))
  const hash = (await authority.call('chain_getBlockHash', number)) as string
  await expect(block.getByTitle(new RegExp(hash)).first()).toBeVisible()
  await show(page, 'blocks')

  await go('Metrics')
  await expect(page.getByTestId('charts').locator('canvas').first()).toBeVisible()
  await expect.poll(() => page.getByTestId('charts').locator('canvas').count()).toBeGreaterThanOrEqual(6)
  await show(page, 'metrics')

  await go('Keys')
  await expect(page.getByText(/^12D3Koo/).first()).toBeVisible()
  await show(page, 'keys')

  await go('Logs')
  await expect(page.getByRole('log')).toContainText('listening for peers')
  await page.getByLabel('Module').selectOption('network')
  await expect(page.getByRole('log').locator('[data-level]').first()).toContainText('network')
  await expect(page.getByRole('log')).not.toContainText('state opened')
  await page.getByLabel('Module').selectOption('')
  await page.getByRole('log').locator('[data-level]').last().click()
  await expect(page.getByRole('region', { name: 'Selected line' })).toBeVisible()
  await show(page, 'logs')

  await go('Settings')
  await show(page, 'settings')
  await go('About')
  await expect(page.getByTestId('versions')).toContainText('0.1.0')
  await show(page, 'about')

  await countDrawing(page)
  for (const title of ['Overview', 'Peers', 'Sync', 'Topics', 'Blocks', 'Metrics', 'Logs']) {
    await go(title)
    await expectRestWhileHidden(page, title, () => height(authority))
  }

  await page.keyboard.press('1')
  await expect.poll(async () => Math.abs((await bestOf(page)) - (await height(fullNode))), { timeout: 30_000 }).toBeLessThanOrEqual(1)
})
