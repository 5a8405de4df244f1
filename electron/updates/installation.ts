/** How this program was installed, and so which file of a release renews it, or why none does. */
import { accessSync, constants, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { PackageKind } from './manifest.ts'
import type { UpdatesOff } from '../../node-core/api/app/update-types.ts'

export interface Installation {
  readonly platform: string
  readonly isPackaged: boolean
  /** Where the package's own files lie: electron-builder writes there what kind it is. */
  readonly resourcesPath: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export function packageKind({ platform, resourcesPath }: Installation): PackageKind {
  if (platform === 'win32') return 'exe'
  if (platform === 'darwin') return 'zip'
  const kind = textOf(join(resourcesPath, 'package-type'))
  return kind === 'deb' || kind === 'rpm' ? kind : 'AppImage'
}

/** Undefined where it can bring itself up to date. */
export function whyNotInstallable(installation: Installation): UpdatesOff | undefined {
  const { isPackaged, env } = installation
  if (!isPackaged || env['PORTABLE_EXECUTABLE_FILE'] !== undefined) return 'not-installed'
  if (packageKind(installation) !== 'AppImage') return undefined
  const image = env['APPIMAGE']
  if (image === undefined || !image.startsWith('/')) return 'not-installed'
  return canWrite(dirname(image)) ? undefined : 'read-only'
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
