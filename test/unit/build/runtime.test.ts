/** The shipped runtime is what its manifest says, and what its sources make. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, cpSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyDifference, differenceOf, differenceSchema } from '../../../build/runtime/difference.ts'
import { codeHash, MANIFEST, RUNTIME_FOLDER, runtimeManifest, sha256, type BuiltFile } from '../../../build/runtime/manifest.ts'
import { sourceFiles, sourcesHash } from '../../../build/runtime/sources.ts'
import { ROOT } from '../../../build/terminal.ts'
import { concatBytes } from '../../../node-core/base/bytes.ts'
import { unpackCode } from '../../../node-core/chain/runtime/code/code.ts'

const manifest = runtimeManifest.parse(JSON.parse(readFileSync(MANIFEST, 'utf8')))

describe('the shipped files', () => {
  const { wasm, metadata, fixtures } = manifest
  test.each<[string, BuiltFile]>([['wasm', wasm], ['metadata', metadata], ['aura', fixtures.aura], ['next', fixtures.next]])('%s is what the manifest says', (_, { file, bytes, sha256: hash }) => {
    const content = readFileSync(join(ROOT, file))
    expect({ bytes: content.length, hash: sha256(content) }).toEqual({ bytes, hash })
  })

  test('the code unpacks to what the linker made', () => {
    const code = readFileSync(join(ROOT, wasm.file))
    const unpacked = unpackCode(code)
    expect({ bytes: unpacked.length, sha256: sha256(unpacked) }).toEqual(manifest.unpacked)
    expect(codeHash(code)).toBe(wasm.codeHash)
  })

  test('the sources and the lock file are those that it was built from: after a change, npm run build:runtime', () => {
    expect(sourcesHash(RUNTIME_FOLDER)).toBe(manifest.sources)
  })

  test('no path of the machine that built it is in the code', () => {
    const text = Buffer.from(unpackCode(readFileSync(join(ROOT, wasm.file)))).toString('latin1')
    expect(text.includes('/registry/')).toBe(true)
    expect(text.match(/\/(home|root|Users|work|tmp|build)\/[\w./-]*/g) ?? []).toEqual([])
  })
})

describe('the hash of the sources', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runtime-sources-'))
    for (const file of sourceFiles(RUNTIME_FOLDER)) cpSync(join(RUNTIME_FOLDER, file), join(folder, file))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('is that of the same files elsewhere', () => {
    expect(sourcesHash(folder)).toBe(manifest.sources)
  })

  test.each(['Cargo.lock', 'Cargo.toml', 'runtime/Cargo.toml', 'runtime/src/lib.rs', 'channels/src/money.rs'])('changes with %s', (file) => {
    writeFileSync(join(folder, file), `${readFileSync(join(folder, file), 'utf8')}\n`)
    expect(sourcesHash(folder)).not.toBe(manifest.sources)
  })

  test('changes with a file that comes, and not with tests or texts', () => {
    mkdirSync(join(folder, 'channels/src/tests'))
    for (const file of ['README.md', 'authorities/src/tests.rs', 'authorities/src/mock.rs', 'channels/src/tests/calls.rs']) writeFileSync(join(folder, file), 'other')
    expect(sourcesHash(folder)).toBe(manifest.sources)
    writeFileSync(join(folder, 'runtime/src/more.rs'), '')
    expect(sourcesHash(folder)).not.toBe(manifest.sources)
  })
})

describe('a difference', () => {
  let seed = 1
  const before = Uint8Array.from({ length: 400 }, () => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff) >> 16) % 250)
  const insert = (at: number, removed: number, ...bytes: number[]): Uint8Array => concatBytes(before.subarray(0, at), Uint8Array.from(bytes), before.subarray(at + removed))

  test.each<[string, Uint8Array]>([
    ['the same', before], ['a byte changed', insert(100, 1, 255)], ['bytes that come', insert(200, 0, 252, 253, 254)], ['bytes that go', insert(33, 40)],
    ['changes at both ends', concatBytes(Uint8Array.of(255), before.subarray(3, 390), Uint8Array.of(255, 254))], ['parts that change places', concatBytes(before.subarray(160), before.subarray(0, 160))],
    ['nothing', new Uint8Array()], ['less than a block', before.subarray(0, 5)], ['another file', before.map((byte) => 255 - byte)],
  ])('leads to the other file: %s', (_, after) => {
    const difference = differenceSchema.parse(JSON.parse(JSON.stringify(differenceOf(before, after))))
    expect(applyDifference(before, difference)).toEqual(after)
  })

  test('names what both files share instead of repeating it', () => {
    expect(differenceOf(before, insert(200, 1, 255, 254)).pieces).toEqual([[0, 200], '0xfffe', [201, 400]])
  })

  test('is not applied to another file, and notices a change of its own', () => {
    const difference = differenceOf(before, insert(100, 1, 255))
    expect(() => applyDifference(before.subarray(1), difference)).toThrow('built after another one')
    expect(() => applyDifference(before, { ...difference, pieces: difference.pieces.slice(1) })).toThrow('damaged')
  })

  test('to the next version is small', () => {
    expect(statSync(join(ROOT, manifest.fixtures.next.file)).size).toBeLessThan(20_000)
  })
})
