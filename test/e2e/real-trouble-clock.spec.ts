/** A clock that is two minutes wrong: the app's, beside an authority's that goes otherwise; and one that jumps. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../build/terminal.ts'
import { expect, test as base } from './fixtures/desktop.ts'
import { startNode, type LiveNode } from './fixtures/live-node.ts'
import { developmentOnFreePorts, fileOf, followerProfile } from './fixtures/networks-file.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `trouble-real-${name}.png`)

/** An authority that can be replaced by another one on the same chain, at the same address. */
interface Authority {
  readonly address: string
  replace(clockOffsetMs: number): Promise<void>
}

const test = base.extend<{ folder: string; authority: Authority }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-clock-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  authority: async ({ folder }, use) => {
    const start = (clockOffsetMs: number, port?: number): Promise<LiveNode> =>
      startNode({ clockOffsetMs, basePath: join(folder, 'authority'), ...(port === undefined ? {} : { port }) }, '--alice')
    let node = await start(-120_000)
    await use({
      address: node.address,
      replace: async (clockOffsetMs) => {
        await node.stop()
        node = await start(clockOffsetMs, Number(/tcp\/(\d+)/.exec(node.address)?.[1]))
      },
    })
    await node.stop()
  },
  networksFile: async ({ authority }, use) => use((userData) => fileOf(followerProfile(join(userData, 'data'), authority.address))),
  // A desktop with settings of its own, which write down what they were asked for.
  environment: async ({ folder }, use) => {
    await writeFile(join(folder, 'systemsettings'), `#!/bin/sh\necho "$*" > '${folder}/asked'\n`)
    await chmod(join(folder, 'systemsettings'), 0o755)
    await use({ PATH: `${folder}:${process.env['PATH']}`, XDG_CURRENT_DESKTOP: 'KDE' })
  },
})

test.use({ settings: { toldAboutTray: true } })
test.setTimeout(180_000)

test('a clock that is wrong is told by how much, and no more once both agree', async ({ desktop, authority, folder }) => {
  const { page } = desktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const card = page.locator('[data-trouble="clock-wrong"]')
  await expect(card).toContainText('The clock of this computer is 2 min fast', { timeout: 90_000 })
  await expect(card).toContainText('1 peer reports another time')
  await page.screenshot({ path: shots('clock') })

  await card.getByRole('button', { name: 'Open date and time settings' }).click()
  await expect.poll(() => readFile(join(folder, 'asked'), 'utf8').catch(() => '')).toBe('kcm_clock\n')
  await expect(card).toBeVisible()

  // What was heard is forgotten, and heard again.
  await card.getByRole('button', { name: 'Check again' }).click()
  await expect(card).toHaveCount(0)
  await expect(card).toContainText('2 min fast', { timeout: 60_000 })

  await authority.replace(0)
  await expect(card).toHaveCount(0, { timeout: 60_000 })
  await expect(page.getByTestId('sentence')).toContainText('1 peer')
})

test.describe('alone', () => {
  test.use({ networksFile: async ({}, use) => use(developmentOnFreePorts) })

  test('a clock that jumps is told until it is put aside, and the node goes on', async ({ desktop }) => {
    const { page, electron } = desktop
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(page.getByTestId('sentence')).toContainText('Producing blocks: best #', { timeout: 60_000 })
    const best = async (): Promise<number> => Number((await page.getByTestId('tile-best').textContent())?.replace(/\D/g, ''))
    // As somebody who sets it would do to the whole computer.
    await electron.evaluate(() => {
      const right = Date.now
      Date.now = () => right() + 120_000
    })
    const card = page.locator('[data-trouble="clock-jumped"]')
    await expect(card).toContainText('The clock jumped forward by 2 min')
    await page.screenshot({ path: shots('clock-jumped') })
    await card.getByRole('button', { name: 'Dismiss' }).click()
    await expect(card).toHaveCount(0)
    const before = await best()
    await expect.poll(best, { timeout: 30_000 }).toBeGreaterThan(before)
    await expect(card).toHaveCount(0)
  })
})
