/**
 * Compiles the crate to Wasm, the same bytes wherever it is done: every version is pinned by Cargo.lock, one codegen unit, no paths of
 * this machine in it.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, say } from '../terminal.ts'
import { sourceFiles } from './sources.ts'
import { compilerEnvironment, pathRemaps, type Toolchain } from './toolchain.ts'

const TARGET = 'wasm32v1-none'
const CRATE = 'nodestead-runtime'
const CRATE_ROOT = join('runtime', 'src', 'lib.rs')

export interface CompileOptions {
  readonly toolchain: Toolchain
  /** The Cargo workspace. */
  readonly folder: string
  /** Where Cargo keeps what it compiled. */
  readonly targetFolder: string
  readonly features: readonly string[]
}

/**
 * Copies the workspace to `copy`, with `spec_version` one higher. Another feature of the crate would not do: it gives every function
 * another name, hence another place in the file.
 */
export async function copyAsNextVersion(folder: string, copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true })
  for (const file of sourceFiles(folder)) await cp(join(folder, file), join(copy, file))
  const path = join(copy, CRATE_ROOT)
  const source = await readFile(path, 'utf8')
  await writeFile(path, source.replaceAll(/\bspec_version: (\d+),/g, (_, version: string) => `spec_version: ${Number(version) + 1},`))
}

/** Returns the Wasm as the linker made it. The first time this takes a quarter of an hour, later a few minutes. */
export async function compileRuntime({ toolchain, folder, targetFolder, features }: CompileOptions): Promise<Uint8Array> {
  const env = compilerEnvironment(toolchain, targetFolder)
  await run('cargo', ['fetch', '--locked'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  // The same crate is compiled from two folders with one cache, which Cargo does not tell apart.
  await run('cargo', ['clean', '--locked', '--release', '--target', TARGET, '--package', CRATE], { cwd: folder, env })
  const jobs = process.env.CARGO_BUILD_JOBS
  const args = [
    'build', '--locked', '--release', '--target', TARGET, '-Z', 'build-std=core,alloc', '--package', CRATE,
    ...(features.length > 0 ? ['--features', features.join(',')] : []),
    ...(jobs === undefined ? [] : ['--jobs', jobs]),
  ]
  say(`  cargo ${args.join(' ')}`)
  await run('cargo', args, { cwd: folder, env: { ...env, RUSTFLAGS: rustFlags() }, stdio: ['ignore', 'pipe', 'inherit'] })
  return readFile(join(targetFolder, TARGET, 'release', `${CRATE.replaceAll('-', '_')}.wasm`))
}

/**
 * `substrate_runtime` makes sp-io a runtime's side of itself (allocator, panic handler, entries). The host gives the memory, and looks
 * for the heap's beginning and for the table. Paths in panic messages are made the same everywhere; our own are relative already.
 */
function rustFlags(): string {
  return [
    '-C linker=wasm-ld', '-C linker-flavor=wasm-ld',
    '-C link-arg=--export-table', '-C link-arg=--export=__heap_base', '-C link-arg=--import-memory',
    '--cfg substrate_runtime',
    ...pathRemaps(),
  ].join(' ')
}
