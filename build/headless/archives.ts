/**
 * The two archives of a staged package:
 *
 * - `nodestead-<version>.tgz` is what `npm install` takes: npm fetches classic-level for it;
 * - `nodestead-<version>-headless.tar.gz` is whole: unpacked, it runs.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildInfo } from '../../node-core/base/build-info.ts'
import type { Manifest } from './stage.ts'
import { gzipOf, tarOf, type TarEntry } from '../tar.ts'

export interface Archives {
  readonly npm: string
  readonly whole: string
}

/** The time that npm gives every file; for a build that knows none. */
const NO_TIME = '1985-10-26T08:15:00Z'

export async function packHeadless(staged: string, release: string, { name, version }: Manifest, { time = NO_TIME }: BuildInfo): Promise<Archives> {
  await mkdir(release, { recursive: true })
  const files = await Promise.all(
    (await filesOf(staged)).map(async (path): Promise<TarEntry> => ({ path, executable: path.startsWith('bin/'), body: await readFile(join(staged, path)) })),
  )
  const seconds = Date.parse(time) / 1000
  const pack = async (file: string, folder: string, entries: readonly TarEntry[]): Promise<string> => {
    const path = join(release, file)
    await writeFile(path, await gzipOf(tarOf(entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` })), seconds)))
    return path
  }
  const [npm, whole] = await Promise.all([
    pack(`${name}-${version}.tgz`, 'package', files.filter(({ path }) => !path.startsWith('node_modules/'))),
    pack(`${name}-${version}-headless.tar.gz`, `${name}-${version}`, files),
  ])
  return { npm, whole }
}

/** Every file below the folder, as `a/b`. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
}
