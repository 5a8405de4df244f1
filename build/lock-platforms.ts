/**
 * Completes package-lock.json: `npm run lock:platforms`, after every change of dependencies.
 *
 * Native packages list one optional package per platform. Where the registry does not serve those of other platforms,
 * npm leaves them out of the lockfile, and `npm ci` then refuses the lockfile as incomplete. This puts them back: name,
 * the exact version that their parent asks for (or package.json's `overrides` do), and the platform that their name tells. Their integrity is not known
 * here, so npm takes it on trust on those platforms until the lockfile is written where they are served.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { main, ROOT, say } from './terminal.ts'

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

interface Lockfile {
  readonly packages: Record<string, LockedPackage>
}

/** Words in package names that tell a platform, as npm calls it. */
const SYSTEMS: Readonly<Record<string, string>> = {
  android: 'android', darwin: 'darwin', freebsd: 'freebsd', netbsd: 'netbsd', openbsd: 'openbsd', openharmony: 'openharmony',
  linux: 'linux', sunos: 'sunos', aix: 'aix', win32: 'win32', win: 'win32', windows: 'win32',
}
const PROCESSORS: Readonly<Record<string, string>> = {
  arm: 'arm', arm64: 'arm64', ia32: 'ia32', x86: 'ia32', x64: 'x64', loong64: 'loong64', loongarch64: 'loong64', mips64el: 'mips64el',
  ppc64: 'ppc64', ppc64le: 'ppc64', riscv64: 'riscv64', s390x: 's390x', wasm32: 'wasm32',
}

main(async () => {
  const path = join(ROOT, 'package-lock.json')
  const lockfile = JSON.parse(await readFile(path, 'utf8')) as Lockfile
  const { packages } = lockfile
  const { overrides = {} } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly overrides?: Readonly<Record<string, string>> }
  let added = 0
  for (const [place, parent] of Object.entries(packages)) {
    for (const [name, asked] of Object.entries(parent.optionalDependencies ?? {})) {
      const version = overrides[name] ?? asked
      const platform = platformOf(name)
      // A range names no version; those packages are served everywhere so far.
      if (platform === undefined || !/^\d/.test(version) || findPackage(packages, place, name) !== undefined) continue
      const known = packages[`node_modules/${name}`]
      const key = known === undefined || known.version === version ? `node_modules/${name}` : `${place}/node_modules/${name}`
      packages[key] = { version, ...platform, ...(parent.dev === true ? { dev: true } : {}), optional: true }
      added++
    }
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
  await writeFile(path, `${JSON.stringify({ ...lockfile, packages: sorted }, null, 2)}\n`)
  say(`${added} packages of other platforms added to package-lock.json`)
})

/** Where Node would find `name` from inside the package at `place`. */
function findPackage(packages: Readonly<Record<string, LockedPackage>>, place: string, name: string): LockedPackage | undefined {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`]
    if (found !== undefined || folder === '') return found
  }
}

function platformOf(name: string): { os?: string[]; cpu?: string[] } | undefined {
  const words = name.split(/[@/_-]/)
  const os = words.map((word) => SYSTEMS[word]).find((word) => word !== undefined)
  const cpu = words.map((word) => PROCESSORS[word]).find((word) => word !== undefined)
  if (os === undefined && cpu === undefined) return undefined
  return { ...(os === undefined ? {} : { os: [os] }), ...(cpu === undefined ? {} : { cpu: [cpu] }) }
}
