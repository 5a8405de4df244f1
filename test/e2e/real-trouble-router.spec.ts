/**
 * The app at home behind a real router, and alone: no router answers, then one that refuses, then one that opens the
 * port; nobody is found, then somebody is. Electron runs in the namespace of the home (test/helpers/router-lab.ts).
 */
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../build/terminal.ts'
import { fromHex } from '../../node-core/base/bytes.ts'
import { chainSettingsSchema } from '../../node-core/manager/kinds/chain/profile.ts'
import { NodeIdentity } from '../../node-core/network/host/identity.ts'
import { OUTSIDE, RouterLab, whyNoLab, type LabProcess } from '../helpers/router-lab.ts'
import { electronPath, expect, test as base } from './fixtures/desktop.ts'
import { fileOf } from './fixtures/networks-file.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `trouble-real-${name}.png`)
const reason = whyNoLab()

const PEER_KEY = '0a'.repeat(32)
const PEER_ADDRESS = '/ip4/45.33.32.2/tcp/30400'

const test = base.extend<{ lab: RouterLab }>({
  lab: async ({}, use) => {
    const lab = new RouterLab(0)
    await use(lab)
    await lab.remove()
  },
  executable: async ({ lab }, use) => {
    const path = join(lab.folder, 'electron')
    const words = [join(ROOT, 'node_modules/.bin/node'), join(ROOT, 'test/helpers/in-namespace.ts'), lab.name('home'), join(lab.folder, 'way-in'), electronPath()]
    await writeFile(path, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`)
    await chmod(path, 0o755)
    await use(path)
  },
  networksFile: async ({}, use) => {
    const bootnodes = [`${PEER_ADDRESS}/p2p/${new NodeIdentity(fromHex(`0x${PEER_KEY}`)).peerId}`]
    await use((userData) => {
      const settings = chainSettingsSchema.parse({ name: 'Ours', log: 'info,network=debug', network: { port: 30333, mdns: false, upnp: true, bootnodes }, rpc: { port: 0 } })
      return fileOf({ id: 'ours', kind: 'chain', chain: { kind: 'known', name: 'local' }, folder: join(userData, 'data'), settings })
    })
  },
})

test.use({ settings: { toldAboutTray: true } })
test.setTimeout(240_000)
test.skip(reason !== undefined, reason ?? '')

test('a router that is absent, refuses, opens the port; nobody there, then somebody', async ({ desktop, lab }) => {
  const { page } = desktop
  const router = page.locator('[data-trouble="router"]')
  const alone = page.locator('[data-trouble="no-peers"]')
  const fact = (id: string) => page.locator(`[data-fact="${id}"]`)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(router).toContainText('No router answered', { timeout: 60_000 })
  await expect(fact('mapped')).toHaveAttribute('data-tone', 'attention')
  await page.screenshot({ path: shots('router-absent') })

  const ask = async (): Promise<void> => router.getByRole('button', { name: 'Ask the router again' }).click({ timeout: 5_000 })
  const refusing = lab.startRouter(OUTSIDE, true)
  await expect(async () => {
    await ask()
    await expect(router).toContainText('The router refused to forward the port', { timeout: 5_000 })
  }).toPass({ timeout: 40_000 })
  await page.screenshot({ path: shots('router-refuses') })
  expect(lab.forwarded()).toEqual([])
  await lab.stop(refusing)

  lab.startRouter()
  await expect(async () => {
    if (await router.isVisible()) await ask()
    await expect(fact('mapped')).toContainText('yes', { timeout: 5_000 })
  }).toPass({ timeout: 40_000 })
  await expect(router).toHaveCount(0)
  await expect(fact('external')).toContainText(OUTSIDE)
  expect(lab.forwarded()).toEqual(['30333>10.77.0.2:30333', '30334>10.77.0.2:30334'])

  await expect(alone).toContainText(/alone in its network for 1 min/, { timeout: 80_000 })
  await page.screenshot({ path: shots('no-peers') })
  const peer: LabProcess = lab.startCli('wan', '--chain', 'local', '--alice', '--tmp', '--node-key', PEER_KEY, '--listen-addr', PEER_ADDRESS, '--rpc-port', '0', '--no-prometheus', '--no-mdns')
  await expect.poll(() => [...peer.errors].some((line) => line.includes(PEER_ADDRESS)), { timeout: 60_000 }).toBe(true)
  await alone.getByRole('button', { name: 'Look for peers now' }).click()
  await expect(page.getByTestId('count-peers')).toHaveText('1', { timeout: 30_000 })
  await expect(page.locator('[data-trouble]')).toHaveCount(0)
  // The peer outside dialled the mapped port, and said so.
  await expect(fact('verified')).toContainText('yes', { timeout: 60_000 })
  await page.screenshot({ path: shots('router-opens') })

  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByTestId('sentence')).toContainText('Stopped', { timeout: 30_000 })
  expect(lab.forwarded()).toEqual([])
})
