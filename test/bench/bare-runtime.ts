/**
 * The counterpart of the runtime benchmark: the same runtime with the least that makes it run. One instance for ever,
 * which is never put back, storage in a plain map, no trie: roots are whatever the block says. Memory, hashing and
 * signatures are our own host functions, so that what is measured is the rest: storage, transactions, roots, the thread.
 */
import { fromBinaryString, fromHex } from '../../node-core/base/bytes.ts'
import { compileCode } from '../../node-core/chain/runtime/code/code.ts'
import { GuestMemory } from '../../node-core/chain/runtime/guest/guest-memory.ts'
import { allocatorFunctions } from '../../node-core/chain/runtime/host/allocator.ts'
import { HostContext } from '../../node-core/chain/runtime/host/context.ts'
import { hashingFunctions } from '../../node-core/chain/runtime/host/hashing.ts'
import { AppendBuffer, readVectorHead } from '../../node-core/chain/runtime/storage/append-buffer.ts'
import { sr25519Verify } from '../../node-core/crypto/sr25519/sr25519.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'

type Functions = Record<string, (...args: never[]) => bigint | number | void>
type Undo = readonly [key: string, value: Value | undefined]

/** A list that is appended to: which bytes of a buffer, and how many items. */
interface List {
  readonly buffer: AppendBuffer
  readonly length: number
  readonly count: number
}

type Value = Uint8Array | List

/** Pages on top of what the module starts with: 64 MiB. */
const HEAP_PAGES = 1024

export class BareRuntime {
  readonly #storage: Map<string, Value>
  readonly #memory = new GuestMemory()
  readonly #exports: WebAssembly.Exports
  readonly #transactions: Undo[][] = []
  #header: Header | undefined
  #sorted: string[] | undefined

