/** One key on two computers, in a window: the second is stopped before it signs, says why, and signs when a person has looked after the first. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../build/terminal.ts'
import { networkOfOne } from '../helpers/network-of-one.ts'
import { violations } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/desktop.ts'
import { startNode, type LiveNode } from './fixtures/live-node.ts'
import { authorProfile, fileOf } from './fixtures/networks-file.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `sole-signer-${name}.png`)
const spec = networkOfOne({ slotMs: 2000 })

/** The first computer makes blocks before the app starts. */
const twins = test.extend<object, { first: LiveNode }>({
  first: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'nodestead-first-'))
      const chain = join(folder, 'spec.json')
      await writeFile(chain, JSON.stringify(spec))
      const node = await startNode({ chain, basePath: join(folder, 'data') }, '--validator', '--alice')
      await use(node)
      await node.stop()
      await rm(folder, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
  networksFile: async ({ first }, use) => use((userData) => fileOf(authorProfile(join(userData, 'data'), spec, first.address))),
})

twins.use({ settings: { toldAboutTray: true } })
twins.setTimeout(240_000)

/** What the keys of the window signed. */
async function signedIn(userData: string): Promise<string[]> {
  const names = await readdir(join(userData, 'data', 'chains', spec.id, 'signing-record')).catch(() => [])
  return names.filter((name) => /-(babe|gran)-/.test(name))
}

async function height(node: LiveNode): Promise<number> {
  const { number } = (await node.call('chain_getHeader')) as { number: string }
  return Number(number)
}

twins('the same key on two computers is stopped before its second signature', async ({ desktop, first }) => {
  const { page, userData } = desktop
  const sentence = page.getByTestId('sentence')
  const card = page.locator('[data-trouble="signed-elsewhere"]')
  await expect.poll(() => height(first), { timeout: 90_000 }).toBeGreaterThan(1)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(card).toContainText("is signed with this node's key 0x", { timeout: 90_000 })
  await expect(sentence).toContainText('Not signing, because another computer signs with the same keys')
  expect(await signedIn(userData)).toEqual([])
  for (const [colorScheme, width] of [['light', 1280], ['dark', 880]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 800 })
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: shots(`card-${colorScheme}`) })
  }
  // It follows the chain, and the first computer was not disturbed.
  const before = await height(first)
  await expect.poll(() => height(first), { timeout: 60_000 }).toBeGreaterThan(before + 2)
  expect(await signedIn(userData)).toEqual([])

  // A restart changes nothing.
  await page.getByRole('button', { name: 'Restart', exact: true }).click()
  await expect(sentence).toContainText('Not signing', { timeout: 60_000 })
  await expect(card).toBeVisible()

  await first.stop()
  await card.getByRole('button', { name: 'This computer is the only one with this key now…' }).click()
  const confirm = page.getByRole('button', { name: 'This computer is the only one with this key now', exact: true })
  await expect(confirm).toBeDisabled()
  await page.screenshot({ path: shots('dialog') })
  expect(await violations(page)).toEqual([])
  await page.getByRole('checkbox', { name: 'No other computer runs a node with this key' }).check()
  await confirm.click()
  await expect(card).toHaveCount(0)
  await expect(sentence).toContainText('Listening for another', { timeout: 30_000 })
  await page.screenshot({ path: shots('listening') })
  await expect(sentence).toContainText('Producing blocks', { timeout: 90_000 })
  expect((await signedIn(userData)).length).toBeGreaterThan(0)
})
