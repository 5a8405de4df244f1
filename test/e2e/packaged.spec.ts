/**
 * The release as packaged, and as anybody starts it: its archive, its doors, its sandbox; and of Electron's security checklist
 * (security.spec.ts) what concerns the program and not its page.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { openFuses } from '../../build/package/fuses.ts'
import { packageApp, wantedElectron } from '../../build/package/package.ts'
import { verifyArchive } from '../../build/package/verify-archive.ts'
import { readReleaseSettings } from '../../build/release/settings.ts'
import { ROOT } from '../../build/terminal.ts'
import { EXTERNAL } from '../../build/vite.config.ts'
import { launchApp } from './fixtures/launch.ts'
import { variant } from './fixtures/packaged.ts'
import { EXECUTABLE, INSPECTABLE, RELEASED } from './fixtures/places.ts'
import { pageProcesses, startReleased, whyNotPlain, windowsOf } from './fixtures/plain-user.ts'

test('16. Use a current version of Electron: installers are made with the one that the lockfile names, and no other', async () => {
  const lockfile = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version: string }> }
  expect(await wantedElectron()).toBe(lockfile.packages['node_modules/electron']?.version)
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-old-electron-'))
  await writeFile(join(folder, 'version'), '33.4.11')
  const old = { folder, executable: join(folder, 'electron'), source: 'override' } as const
  await expect(packageApp({ settings: await readReleaseSettings(), electron: old, output: join(folder, 'out') })).rejects.toThrow('The one given is 33.4.11')
  await rm(folder, { recursive: true })
})

test('19. Check which fuses you can change: a release knows every file of its archive by its hash, and keeps its doors shut', async () => {
  const { files, wrong } = await verifyArchive(join(RELEASED, 'resources', 'app.asar'))
  expect(files).toBeGreaterThan(100)
  expect(wrong).toEqual([])
  expect(await openFuses(join(RELEASED, EXECUTABLE))).toEqual([])
  // The one that Playwright needs.
  expect(await openFuses(join(INSPECTABLE, EXECUTABLE))).toEqual(['EnableNodeCliInspectArguments'])
})

test('what stays outside of the bundles is whole: each package with a native part can be loaded from the archive', async () => {
  const electron = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '', 'electron')
  const names = EXTERNAL.filter((name) => name !== 'electron')
  const load = `Promise.all(${JSON.stringify(names)}.map((name) => import(require('node:module').createRequire(process.argv[1] + '/package.json').resolve(name)))).then((all) => process.stdout.write(String(all.length)), (error) => process.stdout.write(String(error)))`
  const { stdout } = await promisify(execFile)(electron, ['-e', load, join(RELEASED, 'resources', 'app.asar')], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } })
  expect(stdout.trim()).toBe(String(names.length))
})

test('a flipped byte is found by the check of a release; Linux starts the program all the same, which it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-archive-'))
  try {
    const executable = await variant(join(folder, 'app'), {})
    const archive = join(folder, 'app', 'resources', 'app.asar')
    const bytes = await readFile(archive)
    const at = bytes.indexOf('Program files')
    expect(at).toBeGreaterThan(0)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(archive, bytes)
    const { wrong } = await verifyArchive(archive)
    expect(wrong).toHaveLength(1)
    expect(wrong[0]).toMatch(/^out\/renderer\/assets\/.+\.js$/)

    const userData = join(folder, 'data')
    await mkdir(userData)
    await writeFile(join(userData, 'settings.json'), JSON.stringify({ firstRunDone: true }))
    const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), `--user-data-dir=${userData}`]
    const app = await launchApp({ executable, args, env: process.env as Record<string, string> })
    const page = await app.firstWindow()
    await page.getByRole('navigation').getByRole('button', { name: 'About' }).click()
    // Electron checks archives on macOS and Windows alone.
    await expect(page.getByTestId('versions')).toContainText('Qrogram files')
    await expect(page.getByTestId('versions')).toContainText('not verified by Linux: check the download')
    await app.close()
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
})

/** A port on loopback that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

test('4. Enable process sandboxing, 19. Check which fuses you can change: a release paints its window in the sandbox of the system, and no switch or variable opens it', async () => {
  test.skip(whyNotPlain() !== undefined, whyNotPlain())
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-released-'))
  const [marker, evil] = [join(folder, 'marker'), join(folder, 'evil.cjs')]
  await writeFile(evil, `require('node:fs').writeFileSync('${marker}', 'it ran')`)
  await chmod(evil, 0o644)
  const [inspector, devtools] = [await freePort(), await freePort()]
  const environment = { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: `--require=${evil}` }
  const app = await startReleased(folder, [`--inspect=${inspector}`, `--remote-debugging-port=${devtools}`, evil], environment)
  try {
    await expect.poll(() => windowsOf(app.pid), { message: app.told() }).toEqual(['1200x800'])
    const pages = await pageProcesses(folder)
    expect(pages).toHaveLength(1)
    expect(pages[0]?.uid).not.toBe(0)
    expect(pages[0]?.seccomp).toBe(2)
    expect([await answers(inspector), await answers(devtools)]).toEqual([false, false])
    expect(app.told()).not.toMatch(/listening on ws:/)
  } finally {
    expect(await app.stop()).toBe(0)
  }
  expect(existsSync(marker)).toBe(false)
  // It was the app that ran, and it ended in order: where its window was is kept.
  expect(JSON.parse(await readFile(join(folder, 'data', 'settings.json'), 'utf8'))).toMatchObject({ window: { width: 1200, height: 800 } })
  await rm(folder, { recursive: true, force: true })
})
