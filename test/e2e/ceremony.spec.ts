/** A team's network in three apps of their own on one computer: from keys to finality, by the invitation as a file, a link and an opened file. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { expect, startDesktop, test, type DesktopApp } from './fixtures/desktop.ts'
import { looksDestructive } from './fixtures/destructive.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'
import { ROOT } from '../../build/terminal.ts'
import { additionOf } from '../../node-core/chain/spec/addition.ts'
import { makePrivateNetwork } from '../../node-core/chain/spec/invitation.ts'
import { shippedRuntime } from '../../node-core/chain/spec/load.ts'
import { printExact } from '../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { withAddition } from '../../node-core/chain/spec/signature.ts'
import { NodeIdentity } from '../../node-core/network/host/identity.ts'

test.setTimeout(420_000)

const PASSPHRASE = 'correct horse battery'
/** From the first key to finality. */
const LIMIT_MS = 300_000
const TEAM = ['Ada', 'Ben', 'Cleo'] as const
const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `ceremony-${name}.png`)
const dialog = (page: Page) => page.getByRole('dialog').last()
const sentence = (page: Page) => page.getByTestId('sentence')
const switcher = (page: Page) => page.getByRole('button', { name: /^Network: / })

type Member = Awaited<ReturnType<typeof startDesktop>> & { readonly name: string }

async function openForm(page: Page, tab: string): Promise<void> {
  await switcher(page).click()
  await page.getByRole('menuitem', { name: 'Add a network…' }).click()
  await page.getByRole('tab', { name: tab }).click()
}

/** Light and dark, and no violation in either. */
async function look({ page, electron }: DesktopApp, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await electron.evaluate(({ nativeTheme }, theme) => {
      nativeTheme.themeSource = theme
    }, scheme)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.screenshot({ path: shots(`${name}-${scheme}`) })
    expect(await violations(page), `${name} ${scheme}`).toEqual([])
  }
}

/** Makes keys, as everybody of the team does first; the line is what is copied. */
async function makeKeys({ desktop, name }: Member, pictures: boolean): Promise<string> {
  const { page } = desktop
  await openForm(page, 'My keys')
  await page.getByRole('button', { name: 'Create my keys' }).click()
  await dialog(page).getByLabel('Your name').fill(name)
  await dialog(page).getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
  await dialog(page).getByLabel('Repeat the passphrase').fill(PASSPHRASE)
  if (pictures) await look(desktop, '1-make-keys')
  await dialog(page).getByRole('button', { name: 'Create phrase' }).click()
  await dialog(page).getByRole('button', { name: 'Show phrase' }).click()
  const words = await page.getByTestId('words').getByRole('listitem').locator('span:last-child').allTextContents()
  await dialog(page).getByRole('button', { name: 'I have written it down' }).click()
  for (const label of await dialog(page).locator('label').allTextContents()) {
    await dialog(page).getByLabel(label, { exact: true }).fill(words[Number(label.replace(/\D/g, '')) - 1] ?? '')
  }
  await dialog(page).getByRole('button', { name: 'Save keys' }).click()
  const line = dialog(page).getByTestId('member-line')
  await expect(line).toContainText(`${name}: nodestead1`)
  await dialog(page).getByRole('button', { name: 'Show QR code' }).click()
  await expect(dialog(page).getByRole('img', { name: 'QR code' })).toBeVisible()
  if (pictures) await look(desktop, '2-line')
  await dialog(page).getByRole('button', { name: 'Copy line' }).click()
  const copied = await desktop.electron.evaluate(({ clipboard }) => clipboard.readText())
  expect(copied).toBe(((await line.textContent()) ?? '').trim())
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  return copied
}

/** Who opens an invitation sees what it is and whose nodes answer, is found on its list by his keys, and joins with them. */
async function joinAs({ desktop, name }: Member, network: string, online: readonly string[]): Promise<void> {
  const { page } = desktop
  await expect(page.getByTestId('invitation')).toContainText(network)
  for (const each of TEAM) await expect(page.getByTestId('invitation')).toContainText(each)
  await expect(page.getByTestId('invitation')).toContainText('Signed by node')
  for (const each of TEAM) {
    const isOnline = online.includes(each)
    const place = page.getByTestId('invitation').getByRole('listitem').filter({ hasText: each })
    await expect(place).toContainText(each === name ? 'keys are on this computer' : isOnline ? ', online' : ', could not be reached')
    // Whose keys sign already is nobody else's, and that is said.
    if (isOnline) await expect(page.getByTestId('who')).toContainText(`${each}’s node is online. Two nodes must never sign with the same keys.`)
  }
  await expect(page.getByTestId('who').getByRole('radio', { name: new RegExp(`^${name}, an authority`) })).toBeChecked()
  for (const other of TEAM.filter((each) => each !== name)) await expect(page.getByTestId('who').getByRole('radio', { name: new RegExp(`^${other}, an authority`) })).toBeDisabled()
  await page.getByLabel(`Passphrase of ${name}’s keys`).fill(PASSPHRASE)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(switcher(page)).toContainText(network)
}

