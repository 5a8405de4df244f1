/** Host functions without a runtime: arguments are put into a memory and results read back, as a runtime would. */
import { fromHex } from '../../node-core/base/bytes.ts'
import { emptyContext } from '../../node-core/chain/runtime/code/code-version.ts'
import { GuestMemory, splitSpan } from '../../node-core/chain/runtime/guest/guest-memory.ts'
import { HostContext, type CallContext } from '../../node-core/chain/runtime/host/context.ts'
import { createHostFunctions } from '../../node-core/chain/runtime/host/index.ts'
import { BlockStorage } from '../../node-core/chain/runtime/storage/block-storage.ts'
import { CachedState } from '../../node-core/chain/runtime/storage/state-view.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { Trie } from '../../node-core/chain/trie/trie.ts'
import type { StateVersion } from '../../node-core/chain/trie/types.ts'
import { MemoryNodes, addState } from './runtime-state.ts'

type Argument = Uint8Array | { readonly at: Uint8Array } | number | bigint
type Result = bigint | number | void
/** By binary strings. */
type State = Readonly<Record<string, Uint8Array>>

export class HostBench {
  readonly call: CallContext
  readonly memory = new GuestMemory()
  readonly #functions: Readonly<Record<string, (...args: (bigint | number)[]) => Result>>

  /** `children` are child storages of the state, by their keys without prefix. */
  constructor(context: Partial<CallContext> = {}, state: State = {}, children: Readonly<Record<string, State>> = {}, version: StateVersion = 0) {
    const nodes = new MemoryNodes()
    const roots = Object.entries(children).map(([key, child]) => [`:child_storage:default:${key}`, fromHex(addState(nodes, child, version))] as const)
    const root = fromHex(addState(nodes, { ...state, ...Object.fromEntries(roots) }, version))
    const store = new NodeStore(nodes)
    const storage = new BlockStorage(store, root, new CachedState(new Trie(store, root)))
    this.call = { ...emptyContext(), storage, ...context }
    this.memory.attach(new WebAssembly.Memory({ initial: 2, maximum: 1024 }), 1024)
    const host = new HostContext(this.memory)
    this.#functions = createHostFunctions(host) as Readonly<Record<string, (...args: (bigint | number)[]) => Result>>
    host.begin(this.call)
  }

  /** Calls `ext_<name>`. Byte strings are passed as spans; `{ at: bytes }` as an address. */
  run(name: string, ...args: Argument[]): Result {
    const host = this.#functions[`ext_${name}`]
    if (host === undefined) throw new Error(`there is no host function ext_${name}`)
    const passed = args.map((arg) =>
      arg instanceof Uint8Array ? this.memory.giveSpan(arg) : typeof arg === 'object' ? this.memory.give(arg.at) : arg,
    )
    return host(...passed)
  }

  /** The bytes of a result that is a span. */
  bytes(name: string, ...args: Argument[]): Uint8Array {
    const [address, length] = splitSpan(this.run(name, ...args) as bigint)
    return this.memory.at(address, length).slice()
  }

  /** The bytes of a result that is the address of `size` bytes. */
  fixed(size: number, name: string, ...args: Argument[]): Uint8Array {
    return this.memory.at(this.run(name, ...args) as number, size).slice()
  }
}
