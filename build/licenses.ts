/**
 * What the app carries, for its About screen: `licenses.json` with name, version, terms and licence text of every package; and
 * whether those terms go together with the project's own.
 */
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { carriedPackages, type CarriedPackage } from './carried-packages.ts'
import { ROOT } from './terminal.ts'

export interface LicenseEntry extends Pick<CarriedPackage, 'name' | 'version' | 'author' | 'repository'> {
  readonly license: string
  readonly text: string | undefined
}

/** What may be part of a work under the GNU General Public License, version 3 or later; fonts are beside it, not part of it. */
const COMPATIBLE = new Set([
  '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'GPL-3.0-only', 'GPL-3.0-or-later', 'ISC', 'LGPL-3.0-or-later', 'MIT',
  'MPL-2.0', 'OFL-1.1', 'Python-2.0', 'Unlicense', 'Zlib',
])

/** Packages whose manifest says nothing, and what was read in their licence file. */
const READ_BY_HAND: Readonly<Record<string, string>> = { 'svelte-toolbelt': 'MIT' }

/** `without` are packages that this build does not carry. */
export async function collectLicenses(root = ROOT, without: readonly string[] = []): Promise<LicenseEntry[]> {
  const { packages } = await carriedPackages(root, without)
  return Promise.all(
    packages.map(async ({ name, version, author, repository, folder, license }) => ({
      name, version, author, repository,
      license: license ?? READ_BY_HAND[name] ?? 'see its licence file',
      text: await licenseText(folder),
    })),
  )
}

export async function writeLicenses(out: string, without: readonly string[] = []): Promise<void> {
  await writeFile(join(out, 'licenses.json'), JSON.stringify(await collectLicenses(ROOT, without)))
}

/** Whether the SPDX expression allows it: one of alternatives is enough, of what is joined all must. */
export function isCompatible(expression: string): boolean {
  const alternatives = expression.replace(/[()]/g, '').split(/\s+OR\s+/)
  return alternatives.some((terms) => terms.split(/\s+AND\s+/).every((term) => COMPATIBLE.has(term.trim())))
}

async function licenseText(folder: string): Promise<string | undefined> {
  const file = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)(\.|-|$)/i.test(name))
  return file === undefined ? undefined : await readFile(join(folder, file), 'utf8').catch(() => undefined)
}
