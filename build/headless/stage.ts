/**
 * Puts the package of the headless node together in a folder, as it will be installed:
 *
 *     bin/nodestead.js    the command: checks the version of Node.js, then runs the bundle
 *     lib/                the node and its worker threads, bundled
 *     chains/, renderer/  chain specifications and the dashboard, as the build made them
 *     share/              units for systemd, a job for launchd, the manual, completion for shells
 *     node_modules/       classic-level and what it needs: native, so not bundled; npm fetches what QUIC and IP links need where there is such
 *     package.json, README.md, LICENSE, licenses.json, build.json
 *
 * The folder runs where it is. What is packed of it is archives.ts's to say.
 */
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build, mergeConfig } from 'vite'
import type { BuildInfo } from '../../node-core/base/build-info.ts'
import { VERSION } from '../../node-core/base/version.ts'
import { COMMANDS } from '../../node-core/command/commands/table.ts'
import { completionScript, SHELLS, type Shell } from '../../node-core/command/completion/completion.ts'
import { manPage } from '../../node-core/command/manual/man-page.ts'
import { writeBuildInfo } from '../build-info.ts'
import { resolvePackage } from '../carried-packages.ts'
import { nativeParts, quicNatives, systemCalls } from '../native-parts.ts'
import { writeLicenses } from '../licenses.ts'
import { ROOT } from '../terminal.ts'
import { mainConfig } from '../vite.config.ts'

const HERE = import.meta.dirname

const ENTRIES = {
  nodestead: 'build/headless/entry.ts',
  'runtime-worker': 'node-core/chain/runtime/threads/worker.ts',
  'crypto-worker': 'node-core/crypto/worker/worker.ts',
  'explorer-worker': 'node-core/chain/explorer/worker.ts',
  'genesis-worker': 'node-core/chain/spec/runtime-genesis/worker.ts',
  'state-worker': 'node-core/chain/joining/state/worker.ts',
  'ip-worker': 'node-core/net/link/ip/device-thread.ts',
}

/** The first long-term release with `Promise.withResolvers`; bin/nodestead.js checks it too. */
export const NODE_NEEDED = '22.11'

const NATIVE = 'classic-level'

/** Where npm and a prefix of one's own look for it. */
const MANUAL = 'share/man/man1/nodestead.1'

/** What the desktop app has and this does not. */
const DESKTOP_ONLY = ['electron', 'electron-store']

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** The package.json of the package, from the project's own. `native` is the version of classic-level that was tested, `optional` are the native parts of QUIC, and what an IP link needs. */
export function manifestOf({ name, version, license, author }: Manifest, native: string, optional: Readonly<Record<string, string>>): Manifest {
  return {
    name,
    version,
    description: 'A full node of a Polkadot-family network, from the command line.',
    license,
    author,
    type: 'module',
    bin: { nodestead: 'bin/nodestead.js' },
    man: [MANUAL],
    engines: { node: `>=${NODE_NEEDED}` },
    dependencies: { [NATIVE]: native },
    optionalDependencies: optional,
  }
}

/** `built` is the folder where the chain specifications and the dashboard are already. */
export async function stageHeadless(built: string, out: string): Promise<{ readonly manifest: Manifest; readonly build: BuildInfo }> {
  await rm(out, { recursive: true, force: true })
  await mkdir(join(out, 'bin'), { recursive: true })
  // No source maps: they are twice the code, and its names are its own as it is.
  await build(mergeConfig(mainConfig({ out, entries: ENTRIES }), { build: { outDir: join(out, 'lib'), target: `node${NODE_NEEDED}`, sourcemap: false } }))
  await copyFile(join(HERE, 'launcher.js'), join(out, 'bin', 'nodestead.js'))
  for (const folder of ['chains', 'renderer']) await cp(join(built, folder), join(out, folder), { recursive: true, filter: isVisible })
  await cp(join(HERE, 'share'), join(out, 'share'), { recursive: true })
  await writeShellFiles(out)
  await copyFile(join(HERE, 'README.md'), join(out, 'README.md'))
  await copyFile(join(ROOT, 'LICENSE'), join(out, 'LICENSE'))
  const optional = { ...(await quicNatives()), ...(await systemCalls()) }
  // What stands in an archive is the same wherever it is made, so it has none of them.
  await writeLicenses(out, [...DESKTOP_ONLY, ...Object.keys(optional), ...Object.keys(await nativeParts())])
  const modules = await copyNative(out)
  const manifest = manifestOf(await readManifest(ROOT), modules.get(NATIVE)?.version ?? '', optional)
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return { manifest, build: await writeBuildInfo(out) }
}

/** The manual and the completion scripts, made of the commands' definitions. */
async function writeShellFiles(out: string): Promise<void> {
  const places: Readonly<Record<Shell, string>> = { bash: 'bash-completion/completions/nodestead', zsh: 'zsh/site-functions/_nodestead', fish: 'fish/vendor_completions.d/nodestead.fish', powershell: 'powershell/nodestead.ps1' }
  const files = [[MANUAL, manPage('nodestead', VERSION, COMMANDS)], ...SHELLS.map((shell) => [`share/${places[shell]}`, completionScript(shell, 'nodestead', COMMANDS)])] as const
  for (const [path, content] of files) {
    await mkdir(dirname(join(out, path)), { recursive: true })
    await writeFile(join(out, path), content)
  }
}

/** Copies classic-level and all that it leads to, flat as npm lays them; of each what runs, not what it is compiled from. */
async function copyNative(out: string): Promise<ReadonlyMap<string, Manifest>> {
  const copied = new Map<string, Manifest>()
  const copy = async (name: string, from: string): Promise<void> => {
    const folder = resolvePackage(name, from)
    if (folder === undefined) throw new Error(`${name} is not installed: run npm ci`)
    const manifest = await readManifest(folder)
    const before = copied.get(name)
    if (before !== undefined) {
      if (before.version !== manifest.version) throw new Error(`two versions of ${name} do not fit into one folder: ${before.version} and ${manifest.version}`)
      return
    }
    copied.set(name, manifest)
    const sources = new Set(name === NATIVE ? [join(folder, 'deps'), join(folder, 'binding.cc'), join(folder, 'binding.gyp')] : [])
    const nested = join(folder, 'node_modules')
    await cp(folder, join(out, 'node_modules', name), { recursive: true, filter: (path) => path !== nested && !sources.has(path) })
    for (const dependency of Object.keys(manifest.dependencies ?? {})) await copy(dependency, folder)
  }
  await copy(NATIVE, ROOT)
  return copied
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** The build's marks for itself begin with a dot. */
function isVisible(path: string): boolean {
  return !basename(path).startsWith('.')
}
