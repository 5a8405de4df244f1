/**
 * Makes sure that the operating system has what the end-to-end tests need: the libraries that Electron links to, a
 * virtual display, and a Chromium. On a Debian-like system as root it installs them by apt; anywhere else it prints
 * the exact command and fails. Quick where everything is there.
 *
 * Run: `node build/system-deps.ts`
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { BuildError, hasCommand, main, run, say, step } from './terminal.ts'

/** Debian's names; some became `…t64` in later releases, which counts as the same. */
const LIBRARIES = [
  'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libatk-bridge2.0-0', 'libxss1', 'libxtst6', 'libnotify4', 'libcups2',
  'libdrm2', 'libxkbcommon0', 'libatspi2.0-0', 'fonts-dejavu-core', 'dbus', 'xauth', 'x11-utils',
]

/** What a Linux desktop has, and test/e2e/fixtures/desktop-session.ts starts; without it that one suite is skipped. */
const DESKTOP = ['gnome-keyring', 'python3-dbus', 'python3-gi']

/** A home router in network namespaces, which only root can make: test/helpers/router-lab.ts. */
const ROUTER = ['miniupnpd-nftables', 'nftables', 'iproute2']

/** Shells that completion scripts are for, beside bash; where they are missing, theirs are not loaded by tests. */
const SHELLS = ['zsh', 'fish']

/** Chromium without what only a window of its own needs: pages take two thirds of the processor time in it. */
const CHROMIUM_SHELL = 'chromium-headless-shell'
const CHROMIUM_NAMES = [CHROMIUM_SHELL, 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The Chromium for the browser suite: `CHROMIUM_PATH`, or the first of the usual names on the PATH. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined && existsSync(named)) return named
  for (const name of CHROMIUM_NAMES) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' })
    if (found.status === 0) return found.stdout.trim()
  }
  return undefined
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' })
  return stdout === 'install ok installed'
}

/** The packages that are missing, by the names that Debian's older release uses; the shell alone stands for any Chromium. */
function missingPackages(): string[] {
  const wanted = process.getuid?.() === 0 ? [...LIBRARIES, ...DESKTOP, ...ROUTER, ...SHELLS] : LIBRARIES
  const missing = wanted.filter((name) => !isInstalled(name) && !isInstalled(`${name}t64`))
  if (!hasCommand('Xvfb') || !hasCommand('xvfb-run')) missing.push('xvfb')
  if (findChromium() === undefined) missing.push(CHROMIUM_SHELL)
  return missing
}

/** The name under which this release offers the package. */
function availableName(name: string): string {
  if (isOffered(name)) return name
  if (name === CHROMIUM_SHELL) return 'chromium'
  return isOffered(`${name}t64`) ? `${name}t64` : name
}

function isOffered(name: string): boolean {
  return /Candidate: (?!\(none\))\S/.test(spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' }).stdout)
}

/** Installs what is missing, or throws a BuildError with the command to type. */
export async function ensureSystemDeps(): Promise<void> {
  if (process.platform !== 'linux') return
  if (!hasCommand('dpkg-query') || !hasCommand('apt-get')) {
    if (findChromium() !== undefined && hasCommand('Xvfb')) return
    throw new BuildError(
      'The end-to-end tests need Chromium, Xvfb and the libraries of GTK 3, NSS and ALSA, and this is not a Debian-like system.\n' +
        `Install your distribution's counterparts of: xvfb chromium ${LIBRARIES.join(' ')}`,
    )
  }
  const missing = missingPackages()
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) {
    const packages = missing.map(availableName).join(' ')
    throw new BuildError(`The end-to-end tests need packages that are not installed. Install them with:\n\n  sudo apt-get install -y ${packages}\n`)
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  say(`Installing by apt: ${missing.join(' ')}`)
  await step('apt-get update', () => run('apt-get', ['update', '-q'], { env, timeoutMs: 300_000 }))
  const packages = missing.map(availableName)
  await step('apt-get install', () =>
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env, timeoutMs: 900_000 }),
  )
  const still = missingPackages()
  if (still.length > 0) throw new BuildError(`apt reported success, but these are still missing: ${still.join(' ')}`)
}

if (import.meta.main) {
  main(async () => {
    await ensureSystemDeps()
    say(`System packages are there; Chromium is ${findChromium() ?? 'missing'}.`)
  })
}
