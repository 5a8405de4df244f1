/**
 * Every package that the product carries: followed from package.json's dependencies through node_modules as Node resolves them.
 * Parts of the window are devDependencies here, because the bundler takes them in; they are named below.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
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
  optionalDependencies: z.record(z.string(), z.string()).optional().catch(undefined),
  overrides: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

export interface CarriedPackage {
  readonly name: string
  readonly version: string
  readonly folder: string
  /** SPDX expression; undefined where its manifest has none. */
  readonly license: string | undefined
  readonly author: string | undefined
  readonly repository: string | undefined
  /** Of those that it needs and that are carried too: `name@version`. */
  readonly needs: readonly string[]
}

export interface Carried {
  /** Sorted by name. */
  readonly packages: readonly CarriedPackage[]
  /** Of those that the product itself names. */
  readonly direct: readonly string[]
}

export function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version}`
}

/** `without` are packages that this build does not carry. */
export async function carriedPackages(root = ROOT, without: readonly string[] = []): Promise<Carried> {
  const product = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  const found = new Map<string, CarriedPackage>()
  const visit = async (name: string, from: string): Promise<string | undefined> => {
    const folder = without.includes(name) ? undefined : resolvePackage(name, from)
    // An optional part of another platform is not installed, and not carried either.
    if (folder === undefined) return undefined
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
    const key = keyOf(manifest)
    if (found.has(key)) return key
    const needs: string[] = []
    found.set(key, { ...describe(manifest), folder, needs })
    // What a devDependency was made with does not come along; what it runs with does.
    if (manifest.name === 'electron' || manifest.name === 'tailwindcss') return key
    // Of the parts of platforms, those are followed that the product itself chose: they ship.
    const parts = Object.keys(manifest.optionalDependencies ?? {}).filter((part) => part in (product.overrides ?? {}))
    for (const dependency of [...Object.keys(manifest.dependencies ?? {}), ...parts]) {
      const needed = await visit(dependency, folder)
      if (needed !== undefined) needs.push(needed)
    }
    return key
  }
  const direct: string[] = []
  for (const name of [...Object.keys(product.dependencies ?? {}), ...BUNDLED]) {
    const key = await visit(name, root)
    if (key !== undefined) direct.push(key)
  }
  return { packages: [...found.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)), direct }
}

/** The folder of a package as Node resolves it from `from`; undefined where it is not installed. */
export function resolvePackage(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(at) === at) return undefined
  }
}

function describe({ name, version, license, author, repository }: z.infer<typeof manifestSchema>): Pick<CarriedPackage, 'name' | 'version' | 'license' | 'author' | 'repository'> {
  const url = typeof repository === 'string' ? repository : repository?.url
  return {
    name,
    version,
    license: typeof license === 'string' ? license : undefined,
    author: (typeof author === 'string' ? author : author?.name)?.replace(/\s*[<(].*$/, ''),
    repository: url?.replace(/^git\+/, '').replace(/\.git$/, '').replace(/^git:/, 'https:'),
  }
}
