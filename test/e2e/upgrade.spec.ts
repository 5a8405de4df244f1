/** The card of an upgrade of the network's runtime, in a browser, against the real service around a manager without a node. */
import { join } from 'node:path'
import { expect, test as base } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { OUT } from '../../build/terminal.ts'
import { DashboardService } from '../../node-core/api/server/dashboard-service.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { UpgradeError } from '../../node-core/chain/upgrades/errors.ts'
import { FakeManager, type FakeRunningNode } from '../helpers/fake-manager.ts'
import { DETAILS, OFFERED, type FakeUpgrades } from '../helpers/fake-upgrades.ts'

const test = base.extend<{ url: string; upgrades: FakeUpgrades; manager: FakeManager }>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock, transitionMs: 10 })
    await manager.start('dev')
    await use(manager)
    await manager.stopAll()
  },
  upgrades: ({ manager }, use) => use((manager.node('dev') as FakeRunningNode).upgrades),
  url: async ({ manager }, use) => {
    const app = { name: 'Nodestead', version: '0.1.0', host: 'headless', platform: 'linux' } as const
    const service = new DashboardService({ manager, logger: silentLogger }, { port: 0, assetsPath: join(OUT, 'renderer'), app, token: 'a-token-that-the-test-knows' })
    await service.start()
    await use(service.url)
    await service.stop()
  },
})

test('root is asked once more, then sees how far it is', async ({ page, url, upgrades }) => {
  upgrades.current = OFFERED
  await page.goto(url)
  const card = page.getByTestId('upgrade')
  await expect(card).toContainText('New runtime available: version 2, currently 1')
  await expect(card.getByTestId('upgrade-changes')).toContainText('Channels')
  await card.getByRole('button', { name: 'Upgrade runtime…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('This cannot be undone')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toHaveCount(0)
  expect(upgrades.asked).toEqual([])

  await card.getByRole('button', { name: 'Upgrade runtime…' }).click()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Upgrade to version 2' }).click()
  await expect.poll(() => upgrades.asked).toEqual(['begin 2'])
  upgrades.current = { ...OFFERED, stage: 'authorizing', isOwn: true, inBlock: 1234 }
  await expect(card.getByTestId('upgrade-steps')).toContainText('in block #1,234, not finalized yet')
  await expect(card.getByRole('button')).toHaveCount(0)
  upgrades.current = { ...OFFERED, stage: 'done', current: 2, since: 1240 }
  await expect(card).toContainText('Runtime version 2 is active since block #1,240')
  await card.getByRole('button', { name: 'Dismiss' }).click()
  await expect(card).toHaveCount(0)
  // Put aside is what was told, over a reload as well, and not what comes later.
  await page.reload()
  upgrades.current = { ...upgrades.current, current: 3, since: 2000 }
  await expect(card).toContainText('version 3 is active since block #2,000')
  upgrades.current = { ...upgrades.current, current: 2, since: 1240 }
  await expect(card).toHaveCount(0)
})

test('a refusal is said, and the card stays', async ({ page, url, upgrades }) => {
  upgrades.current = { ...OFFERED, stage: 'authorized', root: { kind: 'elsewhere' }, authorizedAt: 1234, canApply: true }
  upgrades.refusal = new UpgradeError('UPGRADE_NOT_POSSIBLE', 'There is nothing to upgrade now.')
  await page.goto(url)
  const card = page.getByTestId('upgrade')
  await expect(card).toContainText('Upgrade to runtime version 2 in progress')
  await card.getByRole('button', { name: 'Submit code now' }).click()
  await expect(page.getByRole('alert')).toContainText('There is nothing to upgrade now.')
  upgrades.refusal = undefined
  await card.getByRole('button', { name: 'Submit code now' }).click()
  await expect.poll(() => upgrades.asked).toEqual(['apply 2'])
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('members of a multisig get the call, and no button to upgrade with', async ({ page, url, upgrades }) => {
  const members = ['5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY', '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty']
  upgrades.current = { ...OFFERED, root: { kind: 'multisig', members, threshold: 2 } }
  await page.goto(url)
  const card = page.getByTestId('upgrade')
  await expect(card).toContainText('2 of these 2 accounts must approve the call below')
  for (const member of members) await expect(card).toContainText(member)
  await expect(card.getByRole('button', { name: DETAILS.call })).toBeVisible()
  await expect(card.getByRole('button', { name: /Upgrade/ })).toHaveCount(0)
  expect(await violations(page)).toEqual([])
})
