/**
 * The binding in Python as a program finds it: built as a wheel, and installed in an environment of its own below `out/`, with the tools that build and check it. The
 * environment is made at the first use, and kept; the wheel is built anew.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
export const BINDING = join(ROOT, 'node-core/net/bindings/python')
const REQUIREMENTS = join(ROOT, 'test/integration/net/python/requirements.txt')
const INSTALL_MS = 300_000

export type Environment = { readonly python: string; readonly missing?: undefined } | { readonly python?: undefined; readonly missing: string }

/** The interpreter of an environment that has the tools, or why there is none. */
export function pythonEnvironment(): Environment {
  const base = ['python3', 'python'].find((command) => spawnSync(command, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 11))']).status === 0)
  if (base === undefined) return { missing: 'no Python 3.11 or newer' }
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  const folder = join(ROOT, 'out/counterparts', `nodestead-net-${hash}`)
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  // An environment has its own path in it, so that it cannot be made elsewhere and moved: the mark says that it is whole.
  const mark = join(folder, 'whole')
  if (existsSync(mark)) return { python }
  rmSync(folder, { recursive: true, force: true })
  if (spawnSync(base, ['-m', 'venv', folder]).status !== 0) return { missing: 'Python makes no environment' }
  const installed = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS], { timeout: INSTALL_MS })
  if (installed.status !== 0) return { missing: 'what builds and checks the binding cannot be installed' }
  mkdirSync(mark)
  return { python }
}

/** Builds the wheel and installs it, with nothing from elsewhere. Returns its name. Throws with what the tools say. */
export function installBinding(python: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'nodestead-wheel-'))
  const pip = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(python, ['-m', 'pip', ...args], { encoding: 'utf8', env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INDEX: '1' }, timeout: INSTALL_MS })
    if (status !== 0) throw new Error(`pip ${args[0]}: ${stderr}`)
  }
  try {
    pip('wheel', '--quiet', '--no-build-isolation', '--wheel-dir', folder, BINDING)
    const wheels = readdirSync(folder)
    if (wheels.length !== 1) throw new Error(`not one wheel: ${wheels.join(', ')}`)
    pip('install', '--quiet', '--force-reinstall', join(folder, wheels[0] as string))
    return wheels[0] as string
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
