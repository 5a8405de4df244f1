import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageConfig, type PackageOptions } from '../../../build/package/config.ts'
import { fuses } from '../../../build/package/fuses.ts'
import { wantedElectron } from '../../../build/package/package.ts'
import { readReleaseSettings } from '../../../build/release/settings.ts'
import { packageOf } from '../../../build/release/packages.ts'

const settings = await readReleaseSettings()
const options: PackageOptions = { settings, platform: 'linux', app: '/staged', output: '/release', electronVersion: '45.0.0' }
const config = packageConfig(options)

describe('packages', () => {
  it('keep Electron\'s doors shut', () => {
    expect(fuses()).toEqual({
      runAsNode: false, enableNodeOptionsEnvironmentVariable: false, enableNodeCliInspectArguments: false, enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true, onlyLoadAppFromAsar: true, loadBrowserProcessSpecificV8Snapshot: false, grantFileProtocolExtraPrivileges: false,
    })
    expect(config.electronFuses).toEqual(fuses())
    expect(config.asar).toBe(true)
  })

  it('come in the forms in which people install programs', () => {
    expect(config.linux?.target).toEqual(['AppImage', 'deb', 'rpm'])
    expect(config.mac?.target).toEqual([{ target: 'dmg', arch: ['universal'] }, { target: 'zip', arch: ['universal'] }])
    expect(config.win?.target).toEqual(['nsis', 'portable'])
    expect(config.nsis).toMatchObject({ perMachine: false, deleteAppDataOnUninstall: false })
    expect(packageConfig({ ...options, unpackedOnly: true }).linux?.target).toEqual(['dir'])
  })

  it('are hardened and notarized on macOS, where the account is', () => {
    expect(config.mac).toMatchObject({ hardenedRuntime: true, notarize: false })
    const entitlements = readFileSync(join(import.meta.dirname, '../../../build/package/entitlements.mac.plist'), 'utf8')
    expect([...entitlements.matchAll(/<key>(.+)<\/key>/g)].map(([, key]) => key)).toEqual(['com.apple.security.cs.allow-jit'])
  })

  it('own links and chain specifications', () => {
    expect(config.protocols).toEqual([{ name: 'Nodestead', schemes: ['nodestead'], role: 'Viewer' }])
    expect(config.fileAssociations).toMatchObject([{ ext: 'chainspec', role: 'Viewer' }])
  })

  it('have names that the feed knows', () => {
    const named = (pattern: string | null | undefined, os: string, arch: string, ext: string): string =>
      (pattern ?? '').replace('${version}', '0.2.0').replace('${os}', os).replace('${arch}', arch).replace('${ext}', ext)
    expect(packageOf(named(config.artifactName, 'linux', 'x86_64', 'AppImage'), '0.2.0')?.kind).toBe('AppImage')
    expect(packageOf(named(config.artifactName, 'mac', 'universal', 'zip'), '0.2.0')?.platform).toBe('darwin')
    expect(packageOf(named(config.nsis?.artifactName, 'win', 'x64', 'exe'), '0.2.0')?.platform).toBe('win32')
    expect(packageOf(named(config.portable?.artifactName, 'win', 'x64', 'exe'), '0.2.0')).toBeUndefined()
  })

  // Electron's security checklist, 16. Three majors are supported at a time; a new one must not fail what was right yesterday.
  it('are made with an Electron that is supported (skipped where the registry does not answer)', async ({ skip }) => {
    const { status, stdout } = spawnSync('npm', ['view', 'electron', 'version'], { encoding: 'utf8', timeout: 20_000, shell: process.platform === 'win32' })
    if (status !== 0) return skip('the registry does not answer')
    const major = (version: string): number => Number(version.trim().split('.')[0])
    expect(major(stdout) - major(await wantedElectron())).toBeLessThan(3)
  })
})
