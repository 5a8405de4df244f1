/**
 * From the value of `:code` to a compiled module.
 *
 * Code is plain Wasm, or zstd behind eight magic bytes. Compiling costs milliseconds and memory, so modules are kept by
 * the identity of the value in the trie, which is known without loading a megabyte: a block that changes `:code` leads
 * to a state with another identity, and the next call simply runs the new code.
 */
import * as zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { concatBytes, equalBytes, toHex } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import { ScaleError } from '../../../scale/reader.ts'
import { joinVersionSections } from '../api/version.ts'
import { RuntimeError } from '../errors.ts'
import { PAGE_SIZE, readLayout, withMemoryLimit, type WasmLayout } from '../guest/wasm-layout.ts'

/** Decompressed, in bytes. */
export const MAX_CODE_SIZE = 50 * 1024 * 1024

/** Pages that the heap may have where the state says nothing about it. */
export const DEFAULT_HEAP_PAGES = 2048

/** No instance gets more memory than this, in bytes, whatever `:heappages` says. */
export const MAX_MEMORY = 1024 ** 3

const ZSTD_PREFIX = Uint8Array.from([0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05])

/** Bytes that are unpacked at a time. */
const CHUNK_SIZE = 1024 * 1024

export interface CompiledCode {
  readonly module: WebAssembly.Module
  readonly layout: WasmLayout
  /** The limit of its memory in pages. */
  readonly maximumPages: number
  /** Names of its exported functions. */
  readonly functions: ReadonlySet<string>
}

/** Wasm from what lies in the state. Throws RUNTIME_INVALID_CODE. */
export function unpackCode(value: Uint8Array): Uint8Array {
  if (!equalBytes(value.subarray(0, ZSTD_PREFIX.length), ZSTD_PREFIX)) return value
  const packed = value.subarray(ZSTD_PREFIX.length)
  return unpackNatively(packed) ?? unpackInScript(packed)
}

/** What zlib answers with the option `info`. */
interface Unpacked {
  readonly buffer: Uint8Array
  /** `bytesWritten` is what was read of the input. */
  readonly engine: { readonly bytesWritten: number }
}

/**
 * Node.js has zstd since 22.15, at a tenth of the price. It reads one frame and is silent about what follows. Undefined where there is more
 * than one, where it does not unpack, or where Node.js is older.
 */
function unpackNatively(packed: Uint8Array): Uint8Array | undefined {
  const { zstdDecompressSync } = zlib as Partial<typeof zlib>
  if (zstdDecompressSync === undefined) return undefined
  try {
    const { buffer, engine } = zstdDecompressSync(packed, { maxOutputLength: MAX_CODE_SIZE, chunkSize: CHUNK_SIZE, info: true }) as unknown as Unpacked
    return engine.bytesWritten === packed.length ? buffer : undefined
  } catch {
    return undefined
  }
}

/** Throws RUNTIME_INVALID_CODE, with the reason why it does not unpack. */
function unpackInScript(packed: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  let size = 0
  const decoder = new Decompress((part) => {
    size += part.length
    if (size > MAX_CODE_SIZE) throw invalidCode(`it unpacks to more than ${MAX_CODE_SIZE} bytes`)
    parts.push(part)
  })
  try {
    decoder.push(packed, true)
  } catch (error) {
    throw error instanceof RuntimeError ? error : invalidCode(`it does not unpack: ${errorMessage(error)}`)
  }
  return concatBytes(...parts)
}

/** Compiles what lies in the state. `heapPages` is what `:heappages` says. Throws RUNTIME_INVALID_CODE. */
export function compileCode(value: Uint8Array, heapPages = DEFAULT_HEAP_PAGES): CompiledCode {
  let code = unpackCode(value)
  try {
    const layout = readLayout(code)
    const memory = layout.memory
    if (memory === undefined) throw invalidCode('it has no memory')
    const maximumPages = Math.min(memory.initial + heapPages, MAX_MEMORY / PAGE_SIZE, memory.maximum ?? Infinity)
    if (!memory.imported) code = withMemoryLimit(code, memory, Math.max(maximumPages, memory.initial))
    const module = new WebAssembly.Module(code as Uint8Array<ArrayBuffer>)
    const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'function').map(({ name }) => name)
    return { module, layout, maximumPages, functions: new Set(functions) }
  } catch (error) {
    throw error instanceof RuntimeError ? error : invalidCode(errorMessage(error))
  }
}

/**
 * The encoded `RuntimeVersion` out of the sections `runtime_version` and, where there is one, `runtime_apis`; undefined where the binary
 * has none. Throws RUNTIME_INVALID_CODE where they do not decode.
 */
export function versionFromSections(module: WebAssembly.Module): Uint8Array | undefined {
  const version = customSection(module, 'runtime_version')
  if (version === undefined) return undefined
  try {
    return joinVersionSections(version, customSection(module, 'runtime_apis'))
  } catch (error) {
    if (error instanceof ScaleError) throw invalidCode(`the version in it does not decode: ${error.message}`)
    throw error
  }
}

function customSection(module: WebAssembly.Module, name: string): Uint8Array | undefined {
  const [section] = WebAssembly.Module.customSections(module, name)
  return section === undefined ? undefined : new Uint8Array(section)
}

/** What a cache of compiled code is keyed by. */
export function codeIdentity(valueRef: Uint8Array, heapPages: number | undefined): string {
  return `${toHex(valueRef)}/${heapPages ?? 'default'}`
}

export function invalidCode(reason: string): RuntimeError {
  return new RuntimeError('RUNTIME_INVALID_CODE', `the runtime code of this state is unusable: ${reason}`)
}
