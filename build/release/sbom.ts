/**
 * The bill of materials: CycloneDX 1.6 as JSON, with every package that the app carries, its terms, the hash that the lockfile
 * pins it by, and what needs what. The same commit gives the same bytes.
 */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { carriedPackages, keyOf, type CarriedPackage } from '../carried-packages.ts'
import { ROOT } from '../terminal.ts'

export interface BillFacts {
  readonly version: string
  /** When the commit was made. */
  readonly time: Date
}

/** From folder (`node_modules/a`) to the hash that npm checks a package by. */
type Lock = Readonly<Record<string, { readonly integrity?: string }>>

export async function writeBillOfMaterials(path: string, facts: BillFacts): Promise<void> {
  await writeFile(path, `${JSON.stringify(await billOfMaterials(facts), null, 2)}\n`)
}

export async function billOfMaterials({ version, time }: BillFacts): Promise<Record<string, unknown>> {
  const { packages, direct } = await carriedPackages()
  const { packages: lock } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Lock }
  const product = `pkg:npm/nodestead@${version}`
  const components = packages.map((entry) => component(entry, lock))
  const refs = new Map(packages.map((entry) => [keyOf(entry), purl(entry)]))
  const refsOf = (keys: readonly string[]): string[] => [...new Set(keys.flatMap((key) => refs.get(key) ?? []))].sort()
  const content = {
    metadata: {
      timestamp: time.toISOString(),
      component: { type: 'application', 'bom-ref': product, name: 'nodestead', version, purl: product, licenses: [{ expression: 'GPL-3.0-or-later' }] },
    },
    components,
    dependencies: [{ ref: product, dependsOn: refsOf(direct) }, ...packages.map((entry) => ({ ref: purl(entry), dependsOn: refsOf(entry.needs) }))],
  }
  return { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`, version: 1, ...content }
}

function component(entry: CarriedPackage, lock: Lock): Record<string, unknown> {
  const { name, version, license, repository, folder } = entry
  const [, scope, bare] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name) ?? []
  const integrity = lock[relative(ROOT, folder).replaceAll('\\', '/')]?.integrity
  const sha512 = integrity?.split(' ').find((one) => one.startsWith('sha512-'))?.slice(7)
  return {
    type: 'library',
    'bom-ref': purl(entry),
    ...(scope === undefined ? {} : { group: scope }),
    name: bare,
    version,
    purl: purl(entry),
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    ...(sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] }),
    ...(repository !== undefined && URL.canParse(repository) ? { externalReferences: [{ type: 'vcs', url: repository }] } : {}),
  }
}

/** A package's address (package-url specification): the `@` of a scope is escaped. */
function purl({ name, version }: CarriedPackage): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`
}

/** A UUID (RFC 9562, version 8) that the content decides. */
function uuidOf(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
