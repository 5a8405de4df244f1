/** A data folder that is renamed, deleted, swapped or rolled back, before a start and while the node runs: a card each, and a way on. */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { ROOT } from '../../build/terminal.ts'
import { violations } from './fixtures/accessibility.ts'
import { expect, test, type DesktopApp } from './fixtures/desktop.ts'
import { looksDestructive } from './fixtures/destructive.ts'
import { developmentOnFreePorts, developmentProfile, fileOf } from './fixtures/networks-file.ts'

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
test.setTimeout(240_000)

class DataFolder {
  readonly page: Page
  /** The network's folder, and its data folder. */
  readonly folder: string
  readonly path: string

  constructor({ page, userData }: Pick<DesktopApp, 'page' | 'userData'>) {
    this.page = page
    this.folder = join(userData, 'data')
    this.path = join(this.folder, 'chains/nodestead_dev')
  }

  card(reason: string): Locator {
    return this.page.locator('[data-trouble="data-folder"]').filter({ hasText: reason })
  }

  get sentence(): Locator {
    return this.page.getByTestId('sentence')
  }

  async start(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start', exact: true }).click()
  }

  async running(): Promise<void> {
    await expect(this.sentence).toContainText('Producing blocks', { timeout: 60_000 })
    await expect(this.page.locator('[data-trouble="data-folder"]')).toHaveCount(0)
  }

  async stop(): Promise<void> {
    await this.page.getByRole('button', { name: 'Stop' }).click()
    await expect(this.sentence).toContainText('Stopped', { timeout: 30_000 })
  }

  /** The number of its best block, as the overview has it. */
  async best(): Promise<number> {
    const text = await this.page.getByTestId('tile-best').innerText()
    return Number(/#\s?([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? -1)
  }

  async reaches(height: number): Promise<void> {
    await expect.poll(() => this.best(), { timeout: 90_000 }).toBeGreaterThanOrEqual(height)
  }

  /** Light and dark, for people to look at. */
  async pictures(name: string): Promise<void> {
    for (const theme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme: theme })
      await this.page.screenshot({ path: join(ROOT, 'test-results/screenshots', `data-folder-${name}-${theme}.png`) })
    }
  }

  async peerId(): Promise<unknown> {
    return (JSON.parse(await readFile(join(this.path, 'instance.json'), 'utf8')) as { peerId?: unknown }).peerId
  }
}

test('renamed before a start: nothing is made in its place, and it is found again by hand', async ({ desktop }) => {
  const data = new DataFolder(desktop)
  const { page } = data
  await data.start()
  await data.running()
  await data.reaches(2)
  await data.stop()
  const height = await data.best()
  const peerId = await data.peerId()
  // How far it had come is still said.
  expect(height).toBeGreaterThanOrEqual(2)

  const elsewhere = join(desktop.userData, 'elsewhere')
  await rename(data.folder, elsewhere)
  await data.start()
  const card = data.card('The data folder is gone')
  await expect(card).toBeVisible({ timeout: 30_000 })
  await expect(data.sentence).toContainText('The data folder is gone')
  expect(await data.best()).toBe(height)
  expect(await readdir(desktop.userData)).not.toContain('data')
  expect(await violations(page)).toEqual([])
  await data.pictures('gone')
  await card.getByRole('button', { name: 'Look again' }).click()
  await expect(card).toBeVisible()

  await card.getByRole('button', { name: 'Choose the folder…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Where is the data now?' })
  await dialog.getByLabel('Folder').fill(desktop.userData)
  await dialog.getByRole('button', { name: 'Check and start' }).click()
  await expect(dialog).toContainText('holds no node data')
  expect(await violations(page)).toEqual([])
  await data.pictures('choose')
  await dialog.getByLabel('Folder').fill(elsewhere)
  await dialog.getByRole('button', { name: 'Check and start' }).click()
  await data.running()
  await expect(dialog).toHaveCount(0)
  await data.reaches(height + 1)
  expect((JSON.parse(await readFile(join(elsewhere, 'chains/nodestead_dev/instance.json'), 'utf8')) as { peerId: unknown }).peerId).toBe(peerId)
  expect(await readdir(desktop.userData)).not.toContain('data')
})

