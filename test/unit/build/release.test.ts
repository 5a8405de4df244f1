import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkChecksums, writeChecksums } from '../../../build/release/checksums.ts'
import { channelsOf, writeFeed } from '../../../build/release/feed.ts'
import { notesOf } from '../../../build/release/notes.ts'
import { packageOf } from '../../../build/release/packages.ts'
import { missingFacts, parseRequest } from '../../../build/release/release.ts'
import { readReleaseSettings } from '../../../build/release/settings.ts'
import { makeKey, openKey, publicHalf, signFile } from '../../../build/release/signing-key.ts'
import { verifyRelease } from '../../../build/release/verify.ts'
import { parseManifest } from '../../../electron/updates/manifest.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodestead-release-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

describe('the packages of a release', () => {
  it.each([
    ['Nodestead-0.2.0-linux-x86_64.AppImage', 'linux', 'x64', 'AppImage'],
    ['Nodestead-0.2.0-linux-arm64.AppImage', 'linux', 'arm64', 'AppImage'],
    ['Nodestead-0.2.0-linux-amd64.deb', 'linux', 'x64', 'deb'],
    ['Nodestead-0.2.0-linux-aarch64.rpm', 'linux', 'arm64', 'rpm'],
    ['Nodestead-0.2.0-linux-x64.tar.gz', 'linux', 'x64', 'tar.gz'],
    ['Nodestead-0.2.0-mac-universal.zip', 'darwin', 'universal', 'zip'],
    ['Nodestead-Setup-0.2.0-x64.exe', 'win32', 'x64', 'exe'],
  ] as const)('%s is for %s on %s', (name, platform, arch, kind) => {
    expect(packageOf(name, '0.2.0')).toEqual({ name, platform, arch, kind })
  })

  it.each([
    'Nodestead-0.2.0-mac-universal.dmg', 'Nodestead-Portable-0.2.0-x64.exe', 'nodestead-0.2.0.tgz', 'nodestead-0.2.0-headless.tar.gz',
    'Nodestead-0.1.0-linux-x86_64.AppImage', 'Nodestead-Setup-0.2.01-x64.exe', 'Nodestead-0.2.0-linux-sparc.deb', 'SHA256SUMS',
  ])('%s renews nothing', (name) => {
    expect(packageOf(name, '0.2.0')).toBeUndefined()
  })

  it('may have a version with dashes', () => {
    expect(packageOf('Nodestead-0.2.0-beta.1-linux-amd64.deb', '0.2.0-beta.1')).toMatchObject({ platform: 'linux', kind: 'deb' })
  })
})

describe('notes', () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Soon.\n\n## [0.2.0] - 2026-11-25\n\n- Better.\n\n## [0.1.0]\n\n- First.\n\n## [0.0.1] - 2026-01-01\n'

  it('are the part of the version', () => {
    expect(notesOf(changelog, '0.2.0')).toEqual({ text: '- Better.', date: '2026-11-25' })
    expect(notesOf(changelog, undefined)).toEqual({ text: '### Added\n\n- Soon.', date: undefined })
  })

  it.each([['0.3.0', 'no part'], ['0.1.0', 'no date'], ['0.0.1', 'empty']])('of %s are missed: %s', (version, why) => {
    expect(() => notesOf(changelog, version)).toThrow(why)
  })

  it('are in this changelog for what is not released', () => {
    expect(notesOf(readFileSync(join(import.meta.dirname, '../../../CHANGELOG.md'), 'utf8'), undefined).text).toContain('### Added')
  })
})

describe('the signing key', () => {
  it('opens with its passphrase alone', () => {
    const pem = makeKey('correct horse battery')
    expect(pem).toContain('ENCRYPTED')
    expect(publicHalf(openKey(pem, 'correct horse battery'))).toMatch(/^MCowBQYDK2VwAyEA/)
    expect(() => openKey(pem, 'another')).toThrow('cannot be opened')
    expect(() => openKey('nonsense', 'another')).toThrow('cannot be opened')
  })

  it('is an Ed25519 key', () => {
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    expect(() => openKey(pem, '')).toThrow('not an Ed25519')
  })

  const hasOpenSsl = spawnSync('openssl', ['version']).status === 0
  it.skipIf(!hasOpenSsl)('makes signatures that OpenSSL checks, as the README has it (left out where there is no openssl)', async () => {
    const key = openKey(makeKey('correct horse battery'), 'correct horse battery')
    writeFileSync(at('SHA256SUMS'), 'abc  file\n')
    await signFile(at('SHA256SUMS'), key)
    writeFileSync(at('key.pem'), `-----BEGIN PUBLIC KEY-----\n${publicHalf(key)}\n-----END PUBLIC KEY-----\n`)
    const check = (): number | null => spawnSync('openssl', ['pkeyutl', '-verify', '-pubin', '-inkey', 'key.pem', '-rawin', '-in', 'SHA256SUMS', '-sigfile', 'SHA256SUMS.sig'], { cwd: folder }).status
    expect(check()).toBe(0)
    writeFileSync(at('SHA256SUMS'), 'abd  file\n')
    expect(check()).not.toBe(0)
  })
})