test('three members make keys, one builds the network, the others join by a link and by an opened file, and it finalizes within five minutes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-ceremony-'))
  const options = { appFolder: ROOT, settings: { toldAboutTray: true }, networksFile: developmentOnFreePorts, executable: undefined, environment: {} }
  const members: Member[] = []
  try {
    for (const name of TEAM) members.push({ ...(await startDesktop(options)), name })
    const [ada, ben, cleo] = members as [Member, Member, Member]
    const began = Date.now()
    const lines: string[] = []
    for (const member of members) lines.push(await makeKeys(member, member === ada))

    // The builder: her own keys are chosen, the others' lines are pasted, one of them with a wrong character at first.
    const { page, electron } = ada.desktop
    await openForm(page, 'New private network')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(page.getByText('Enter a name for the network.').first()).toBeVisible()
    await page.getByLabel('Name', { exact: true }).fill('Our team')
    await expect(page.getByRole('checkbox', { name: 'Ada' })).toBeChecked()
    const others = page.getByLabel('Lines of the others')
    await others.fill(`${lines[1]?.slice(0, 80)}${lines[1]?.[80] === 'q' ? 'p' : 'q'}${lines[1]?.slice(81)}`)
    await expect(page.getByText('has a wrong or missing character')).toBeVisible()
    await look(ada.desktop, '3-wrong-line')
    await others.fill(` ${lines[1]}\n\n${lines[2]} `)
    await expect(page.getByTestId('read-members')).toContainText('Ben: valid')
    await expect(page.getByTestId('read-members')).toContainText('Cleo: valid')
    await expect(page.getByLabel('Initial balances')).toHaveValue('Ada 1000000\nBen 1000000\nCleo 1000000')
    await page.getByText('Advanced').click()
    await page.getByLabel('Slot duration in seconds').fill('2')
    await expect(page.getByTestId('who').getByRole('radio', { name: /^Ada, an authority/ })).toBeChecked()
    await page.getByLabel('Passphrase of Ada’s keys').fill(PASSPHRASE)
    await look(ada.desktop, '4-build')
    await page.getByRole('button', { name: 'Add', exact: true }).click()

    // The invitation: a file, a link, a QR code.
    await expect(dialog(page)).toContainText('Invite the others to Our team', { timeout: 30_000 })
    await expect(dialog(page).getByTestId('shared')).toContainText('/tcp/')
    await dialog(page).getByRole('button', { name: 'Show QR code' }).click()
    await look(ada.desktop, '5-invite')
    await dialog(page).getByRole('button', { name: 'Copy link' }).click()
    const link = await electron.evaluate(({ clipboard }) => clipboard.readText())
    expect(link).toMatch(/^nodestead:\/\/join\?network=/)
    const file = join(folder, 'our-team.chainspec')
    await electron.evaluate(({ session }, path) => {
      session.defaultSession.on('will-download', (_event, item) => item.setSavePath(path))
    }, file)
    await dialog(page).getByRole('button', { name: 'Save file' }).click()
    await expect.poll(() => stat(file).then(({ size }) => size, () => 0)).toBeGreaterThan(1_000)
    const text = await readFile(file, 'utf8')
    for (const secret of [PASSPHRASE, ada.desktop.userData]) expect(text.includes(secret)).toBe(false)
    await page.keyboard.press('Escape')

    // One joins by the link that the system hands over, one by the file that was opened with the app.
    await ben.desktop.electron.evaluate(({ app }, given) => app.emit('second-instance', {}, ['/usr/bin/nodestead', given], '/', undefined), link)
    await expect(ben.desktop.page.getByTestId('invitation')).toBeVisible({ timeout: 20_000 })
    await look(ben.desktop, '6-join')
    await joinAs(ben, 'Our team', ['Ada'])
    await expect(ben.desktop.page.getByTestId('tile-peers')).toHaveText(/^[1-9]/, { timeout: 60_000 })
    await cleo.desktop.electron.evaluate(({ app }, given) => app.emit('second-instance', {}, ['/usr/bin/nodestead', given], '/', undefined), file)
    // His address is in no invitation: the builder's node knows it.
    await expect(cleo.desktop.page.getByTestId('invitation')).toContainText(/Ben.*, online/)
    await look(cleo.desktop, '6-online')
    await joinAs(cleo, 'Our team', ['Ada', 'Ben'])

    for (const { desktop } of members) await expect(sentence(desktop.page)).toContainText(/Producing blocks: best #\d+, finalized/, { timeout: 120_000 })
    /** The height that is final, as the sentence has it. */
    const finalized = async (page: Page): Promise<number> => {
      const [, best = '0', behind = '0'] = /best #(\d+), finalized (\d+) blocks? behind/.exec((await sentence(page).textContent()) ?? '') ?? []
      return Number(best) - Number(behind)
    }
    for (const { desktop } of members) await expect.poll(() => finalized(desktop.page), { timeout: 120_000 }).toBeGreaterThan(0)
    expect(Date.now() - began).toBeLessThan(LIMIT_MS)
    await look(ada.desktop, '7-running')

    // Root is the first of the list: she takes one off it, from the window.
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('button', { name: 'Authorities…' }).click()
    const list = page.getByTestId('authority-changes')
    for (const name of TEAM) await expect(list).toContainText(name)
    await page.getByRole('button', { name: /^Remove… Cleo/ }).click()
    await look(ada.desktop, '8-authorities')
    await looksDestructive(page, page.getByRole('button', { name: 'Remove Cleo now' }))
    await page.getByRole('button', { name: 'Remove Cleo now' }).click()
    await expect(list).toContainText('Cleo was removed', { timeout: 120_000 })
    await expect(list.getByRole('listitem')).toHaveCount(2)
  } finally {
    for (const { end } of members) await end()
    await rm(folder, { recursive: true, force: true })
  }
})

