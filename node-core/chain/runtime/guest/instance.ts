/**
 * One instance of a runtime, and calls into it (Polkadot Host spec, section 2.6.3 "Runtime Entries and Parameters").
 *
 * An entry takes the address and the length of its SCALE-encoded arguments and returns the span of its result. A runtime
 * keeps nothing between calls: the specification wants a fresh instance for each. Putting the memory below the heap back
 * as it was after instantiation, and zeros where the heap was used, gives the same for less (see test/bench/runtime.ts).
 * An instance in which a call failed is thrown away, because its stack pointer is wherever the call left it.
 */
import { errorMessage } from '../../../base/errors.ts'
import { TrieError } from '../../trie/errors.ts'
import type { CompiledCode } from '../code/code.ts'
import { invalidCode } from '../code/code.ts'
import { HostFunctionError, RuntimeError } from '../errors.ts'
import { GuestMemory, splitSpan } from './guest-memory.ts'
import { HostContext, type CallContext, type HostFunctions } from '../host/context.ts'
import { createHostFunctions } from '../host/index.ts'
import { notLoaded } from '../host/late-functions.ts'
import { PAGE_SIZE } from './wasm-layout.ts'

type Entry = (address: number, length: number) => bigint

/** An instance that needed more memory than this beyond its start is not kept. */
const MAX_KEPT_GROWTH = 32 * 1024 * 1024

export class RuntimeInstance {
  readonly #code: CompiledCode
  readonly #exports: WebAssembly.Exports
  readonly #context = new HostContext(new GuestMemory())
  /** The memory below the heap as it is before any call. */
  readonly #pristine: Uint8Array

  /** Throws RUNTIME_INVALID_CODE where the module does not link. */
  constructor(code: CompiledCode) {
    this.#code = code
    const { memory: layout } = code.layout
    if (layout === undefined) throw invalidCode('it has no memory')
    const imported = layout.imported ? new WebAssembly.Memory({ initial: layout.initial, maximum: code.maximumPages }) : undefined
    try {
      const functions = createHostFunctions(this.#context)
      const { exports } = new WebAssembly.Instance(code.module, importsOf(code.module, functions, imported))
      const memory = imported ?? exports['memory']
      if (!(memory instanceof WebAssembly.Memory)) throw invalidCode('it does not export its memory')
      this.#context.memory.attach(memory, heapBase(exports))
      this.#exports = exports
    } catch (error) {
      throw error instanceof RuntimeError ? error : invalidCode(errorMessage(error))
    }
    const { memory } = this.#context
    this.#pristine = memory.bytes.slice(0, memory.allocator.heapBase)
  }

  /** Calls an entry. The result is a copy. After a throw the instance must not be used again. */
  call(method: string, args: Uint8Array, context: CallContext): Uint8Array {
    const entry = this.#exports[method]
    if (typeof entry !== 'function') {
      throw new RuntimeError('RUNTIME_NO_SUCH_API', `this runtime has no function ${method}`, { data: { name: method }, hint: 'The names of its functions are in its metadata: check the spelling, or name a block of another runtime.' })
    }
    const { memory } = this.#context
    this.#context.begin(context)
    try {
      const [address, length] = splitSpan((entry as Entry)(memory.give(args), args.length))
      return memory.at(address, length).slice()
    } catch (error) {
      throw failure(error, method, context.lastError)
    } finally {
      this.#context.end()
    }
  }

  /** Puts the instance back into its first state; false where a new one is the better choice. */
  reset(): boolean {
    const { memory } = this.#context
    const { allocator } = memory
    const initial = (this.#code.layout.memory?.initial ?? 0) * PAGE_SIZE
    if (!this.#code.layout.reusable || memory.size > initial + MAX_KEPT_GROWTH) return false
    memory.bytes.set(this.#pristine)
    memory.bytes.fill(0, allocator.heapBase, allocator.highWater)
    allocator.reset()
    return true
  }
}

/** Every import of the module: ours, or a function that says what is missing when it is called. */
function importsOf(module: WebAssembly.Module, functions: HostFunctions, memory: WebAssembly.Memory | undefined): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {}
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const target = (imports[from] ??= {})
    if (kind === 'memory' && memory !== undefined) target[name] = memory
    else if (kind === 'function') target[name] = (from === 'env' ? (functions[name] ?? notLoaded(name)) : undefined) ?? missing(name)
  }
  return imports
}

function missing(name: string): () => never {
  return () => {
    throw new RuntimeError('RUNTIME_MISSING_HOST_FUNCTION', `the runtime called ${name}, which this host does not have`, { data: { name } })
  }
}

function heapBase(exports: WebAssembly.Exports): number {
  const base = exports['__heap_base']
  const value: unknown = base instanceof WebAssembly.Global ? base.value : undefined
  if (typeof value !== 'number') throw invalidCode('it does not say where its heap begins (__heap_base)')
  return value >>> 0
}

/** What a call failed with, in our terms. */
function failure(error: unknown, method: string, panic: string | undefined): RuntimeError {
  const data = panic === undefined ? { method } : { method, panic }
  if (error instanceof RuntimeError) return new RuntimeError(error.code, error.message, { data: { ...data, ...error.data } })
  if (error instanceof TrieError) {
    return new RuntimeError('RUNTIME_UNKNOWN_STATE', `${method} read a part of the state that is not stored: ${error.message}`, { data })
  }
  const reason = error instanceof RangeError && error.message.includes('call stack') ? 'stack overflow' : errorMessage(error)
  const words = panic === undefined ? reason : `${reason}: ${panic}`
  const trap = error instanceof WebAssembly.RuntimeError || error instanceof HostFunctionError || reason === 'stack overflow'
  return new RuntimeError('RUNTIME_TRAP', `${method} trapped: ${words}`, trap ? { data } : { data, cause: error })
}