describe('a release folder', () => {
  const IMAGE = 'Nodestead-0.2.0-linux-x86_64.AppImage'
  const key = openKey(makeKey('correct horse battery'), 'correct horse battery')

  const make = async (version = '0.2.0'): Promise<string[]> => {
    writeFileSync(at(IMAGE), 'an image')
    writeFileSync(at('Nodestead-0.2.0-linux-amd64.deb'), 'a package')
    writeFileSync(at('nodestead-0.2.0.tgz'), 'headless')
    const names = [IMAGE, 'Nodestead-0.2.0-linux-amd64.deb', 'nodestead-0.2.0.tgz']
    const manifests = await writeFeed(folder, names, { version, notes: 'Better.', releasedAt: new Date('2026-11-25T12:00:00Z'), rolloutPercent: 20 })
    const checksums = await writeChecksums(folder, names)
    for (const path of [checksums, ...manifests.map(at)]) await signFile(path, key)
    return manifests
  }

  it('has a manifest for each channel that the app takes', async () => {
    expect(await make()).toEqual(['stable-linux-x64.json', 'preview-linux-x64.json'])
    const manifest = parseManifest(readFileSync(at('stable-linux-x64.json')), { channel: 'stable', platform: 'linux', arch: 'x64' })
    expect(manifest).toMatchObject({ version: '0.2.0', rolloutPercent: 20, files: [{ kind: 'deb' }, { name: IMAGE, bytes: 8 }] })
    expect(verify(null, readFileSync(at('stable-linux-x64.json')), { key: Buffer.from(publicHalf(key), 'base64'), format: 'der', type: 'spki' }, readFileSync(at('stable-linux-x64.json.sig')))).toBe(true)
  })

  it('of a preview is for the channel of previews', () => {
    expect([channelsOf('0.2.0'), channelsOf('0.2.0-beta.1')]).toEqual([['stable', 'preview'], ['preview']])
  })

  it('stands its check, which sha256sum makes too', async () => {
    await make()
    expect(await verifyRelease(folder, [publicHalf(key)])).toEqual([])
    expect(await checkChecksums(folder)).toEqual([])
    expect(spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder }).status).toBe(0)
  })

  it('does not where anything was changed', async () => {
    await make()
    writeFileSync(at(IMAGE), 'an imagf')
    expect(await verifyRelease(folder, [publicHalf(key)])).toEqual([
      `${IMAGE} is not what preview-linux-x64.json says`, `${IMAGE} is not what stable-linux-x64.json says`, `${IMAGE} is not what SHA256SUMS says`,
    ])
    const other = publicHalf(openKey(makeKey('another long one'), 'another long one'))
    expect((await verifyRelease(folder, [other]))[0]).toBe('SHA256SUMS is signed by another key, or was changed')
    rmSync(at('SHA256SUMS.sig'))
    expect((await verifyRelease(folder, [publicHalf(key)]))[0]).toBe('SHA256SUMS is not signed')
  })
})

describe('the release command', () => {
  it('knows what is asked of it', () => {
    expect(parseRequest(['--dry-run'])).toMatchObject({ dryRun: true, rolloutPercent: 100 })
    expect(parseRequest(['--key', 'k', '--from', 'f', '--rollout', '20'])).toMatchObject({ key: 'k', from: 'f', rolloutPercent: 20 })
    expect(parseRequest(['--packages'])).toMatchObject({ packagesOnly: true })
  })

  it.each([[[], 'which key'], [['--rollout', '101', '--dry-run'], '--rollout'], [['--rollout', 'x', '--dry-run'], '--rollout'], [['--dry-run', '--key', 'k'], 'Leave out --key']])('refuses %j', (argv, why) => {
    expect(() => parseRequest(argv)).toThrow(why)
  })

  it('says what only its maker can know', async () => {
    const settings = await readReleaseSettings()
    expect(missingFacts({ ...settings, feed: undefined, homepage: undefined, updateKeys: [] }, 'key')).toHaveLength(3)
    expect(missingFacts({ ...settings, feed: 'https://updates.example/', homepage: 'https://nodestead.example/', updateKeys: ['key'] }, 'key')).toEqual([])
  })
})