test('renamed and deleted while the node runs: it stops, nothing stays green, and to begin anew is typed', async ({ desktop }) => {
  const data = new DataFolder(desktop)
  const { page } = data
  await data.start()
  await data.running()
  await data.reaches(2)
  const height = await data.best()

  await rename(data.path, `${data.path}-renamed`)
  const gone = data.card('The data folder is gone')
  await expect(gone).toBeVisible({ timeout: 20_000 })
  await expect(data.sentence).not.toContainText('Producing blocks')
  await rename(`${data.path}-renamed`, data.path)
  await gone.getByRole('button', { name: 'Look again' }).click()
  await data.running()
  await data.reaches(height)

  await rm(data.path, { recursive: true })
  await expect(gone).toBeVisible({ timeout: 20_000 })
  expect(await readdir(join(data.path, '..'))).not.toContain('nodestead_dev')
  await gone.getByRole('button', { name: 'Begin anew…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Begin Development anew?' })
  await expect(dialog.getByTestId('data-warning')).toContainText('only authority of the network')
  const begin = dialog.getByRole('button', { name: 'Begin anew' })
  await dialog.getByLabel('Type Development to confirm').fill('Develop')
  await expect(begin).toBeDisabled()
  await looksDestructive(page, begin)
  expect(await violations(page)).toEqual([])
  await data.pictures('begin-anew')
  await dialog.getByLabel('Type Development to confirm').fill('Development')
  await begin.click()
  await data.running()
  expect(await data.best()).toBeLessThan(height)
})

test("swapped for another node's, and rolled back to an older copy: both are told, and used only where that was typed", async ({ desktop }) => {
  const data = new DataFolder(desktop)
  const { page } = data
  await data.start()
  await data.running()
  await data.reaches(1)
  await data.stop()
  await cp(data.path, join(desktop.userData, 'older'), { recursive: true })
  const older = await data.best()
  await data.start()
  await data.running()
  await data.reaches(older + 4)
  await data.stop()

  // An older copy of the same data.
  await rm(data.path, { recursive: true })
  await cp(join(desktop.userData, 'older'), data.path, { recursive: true })
  await data.start()
  const rolledBack = data.card('The data is an older copy')
  await expect(rolledBack).toContainText('may sign twice', { timeout: 30_000 })
  await expect(data.sentence).toContainText('The data is an older copy')
  await data.pictures('older')
  await rolledBack.getByRole('button', { name: 'Use this data…' }).click()
  const use = page.getByRole('dialog', { name: 'Use this data for Development?' })
  await use.getByLabel('Type Development to confirm').fill('Development')
  await looksDestructive(page, use.getByRole('button', { name: 'Use this data' }))
  await data.pictures('use')
  await use.getByRole('button', { name: 'Use this data' }).click()
  await data.running()
  await data.stop()

  // Another node's of the same network: the one that begins anew is not the one of before.
  const peerId = await data.peerId()
  await rename(data.path, join(desktop.userData, 'first'))
  await data.start()
  await data.card('The data folder is gone').getByRole('button', { name: 'Begin anew…' }).click({ timeout: 30_000 })
  const anew = page.getByRole('dialog', { name: 'Begin Development anew?' })
  await anew.getByLabel('Type Development to confirm').fill('Development')
  await anew.getByRole('button', { name: 'Begin anew' }).click()
  await data.running()
  expect(await data.peerId()).not.toBe(peerId)
  await data.stop()
  await rm(data.path, { recursive: true })
  await rename(join(desktop.userData, 'first'), data.path)
  await data.start()
  const swapped = data.card('The data folder belongs to another node')
  await expect(swapped).toBeVisible({ timeout: 30_000 })
  await data.pictures('other-node')
  expect(await data.peerId()).toBe(peerId)
})

