/** Metrics and the figures over time on the overview: in Chromium with a week behind the node, and saving in a real Electron. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Download, type Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'
import { FAKE_APP } from './fixtures/places.ts'
import { test as base } from './fixtures/desktop.ts'
import { drawnAnew } from './fixtures/drawing.ts'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { FakeManager } from '../helpers/fake-manager.ts'

const PNG_SIGNATURE = '89504e470d0a1a0a'
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)

interface Fixtures {
  manager: FakeManager
  /** Opens the metrics screen of the dashboard in the page. */
  open: () => Promise<void>
}

const test = base.extend<Fixtures>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock, blockEveryMs: 1_000, seedHistory: true })
    await use(manager)
    await manager.stopAll()
  },
  open: async ({ manager, page }, use) => {
    await dashboardAround(manager, async (url) => {
      await use(async () => {
        await page.goto(url)
        await page.getByRole('navigation').getByRole('button', { name: 'Metrics', exact: true }).click()
        await expect(page.getByRole('heading', { name: 'Metrics' })).toBeVisible()
      })
    })
  },
})

async function contentOf(download: Download): Promise<Buffer> {
  return readFile(await download.path())
}

function sizeOfPng(bytes: Buffer): readonly [number, number] {
  expect(bytes.subarray(0, 8).toString('hex')).toBe(PNG_SIGNATURE)
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
}

const chart = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true })

