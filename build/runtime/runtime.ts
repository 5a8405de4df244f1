/**
 * `npm run build:runtime`: builds the runtime of our own networks from `assets/runtime`, and writes beside its sources the compiled
 * code, its metadata and a manifest; for tests, the same with Aura and the difference to a next version.
 *
 * Nobody needs this to run, test or package the app: what it writes is in the repository. It is for whoever changes the runtime, or
 * wants to see that the shipped bytes are those of the sources.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { concatBytes, fromHex } from '../../node-core/base/bytes.ts'
import { decodeVersion } from '../../node-core/chain/runtime/api/version.ts'
import { compileCode } from '../../node-core/chain/runtime/code/code.ts'
import { emptyContext } from '../../node-core/chain/runtime/code/code-version.ts'
import { LoadedRuntime } from '../../node-core/chain/runtime/guest/loaded-runtime.ts'
import { ScaleReader } from '../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { BuildError, main, ROOT, say, step } from '../terminal.ts'
import { compileRuntime, copyAsNextVersion } from './compile.ts'
import { differenceOf } from './difference.ts'
import { codeHash, FIXTURES, MANIFEST, RUNTIME_FOLDER, sha256, type BuiltFile, type RuntimeManifest } from './manifest.ts'
import { sourcesHash } from './sources.ts'
import { findToolchain, type Toolchain } from './toolchain.ts'

/** Stands before compressed code, by which a host knows it. */
const ZSTD_MARK = fromHex('0x52bc537646db8e05')
const METADATA_VERSION = 15

/** What the sources make, unpacked. */
interface Variants {
  readonly shipped: Uint8Array
  readonly aura: Uint8Array
  readonly next: Uint8Array
}

async function compileVariants(toolchain: Toolchain): Promise<Variants> {
  const targetFolder = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? join('.cache', 'runtime'))
  const compile = (folder: string, features: readonly string[] = []): Promise<Uint8Array> => compileRuntime({ toolchain, folder, targetFolder, features })
  const nextFolder = join(targetFolder, 'next-version')
  await copyAsNextVersion(RUNTIME_FOLDER, nextFolder)
  return {
    shipped: await step('the runtime', () => compile(RUNTIME_FOLDER)),
    aura: await step('the runtime with Aura, for tests', () => compile(RUNTIME_FOLDER, ['aura'])),
    next: await step('the next version, for tests', () => compile(nextFolder)),
  }
}

/** Code as it lies at `:code`. */
export function packCode(wasm: Uint8Array): Uint8Array {
  return concatBytes(ZSTD_MARK, zstdCompressSync(wasm, { params: { [constants.ZSTD_c_compressionLevel]: 22 } }))
}

function metadataOf(code: Uint8Array): Uint8Array {
  const answer = new LoadedRuntime(compileCode(code)).call('Metadata_metadata_at_version', new ScaleWriter().u32(METADATA_VERSION).finish(), emptyContext())
  const metadata = new ScaleReader(answer).option((reader) => reader.bytes())
  if (metadata === undefined) throw new BuildError(`The runtime has no metadata of version ${METADATA_VERSION}.`)
  return metadata
}

async function write(path: string, bytes: Uint8Array): Promise<BuiltFile> {
  await writeFile(path, bytes)
  return { file: relative(ROOT, path).replaceAll('\\', '/'), bytes: bytes.length, sha256: sha256(bytes) }
}

/** Writes everything that is made of the compiled code. */
export async function writeRuntime({ shipped, aura, next }: Variants, toolchain: Toolchain): Promise<RuntimeManifest> {
  await mkdir(FIXTURES, { recursive: true })
  const code = packCode(shipped)
  const { specName, specVersion, implVersion, transactionVersion, stateVersion } = decodeVersion(new LoadedRuntime(compileCode(code)).version(emptyContext))
  const manifest: RuntimeManifest = {
    specName, specVersion, implVersion, transactionVersion, stateVersion,
    wasm: { ...(await write(join(RUNTIME_FOLDER, 'nodestead.compact.compressed.wasm'), code)), codeHash: codeHash(code) },
    unpacked: { bytes: shipped.length, sha256: sha256(shipped) },
    metadata: { ...(await write(join(RUNTIME_FOLDER, 'metadata.scale'), metadataOf(code))), version: METADATA_VERSION },
    sources: sourcesHash(RUNTIME_FOLDER),
    toolchain: toolchain.versions,
    fixtures: {
      aura: await write(join(FIXTURES, 'nodestead-aura.compact.compressed.wasm'), packCode(aura)),
      next: await write(join(FIXTURES, 'nodestead-next.json'), Buffer.from(`${JSON.stringify(differenceOf(shipped, next))}\n`)),
    },
  }
  await writeFile(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

if (import.meta.main) {
  main(async () => {
    const toolchain = await findToolchain({ what: 'The runtime', where: 'assets/runtime' })
    say(`Building the runtime with ${toolchain.versions.rustc}`)
    const before = await readFile(MANIFEST, 'utf8').catch(() => undefined)
    const { wasm, unpacked } = await writeRuntime(await compileVariants(toolchain), toolchain)
    say(`  ${unpacked.bytes} bytes, compressed ${wasm.bytes}; code hash ${wasm.codeHash}`)
    say(before === (await readFile(MANIFEST, 'utf8')) ? '  The same bytes as before.' : '  It differs from what was there before.')
  })
}
