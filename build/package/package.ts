/**
 * Packages the app as built in `out/`: `npm run package` for installers of this system, `npm run package -- --dir` for the
 * unpacked program alone, which needs no download. Everything goes to `out/release/`.
 */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build, Platform as BuilderPlatform } from 'electron-builder'
import { archiveProgram } from './archive.ts'
import { packageConfig, type PackageOptions } from './config.ts'
import { stage, type Platform } from './stage.ts'
import { findOfficialElectron, type ElectronDist } from '../electron-dist.ts'
import { readReleaseSettings, type ReleaseSettings } from '../release/settings.ts'
import { BuildError, main, OUT, ROOT, step } from '../terminal.ts'

export const RELEASE = join(OUT, 'release')
const STAGED = join(OUT, 'staged')

export interface PackageRequest {
  readonly settings: ReleaseSettings
  readonly electron: ElectronDist | undefined
  readonly output?: string
  readonly unpackedOnly?: boolean
  readonly inspectable?: boolean
}

/** Where electron-builder leaves the program itself, in the folder of packages. */
export const UNPACKED = { linux: 'linux-unpacked', win32: 'win-unpacked', darwin: 'mac-universal' } as const

/** Packages for the system that this runs on; returns the files that electron-builder made. */
export async function packageApp({ settings, electron, output = RELEASE, unpackedOnly = false, inspectable = false }: PackageRequest): Promise<string[]> {
  const platform = process.platform as Platform
  const electronVersion = electron === undefined ? await wantedElectron() : await versionOf(electron)
  if (!unpackedOnly && electronVersion !== (await wantedElectron())) {
    throw new BuildError(`Installers are made with Electron ${await wantedElectron()}, which the lockfile names. The one given is ${electronVersion}.`)
  }
  await stage(STAGED, { out: OUT, platform, settings })
  const options: PackageOptions = {
    settings, platform, output, unpackedOnly, inspectable,
    app: STAGED,
    electronVersion,
    electronDist: electron?.folder,
  }
  try {
    return await build({ targets: BuilderPlatform.current().createTarget(unpackedOnly ? 'dir' : null), config: packageConfig(options), publish: 'never' })
  } finally {
    await rm(STAGED, { recursive: true, force: true })
  }
}

/** The program and its archive among what was packaged into the folder. */
export function programIn(output: string): { readonly executable: string; readonly archive: string } {
  const unpacked = join(output, UNPACKED[process.platform as Platform])
  if (process.platform === 'darwin') {
    const contents = join(unpacked, 'Nodestead.app', 'Contents')
    return { executable: join(unpacked, 'Nodestead.app'), archive: join(contents, 'Resources', 'app.asar') }
  }
  return { executable: join(unpacked, process.platform === 'win32' ? 'Nodestead.exe' : 'nodestead'), archive: join(unpacked, 'resources', 'app.asar') }
}

/** Linux: the unpacked program in the folder as an archive beside it; returns its name. */
export async function archiveUnpacked(output: string, version: string, time: Date): Promise<string> {
  const name = `Nodestead-${version}-linux-${process.arch}`
  await archiveProgram(join(output, UNPACKED.linux), join(output, `${name}.tar.gz`), name, time)
  return `${name}.tar.gz`
}

/** The version of an Electron that is there, for tests another one than a release has. */
async function versionOf({ folder }: ElectronDist): Promise<string> {
  return (await readFile(join(folder, 'version'), 'utf8')).trim().replace(/^v/, '')
}

/** As `npm ci` installs it. */
export async function wantedElectron(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'node_modules', 'electron', 'package.json'), 'utf8')) as { version: string }
  return version
}

if (import.meta.main) {
  main(async () => {
    const electron = await findOfficialElectron()
    if (electron === undefined) throw new BuildError('The app is packaged with the official Electron, which is not here and cannot be downloaded.')
    await step('package', async () => packageApp({ settings: await readReleaseSettings(), electron, unpackedOnly: process.argv.includes('--dir') }))
  })
}
