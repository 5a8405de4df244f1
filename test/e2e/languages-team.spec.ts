/** The dialogs of a team's network in every language, in the smallest window: keys before a network, an invitation, the list of authorities. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { choose, LANGUAGES, look, resize, SMALL } from './fixtures/every-language.ts'
import { expect, test } from './fixtures/desktop.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'
import { CATALOGS } from './fixtures/words.ts'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { additionOf } from '../../node-core/chain/spec/addition.ts'
import { makePrivateNetwork } from '../../node-core/chain/spec/invitation.ts'
import { shippedRuntime } from '../../node-core/chain/spec/load.ts'
import { printExact } from '../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { withAddition } from '../../node-core/chain/spec/signature.ts'
import { Keyrings } from '../../node-core/keystore/network-keys.ts'
import { MemberDrafts } from '../../node-core/manager/kinds/chain/member-drafts.ts'
import { NodeIdentity } from '../../node-core/network/host/identity.ts'

test.use({ settings: { toldAboutTray: true, language: 'en' }, networksFile: async ({}, use) => use(developmentOnFreePorts) })
test.setTimeout(180_000)

const BUILDER = new NodeIdentity(new Uint8Array(32).fill(7))
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `languages-team-${name}.png`)

/** A network whose only authority has a node that is not there. */
async function invitation(path: string): Promise<void> {
  const { json } = await makePrivateNetwork({ name: 'Our team', authorities: [{ account: 'alice' }], balances: [] }, { code: await shippedRuntime({ chainsPath: join(ROOT, 'out/chains') }) })
  const addition = additionOf(json) ?? { version: 1 }
  const members = (addition.members ?? []).map((member) => ({ ...member, peerId: BUILDER.peerId }))
  await writeFile(path, printExact(withAddition(json, { ...addition, members, addresses: [`/ip4/127.0.0.1/tcp/1/p2p/${BUILDER.peerId}`] }, BUILDER), 2))
}

async function keysOfDora(folder: string): Promise<void> {
  const drafts = new MemberDrafts({ keyrings: new Keyrings({ logger: silentLogger, clock: systemClock }), clock: systemClock }, folder)
  const { id, words, asked } = drafts.begin()
  await drafts.make({ words: { id, answers: asked.map((position) => words[position - 1] ?? '') }, name: 'Dora', passphrase: 'correct horse battery', remember: false })
}

test('keys, an invitation whose members are asked for, and the authorities', async ({ desktop }) => {
  const { page, userData } = desktop
  const path = join(userData, 'ours.chainspec')
  await invitation(path)
  await keysOfDora(join(userData, 'members'))
  const dialog = page.getByRole('dialog')
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' })
  await expect(page.getByTestId('sentence')).toBeVisible()
  await resize(desktop, SMALL)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible({ timeout: 60_000 })
  for (const language of LANGUAGES) {
    const m = CATALOGS[language]
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    await choose(page, language)
    await button(m.ceremony.changeAuthorities).click()
    await expect(page.getByTestId('authority-changes').getByRole('listitem')).toHaveCount(1)
    await page.getByLabel(m.ceremony.addLine).fill('nodestead1qqqq')
    await button(m.ceremony.addAuthority).click()
    await expect(dialog.getByRole('alert')).toBeVisible()
    await look(desktop, language, 'authorities')
    await page.screenshot({ path: shots(`authorities-${language}`) })
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)

    await page.getByRole('button', { name: m.networks.choose('Development', m.frame.states.running) }).click()
    await page.getByRole('menuitem', { name: m.networks.add }).click()
    await dialog.getByRole('tab', { name: m.ceremony.ways.keys }).click()
    await expect(page.getByTestId('member-line')).toBeVisible()
    await look(desktop, language, 'keys')
    await button(m.ceremony.make).click()
    await expect(dialog).toHaveCount(2)
    await look(desktop, language, 'make')
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(1)
    await button(`${m.ceremony.removeKeys} Dora`).click()
    await expect(dialog).toHaveCount(2)
    await look(desktop, language, 'delete-keys')
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(1)
    await dialog.getByRole('tab', { name: m.ceremony.ways.join }).click()
    await page.getByLabel(m.ceremony.source).fill(path)
    await expect(page.getByTestId('invitation')).toContainText(m.ceremony.presence.unreached, { timeout: 20_000 })
    await look(desktop, language, 'invitation')
    await page.screenshot({ path: shots(`invitation-${language}`) })
    await page.getByTestId('who').scrollIntoViewIfNeeded()
    await expect(page.getByTestId('who')).toContainText(m.ceremony.later('Dora'))
    await page.screenshot({ path: shots(`who-${language}`) })
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
  }
})