test('a network of one gets a second authority by a pasted line, and both produce and finalize two epochs later', async () => {
  const options = { appFolder: ROOT, settings: { toldAboutTray: true }, networksFile: developmentOnFreePorts, executable: undefined, environment: {} }
  const members: Member[] = []
  try {
    for (const name of ['Alice', 'Dora']) members.push({ ...(await startDesktop(options)), name })
    const [alice, dora] = members as [Member, Member]
    const { page, electron } = alice.desktop
    await openForm(page, 'New private network')
    await page.getByLabel('Name', { exact: true }).fill('Ours')
    await page.getByText('Advanced').click()
    await page.getByLabel('Slot duration in seconds').fill('1')
    await page.getByLabel('Epoch length in slots').fill('10')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(switcher(page)).toContainText('Ours')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(sentence(page)).toContainText('Producing blocks: best #', { timeout: 90_000 })
    const table = (of: Page) => of.getByTestId('authorities').locator('tbody tr')
    await expect(table(page)).toHaveCount(1)
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('button', { name: 'Share…' }).click()
    await dialog(page).getByRole('button', { name: 'Copy link' }).click()
    const link = await electron.evaluate(({ clipboard }) => clipboard.readText())
    await page.keyboard.press('Escape')

    // Whoever comes later follows first, with the keys whose line root is sent.
    const line = await makeKeys(dora, false)
    await dora.desktop.electron.evaluate(({ app }, given) => app.emit('second-instance', {}, ['/usr/bin/nodestead', given], '/', undefined), link)
    const who = dora.desktop.page.getByTestId('who')
    await expect(who.getByRole('radio', { name: /^A follower/ })).toBeChecked({ timeout: 20_000 })
    await who.getByRole('radio', { name: /^Dora, not an authority yet/ }).check()
    await dora.desktop.page.getByLabel('Passphrase of Dora’s keys').fill(PASSPHRASE)
    await look(dora.desktop, '10-join-later')
    await dora.desktop.page.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(dora.desktop.page.getByTestId('tile-peers')).toHaveText('1', { timeout: 90_000 })

    await page.getByRole('button', { name: 'Authorities…' }).click()
    const list = page.getByTestId('authority-changes')
    await expect(list.getByRole('listitem')).toHaveCount(1)
    const add = page.getByRole('button', { name: 'Add authority' })
    await expect(add).toBeDisabled()
    // One character less.
    await page.getByLabel('Line of the new member').fill(line.slice(0, -1))
    await add.click()
    await expect(list.getByRole('alert')).toContainText('A character of the line is wrong or missing.')
    await page.getByLabel('Line of the new member').fill(line)
    await look(alice.desktop, '11-add-authority')
    await add.click()
    await expect(list.getByRole('status')).toContainText('Dora was added', { timeout: 90_000 })
    await expect(list.getByRole('listitem')).toHaveCount(2)
    await expect(page.getByLabel('Line of the new member')).toHaveValue('')
    await look(alice.desktop, '12-added-authority')
    await page.keyboard.press('Escape')

    // The session after the next has both, and what they finalize together is beyond it.
    await page.getByRole('button', { name: /^Overview/ }).click()
    for (const { desktop } of members) {
      await expect(table(desktop.page)).toHaveCount(2, { timeout: 90_000 })
      await expect(sentence(desktop.page)).toContainText('Producing blocks: best #', { timeout: 90_000 })
    }
    await expect(table(page).filter({ hasText: 'round' })).toHaveCount(2, { timeout: 90_000 })
    await look(alice.desktop, '13-two-authorities')
  } finally {
    for (const { end } of members) await end()
  }
})

