/** LevelDB's files as they are looked at before an opening: what a real database writes is good, and each way of being torn is told apart. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../../../node-core/base/bytes.ts'
import { examineLevel, hasLevel } from '../../../../node-core/chain/state/leveldb/examine.ts'
import { crc32c, scanLog } from '../../../../node-core/chain/state/leveldb/log-file.ts'
import { readManifest } from '../../../../node-core/chain/state/leveldb/manifest.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-level-'))
  // Twice: the log of the first time becomes a table.
  for (let time = 0; time < 2; time++) {
    const level = new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view', compression: false })
    for (let i = 0; i < 100; i++) await level.put(`key ${time} ${i}`, new Uint8Array(1000).fill(i))
    await level.close()
  }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function file(form: RegExp): Promise<{ readonly path: string; readonly bytes: Uint8Array }> {
  const path = join(folder, (await readdir(folder)).find((name) => form.test(name)) ?? '')
  return { path, bytes: new Uint8Array(await readFile(path)) }
}

describe('the checksum', () => {
  it('is the one of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
    expect(crc32c(utf8('123456789'))).toBe(0xe3069283)
  })
})

describe('a log', () => {
  it('of a real database reads to its end, across blocks', async () => {
    const { bytes } = await file(/\.log$/)
    expect(bytes.length).toBeGreaterThan(3 * 32 * 1024)
    expect(scanLog(bytes)).toMatchObject({ badAt: undefined, hasHole: false })
    expect(scanLog(bytes).records).toHaveLength(100)
  })

  it('that is torn at its end has no hole: the records before it count', async () => {
    const { bytes } = await file(/\.log$/)
    const { records, hasHole } = scanLog(bytes.subarray(0, bytes.length - 500))
    expect([records.length, hasHole]).toEqual([99, false])
  })

  it('with a wrong bit and good records behind it has a hole', async () => {
    const { bytes } = await file(/\.log$/)
    bytes[20_000] = (bytes[20_000] as number) ^ 1
    const { records, badAt, hasHole } = scanLog(bytes)
    expect([hasHole, records.length]).toEqual([true, 19])
    expect(badAt).toBeLessThanOrEqual(20_000)
  })
})

describe('a manifest', () => {
  it('names the tables with their sizes, and the log that goes on from them', async () => {
    const manifest = readManifest(scanLog((await file(/^MANIFEST/)).bytes).records)
    const names = await readdir(folder)
    expect(names).toContain(`${String(manifest?.logNumber).padStart(6, '0')}.log`)
    const table = await file(/\.ldb$/)
    expect([...(manifest?.tables.values() ?? [])]).toEqual([table.bytes.length])
  })

  it('that is none is no manifest', () => {
    expect(readManifest([utf8('damaged')])).toBeUndefined()
  })
})

describe('a folder', () => {
  it('is well as LevelDB left it', async () => {
    expect(await examineLevel(folder)).toEqual({ exists: true, damage: undefined })
    expect(await hasLevel(folder)).toBe(true)
  })

  it('without anything of a database has none, and so has one in which it was about to be made', async () => {
    expect(await examineLevel(join(folder, 'absent'))).toEqual({ exists: false })
    for (const name of await readdir(folder)) if (!/^(LOCK|LOG|MANIFEST)/.test(name)) await rm(join(folder, name))
    expect(await examineLevel(folder)).toEqual({ exists: false })
    expect(await hasLevel(folder)).toBe(false)
  })

  it('tells of each byte that was changed behind the data of a table', async () => {
    const { path, bytes } = await file(/\.ldb$/)
    const damages = new Set<string | undefined>()
    // The footer's last eight bytes, its two places in front, the index: what lies between is padding, which nothing reads.
    const index = bytes.subarray(0, -48).length - 6
    for (const at of [bytes.length - 1, bytes.length - 8, bytes.length - 48, bytes.length - 47, index, index - 8, index + 2]) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] as number) ^ 0x10
      await writeFile(path, changed)
      const found = await examineLevel(folder)
      damages.add(found.exists ? found.damage?.replace(/^.*has/, 'has') : 'none')
    }
    expect([...damages]).toEqual(['has a damaged end'])
    await writeFile(path, bytes)
    expect(await examineLevel(folder)).toMatchObject({ damage: undefined })
  })

  it.each([
    ['CURRENT', /^CURRENT$/, undefined, 'CURRENT is missing'],
    ['CURRENT', /^CURRENT$/, 'MANIFEST-000099\n', 'MANIFEST-000099 is missing'],
    ['CURRENT', /^CURRENT$/, 'damaged', 'does not name a MANIFEST'],
    ['the MANIFEST', /^MANIFEST/, 'damaged', 'does not read'],
    ['a table', /\.ldb$/, undefined, 'is missing'],
    ['a table', /\.ldb$/, 'short', 'has 5 bytes in place of'],
  ])('in which %s (%s) is %s says so', async (_name, form, text, said) => {
    const { path } = await file(form)
    if (text === undefined) await rm(path)
    else await writeFile(path, text)
    expect(await examineLevel(folder)).toMatchObject({ exists: true, damage: expect.stringContaining(said) as string })
    expect(await hasLevel(folder)).toBe(true)
  })
})
