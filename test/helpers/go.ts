/** Go, for counterparts that others wrote in it. A test that needs it is skipped where it is not installed. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Where its installer puts it, which need not be on the path. */
const CANDIDATES = ['go', '/usr/local/go/bin/go']

/** The command; undefined where there is none. */
export const go: string | undefined = CANDIDATES.find((command) => spawnSync(command, ['version']).status === 0)

/** What a test that is skipped for want of it says in its name. */
export const WITHOUT_GO = go === undefined ? ' (skipped: Go is not installed)' : ''

const MAX_OUTPUT = 64 * 1024 * 1024

/** Builds and runs the program of the module in `folder`, whose go.sum pins what it fetches. Resolves with what it printed; rejects where it fails. */
export async function runGo(folder: string, args: readonly string[] = []): Promise<string> {
  if (go === undefined) throw new Error('Go is not installed')
  const env = { ...process.env, GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' }
  const { stdout } = await promisify(execFile)(go, ['run', '.', ...args], { cwd: folder, env, maxBuffer: MAX_OUTPUT })
  return stdout
}
