/** The screen of peers, against the real service around a manager without a node. */
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { dialError } from '../../node-core/network/host/dial.ts'
import { FakeManager } from '../helpers/fake-manager.ts'
import { PEERS, type FakeNetwork } from '../helpers/fake-network.ts'
import { afterASecond, fakePeers } from '../helpers/fake-peers.ts'

const COUNT = 48
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

interface Fixtures {
  /** What the running node's network is made of. */
  network: FakeNetwork
  manager: FakeManager
  /** The address of the dashboard. */
  url: string
}

const test = base.extend<Fixtures>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock })
    await manager.start('dev')
    await use(manager)
    await manager.stopAll()
  },
  network: async ({ manager }, use) => {
    const network = manager.node('dev')?.network as FakeNetwork
    network.details = fakePeers(COUNT, Date.now())
    manager.setStatus('dev', { peers: network.peers().length })
    const timer = setInterval(() => (network.details = afterASecond(network.details)), 1000)
    await use(network)
    clearInterval(timer)
  },
  url: ({ manager }, use) => dashboardAround(manager, use),
})

async function openPeers(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('navigation').getByRole('button', { name: 'Peers', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Peers' })).toBeVisible()
  // The rest of the screen comes with the list of networks: until then the slash key leads nowhere.
  await expect(page.getByRole('searchbox', { name: 'Filter peers' })).toBeVisible()
}

/** The keys of the rows on screen, from the top. */
function rows(page: Page): Promise<string[]> {
  return page.locator('[data-index]').evaluateAll((list) =>
    list
      .map((row) => ({ index: Number((row as HTMLElement).dataset['index']), key: (row as HTMLElement).dataset['key'] ?? '' }))
      .sort((a, b) => a.index - b.index)
      .map(({ key }) => key),
  )
}

test('the sentence, the badge, the map and the table say the same', async ({ page, url, network }) => {
  await openPeers(page, url)
  const inbound = network.details.filter(({ direction }) => direction === 'inbound').length
  await expect(page.getByTestId('sentence')).toContainText(`${COUNT} peers: ${inbound} inbound, ${COUNT - inbound} outbound`)
  await expect(page.getByTestId('count-peers')).toHaveText(String(network.peers().length))
  await expect(page.getByTestId('shown')).toHaveText(`${COUNT} of ${COUNT} peers`)
  await expect(page.getByRole('table', { name: 'Peers' })).toHaveAttribute('aria-rowcount', String(COUNT + 1))
  const places = page.getByRole('list', { name: 'Peers by country' })
  await expect(places.getByRole('button', { name: /^Show only Germany/ })).toBeVisible()
  const elsewhere = page.getByRole('list', { name: 'Peers not on the map' })
  await expect(elsewhere.getByRole('button', { name: /^Show only local network/ })).toBeVisible()
  const counted = (await places.or(elsewhere).getByRole('button').allInnerTexts()).map((text) => Number(/(\d+)$/.exec(text)?.[1]))
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(COUNT)
  const onMap = await page.getByTestId('map').locator('[data-count]').evaluateAll((discs) => discs.map((disc) => Number((disc as SVGElement).dataset['count'])))
  expect(onMap.length).toBeGreaterThan(3)
  await places.getByRole('button', { name: /^Show only Germany/ }).click()
  await expect(page.getByTestId('shown')).not.toHaveText(`${COUNT} of ${COUNT} peers`)
  await page.getByRole('button', { name: 'Show all countries' }).click()
  await expect(page.getByTestId('shown')).toHaveText(`${COUNT} of ${COUNT} peers`)
})

test('sorts by a head, filters by the slash key, moves by arrows', async ({ page, url, network }) => {
  await openPeers(page, url)
  await page.getByRole('columnheader', { name: 'Latency' }).getByRole('button').click()
  const latencies = network.details.flatMap(({ latencyMs }) => latencyMs ?? [])
  const first = async () => {
    const [key] = await rows(page)
    return network.details.find(({ peerId }) => peerId === key)?.latencyMs
  }
  await expect.poll(first).toBe(Math.max(...latencies))
  await page.getByRole('columnheader', { name: 'Latency' }).getByRole('button').click()
  await expect(page.getByRole('columnheader', { name: 'Latency' })).toHaveAttribute('aria-sort', 'ascending')
  await expect.poll(first).toBe(Math.min(...latencies))

  await page.keyboard.press('/')
  await page.keyboard.type('kagome')
  const kagome = network.details.filter(({ agent }) => agent?.startsWith('kagome')).length
  await expect(page.getByTestId('shown')).toHaveText(`${kagome} of ${COUNT} peers`)
  await page.keyboard.type(' nowhere')
  await expect(page.getByRole('table', { name: 'Peers' })).toContainText('No matching peer')
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('shown')).toHaveText(`${COUNT} of ${COUNT} peers`)

  await page.locator('[data-index="0"]').focus()
  await page.keyboard.press('ArrowDown')
  await expect(page.locator('[data-index="1"]')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toContainText('Peer 12D3Koo')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('a name is copied by a click, which opens nothing', async ({ page, url, network, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  expect(network.details).toHaveLength(COUNT)
  await openPeers(page, url)
  await page.locator('[data-index="0"]').getByRole('button', { name: /^Copy peer ID/ }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe((await rows(page))[0])
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('a peer is looked at, given a place, banned and pardoned', async ({ page, url, network }) => {
  await openPeers(page, url)
  const peer = network.details.find(({ direction, slot }) => direction === 'outbound' && slot !== undefined)
  const id = peer?.peerId ?? ''
  await page.keyboard.press('/')
  await page.keyboard.type(id)
  await page.getByText('outbound', { exact: true }).click()
  // While the question for the ban goes, there are two.
  const drawer = page.getByRole('dialog', { name: /^Peer 12D3Koo/ })
  await expect(drawer).toContainText(id)
  await expect(drawer).toContainText(peer?.address ?? '-')
  await expect(drawer).toContainText('none')
  await drawer.getByRole('button', { name: 'Make reserved' }).click()
  await expect(drawer.getByRole('button', { name: 'Remove from reserved' })).toBeVisible()
  expect(network.actions).toEqual([`add ${peer?.address}/p2p/${id}`])

  await drawer.getByRole('button', { name: 'Ban…' }).click()
  const ban = page.getByRole('dialog', { name: /^Ban 12D3Koo/ })
  await ban.getByLabel('1 day').check()
  await ban.getByRole('button', { name: 'Ban for 1 day' }).click()
  await expect(drawer).toContainText('This peer has disconnected')
  await expect(drawer).toContainText('1 time, last for manual ban')
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('sentence')).toContainText('1 banned')

  await page.getByRole('button', { name: 'Banned (1)' }).click()
  const list = page.getByRole('dialog', { name: 'Banned peers' })
  await expect(list.getByRole('listitem')).toContainText(/23 h 59 min left/)
  await list.getByRole('button', { name: /^Lift/ }).click()
  await expect(list).toContainText('No banned peers')
  expect(network.actions.slice(1)).toEqual([`ban ${id} 86400000`, `pardon ${id}`])
})

test('a peer is disconnected, and one that has left meanwhile says so', async ({ page, url, network }) => {
  await openPeers(page, url)
  await page.getByText('outbound', { exact: true }).first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('button', { name: 'Disconnect' }).click()
  await expect(drawer).toContainText('This peer has disconnected')
  await expect(drawer.getByRole('button', { name: 'Disconnect' })).toBeDisabled()
  expect(network.details).toHaveLength(COUNT - 1)
})

test('connects to an address, and says what is wrong or what came of it', async ({ page, url, network }) => {
  await openPeers(page, url)
  await page.getByRole('button', { name: 'Connect to…' }).click()
  const dialog = page.getByRole('dialog')
  const address = dialog.getByLabel('Peer address')
  const connect = dialog.getByRole('button', { name: 'Connect', exact: true })
  await connect.click()
  await expect(dialog).toContainText('Enter a peer address.')
  await address.fill('192.0.2.1:30333')
  await connect.click()
  await expect(dialog).toContainText('An address looks like')
  await address.fill('/ip4/192.0.2.1/tcp/30333')
  await address.press('Enter')
  await expect(dialog).toContainText('The peer ID is missing')
  await address.fill(`/ip4/192.0.2.1/tcp/99999/p2p/${PEERS[0]}`)
  await connect.click()
  await expect(dialog.getByRole('alert')).toContainText('is not a multiaddress')

  const outcome = dialog.getByRole('status')
  await address.fill(`/ip4/192.0.2.1/tcp/1/p2p/${PEERS[1]}`)
  await connect.click()
  await expect(outcome).toContainText('no answer for')
  await expect(dialog.getByRole('alert')).toHaveCount(0)
  await expect(dialog).toContainText('not connected')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(outcome).toContainText('Cancelled. The peer stays reserved')
  await expect.poll(() => network.waitingCalls).toBe(0)
  await expect(connect).toBeFocused()

  network.refusal = dialError('NETWORK_DIAL_OTHER_PEER', undefined, { found: PEERS[0] })
  await connect.click()
  await expect(outcome).toContainText(`A different peer answered: ${PEERS[0]} instead of 12D3Koo`)
  await page.screenshot({ path: shots('peers-connect-other-peer') })
  network.refusal = dialError('NETWORK_DIAL_BANNED')
  await dialog.getByRole('button', { name: 'Remove from reserved' }).click()
  await expect(dialog).not.toContainText('Reserved peers')
  await connect.click()
  await expect(outcome).toContainText('is banned. Lift the ban under “Banned”, then connect again. The peer was not added to the reserved peers.')

  network.refusal = undefined
  await address.fill(`/ip4/192.0.2.1/tcp/2/p2p/${PEERS[1]}`)
  await connect.click()
  await expect(outcome).toContainText('Connected to 12D3Koo')
  await connect.click()
  await expect(outcome).toContainText('was already connected')
  await address.fill(`/ip4/192.0.2.1/tcp/1/p2p/${PEERS[0]}`)
  await connect.click()
  await expect.poll(() => network.waitingCalls).toBe(1)
  await page.keyboard.press('Escape')
  await expect.poll(() => network.waitingCalls).toBe(0)
})

test('nobody there: why, and what to do', async ({ page, url, manager, network }) => {
  network.details = []
  await openPeers(page, url)
  await expect(page.getByTestId('sentence')).toContainText('This node produces blocks alone')
  await expect(page.getByRole('table', { name: 'Peers' })).toContainText('Peers appear here as they connect')
  manager.setStatus('dev', { producing: false, startedAt: Date.now() - 300_000 })
  await expect(page.getByTestId('sentence')).toContainText('Still no peers. None of the known addresses answered')
  await page.screenshot({ path: shots('peers-none') })
  await manager.stop('dev')
  await expect(page.getByTestId('sentence')).toContainText('The node is not running')
  await expect(page.getByRole('button', { name: 'Connect to…' })).toBeDisabled()
})

test('ten thousand peers are shown, sorted and filtered', async ({ page, url, network }) => {
  network.details = fakePeers(10_000, Date.now())
  await openPeers(page, url)
  await expect(page.getByTestId('shown')).toHaveText('10,000 of 10,000 peers')
  expect((await rows(page)).length).toBeLessThan(60)
  await page.getByRole('columnheader', { name: 'Received' }).getByRole('button').click()
  await page.getByRole('table', { name: 'Peers' }).evaluate((element) => element.scrollTo({ top: 9_000 * 36 }))
  await expect(page.locator('[data-index="9000"]')).toBeVisible()
  await page.getByLabel('Filter peers').fill('light client smoldot germany')
  await expect(page.getByTestId('shown')).toHaveText(/^\d{2,3} of 10,000 peers$/)
  await page.screenshot({ path: shots('peers-many') })
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing for the accessibility checker to find, and pictures, ${colorScheme}`, async ({ page, url, network }) => {
    // The checker looks at five screens.
    test.setTimeout(150_000)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const check = async (what: string) => {
      expect(await violations(page), what).toEqual([])
    }
    network.banned = [
      { peerId: PEERS[0], until: Date.now() + 500_000, reason: 'by-hand', times: 1 },
      { peerId: PEERS[1], until: Date.now() + 90_000_000, reason: 'FRAME_TOO_LARGE', times: 3 },
    ]
    await page.setViewportSize({ width: 1280, height: 860 })
    await openPeers(page, url)
    await expect(page.getByTestId('map').locator('[data-count]').first()).toBeVisible()
    await expect(page.getByText('kB/s').first()).toBeVisible()
    await check('table')
    await page.screenshot({ path: shots(`peers-large-${colorScheme}`) })
    await page.setViewportSize({ width: 880, height: 600 })
    await page.screenshot({ path: shots(`peers-small-${colorScheme}`) })
    await page.locator('[data-index="2"]').focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog')).toBeVisible()
    await check('drawer')
    await page.screenshot({ path: shots(`peers-drawer-${colorScheme}`) })
    await page.getByRole('button', { name: 'Ban…' }).click()
    await check('ban')
    await page.screenshot({ path: shots(`peers-ban-${colorScheme}`) })
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Banned (2)' }).click()
    await check('ban list')
    await page.screenshot({ path: shots(`peers-bans-${colorScheme}`) })
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Connect to…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Connect', exact: true }).click()
    await check('connect')
    network.refusal = dialError('NETWORK_DIAL_REFUSED')
    await page.getByLabel('Peer address').fill(`/ip4/192.0.2.1/tcp/30333/p2p/${PEERS[2]}`)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog').getByRole('status')).toContainText('nothing listens at this address')
    await expect(page.getByRole('dialog')).toContainText('Reserved peers')
    await check('connect refused')
    await page.screenshot({ path: shots(`peers-connect-${colorScheme}`) })
  })
}
