/** Python with packages of exact versions, in an environment of its own below `out/`: made at the first use, then kept. */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export type PythonWith = { readonly python: string; readonly missing?: undefined } | { readonly python?: undefined; readonly missing: string }

/** The interpreter, or why there is none. `name` and `version` are of PyPI; `module` is what is imported. */
export function pythonWith(name: string, version: string, module: string): PythonWith {
  return pythonWithAll(`${name}-${version}`, [`${name}==${version}`], [module])
}

/** The same with several packages: `name` is the environment's, `packages` as pip takes them. */
export function pythonWithAll(name: string, packages: readonly string[], modules: readonly string[], installingMs = 90_000): PythonWith {
  const folder = join(ROOT, 'out/counterparts', name)
  const python = process.platform === 'win32' ? join(folder, 'Scripts/python.exe') : join(folder, 'bin/python')
  const works = (): boolean => spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0
  if (existsSync(python) && works()) return { python }
  const base = ['python3', 'python'].find((command) => spawnSync(command, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 9))']).status === 0)
  if (base === undefined) return { missing: 'no Python 3.9 or newer' }
  rmSync(folder, { recursive: true, force: true })
  if (spawnSync(base, ['-m', 'venv', folder]).status !== 0) return { missing: 'Python makes no environment' }
  const installed = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', '--disable-pip-version-check', ...packages], { timeout: installingMs })
  return installed.status === 0 && works() ? { python } : { missing: `no wheel of ${packages.join(', ')} for this Python` }
}
