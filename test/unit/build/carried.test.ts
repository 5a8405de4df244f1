import { describe, expect, it } from 'vitest'
import { readAudit } from '../../../build/audit.ts'
import { carriedPackages, keyOf } from '../../../build/carried-packages.ts'
import { icnsOf, icoOf } from '../../../build/icon-containers.ts'
import { collectLicenses, isCompatible } from '../../../build/licenses.ts'
import { billOfMaterials } from '../../../build/release/sbom.ts'

describe('what the product carries', () => {
  it('has terms that go together with the GNU General Public License', async () => {
    const entries = await collectLicenses()
    expect(entries.length).toBeGreaterThan(100)
    expect(entries.filter(({ license }) => !isCompatible(license)).map(({ name, license }) => `${name}: ${license}`)).toEqual([])
  })

  it.each([
    ['MIT', true], ['(MIT OR CC0-1.0)', true], ['SSPL-1.0', false], ['SSPL-1.0 OR ISC', true], ['MIT AND GPL-2.0-only', false], ['Apache-2.0 AND MIT', true], ['see its licence file', false],
  ])('"%s" may be part of it: %s', (terms, answer) => {
    expect(isCompatible(terms)).toBe(answer)
  })

  it('is known with what each needs', async () => {
    const { packages, direct } = await carriedPackages()
    const keys = new Set(packages.map(keyOf))
    expect(direct.every((key) => keys.has(key))).toBe(true)
    expect(packages.every(({ needs }) => needs.every((key) => keys.has(key)))).toBe(true)
    expect(packages.find(({ name }) => name === 'classic-level')?.needs).toContainEqual(expect.stringMatching(/^abstract-level@/))
    expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['electron', 'svelte', 'electron-updater']))
    expect(packages.map(({ name }) => name)).not.toContain('vitest')
    expect(direct).toContainEqual(expect.stringMatching(/^@chainsafe\/libp2p-quic@/))
  })
})

describe('the bill of materials', () => {
  const facts = { version: '0.1.0', time: new Date('2026-11-25T12:00:00Z') }

  it('names each package once, by which hash it was checked, and what needs what', async () => {
    const bill = (await billOfMaterials(facts)) as unknown as {
      serialNumber: string
      components: { 'bom-ref': string; purl: string; hashes?: { content: string }[]; licenses?: unknown[] }[]
      dependencies: { ref: string; dependsOn: string[] }[]
    }
    const refs = bill.components.map((entry) => entry['bom-ref'])
    expect(new Set(refs).size).toBe(refs.length)
    expect(refs).toContainEqual(expect.stringMatching(/^pkg:npm\/%40libp2p\/tcp@\d/))
    expect(bill.components.filter(({ hashes }) => !/^[0-9a-f]{128}$/.test(hashes?.[0]?.content ?? '')).map(({ purl }) => purl)).toEqual([])
    const known = new Set([...refs, 'pkg:npm/nodestead@0.1.0'])
    expect(bill.dependencies.every(({ ref, dependsOn }) => known.has(ref) && dependsOn.every((needed) => known.has(needed)))).toBe(true)
    expect(bill.dependencies).toHaveLength(refs.length + 1)
    expect(bill.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('is the same for the same commit', async () => {
    expect(JSON.stringify(await billOfMaterials(facts))).toBe(JSON.stringify(await billOfMaterials(facts)))
    expect((await billOfMaterials({ ...facts, version: '0.2.0' }))['serialNumber']).not.toBe((await billOfMaterials(facts))['serialNumber'])
  })
})

describe('an audit', () => {
  const report = JSON.stringify({
    vulnerabilities: {
      'left-pad': { severity: 'high', via: [{ url: 'https://advisories.example/GHSA-aaaa', title: 'Pads wrongly', severity: 'high' }] },
      'right-pad': { severity: 'high', via: ['left-pad'] },
    },
  })

  it('tells what is weak, once', () => {
    expect(readAudit(report)).toEqual([{ packageName: 'left-pad', severity: 'high', advisories: ['Pads wrongly (GHSA-aaaa)'] }])
  })

  it('leaves out what was excepted', () => {
    expect(readAudit(report, { 'GHSA-aaaa': 'nothing is padded here' })).toEqual([])
  })

  it('says nothing where there is no report', () => {
    expect(readAudit('{"message":"405 Method Not Allowed"}')).toBeUndefined()
    expect(readAudit('')).toBeUndefined()
  })
})

describe('icon files', () => {
  const png = (size: number) => ({ size, png: new Uint8Array(size) })

  it('of macOS say how long they and their parts are', () => {
    const file = Buffer.from(icnsOf([png(16), png(32)]))
    expect(file.toString('latin1', 0, 4)).toBe('icns')
    expect(file.readUInt32BE(4)).toBe(file.length)
    // icp4 of 16, and 32 pixels as icp5 and as ic11.
    expect([file.toString('latin1', 8, 12), file.readUInt32BE(12), file.toString('latin1', 32, 36)]).toEqual(['icp4', 24, 'icp5'])
    expect(file.length).toBe(8 + 24 + 40 + 40)
  })

  it('of Windows say where each picture is', () => {
    const file = Buffer.from(icoOf([png(16), png(256)]))
    expect([file.readUInt16LE(2), file.readUInt16LE(4)]).toEqual([1, 2])
    expect([file[6], file[22]]).toEqual([16, 0])
    expect([file.readUInt32LE(14), file.readUInt32LE(18), file.readUInt32LE(30), file.readUInt32LE(34)]).toEqual([16, 38, 256, 54])
    expect(file.length).toBe(38 + 16 + 256)
  })
})
