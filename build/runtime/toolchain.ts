/**
 * What compiles the runtime: a rustc with the standard library's sources (there is no compiled one for `wasm32v1-none`), cargo, and
 * the linker for Wasm. Debian's packages have all of it; where something is missing, the error says how to get it.
 *
 * The compiler is Debian's `rustc-web` and no other, because a runtime's bytes depend on it, and whoever builds the sources again
 * has to come to the same bytes.
 */
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { BuildError, hasCommand, run } from '../terminal.ts'

export interface Toolchain {
  /** Path of the compiler. */
  readonly rustc: string
  /** What each part says of its version; written into the manifest. */
  readonly versions: Readonly<Record<string, string>>
}

const PACKAGES = ['rustc-web', 'rust-web-src', 'lld'] as const

/** What is to be built, with a capital and in the plural or not, and where it lies built already. */
export interface Wanted {
  readonly what: string
  readonly where: string
}

/** Throws a BuildError that names everything that is missing. */
export async function findToolchain({ what, where }: Wanted): Promise<Toolchain> {
  const rustc = await installedFile('rustc-web', /\/bin\/rustc$/)
  const missing: string[] = []
  if (rustc === undefined) missing.push('the compiler (package rustc-web)')
  else if (!(await hasLibrarySources(rustc))) missing.push("the standard library's sources (package rust-web-src)")
  if (!hasCommand('wasm-ld')) missing.push('the linker wasm-ld (package lld)')
  if (!hasCommand('cargo')) missing.push('cargo (package cargo-web, or from rustup)')
  if (rustc === undefined || missing.length > 0) {
    throw new BuildError(
      `${what} cannot be built here: ${missing.join('; ')} missing. On Debian: apt-get install --no-install-recommends rustc-web rust-web-src lld. ` +
        `What was built lies in ${where}; nothing else needs these.`,
    )
  }
  const packages = await Promise.all(PACKAGES.map(async (name) => [name, await packageVersion(name)] as const))
  const [compiler, cargo] = await Promise.all([run(rustc, ['--version']), run('cargo', ['--version'])])
  return { rustc, versions: { rustc: compiler.trim(), cargo: cargo.trim(), ...Object.fromEntries(packages) } }
}

async function installedFile(name: string, pattern: RegExp): Promise<string | undefined> {
  if (!hasCommand('dpkg')) return undefined
  const files = await run('dpkg', ['-L', name]).catch(() => '')
  return files.split('\n').find((path) => pattern.test(path))
}

async function hasLibrarySources(rustc: string): Promise<boolean> {
  const root = (await run(rustc, ['--print', 'sysroot'])).trim()
  return existsSync(join(root, 'lib', 'rustlib', 'src', 'rust', 'library', 'core', 'src', 'lib.rs'))
}

async function packageVersion(name: string): Promise<string> {
  return (await run('dpkg-query', ['-W', '-f', '${Version}', name])).trim()
}

/** For cargo. The standard library is compiled along, which stable compilers do only when told that this is meant. */
export function compilerEnvironment({ rustc }: Toolchain, targetFolder: string): NodeJS.ProcessEnv {
  return { ...process.env, RUSTC: rustc, RUSTC_BOOTSTRAP: '1', CARGO_TARGET_DIR: targetFolder }
}

/** Flags that make the paths of other crates in panic messages the same everywhere; those of our own are relative already. */
export function pathRemaps(): string[] {
  const registries = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry', 'src')
  return readdirSync(registries).map((name) => `--remap-path-prefix=${join(registries, name)}=/registry`)
}
