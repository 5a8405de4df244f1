/**
 * How electron-builder packages the app: for each system the forms in which people install it, with the fuses set, a name for
 * chain specifications and for `nodestead://` links, and icons of our own.
 *
 * Signing and notarizing happen where the certificates are: electron-builder takes them from CSC_LINK, WIN_CSC_LINK and the
 * APPLE_* variables, and leaves them out where there are none.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Configuration } from 'electron-builder'
import { fuses } from './fuses.ts'
import type { Platform } from './stage.ts'
import type { ReleaseSettings } from '../release/settings.ts'
import { ROOT } from '../terminal.ts'

export interface PackageOptions {
  readonly settings: ReleaseSettings
  readonly platform: Platform
  /** What {@link stage} made. */
  readonly app: string
  /** Where the packages go. */
  readonly output: string
  readonly electronVersion: string
  /** The folder of an Electron to package, instead of one to download. */
  readonly electronDist?: string | undefined
  /** Only the unpacked program, for which nothing is downloaded. */
  readonly unpackedOnly?: boolean
  /** For tests alone: Playwright drives the app through the inspector, which a release refuses. */
  readonly inspectable?: boolean
}

export function packageConfig({ settings, platform, app, output, electronVersion, electronDist, unpackedOnly = false, inspectable = false }: PackageOptions): Configuration {
  const targets = <T extends string>(...names: T[]): T[] | ['dir'] => (unpackedOnly ? ['dir'] : names)
  const assets = join(ROOT, 'assets')
  return {
    appId: settings.appId,
    productName: 'Nodestead',
    copyright: 'Copyright The Nodestead contributors, GPL-3.0-or-later',
    electronVersion,
    ...(electronDist === undefined ? {} : { electronDist }),
    directories: { app, output, buildResources: join(ROOT, 'build', 'package') },
    // Dashes alone: these names go into the signed manifest, which takes no other characters.
    artifactName: 'Nodestead-${version}-${os}-${arch}.${ext}',
    asar: true,
    // What the system's loader must open itself.
    asarUnpack: ['**/*.node'],
    npmRebuild: false,
    electronLanguages: ['en', 'en-US', 'de', 'es'],
    electronFuses: fuses(inspectable),
    // The feed is written by build/release, and signed.
    publish: null,
    removePackageScripts: true,
    // Electron's own demonstration, which runs whatever it is given.
    afterPack: ({ appOutDir }) => rm(join(appOutDir, 'resources', 'default_app.asar'), { force: true }),
    protocols: [{ name: 'Nodestead', schemes: ['nodestead'], role: 'Viewer' }],
    fileAssociations: [
      { ext: 'chainspec', name: 'Chain specification', description: 'Chain specification', mimeType: 'application/x-chainspec+json', role: 'Viewer', icon: join(assets, 'icon') },
    ],
    linux: {
      target: targets('AppImage', 'deb', 'rpm'),
      executableName: 'nodestead',
      icon: join(assets, 'icon-512.png'),
      category: 'Network',
      maintainer: settings.maintainer,
      synopsis: 'A full node of a Polkadot-family network, one button away',
    },
    mac: {
      target: unpackedOnly ? ['dir'] : [{ target: 'dmg', arch: ['universal'] }, { target: 'zip', arch: ['universal'] }],
      icon: join(assets, 'icon.icns'),
      category: 'public.app-category.utilities',
      minimumSystemVersion: '12.0',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: join(ROOT, 'build', 'package', 'entitlements.mac.plist'),
      entitlementsInherit: join(ROOT, 'build', 'package', 'entitlements.mac.plist'),
      notarize: platform === 'darwin' && process.env['APPLE_TEAM_ID'] !== undefined,
      // One native part serves both processors; universal packages must not look for two.
      x64ArchFiles: '**/prebuilds/darwin-x64+arm64/*.node',
    },
    win: {
      target: targets('nsis', 'portable'),
      icon: join(assets, 'icon.ico'),
    },
    nsis: {
      artifactName: 'Nodestead-Setup-${version}-${arch}.${ext}',
      // For this person alone: no administrator is asked, neither now nor at an update.
      oneClick: true,
      perMachine: false,
      // Keys and chains outlive the program.
      deleteAppDataOnUninstall: false,
    },
    portable: { artifactName: 'Nodestead-Portable-${version}-${arch}.${ext}' },
  }
}
