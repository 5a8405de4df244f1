/** Troubles of the computer and of the chain, provoked for real: a port, a folder and a database that cannot be used, a runtime that traps. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { ROOT } from '../../build/terminal.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { trappingSpec } from '../helpers/trapping-runtime.ts'
import { expect, test } from './fixtures/desktop.ts'
import { customProfile, developmentOnFreePorts, developmentProfile, fileOf } from './fixtures/networks-file.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `trouble-real-${name}.png`)

test.use({ settings: { toldAboutTray: true } })
test.setTimeout(180_000)

/** The Playwright worker holds the port before the app starts. */
const occupied = test.extend<object, { held: Server }>({
  held: [
    async ({}, use) => {
      const server = createServer()
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      await use(server)
      server.close()
    },
    { scope: 'worker' },
  ],
  networksFile: async ({ held }, use) => {
    const { port } = held.address() as AddressInfo
    await use((userData) => fileOf(developmentProfile(join(userData, 'data'), { rpc: { port, cors: [] } })))
  },
})

occupied('a port in use: a free one is taken, and the node runs', async ({ desktop, held }) => {
  const { page } = desktop
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const card = page.locator('[data-trouble="port-in-use"]')
  await expect(card).toContainText(`Port ${(held.address() as AddressInfo).port} for wallets and apps is in use`, { timeout: 60_000 })
  await page.screenshot({ path: shots('port') })
  await card.getByRole('button', { name: 'Use a free port' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
  await expect(card).toHaveCount(0)
})

test.describe('data', () => {
  test.use({ networksFile: async ({}, use) => use(developmentOnFreePorts) })

  test('a locked folder names the process; it starts when that has ended', async ({ desktop }) => {
    const { page, userData } = desktop
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect(page.getByTestId('sentence')).toContainText('Stopped', { timeout: 30_000 })
    const folder = join(userData, 'data/chains/nodestead_dev')
    const holder = spawn(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'test/helpers/hold-database.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(holder.stdout, 'data')
      await page.getByRole('button', { name: 'Start', exact: true }).click()
      const card = page.locator('[data-trouble="folder-locked"]')
      await expect(card).toContainText(`Process ${holder.pid} is using`, { timeout: 30_000 })
      await page.screenshot({ path: shots('locked') })
      holder.kill('SIGKILL')
      await once(holder, 'exit')
      await card.getByRole('button', { name: 'Try again' }).click()
      await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
      await page.getByRole('button', { name: 'Stop' }).click()
      await expect(page.getByTestId('sentence')).toContainText('Stopped', { timeout: 30_000 })
    } finally {
      if (holder.exitCode === null) holder.kill('SIGKILL')
    }

    // The same folder, damaged now.
    for (const name of await readdir(join(folder, 'db'))) {
      if (name.startsWith('MANIFEST')) await writeFile(join(folder, 'db', name), 'damaged'.repeat(100))
    }
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const damaged = page.locator('[data-trouble="database-unusable"]')
    await expect(damaged).toContainText('The database is damaged', { timeout: 30_000 })
    await page.screenshot({ path: shots('damaged') })
    await damaged.getByRole('button', { name: 'Move aside and sync again' }).click()
    await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
    expect((await readdir(folder)).some((name) => name.startsWith('db.aside-'))).toBe(true)
  })
})

test.describe('a runtime', () => {
  test.use({
    networksFile: async ({}, use) => {
      const dev = readChainFile('dev')
      await use((userData) =>
        fileOf(
          customProfile(join(userData, 'blocks'), trappingSpec(dev, 'BlockBuilder_finalize_block', 'blocks', 'Traps in blocks')),
          customProfile(join(userData, 'start'), trappingSpec(dev, 'BabeApi_configuration', 'start', 'Traps at the start')),
        ),
      )
    },
  })

  test('that traps is told, in a block and at the start, and the app stays up', async ({ desktop }) => {
    const { page } = desktop
    const sentence = page.getByTestId('sentence')
    const card = page.locator('[data-trouble="runtime-trap"]')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(card).toContainText('The runtime trapped while executing a block', { timeout: 60_000 })
    await expect(card).toContainText('Nodestead. Details: BlockBuilder_finalize_block trapped: unreachable')
    await expect(card.getByRole('button', { name: 'Save support bundle' })).toBeVisible()
    await page.screenshot({ path: shots('trap') })
    await card.getByRole('button', { name: 'Restart node' }).click()
    // The node is another one now, and comes to the same end at the next slot.
    await expect(card).toHaveCount(0)
    await expect(sentence).toContainText('best #0', { timeout: 60_000 })
    await expect(card).toContainText('The runtime trapped', { timeout: 30_000 })

    await page.getByRole('button', { name: /^Network: / }).click()
    await page.getByRole('menuitem', { name: /Traps at the start/ }).click()
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(card).toContainText('does not run on this node', { timeout: 60_000 })
    await expect(card).toContainText('BabeApi_configuration trapped: unreachable')
    await expect(sentence).toContainText('Failed: The runtime trapped')
    await page.screenshot({ path: shots('trap-start') })
    await card.getByRole('button', { name: 'Try again' }).click()
    await expect(card).toContainText('BabeApi_configuration trapped')

    // Each has its own: the first goes on as it was, and is stopped as ever.
    await page.getByRole('button', { name: /^Network: / }).click()
    await page.getByRole('menuitem', { name: /Traps in blocks/ }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect(sentence).toContainText('Stopped', { timeout: 30_000 })
    await expect(card).toHaveCount(0)
  })
})
