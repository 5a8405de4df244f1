import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageKind, whyNotInstallable, type Installation } from '../../../../electron/updates/installation.ts'
import { isInRollout } from '../../../../electron/updates/rollout.ts'
import { readUpdateConfig } from '../../../../electron/updates/update-config.ts'
import { assertUnchanged, replaceFile } from '../../../../electron/updates/verified-file.ts'
import { makeSigner } from './release-fixture.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodestead-installation-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string): string => join(folder, name)
const sha512 = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('base64')

describe('replacing the program', () => {
  const bytes = randomBytes(5_000_000)

  it('puts the checked file in its place, executable, and leaves nothing else', () => {
    writeFileSync(at('new'), bytes)
    writeFileSync(at('App.AppImage'), 'old')
    replaceFile(at('new'), at('App.AppImage'), sha512(bytes))
    expect(readFileSync(at('App.AppImage')).equals(bytes)).toBe(true)
    expect(statSync(at('App.AppImage')).mode & 0o777).toBe(0o755)
    expect(readdirSync(folder).sort()).toEqual(['App.AppImage', 'new'])
  })

  it('leaves the old one where the file is another', () => {
    writeFileSync(at('new'), bytes)
    writeFileSync(at('App.AppImage'), 'old')
    expect(() => replaceFile(at('new'), at('App.AppImage'), sha512(Buffer.from('other')))).toThrow(expect.objectContaining({ code: 'UPDATE_FILE_CHANGED' }))
    expect(readFileSync(at('App.AppImage'), 'utf8')).toBe('old')
    expect(readdirSync(folder).sort()).toEqual(['App.AppImage', 'new'])
  })

  it('leaves the old one where there is no new one', () => {
    writeFileSync(at('App.AppImage'), 'old')
    expect(() => replaceFile(at('new'), at('App.AppImage'), '')).toThrow(/ENOENT/)
    expect(readFileSync(at('App.AppImage'), 'utf8')).toBe('old')
  })

  it('does not write through a link that somebody put there', () => {
    writeFileSync(at('new'), bytes)
    writeFileSync(at('precious'), 'precious')
    writeFileSync(at('App.AppImage'), 'old')
    symlinkSync(at('precious'), at(`.nodestead-update-${process.pid}`))
    expect(() => replaceFile(at('new'), at('App.AppImage'), sha512(bytes))).toThrow(/EEXIST/)
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious')
    expect(readFileSync(at('App.AppImage'), 'utf8')).toBe('old')
  })

  it('notices a file that was changed after the download', () => {
    writeFileSync(at('new'), bytes)
    expect(() => assertUnchanged(at('new'), sha512(bytes))).not.toThrow()
    writeFileSync(at('new'), 'x', { flag: 'a' })
    expect(() => assertUnchanged(at('new'), sha512(bytes))).toThrow(expect.objectContaining({ code: 'UPDATE_FILE_CHANGED' }))
  })
})

describe('an installation', () => {
  const linux = (env: Installation['env'], isPackaged = true): Installation => ({ platform: 'linux', isPackaged, resourcesPath: folder, env })

  it('is of the kind that its package says', () => {
    expect(packageKind(linux({}))).toBe('AppImage')
    writeFileSync(at('package-type'), 'deb\n')
    expect(packageKind(linux({}))).toBe('deb')
    expect(packageKind({ ...linux({}), platform: 'win32' })).toBe('exe')
    expect(packageKind({ ...linux({}), platform: 'darwin' })).toBe('zip')
  })

  it('updates itself only where it can', () => {
    expect(whyNotInstallable(linux({ APPIMAGE: at('App.AppImage') }))).toBeUndefined()
    expect(whyNotInstallable(linux({ APPIMAGE: at('App.AppImage') }, false))).toBe('not-installed')
    expect(whyNotInstallable(linux({}))).toBe('not-installed')
    expect(whyNotInstallable(linux({ APPIMAGE: 'App.AppImage' }))).toBe('not-installed')
    expect(whyNotInstallable(linux({ APPIMAGE: '/nowhere/at/all/App.AppImage' }))).toBe('read-only')
    expect(whyNotInstallable({ ...linux({ PORTABLE_EXECUTABLE_FILE: 'x' }), platform: 'win32' })).toBe('not-installed')
    expect(whyNotInstallable({ ...linux({}), platform: 'win32' })).toBeUndefined()
    writeFileSync(at('package-type'), 'rpm')
    expect(whyNotInstallable(linux({}))).toBeUndefined()
  })

  it.skipIf(process.getuid?.() === 0)('does not where its folder is read-only (root may write everywhere)', () => {
    chmodSync(folder, 0o555)
    expect(whyNotInstallable(linux({ APPIMAGE: at('App.AppImage') }))).toBe('read-only')
  })
})

describe('what the build says of updates', () => {
  const key = makeSigner().publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const write = (config: unknown): string => {
    writeFileSync(at('updates.json'), JSON.stringify(config))
    return at('updates.json')
  }
  const rest = { updaterCacheDirName: 'nodestead-updater' }

  it('is an address and keys', () => {
    const config = readUpdateConfig(write({ ...rest, feed: 'https://updates.example/nodestead', keys: [key] }))
    expect(config?.feed.href).toBe('https://updates.example/nodestead/')
    expect(config?.keys[0]?.asymmetricKeyType).toBe('ed25519')
  })

  it('may be nothing', () => {
    expect(existsSync(at('updates.json'))).toBe(false)
    expect(readUpdateConfig(at('updates.json'))).toBeUndefined()
    expect(readUpdateConfig(write({ ...rest, keys: [key] }))).toBeUndefined()
    expect(readUpdateConfig(write({ ...rest, feed: 'https://updates.example/', keys: [] }))).toBeUndefined()
  })

  it.each(['http://updates.example/', 'ftp://updates.example/', 'https://me:secret@updates.example/', 'https://updates.example/?x=1', 'file:///tmp/', 'http://127.0.0.1.example/'])(
    'is never %s',
    (feed) => {
      expect(() => readUpdateConfig(write({ ...rest, feed, keys: [key] }))).toThrow()
    },
  )
})

describe('a staged roll-out', () => {
  const lots = Array.from({ length: 2000 }, (_, index) => `lot ${index}`)

  it('reaches about as many as it says, all or none at the ends', () => {
    const share = (percent: number): number => lots.filter((lot) => isInRollout(lot, '0.2.0', percent)).length / lots.length
    expect(share(0)).toBe(0)
    expect(share(100)).toBe(1)
    expect(Math.abs(share(20) - 0.2)).toBeLessThan(0.04)
  })

  it('takes in who was in before when it grows, and others for another version', () => {
    const first = lots.filter((lot) => isInRollout(lot, '0.2.0', 20))
    expect(first.every((lot) => isInRollout(lot, '0.2.0', 50))).toBe(true)
    expect(first.every((lot) => isInRollout(lot, '0.3.0', 20))).toBe(false)
  })
})
