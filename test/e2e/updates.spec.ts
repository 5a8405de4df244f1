/**
 * Updates end to end: the packaged app, a feed on loopback, and a stand-in for the AppImage that it was started from. Of all
 * that a feed can offer only what is newer and rightly signed is installed; then the old version ends, and the new one runs,
 * and its node with it.
 */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base, type ElectronApplication, type Page } from '@playwright/test'
import { launchApp } from './fixtures/launch.ts'
import { developmentOnFreePorts } from './fixtures/networks-file.ts'
import { variant } from './fixtures/packaged.ts'
import { ROOT } from '../../build/terminal.ts'
import type { Manifest } from '../../electron/updates/manifest.ts'

const NAME = `stable-${process.platform}-${process.arch}.json`
const FILE = 'Nodestead-0.2.0-linux-x86_64.AppImage'
const SANDBOX = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/** Serves what it is told to, and hangs where it is told to. */
class Feed {
  readonly files = new Map<string, Uint8Array | 'hangs'>()
  readonly asked: string[] = []
  readonly #server: Server
  readonly #held = new Set<ServerResponse>()

  constructor() {
    this.#server = createServer((request, response) => {
      const name = (request.url ?? '').split('?')[0]?.slice(1) ?? ''
      this.asked.push(name)
      const found = this.files.get(name)
      if (found === 'hangs') this.#held.add(response)
      else response.writeHead(found === undefined ? 404 : 200).end(found)
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async stop(): Promise<void> {
    for (const response of this.#held) response.destroy()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  offer(manifest: unknown, by: KeyObject | undefined): void {
    this.files.clear()
    const bytes = Buffer.from(JSON.stringify(manifest))
    this.files.set(NAME, bytes)
    if (by !== undefined) this.files.set(`${NAME}.sig`, sign(null, bytes, by))
  }
}

const ours = generateKeyPairSync('ed25519')
const foreign = generateKeyPairSync('ed25519')
const publicKey = ours.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')

interface World {
  readonly folder: string
  readonly feed: Feed
  readonly image: string
  readonly userData: string
  readonly env: Record<string, string>
  readonly executable: string
}

const test = base.extend<{ world: World }>({
  world: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-updates-'))
    const feed = new Feed()
    const image = join(folder, 'Nodestead.AppImage')
    const userData = join(folder, 'data')
    await mkdir(userData)
    await writeFile(image, 'the old version')
    await writeFile(join(userData, 'settings.json'), JSON.stringify({ firstRunDone: true, toldAboutTray: true }))
    await writeFile(join(userData, 'networks.json'), JSON.stringify(developmentOnFreePorts(userData)))
    const executable = await variant(join(folder, 'old'), { feed: await feed.start(), keys: [publicKey] })
    const env = { ...(process.env as Record<string, string>), APPIMAGE: image, XDG_CACHE_HOME: join(folder, 'cache') }
    try {
      await use({ folder, feed, image, userData, env, executable })
    } finally {
      await feed.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }
  },
})

function launch({ executable, userData, env }: World): Promise<ElectronApplication> {
  return launchApp({ executable, args: [...SANDBOX, `--user-data-dir=${userData}`], env })
}

function release(file: Uint8Array, change: Partial<Manifest> = {}, name = FILE): Manifest {
  return {
    schema: 1, product: 'nodestead', channel: 'stable', platform: 'linux', arch: process.arch as 'x64',
    version: '0.2.0', releasedAt: '2026-11-25T12:00:00Z', rolloutPercent: 0, notes: 'Blocks are drawn faster.',
    files: [{ name, kind: 'AppImage', bytes: file.length, sha512: createHash('sha512').update(file).digest('base64') }],
    ...change,
  }
}

/** Looks by hand, and waits for what is said of it. */
async function look(page: Page, feed: Feed, phase: string, said: string, how = said): Promise<void> {
  const asked = feed.asked.length
  await page.getByRole('button', { name: 'Check for updates' }).click()
  await expect.poll(() => feed.asked.length, { message: how }).toBeGreaterThan(asked)
  await expect(page.getByTestId('updates'), how).toContainText(said, { timeout: 40_000 })
  await expect(page.getByTestId('updates'), how).toHaveAttribute('data-phase', phase)
}

async function installedFiles({ image, folder }: World): Promise<string> {
  const beside = (await readdir(folder)).filter((name) => name.startsWith('.nodestead-update'))
  return `${await readFile(image, 'utf8')} ${beside.join()}`.trim()
}

test('only what is newer and signed by the right key is installed', async ({ world }) => {
  test.setTimeout(180_000)
  const { feed, folder, image, userData } = world
  const started = join(folder, 'started')
  const next = await variant(join(folder, 'new'), { version: '0.2.0', keys: [publicKey] })
  const flags = [...SANDBOX, `--user-data-dir=${userData}`].map((flag) => `'${flag}'`).join(' ')
  const good = Buffer.from(`#!/bin/sh\necho $$ > '${started}'\nAPPIMAGE="$0" exec '${next}' ${flags}\n`)
  const app = await launch(world)
  const ended = new Promise<number | null>((resolve) => app.process().once('exit', resolve))
  const page = await app.firstWindow()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.getByTestId('sentence')).toContainText('Producing blocks', { timeout: 60_000 })
  await page.getByRole('navigation').getByRole('button', { name: /^About/ }).click()
  await expect(page.getByTestId('updates')).toContainText('Not checked yet')

  feed.offer(release(good, { version: '0.0.9' }), ours.privateKey)
  await look(page, feed, 'idle', 'Up to date, checked', 'a downgrade')
  expect(feed.asked).not.toContain(FILE)
  expect(await installedFiles(world)).toBe('the old version')

  const refused: [how: string, offer: () => void, said: string][] = [
    ['nothing there', () => feed.files.clear(), 'cannot be reached'],
    ['unsigned', () => feed.offer(release(good), undefined), 'not signed'],
    ['signed by another', () => feed.offer(release(good), foreign.privateKey), 'The signature of the update is invalid'],
    ['changed after it was signed', () => {
      feed.offer(release(good), ours.privateKey)
      feed.files.set(NAME, Buffer.from(JSON.stringify(release(Buffer.from('evil')))))
    }, 'The signature of the update is invalid'],
    ['a name for a shell', () => feed.offer(release(good, {}, `Nodestead$(touch ${folder}.pwned).AppImage`), ours.privateKey), 'invalid manifest'],
    ['a name outside', () => feed.offer(release(good, {}, '../Nodestead.AppImage'), ours.privateKey), 'invalid manifest'],
    ['cut off', () => {
      feed.offer(release(good), ours.privateKey)
      feed.files.set(FILE, good.subarray(0, 20))
    }, 'incomplete'],
    ['another file', () => {
      feed.offer(release(good), ours.privateKey)
      feed.files.set(FILE, Buffer.from(good.toString().replace('exec', 'EXEC')))
    }, 'not the signed one'],
    ['less than before', () => feed.offer(release(good, { version: '0.1.5' }), ours.privateKey), 'an older version than before'],
    ['hanging', () => feed.files.set(NAME, 'hangs'), 'did not answer within 20 seconds'],
  ]
  for (const [how, offer, said] of refused) {
    offer()
    await look(page, feed, 'failed', said, how)
    expect(await installedFiles(world), how).toBe('the old version')
  }
  expect(existsSync(`${folder}.pwned`)).toBe(false)
  await page.screenshot({ path: join(ROOT, 'test-results/screenshots/updates-refused.png') })

  feed.offer(release(good), ours.privateKey)
  feed.files.set(FILE, good)
  await look(page, feed, 'ready', '0.2.0 is downloaded and its signature is valid')
  await expect(page.getByRole('navigation').getByRole('button', { name: 'About, update ready' })).toBeVisible()
  await page.screenshot({ path: join(ROOT, 'test-results/screenshots/updates-ready.png') })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.screenshot({ path: join(ROOT, 'test-results/screenshots/updates-ready-dark.png') })
  expect(await installedFiles(world)).toBe('the old version')

  // The log of the old one: the node stopped before anything was installed.
  await page.getByRole('button', { name: 'Restart and update' }).click().catch(() => undefined)
  expect(await ended).toBe(0)
  expect(await readFile(image)).toEqual(good)
  try {
    await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true)
    const log = async (): Promise<string> => (await Promise.all((await readdir(join(userData, 'logs'))).map((name) => readFile(join(userData, 'logs', name), 'utf8')))).join('\n')
    await expect.poll(log, { timeout: 30_000 }).toContain('the app was updated')
    // What ran before runs again: nobody pressed a button.
    await expect.poll(async () => (await log()).split('the app was updated')[1] ?? '', { timeout: 60_000 }).toContain('JSON-RPC is served')
    const record = JSON.parse(await readFile(join(userData, 'updates.json'), 'utf8')) as object
    expect(record).toMatchObject({ seen: { stable: '0.2.0' } })
    expect(record).not.toHaveProperty('mark')
  } finally {
    const pid = Number(await readFile(started, 'utf8').catch(() => ''))
    if (pid > 0) await end(pid)
  }
})