test('a stopped node has its history; the span is switched; the cursor is the same in every chart', async ({ page, open }) => {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await open()
  await expect(page.getByTestId('sentence')).toContainText(/Last hour: .* in, .* out, a block every .* s, finality .* behind, .* % CPU, recorded 9\d % of the time\./)
  await expect(page.getByTestId('charts').getByRole('region')).toHaveCount(10)
  await page.getByRole('radio', { name: 'Week' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Last week:')
  await page.getByRole('radio', { name: 'Day' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Last day:')

  await chart(page, 'Bandwidth').getByRole('img').hover({ position: { x: 250, y: 60 } })
  const times = page.getByTestId('legend').locator('dd').filter({ hasText: /\d\d:\d\d:\d\d/ })
  await expect(times).toHaveCount(10)
  expect(new Set(await times.allTextContents()).size).toBe(1)
  const before = await times.first().textContent()
  await page.mouse.move(0, 0)
  await expect(times).toHaveCount(0)

  await chart(page, 'Memory').getByRole('img').focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await expect(chart(page, 'Memory').getByTestId('legend')).toContainText(/\d\d:\d\d:\d\d/)
  expect(await times.first().textContent()).not.toBe(before)
  await page.keyboard.press('Escape')
  await expect(times).toHaveCount(0)
  expect(problems).toEqual([])
})

test('samples arrive while the node runs', async ({ page, open, manager }) => {
  await open()
  await expect(chart(page, 'Peers').getByTestId('legend')).not.toContainText('77')
  await manager.history('dev').add({ peers: 77 })
  await expect(chart(page, 'Peers').getByTestId('legend')).toContainText('77')
})

test('all figures of the span as CSV, and a chart as a picture', async ({ page, open }) => {
  await open()
  await page.getByRole('radio', { name: 'Day' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Last day:')
  const [csvFile] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()])
  expect(csvFile.suggestedFilename()).toMatch(/^nodestead-dev-metrics-day-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.csv$/)
  const lines = (await contentOf(csvFile)).toString('utf8').trimEnd().split('\r\n')
  expect(lines.slice(0, 2)).toEqual(['# Nodestead metrics', '# Network: Development'])
  const names = lines[4]?.split(',') ?? []
  expect(names.slice(0, 4)).toEqual(['time', 'bytes_in_per_second_mean', 'bytes_in_per_second_min', 'bytes_in_per_second_max'])
  expect(lines).toHaveLength(5 + 720)
  expect(lines[5]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z,/)
  const rows = lines.slice(5).map((line) => line.split(','))
  expect(rows.every((row) => row.length === names.length)).toBe(true)
  // It was off for 20,000 seconds of that day.
  expect(rows.filter((row) => row[1] === '').length).toBeGreaterThan(160)

  const [pngFile] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save “Bandwidth” as an image' }).click()])
  expect(pngFile.suggestedFilename()).toMatch(/^nodestead-dev-bandwidth-day-.*\.png$/)
  expect(sizeOfPng(await contentOf(pngFile))).toEqual([2400, 1000])
  await pngFile.saveAs(shots('metrics-picture'))
})

test('without a history the screen says when there will be one', async ({ page, open }) => {
  await open()
  await page.getByRole('button', { name: /^Network: / }).click()
  await page.getByRole('menuitem', { name: /Local/ }).click()
  await expect(page.getByTestId('sentence')).toContainText('Last hour: no data')
  await expect(page.getByText('Charts appear about 15 seconds after the node starts')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Export CSV' })).toBeDisabled()
})

test('the overview shows how it went, the disk and the traffic', async ({ page, open, manager }) => {
  await manager.start('dev')
  await open()
  await page.keyboard.press('1')
  await expect(page.getByTestId('tile-disk')).toHaveText('1.2 GB')
  await expect(page.getByText('64 GB free')).toBeVisible()
  await expect(page.getByTestId('trend-best').locator('path')).toHaveAttribute('d', /L/)
  const network = manager.node('dev')?.network
  if (network === undefined) throw new Error('The node does not run.')
  // Traffic that goes on for as long as the screen takes to show it.
  await expect(async () => {
    network.bytes = { bytesIn: network.bytes.bytesIn + 100_000, bytesOut: network.bytes.bytesOut + 50_000 }
    await expect(page.getByTestId('traffic')).toContainText(/\d+ kB\/s/, { timeout: 500 })
  }).toPass({ timeout: 30_000 })
  await expect(page.getByTestId('uptime')).toBeVisible()
  await page.getByRole('button', { name: 'All metrics' }).click()
  await expect(page.getByRole('heading', { name: 'Metrics' })).toBeVisible()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing for the accessibility checker to find, and pictures, ${colorScheme}`, async ({ page, open, manager }) => {
    await manager.start('dev')
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width: 1280, height: 860 })
    await open()
    await expect(page.getByTestId('sentence')).toContainText('Last hour')
    await drawnAnew(page)
    expect(await violations(page)).toEqual([])
    await chart(page, 'Bandwidth').getByRole('img').hover({ position: { x: 250, y: 60 } })
    await page.screenshot({ path: shots(`metrics-hour-${colorScheme}-1280`) })
    await page.getByRole('radio', { name: 'Week' }).click()
    await expect(page.getByTestId('sentence')).toContainText('Last week')
    await page.mouse.move(0, 0)
    await page.screenshot({ path: shots(`metrics-week-${colorScheme}-1280`) })
    await page.setViewportSize({ width: 880, height: 600 })
    await drawnAnew(page)
    await page.screenshot({ path: shots(`metrics-week-${colorScheme}-880`) })
    await page.keyboard.press('1')
    await expect(page.getByTestId('tile-disk')).toHaveText('1.2 GB')
    await page.screenshot({ path: shots(`overview-trends-${colorScheme}-880`) })
    await page.setViewportSize({ width: 1280, height: 860 })
    await page.screenshot({ path: shots(`overview-trends-${colorScheme}-1280`) })
    expect(await violations(page)).toEqual([])
  })
}

test.describe('in the desktop window', () => {
  test.use({ appFolder: FAKE_APP })

  test('what is saved goes where the dialog said; nothing else is downloaded', async ({ desktop }) => {
    const { page, electron, userData } = desktop
    const target = join(userData, 'saved')
    // Answers the dialog: the app's own listener has set what it offers.
    await electron.evaluate(({ session }, folder) => {
      const offered: unknown[] = []
      Object.assign(globalThis, { offered })
      session.defaultSession.on('will-download', (event, item) => {
        offered.push({ ...item.getSaveDialogOptions(), refused: event.defaultPrevented })
        item.setSavePath(`${folder}.${item.getFilename().split('.').at(-1) ?? ''}`)
      })
    }, target)
    await page.getByRole('navigation').getByRole('button', { name: 'Metrics', exact: true }).click()
    await page.getByRole('button', { name: 'Export CSV' }).click()
    await expect.poll(() => readFile(`${target}.csv`, 'utf8').catch(() => '')).toContain('# Network: Development')
    await page.getByRole('button', { name: 'Save “Peers” as an image' }).click()
    await expect.poll(() => readFile(`${target}.png`).then((bytes) => bytes.length, () => 0)).toBeGreaterThan(1_000)
    expect(sizeOfPng(await readFile(`${target}.png`))).toEqual([2400, 1000])
    const offers = () => electron.evaluate(() => (globalThis as unknown as { offered: { defaultPath: string; filters: unknown; refused: boolean }[] }).offered)
    const offered = await offers()
    expect(offered[0]?.defaultPath).toMatch(/nodestead-dev-metrics-hour-.*\.csv$/)
    expect(offered[0]?.filters).toEqual([{ name: 'CSV', extensions: ['csv'] }])

    await page.evaluate(() => {
      const link = document.createElement('a')
      link.href = 'data:text/plain,foreign'
      link.download = 'foreign.txt'
      link.click()
    })
    await expect.poll(async () => (await offers()).map(({ refused }) => refused)).toEqual([false, false, true])
    expect(await readFile(`${target}.txt`).catch(() => undefined)).toBeUndefined()
  })
})
