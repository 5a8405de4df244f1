/**
 * Writes `build.json`, in which a build says what it was made of: the commit, whether the tree had changes besides, and the
 * time. The time is SOURCE_DATE_EPOCH where that is set, else the commit's own: the same commit gives the same bytes.
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BUILD_FILE, type BuildInfo } from '../node-core/base/build-info.ts'
import { BuildError, ROOT } from './terminal.ts'

const run = promisify(execFile)

/** What the tree at `root` is; without a repository (or git) only the time may be known. */
export async function treeInfo(root = ROOT, epoch = process.env['SOURCE_DATE_EPOCH']): Promise<BuildInfo> {
  const git = (...args: string[]): Promise<string | undefined> => run('git', args, { cwd: root }).then(({ stdout }) => stdout.trim(), () => undefined)
  const [commit, committed, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('log', '-1', '--format=%ct'), git('status', '--porcelain')])
  const seconds = epoch ?? committed
  return {
    ...(commit === undefined ? {} : { commit }),
    ...(seconds === undefined ? {} : { time: timeOf(seconds) }),
    dirty: changes !== undefined && changes !== '',
  }
}

export async function writeBuildInfo(out: string): Promise<BuildInfo> {
  const info = await treeInfo()
  await writeFile(join(out, BUILD_FILE), JSON.stringify(info))
  return info
}

function timeOf(seconds: string): string {
  if (!/^\d{1,11}$/.test(seconds)) throw new BuildError(`SOURCE_DATE_EPOCH is "${seconds}": it takes whole seconds since 1970.`)
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z')
}