test('a version that cannot be put in its place leaves the old one, which says why and goes on', async ({ world }) => {
  test.setTimeout(120_000)
  const { feed, image, folder } = world
  const started = join(folder, 'started')
  // What is started again is the old one: it only says that it was.
  const old = `#!/bin/sh\necho $$ > '${started}'\n`
  await writeFile(image, old)
  await chmod(image, 0o755)
  const good = Buffer.from('#!/bin/sh\nexit 0\n')
  feed.offer(release(good), ours.privateKey)
  feed.files.set(FILE, good)
  const app = await launch(world)
  const ended = new Promise<number | null>((resolve) => app.process().once('exit', resolve))
  const page = await app.firstWindow()
  await page.getByRole('navigation').getByRole('button', { name: /^About/ }).click()
  await look(page, feed, 'ready', '0.2.0 is downloaded')
  // Somebody changes the file between its check and the end of the app.
  const pending = join(folder, 'cache', 'nodestead-updater', 'pending')
  await writeFile(join(pending, FILE), 'changed')
  await page.getByRole('button', { name: 'Restart and update' }).click().catch(() => undefined)
  expect(await ended).toBe(0)
  expect(await readFile(image, 'utf8')).toBe(old)
  await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true)

  const again = await launch(world)
  const after = await again.firstWindow()
  await after.getByRole('navigation').getByRole('button', { name: /^About/ }).click()
  await expect(after.getByTestId('updates')).toContainText('0.2.0 could not be installed; 0.1.0 keeps running')
  await expect(after.getByTestId('updates')).toContainText('was changed on this computer')
  await after.screenshot({ path: join(ROOT, 'test-results/screenshots/updates-failed.png') })
  await again.close()
})

/** A process that the app started, not this test. */
async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM')
  for (const until = Date.now() + 20_000; Date.now() < until; ) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  process.kill(pid, 'SIGKILL')
}