test('keys that no network has are deleted once their name was typed', async () => {
  const { desktop, end } = await startDesktop({ appFolder: ROOT, settings: { toldAboutTray: true }, networksFile: developmentOnFreePorts, executable: undefined, environment: {} })
  try {
    const { page } = desktop
    await makeKeys({ desktop, end, name: 'Ada' }, false)
    await openForm(page, 'My keys')
    await page.getByRole('button', { name: 'Delete… Ada' }).click()
    const remove = dialog(page).getByRole('button', { name: 'Delete keys' })
    await expect(remove).toBeDisabled()
    await looksDestructive(page, remove)
    await dialog(page).getByRole('textbox').fill('Ada')
    await look(desktop, '9-delete-keys')
    await remove.click()
    await expect(page.getByTestId('member-keys')).toContainText('No keys yet')
  } finally {
    await end()
  }
})

test('the guide of the first run takes an invitation that is opened with the app, and joins as a follower', async () => {
  const { json } = await makePrivateNetwork({ name: 'Our team', authorities: ['alice', 'bob'].map((account) => ({ account })), balances: [] }, { code: await shippedRuntime({ chainsPath: join(ROOT, 'out/chains') }) })
  const { desktop, end } = await startDesktop({ appFolder: ROOT, settings: { firstRunDone: false, toldAboutTray: true, rpcPort: 0, upnp: false }, networksFile: undefined, executable: undefined, environment: {} })
  try {
    const { page, electron, userData } = desktop
    const path = join(userData, 'ours.chainspec')
    const text = printExact(withAddition(json, additionOf(json) ?? {}, new NodeIdentity(new Uint8Array(32).fill(7))), 2)
    await writeFile(path, text.replace('"Our team"', '"Their team"'))
    await expect(page.getByTestId('progress')).toHaveText('Step 1 of 7')
    await page.getByRole('button', { name: 'My keys for a team’s network' }).click()
    await expect(page.getByTestId('member-keys')).toContainText('No keys yet')
    await look(desktop, 'guide-1-keys')
    await page.keyboard.press('Escape')
    /** As macOS hands over what was opened; elsewhere it comes with a second start. */
    const open = () => electron.evaluate(({ app }, opened) => app.emit('open-file', { preventDefault: () => undefined }, opened), path)
    await open()
    await expect(page.getByTestId('progress')).toHaveText('Step 2 of 7')
    await expect(page.getByText('was changed after it was signed')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Next', exact: true })).toBeDisabled()
    await look(desktop, 'guide-2-tampered')
    await writeFile(path, text)
    await page.getByLabel('File or link').fill('')
    await open()
    await expect(page.getByTestId('invitation')).toContainText('Our team')
    await look(desktop, 'guide-2-invitation')
    for (let step = 3; step <= 4; step++) {
      await page.getByRole('button', { name: 'Next', exact: true }).click()
      await expect(page.getByTestId('progress')).toHaveText(`Step ${step} of 7`)
    }
    await expect(page.getByTestId('who').getByRole('radio', { name: /^A follower/ })).toBeChecked()
    await look(desktop, 'guide-4-who')
    for (let step = 5; step <= 7; step++) {
      await expect(page.getByRole('button', { name: 'Next', exact: true })).toBeEnabled()
      await page.getByRole('button', { name: 'Next', exact: true }).click()
      await expect(page.getByTestId('progress')).toHaveText(`Step ${step} of 7`)
    }
    await page.getByRole('button', { name: 'Set up and start' }).click()
    await expect(switcher(page)).toContainText('Our team')
    await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible({ timeout: 60_000 })
  } finally {
    await end()
  }
})
