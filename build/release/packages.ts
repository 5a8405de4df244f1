/** Which files of a release are for whom, by the names that build/package/config.ts gives them. Pure. */
import { PACKAGE_KINDS, type Manifest, type PackageKind } from '../../electron/updates/manifest.ts'

export interface Package {
  readonly name: string
  readonly platform: Manifest['platform']
  readonly arch: Manifest['arch']
  readonly kind: PackageKind
}

/** Each kind of package calls the same processor by a name of its own. */
const ARCHITECTURES: Readonly<Record<string, Manifest['arch']>> = {
  x64: 'x64', x86_64: 'x64', amd64: 'x64', arm64: 'arm64', aarch64: 'arm64', universal: 'universal',
}
const PLATFORMS: Readonly<Record<string, Manifest['platform']>> = { linux: 'linux', mac: 'darwin', Setup: 'win32' }

/** Undefined for what no installed app is renewed from: images of disks, portable programs, the headless node. */
export function packageOf(name: string, version: string): Package | undefined {
  const kind = PACKAGE_KINDS.find((candidate) => name.endsWith(`.${candidate}`))
  if (kind === undefined) return undefined
  const stem = name.slice(0, -kind.length - 1)
  // `Nodestead-0.1.0-linux-x64` and `Nodestead-Setup-0.1.0-x64`: without name and version `linux-x64` and `Setup-x64`.
  const said = /^Nodestead-(?:(Setup)-)?(.+)-(\w+)$/.exec(stem)
  if (said === null) return undefined
  const [, setup, middle = '', processor = ''] = said
  const system = setup ?? /^(.+)-(linux|mac)$/.exec(middle)?.[2]
  const saidVersion = setup === undefined ? middle.slice(0, -(system?.length ?? 0) - 1) : middle
  const platform = PLATFORMS[system ?? '']
  const arch = ARCHITECTURES[processor]
  return platform === undefined || arch === undefined || saidVersion !== version ? undefined : { name, platform, arch, kind }
}
