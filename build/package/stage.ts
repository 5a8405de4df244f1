/**
 * Puts together the folder that becomes the packaged app: what the build made, a manifest of its own, and the packages
 * that stay outside of the bundles because they are native, with only the parts of them that run on the target.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { writeUpdateConfig } from './update-config.ts'
import { EXTERNAL } from '../vite.config.ts'
import { resolvePackage } from '../carried-packages.ts'
import { nativeParts } from '../native-parts.ts'
import type { ReleaseSettings } from '../release/settings.ts'
import { BuildError, ROOT } from '../terminal.ts'

export type Platform = 'linux' | 'darwin' | 'win32'

/** Everything of `out/` that the app reads at run time. */
const PARTS = ['main', 'preload', 'renderer', 'icons', 'chains', 'licenses.json', 'build.json'] as const

/** Calls into the system, for an IP link: on Linux alone. What runs of it lies among its sources. */
const CALLS = 'koffi'
const CALLS_PARTS = /^(|package\.json|LICENSE\.txt|index\.c?js|src|src\/koffi|src\/koffi\/index\.c?js|src\/koffi\/src|src\/koffi\/src\/\w+\.c?js)$/

/** As npm tells for which platforms a package is. */
const platformsSchema = z.looseObject({ os: z.array(z.string()), cpu: z.array(z.string()) })

const manifestSchema = z.looseObject({
  name: z.string(),
  productName: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  dependencies: z.record(z.string(), z.string()).optional(),
})

/** Makes `folder` anew. `out` is what build/build.ts wrote. */
export async function stage(folder: string, { out, platform, settings }: { readonly out: string; readonly platform: Platform; readonly settings: ReleaseSettings }): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'out'), { recursive: true })
  for (const part of PARTS) await cp(join(out, part), join(folder, 'out', part), { recursive: true, filter: (path) => !path.endsWith('.map') })
  await writeUpdateConfig(join(folder, 'out'), settings)
  const carried = await carry(folder, platform)
  const { name, productName, version, description, license } = manifestSchema.parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')))
  const manifest = {
    name, productName, version, description, license,
    author: settings.maintainer,
    homepage: settings.homepage,
    type: 'module',
    main: 'out/main/main.js',
    dependencies: Object.fromEntries(carried),
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Copies the packages that the bundles leave out, and what those need; returns the name and version of each. */
async function carry(folder: string, platform: Platform): Promise<Map<string, string>> {
  const carried = new Map<string, string>()
  const visit = async (name: string, from: string): Promise<void> => {
    if (carried.has(name)) return
    const source = resolvePackage(name, from)
    if (source === undefined) throw new BuildError(`${name} is not installed. Run: npm ci`)
    const { version, dependencies = {} } = manifestSchema.partial({ productName: true, description: true, license: true }).parse(JSON.parse(await readFile(join(source, 'package.json'), 'utf8')))
    carried.set(name, version)
    await copyPackage(source, join(folder, 'node_modules', name), platform)
    for (const dependency of Object.keys(dependencies)) await visit(dependency, source)
  }
  for (const name of EXTERNAL) if (name !== 'electron' && (name !== CALLS || platform === 'linux')) await visit(name, ROOT)
  for (const name of await nativePartsHere(platform)) await visit(name, ROOT)
  return carried
}

/** Those that are installed and run on the target. A universal package of macOS would need two, of which npm installs one: it has none. */
async function nativePartsHere(platform: Platform): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of platform === 'darwin' ? [] : Object.keys(await nativeParts())) {
    const folder = resolvePackage(name, ROOT)
    if (folder === undefined) continue
    const { os, cpu } = platformsSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
    if (os.includes(platform) && cpu.includes(process.arch)) found.push(name)
  }
  return found
}

/** What runs and what must come along by its licence: no sources of native parts, no binaries of other systems. */
async function copyPackage(source: string, target: string, platform: Platform): Promise<void> {
  const isWanted = (path: string): boolean => {
    const inside = path.slice(source.length + 1)
    if (basename(source) === CALLS) return CALLS_PARTS.test(inside)
    if (/^(node_modules|deps|src|test|build|bench)(\/|$)/.test(inside) || /\.(md|ts|map|gyp|gypi|c|cc|h)$/.test(inside) && !/licen[cs]e|copying/i.test(inside)) return false
    const prebuilt = /^prebuilds\/([^/]+)/.exec(inside)?.[1]
    return prebuilt === undefined || (prebuilt.startsWith(`${platform}-`) && prebuilt.includes(process.arch))
  }
  await mkdir(dirname(target), { recursive: true })
  await cp(source, target, { recursive: true, filter: isWanted })
  const prebuilds = join(target, 'prebuilds')
  const left = await readdir(prebuilds).catch(() => undefined)
  if (left?.length === 0) throw new BuildError(`${source} has no native part for ${platform} on ${process.arch}.`)
}