  constructor(code: Uint8Array, storage: ReadonlyMap<string, Uint8Array>) {
    this.#storage = new Map(storage)
    const { module, layout } = compileCode(code)
    const memory = new WebAssembly.Memory({ initial: (layout.memory?.initial ?? 0) + HEAP_PAGES })
    const context = new HostContext(this.#memory)
    const shared: Functions = { ...hashingFunctions(context), ...allocatorFunctions(context) }
    const functions: Functions = { ...shared, ...this.#storageFunctions(), ...this.#others() }
    const env: Record<string, WebAssembly.ImportValue> = { memory }
    for (const { name, kind } of WebAssembly.Module.imports(module)) {
      if (kind === 'function') env[name] = functions[name] ?? (() => { throw new Error(`${name} is not part of the benchmark`) })
    }
    this.#exports = new WebAssembly.Instance(module, { env }).exports
    this.#memory.attach(memory, (this.#exports['__heap_base'] as WebAssembly.Global).value as number)
  }

  /** Executes a block whose roots are taken from its header. */
  executeBlock(header: Header, block: Uint8Array): void {
    this.#header = header
    this.#memory.allocator.reset()
    const entry = this.#exports['Core_execute_block'] as (address: number, length: number) => bigint
    entry(this.#memory.give(block), block.length)
  }

  #get(key: string): Uint8Array | undefined {
    const value = this.#storage.get(key)
    return value === undefined || value instanceof Uint8Array ? value : value.buffer.view(value.length, value.count)
  }

  #put(key: string, value: Value | undefined): void {
    if (this.#transactions.length > 0) this.#transactions.at(-1)?.push([key, this.#storage.get(key)])
    this.#restore(key, value)
  }

  #restore(key: string, value: Value | undefined): void {
    if (value === undefined ? this.#storage.delete(key) : !this.#storage.has(key)) this.#sorted = undefined
    if (value !== undefined) this.#storage.set(key, value)
  }

  #append(key: string, item: Uint8Array): void {
    const before = this.#storage.get(key)
    let list: List
    if (before === undefined || before instanceof Uint8Array) {
      const head = before === undefined ? undefined : readVectorHead(before)
      const items = head === undefined ? new Uint8Array(0) : (before as Uint8Array).subarray(head.prefix)
      list = { buffer: new AppendBuffer(items), length: items.length, count: head?.count ?? 0 }
    } else {
      list = before
    }
    this.#put(key, { buffer: list.buffer, length: list.buffer.append(list.length, item), count: list.count + 1 })
  }

  #keys(): string[] {
    return (this.#sorted ??= [...this.#storage.keys()].sort())
  }

  /** The place of the first key that is not less than `from`. */
  #place(from: string): number {
    const keys = this.#keys()
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((keys[middle] as string) < from) low = middle + 1
      else high = middle
    }
    return low
  }

  #clearPrefix(prefix: string): number {
    const keys = this.#keys()
    let count = 0
    for (let i = this.#place(prefix); keys[i]?.startsWith(prefix) === true; i++, count++) this.#put(keys[i] as string, undefined)
    return count
  }

  #storageFunctions(): Functions {
    const memory = this.#memory
    const root = (): bigint => memory.giveSpan(fromHex(this.#header?.stateRoot ?? ''))
    return {
      ext_storage_get_version_1: (key: bigint) => memory.giveOption(this.#get(memory.key(key))),
      ext_storage_exists_version_1: (key: bigint) => (this.#storage.has(memory.key(key)) ? 1 : 0),
      ext_storage_set_version_1: (key: bigint, value: bigint) => this.#put(memory.key(key), memory.copy(value)),
      ext_storage_clear_version_1: (key: bigint) => this.#put(memory.key(key), undefined),
      ext_storage_read_version_1: (key: bigint, out: bigint, offset: number) => {
        const value = this.#get(memory.key(key))?.subarray(offset)
        const target = memory.view(out)
        if (value !== undefined) target.set(value.subarray(0, target.length))
        return memory.giveSpan(new ScaleWriter(5).option(value, (writer, bytes) => writer.u32(bytes.length)).finish())
      },
      ext_storage_append_version_1: (key: bigint, item: bigint) => this.#append(memory.key(key), memory.view(item)),
      ext_storage_clear_prefix_version_1: (prefix: bigint) => void this.#clearPrefix(memory.key(prefix)),
      ext_storage_clear_prefix_version_2: (prefix: bigint) =>
        memory.giveSpan(new ScaleWriter(5).u8(0).u32(this.#clearPrefix(memory.key(prefix))).finish()),
      ext_storage_next_key_version_1: (key: bigint) => {
        const next = this.#keys()[this.#place(`${memory.key(key)}\0`)]
        return memory.giveOption(next === undefined ? undefined : fromBinaryString(next))
      },
      ext_storage_start_transaction_version_1: () => void this.#transactions.push([]),
      ext_storage_commit_transaction_version_1: () => {
        const closed = this.#transactions.pop() ?? []
        const around = this.#transactions.at(-1)
        if (around !== undefined) for (const undo of closed) around.push(undo)
      },
      ext_storage_rollback_transaction_version_1: () => {
        for (const [key, value] of (this.#transactions.pop() ?? []).reverse()) this.#restore(key, value)
      },
      ext_storage_root_version_1: root,
      ext_storage_root_version_2: root,
      ext_storage_changes_root_version_1: () => memory.giveOption(undefined),
    }
  }

  #others(): Functions {
    const memory = this.#memory
    const extrinsicsRoot = (): number => memory.give(fromHex(this.#header?.extrinsicsRoot ?? ''))
    return {
      ext_trie_blake2_256_ordered_root_version_1: extrinsicsRoot,
      ext_trie_blake2_256_ordered_root_version_2: extrinsicsRoot,
      ext_crypto_sr25519_verify_version_2: (signature: number, message: bigint, key: number) =>
        sr25519Verify(memory.at(signature, 64), memory.view(message), memory.at(key, 32)) ? 1 : 0,
      ext_crypto_start_batch_verify_version_1: () => undefined,
      ext_crypto_finish_batch_verify_version_1: () => 1,
      ext_logging_max_level_version_1: () => 0,
      ext_logging_log_version_1: (_level: number, _target: bigint, message: bigint) => {
        throw new Error(memory.text(message))
      },
      ext_offchain_index_set_version_1: () => undefined,
    }
  }
}
