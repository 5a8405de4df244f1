/** A disk that fills up, and one that fails: volumes in memory, on which the app's node keeps its data. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { ROOT } from '../../build/terminal.ts'
import { SmallVolume, whyNoVolume } from '../helpers/small-volume.ts'
import { expect, test as base } from './fixtures/desktop.ts'
import { startNode, type LiveNode } from './fixtures/live-node.ts'
import { developmentProfile, fileOf, followerProfile } from './fixtures/networks-file.ts'

const GB = 1_000_000_000
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `trouble-real-${name}.png`)
const reason = whyNoVolume()

/** One that is nearly full, and one that is not; neither goes away before the app. */
const test = base.extend<{ volumes: readonly [SmallVolume, SmallVolume]; authority: LiveNode }>({
  authority: async ({}, use) => {
    const node = await startNode({}, '--alice')
    await use(node)
    await node.stop()
  },
  volumes: async ({}, use) => {
    const volumes = [new SmallVolume(2 * GB), new SmallVolume(8 * GB)] as const
    await use(volumes)
    for (const volume of volumes) volume.remove()
  },
  networksFile: async ({ volumes: [volume] }, use) => use(() => fileOf(developmentProfile(join(volume.path, 'data')))),
})

test.use({ settings: { toldAboutTray: true } })
test.setTimeout(180_000)
test.skip(reason !== undefined, reason ?? '')

const sentence = (page: Page) => page.getByTestId('sentence')
const trouble = (page: Page, code: string) => page.locator(`[data-trouble="${code}"]`)

async function start(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 60_000 })
}

test('a disk that fills up: the node warns, stops in time, and its data are moved', async ({ desktop, volumes: [volume, other] }) => {
  const { page, userData } = desktop
  const low = trouble(page, 'disk-low')
  const full = trouble(page, 'disk-full')
  await start(page)
  await expect(low).toContainText(/(1\.9\d?|2(\.0)?) GB left\. Below 500 MB the node stops/)
  await page.screenshot({ path: shots('disk-low') })

  volume.resize(0.3 * GB)
  await low.getByRole('button', { name: 'Check again' }).click()
  await expect(full).toContainText(/Only 2\d\d MB left/, { timeout: 30_000 })
  await expect(sentence(page)).toContainText('Failed: The disk is full')
  await page.screenshot({ path: shots('disk-full') })
  await full.getByRole('button', { name: 'Start node' }).click()
  // Room made before that start has looked would let it succeed. The window tells of it only until its card does.
  await expect.poll(() => readFile(join(userData, 'logs', 'nodestead.log'), 'utf8')).toContain('The node was not started')
  await expect(full).toContainText(/Only 2\d\d MB left/)
  volume.resize(2 * GB)
  await full.getByRole('button', { name: 'Start node' }).click()
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 60_000 })
  await expect(full).toHaveCount(0)
  // Nothing is left of what was said while it was full.
  await expect(page.getByText('The node was not started')).toHaveCount(0)

  await low.getByRole('button', { name: 'Move data…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Move data of Development' })
  await expect(dialog).toContainText('The node is stopped first')
  await dialog.getByLabel('New folder').fill(join(other.path, 'data'))
  await expect(dialog).toContainText('8.0 GB of 8.0 GB free')
  await page.screenshot({ path: shots('disk-move') })
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await expect(page.getByTestId('move')).toContainText('The data was moved to', { timeout: 30_000 })
  expect([existsSync(join(volume.path, 'data')), existsSync(join(other.path, 'data/chains/nodestead_dev/db'))]).toEqual([false, true])
  await page.screenshot({ path: shots('disk-moved') })
  await page.getByRole('button', { name: 'Start node' }).click()
  await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 60_000 })
  await expect(page.locator('[data-trouble]')).toHaveCount(0)
})

test.describe('a node that follows', () => {
  // One that authors writes down what it signs first, and signs nothing where it cannot.
  test.use({
    networksFile: async ({ volumes: [volume], authority }, use) => use(() => fileOf(followerProfile(join(volume.path, 'data'), authority.address))),
  })

  test('a disk that fails: its card says that it is read-only, and the node runs once it is looked at again and is not', async ({ desktop, volumes: [volume] }) => {
    const { page } = desktop
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(sentence(page)).toContainText('Following the chain: best #', { timeout: 60_000 })
    volume.fill()
    // The next block finds no room; as soon as the failed node has let go, nothing at all can be written.
    await volume.becomeReadOnly(2 * GB)
    const card = trouble(page, 'data-folder')
    await expect(card).toContainText('The data folder is read-only')
    await expect(card).toContainText('as systems do with disks that have errors')
    await expect(sentence(page)).toContainText('Failed: The data folder is read-only.')
    await card.getByRole('button', { name: 'Look again' }).click()
    await expect(card).toBeVisible()
    await page.screenshot({ path: shots('disk-fails') })
    volume.becomeWritable()
    await card.getByRole('button', { name: 'Look again' }).click()
    await expect(sentence(page)).toContainText('Following the chain: best #', { timeout: 60_000 })
    await expect(card).toHaveCount(0)
  })
})
