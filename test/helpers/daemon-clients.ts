/**
 * Programs on libraries that others wrote, as commands: clients of the libp2p daemon, PyPI's p2pclient in an environment of its own and the one in Go, and
 * further programs of Go, built from pinned modules. They are made below `out/` at the first use, and kept.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const OUT = join(ROOT, 'out/counterparts')
const INSTALL_MS = 100_000
/** Modules that were never fetched here, on a busy machine. */
const BUILD_MS = 300_000

/** A command without its arguments, or why there is none. */
export type Counterpart = { readonly command: readonly string[]; readonly missing?: undefined } | { readonly missing: string }

export function pythonClient(): Counterpart {
  const folder = join(ROOT, 'test/interop/p2pclient')
  const requirements = join(folder, 'requirements.txt')
  const base = ['python3', 'python'].find((command) => spawnSync(command, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 11))']).status === 0)
  if (base === undefined) return { missing: 'no Python 3.11 or newer' }
  const venv = join(OUT, `p2pclient-${shortHash(requirements)}`)
  const command = [join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python'), join(folder, 'talk.py')]
  // An environment has its own path in it, so that it cannot be made elsewhere and moved: the mark says that it is whole.
  const mark = join(venv, 'whole')
  if (existsSync(mark)) return { command }
  rmSync(venv, { recursive: true, force: true })
  if (spawnSync(base, ['-m', 'venv', venv]).status !== 0) return { missing: 'Python makes no environment' }
  const installed = spawnSync(command[0] as string, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements], { timeout: INSTALL_MS })
  if (installed.status !== 0) return { missing: 'p2pclient cannot be installed' }
  mkdirSync(mark)
  return { command }
}

/** Throws where the program does not compile. */
export function goClient(): Counterpart {
  return goProgram('test/interop/go-libp2p-daemon', '.', 'p2pclient-go')
}

/** A program of Go out of a folder with `go.mod` and `go.sum`: `part` is its package. Throws where it does not compile. */
export function goProgram(path: string, part: string, name: string): Counterpart {
  const folder = join(ROOT, path)
  // Where its installer puts it, which need not be on the path.
  const go = ['go', '/usr/local/go/bin/go'].find((command) => spawnSync(command, ['version']).status === 0)
  if (go === undefined) return { missing: 'no Go' }
  mkdirSync(OUT, { recursive: true })
  const program = join(OUT, `${name}-${shortHash(join(folder, part, 'main.go'), join(folder, 'go.sum'))}${process.platform === 'win32' ? '.exe' : ''}`)
  if (!existsSync(program)) {
    const env = { ...process.env, GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' }
    const built = spawnSync(go, ['build', '-o', `${program}.new`, part === '.' ? '.' : `./${part}`], { cwd: folder, env, encoding: 'utf8', timeout: BUILD_MS })
    if (built.status !== 0) {
      if (built.status === null) return { missing: 'Go takes too long to build it' }
      if (/dial tcp|no such host|i\/o timeout|connection refused|TLS handshake/.test(built.stderr)) return { missing: 'modules of Go cannot be fetched' }
      if (/go: go\.mod requires go|running go [\d.]+; GOTOOLCHAIN=local/.test(built.stderr)) return { missing: 'Go is too old' }
      throw new Error(built.stderr)
    }
    renameSync(`${program}.new`, program)
  }
  return { command: [program] }
}

function shortHash(...files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}
