/**
 * What the app carries, for its About screen: `licenses.json` with name, version, terms and licence text of every package that
 * a dependency of the product leads to.
 *
 * The packages are followed from package.json's dependencies through node_modules as Node resolves them. Parts of the window
 * are devDependencies here, because the bundler takes them in; they are named below.
 */
import { existsSync } from 'node:fs'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { ROOT } from './terminal.ts'

/** Development dependencies of which something ends up in the window or in the package. */
const BUNDLED = [
  '@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono', '@tanstack/svelte-virtual', 'bits-ui', 'd3-geo', 'electron', 'svelte', 'tailwindcss',
  'topojson-client', 'uplot', 'uqr', 'world-atlas',
]

const person = z.union([z.string(), z.looseObject({ name: z.string().optional() })])
const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  license: z.unknown().optional(),
  author: person.optional().catch(undefined),
  repository: z.union([z.string(), z.looseObject({ url: z.string() })]).optional().catch(undefined),
  dependencies: z.record(z.string(), z.string()).optional().catch(undefined),
})
type Manifest = z.infer<typeof manifestSchema>

export interface LicenseEntry {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly author: string | undefined
  readonly repository: string | undefined
  readonly text: string | undefined
}

/** `without` are packages of package.json that this build does not carry. */
export async function collectLicenses(root = ROOT, without: readonly string[] = []): Promise<LicenseEntry[]> {
  const product = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  const found = new Map<string, LicenseEntry>()
  const visit = async (name: string, from: string): Promise<void> => {
    const folder = resolvePackage(name, from)
    // An optional part of another platform is not installed, and not carried either.
    if (folder === undefined) return
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
    const key = `${manifest.name}@${manifest.version}`
    if (found.has(key)) return
    found.set(key, await entryOf(manifest, folder))
    // What a devDependency was made with does not come along; what it runs with does.
    if (manifest.name === 'electron' || manifest.name === 'tailwindcss') return
    for (const dependency of Object.keys(manifest.dependencies ?? {})) await visit(dependency, folder)
  }
  for (const name of [...Object.keys(product.dependencies ?? {}), ...BUNDLED]) {
    if (!without.includes(name)) await visit(name, root)
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

export async function writeLicenses(out: string, without: readonly string[] = []): Promise<void> {
  await writeFile(join(out, 'licenses.json'), JSON.stringify(await collectLicenses(ROOT, without)))
}

/** The folder of a package as Node resolves it from `from`; undefined where it is not installed. */
export function resolvePackage(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(at) === at) return undefined
  }
}

async function entryOf(manifest: Manifest, folder: string): Promise<LicenseEntry> {
  const file = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)(\.|-|$)/i.test(name))
  const { author, repository } = manifest
  const url = typeof repository === 'string' ? repository : repository?.url
  return {
    name: manifest.name,
    version: manifest.version,
    license: typeof manifest.license === 'string' ? manifest.license : 'see its licence file',
    author: (typeof author === 'string' ? author : author?.name)?.replace(/\s*[<(].*$/, ''),
    repository: url?.replace(/^git\+/, '').replace(/\.git$/, '').replace(/^git:/, 'https:'),
    text: file === undefined ? undefined : await readFile(join(folder, file), 'utf8').catch(() => undefined),
  }
}