test('a database whose CURRENT names nothing is repaired, and goes on where it was; the damaged one is kept', async ({ desktop }) => {
  const data = new DataFolder(desktop)
  const { page } = data
  await data.start()
  await data.running()
  await data.reaches(3)
  await data.stop()
  const height = await data.best()
  await writeFile(join(data.path, 'db/CURRENT'), 'MANIFEST-000099\n')
  await data.start()
  const card = page.locator('[data-trouble="database-unusable"]')
  await expect(card).toContainText('The database is damaged', { timeout: 30_000 })
  await expect(card).toContainText('This node is the only authority')
  await expect(card.getByRole('button')).toHaveText(['Repair', 'Move aside and sync again'])
  expect(await violations(page)).toEqual([])
  await data.pictures('damaged')
  await card.getByRole('button', { name: 'Repair' }).click()
  const news = page.locator('[data-trouble="database-repaired"]')
  await expect(news).toContainText('The database was repaired', { timeout: 60_000 })
  await expect(news).toContainText('db.aside-')
  await data.running()
  expect(await data.best()).toBeGreaterThanOrEqual(height)
  await data.pictures('repaired')
  await data.reaches(height + 1)
  await news.getByRole('button').click()
  await expect(news).toHaveCount(0)
  expect((await readdir(data.path)).some((name) => name.startsWith('db.aside-'))).toBe(true)
})

test('a damaged list of networks is told on the overview, and its networks come back with their data', async ({ desktop }) => {
  const data = new DataFolder(desktop)
  await data.start()
  await data.running()
  await data.reaches(1)
  await data.stop()
  const height = await data.best()
  await mkdir(join(desktop.userData, 'networks'))
  await rename(data.folder, join(desktop.userData, 'networks/mine'))
  await writeFile(join(desktop.userData, 'networks.json'), '{"version":2,"networks":[{"id":"mine","ki')
  const { page } = await desktop.reopen()
  const again = new DataFolder({ page, userData: desktop.userData })
  const card = page.getByTestId('networks-damage')
  await expect(card).toContainText('The list of networks was damaged')
  await expect(card).toContainText('networks.json.damaged-')
  expect(await violations(page)).toEqual([])
  await again.pictures('list')
  await card.getByRole('button', { name: /^Add .* again$/ }).click()
  await expect(card.getByRole('button', { name: /^Add .* again$/ })).toHaveCount(0)
  await card.getByRole('button', { name: 'Dismiss' }).click()
  await expect(card).toHaveCount(0)
  // Its data are there: it begins where it was.
  await again.start()
  await expect.poll(() => again.best(), { timeout: 60_000 }).toBeGreaterThanOrEqual(height)
})

test.describe('ports', () => {
  test.use({
    networksFile: async ({}, use) => use((userData) => fileOf(developmentProfile(join(userData, 'data'), { rpc: { port: 9977, cors: [] } }))),
  })

  test('that the network uses for something else are refused beside the field', async ({ desktop }) => {
    const { page } = desktop
    await page.getByRole('button', { name: 'Settings' }).click()
    const row = page.locator('[data-setting="network.port"]')
    await row.getByRole('textbox').fill('9976')
    await expect(row).toContainText("Port 9977 is this network's port for wallets and apps.")
    await row.getByRole('textbox').blur()
    await page.screenshot({ path: join(ROOT, 'test-results/screenshots', 'data-folder-port.png') })
    expect(await readFile(join(desktop.userData, 'networks.json'), 'utf8')).not.toContain('9976')
    await row.getByRole('textbox').fill('9970')
    await row.getByRole('textbox').blur()
    await expect.poll(() => readFile(join(desktop.userData, 'networks.json'), 'utf8')).toContain('9970')
    await expect(row).not.toContainText('Port 9977')
  })
})
