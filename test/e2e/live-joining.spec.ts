/**
 * The real app joins a running chain: proofs of finality, a state of some size, then the chain. The author is a process of its own; the
 * app's node takes no more from it than a limit of its settings allows, so that there is something to see.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { violations } from './fixtures/accessibility.ts'
import { expect, test as base } from './fixtures/desktop.ts'
import { startNode, type LiveNode } from './fixtures/live-node.ts'
import { ROOT } from '../../build/terminal.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { chainSettingsSchema, SPEC_FILE } from '../../node-core/manager/kinds/chain/profile.ts'
import { PROFILE_VERSION } from '../../node-core/manager/kinds/profiles.ts'
import { ownSpec } from '../helpers/own-spec.ts'

/** Entries that nobody reads, and bytes of each. */
const ENTRIES = 24_000
const BYTES = 512
/** kB a second: the state takes a quarter of a minute. */
const LIMIT = 1_000

/** A development network with a larger state. */
function bulkySpec(): ChainSpec {
  const spec = ownSpec({ id: 'bulky' })
  if (!('raw' in spec.genesis)) throw new Error('the specification has no genesis state')
  const { raw } = spec.genesis
  const top = { ...raw.top }
  for (let i = 0; i < ENTRIES; i++) top[`0x${randomBytes(32).toString('hex')}`] = `0x${randomBytes(BYTES).toString('hex')}`
  return { ...spec, name: 'Bulky', genesis: { raw: { ...raw, top } } }
}

const test = base.extend<{ specFile: string; author: LiveNode }>({
  specFile: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-bulky-'))
    await writeFile(join(folder, SPEC_FILE), JSON.stringify(bulkySpec()))
    await use(join(folder, SPEC_FILE))
    await rm(folder, { recursive: true, force: true })
  },
  author: async ({ specFile }, use) => {
    const node = await startNode({ chain: specFile }, '--alice')
    await use(node)
    await node.stop()
  },
  networksFile: async ({ specFile, author }, use) => {
    await use((userData) => {
      const folder = join(userData, 'data')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, SPEC_FILE), readFileSync(specFile))
      const settings = chainSettingsSchema.parse({
        name: 'Bulky',
        sync: 'warp',
        network: { port: 0, mdns: false, upnp: false, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], bootnodes: [author.address], downloadLimit: LIMIT },
        rpc: { port: 0 },
      })
      return { version: PROFILE_VERSION, networks: [{ id: 'bulky', kind: 'chain', chain: { kind: 'custom', specId: 'bulky', chainType: 'Development' }, folder, settings }] }
    })
  },
})

test.use({ settings: { toldAboutTray: true } })
test.setTimeout(300_000)

test('the stages are shown with their figures, every screen is calm meanwhile, and then the node follows the chain', async ({ desktop, author }) => {
  const { page, electron } = desktop
  const sentence = page.getByTestId('sentence')
  const go = async (title: string): Promise<void> => {
    await page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${title}`) }).click()
    await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible()
  }
  const shoot = (name: string) => page.screenshot({ path: join(ROOT, 'test-results/screenshots', `live-joining-${name}.png`) })
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 860))
  // There is something to prove.
  await expect.poll(async () => Number(((await author.call('chain_getHeader', await author.call('chain_getFinalizedHead'))) as { number: string }).number), { timeout: 120_000 }).toBeGreaterThan(1)

  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence).toContainText(/Joining the chain|Proving finality|Fetching the state/, { timeout: 60_000 })
  await expect(page.getByTestId('tile-best')).toHaveText('–')
  await expect(sentence).toContainText(/Fetching the state: [\d.]+ [kM]B, \d+ %, .*1 peer\./, { timeout: 60_000 })
  await expect(page.getByText(/ws:\/\/127/)).toHaveCount(0)
  await shoot('overview')
  await go('Sync')
  await expect(page.locator('[data-stage=proofs]')).toHaveAttribute('data-mark', 'done')
  await expect(page.locator('[data-stage=state]')).toContainText(/[\d.]+ MB, [\d,]+ entries, \d+ %/)
  await expect(page.getByRole('table', { name: 'Peers that serve the state' }).locator('[data-index="0"]')).toContainText(/delivering.*MB/)
  await expect(page.getByTestId('tile-pace')).toHaveText(/[kM]B\/s/)
  await shoot('sync')
  for (const title of ['Peers', 'Topics', 'Blocks', 'Metrics', 'Keys', 'Logs', 'Settings']) {
    await go(title)
    await expect(page.getByRole('alert'), title).toHaveCount(0)
    expect.soft(await violations(page), title).toEqual([])
    await shoot(title.toLowerCase())
  }

  await go('Sync')
  await expect(page.getByTestId('joined')).toHaveText(/^Joined at #\d+ after \d+ s\.$/, { timeout: 120_000 })
  await expect(page.locator('[data-stage=state]')).toContainText(/Done\s*1\d MB, root verified/)
  await expect(sentence).toContainText(/Up to date: best #\d+, 1 peer\./, { timeout: 60_000 })
  await expect(page.getByRole('alert')).toHaveCount(0)
  await shoot('joined')
  await go('Overview')
  await expect(sentence).toContainText('Following the chain: best #', { timeout: 60_000 })
  await expect(page.getByText(/ws:\/\/127\.0\.0\.1:\d+/)).toBeVisible()
  // The list of blocks began with the one on which the chain stands here, and grows.
  await expect(page.getByTestId('blocks')).toContainText('finalized')
  await expect(page.getByTestId('blocks').getByText('genesis')).toHaveCount(0)
  await shoot('following')
})
