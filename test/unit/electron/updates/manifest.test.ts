import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manifestName, parseManifest } from '../../../../electron/updates/manifest.ts'
import { bytesOf, manifest, TARGET } from './release-fixture.ts'

const file = (name: string) => manifest({ files: [{ name, kind: 'AppImage', bytes: 10, sha512: `${'A'.repeat(86)}==` }] })

describe('the manifest of a release', () => {
  it('is read', () => {
    expect(parseManifest(bytesOf(manifest()), TARGET)).toEqual(manifest())
    expect(manifestName(TARGET)).toBe('stable-linux-x64.json')
  })

  it('has one name for both processors of macOS', () => {
    expect(manifestName({ channel: 'preview', platform: 'darwin', arch: 'arm64' })).toBe('preview-darwin-universal.json')
    const universal = manifest({ platform: 'darwin', arch: 'universal', files: [{ name: 'Nodestead-0.2.0-mac-universal.zip', kind: 'zip', bytes: 10, sha512: `${'A'.repeat(86)}==` }] })
    expect(parseManifest(bytesOf(universal), { channel: 'stable', platform: 'darwin', arch: 'arm64' })).toEqual(universal)
  })

  it.each([
    ['another channel', manifest({ channel: 'preview' })],
    ['another system', manifest({ platform: 'win32' })],
    ['another processor', manifest({ arch: 'arm64' })],
    ['another product', { ...manifest(), product: 'other' }],
    ['a field that is not known', { ...manifest(), run: 'this' }],
    ['a version that is none', manifest({ version: 'newest' })],
    ['a version in another spelling', manifest({ version: 'v0.2.0' })],
    ['no file', manifest({ files: [] })],
    ['a file of no bytes', manifest({ files: [{ ...manifest().files[0]!, bytes: 0 }] })],
    ['a short hash', manifest({ files: [{ ...manifest().files[0]!, sha512: 'AAAA' }] })],
    ['more than everybody', manifest({ rolloutPercent: 101 })],
    ['text', 'version: 0.2.0'],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe])],
  ])('is refused for %s', (_what, value) => {
    expect(parseManifest(value instanceof Uint8Array ? value : bytesOf(value), TARGET)).toBeUndefined()
  })

  it.each([
    'Nodestead$(touch x).AppImage', 'Nodestead;reboot.AppImage', 'Nodestead`id`.AppImage', "Nodestead'.AppImage", 'Nodestead .AppImage', 'Nodestead\n.AppImage',
    '../Nodestead.AppImage', 'a/Nodestead.AppImage', '/Nodestead.AppImage', 'https://elsewhere.example/Nodestead.AppImage', '-o.AppImage', '.AppImage',
    'Nodestead..AppImage', 'Nodestead.exe', 'Nodestead.AppImage.', 'Nodestead%2f.AppImage', 'Nodestead\u202e.AppImage', 'nodestead.AppImage',
  ])('takes no file called %s', (name) => {
    expect(parseManifest(bytesOf(file(name)), TARGET)).toBeUndefined()
  })

  it('lets no name through that a shell or an address would read otherwise', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30, unit: 'binary' }), (middle) => {
        const parsed = parseManifest(bytesOf(file(`Nodestead${middle}.AppImage`)), TARGET)
        if (parsed !== undefined) expect(parsed.files[0]?.name).toMatch(/^Nodestead[\w.-]*\.AppImage$/)
      }),
      { numRuns: 2000 },
    )
  })
})
