/**
 * `ext_storage_*` (Polkadot Host spec, section B.2 "Storage").
 *
 * The roots of child tries are values of the main trie, under `:child_storage:`. A runtime reads them here like any other
 * value, and sees them in the order of the keys; setting, clearing and clearing by prefix leave them alone, because such a
 * root is what the changes of the child come to.
 */
import { fromBinaryString, toBinaryString } from '../../../base/bytes.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { GuestMemory } from '../guest/guest-memory.ts'
import type { Overlay, Removal } from '../storage/overlay.ts'
import { stateVersion, type HostContext, type HostFunctions } from './context.ts'

const CHILD_PREFIX = ':child_storage:'

const NOTHING_REMOVED: Removal = { cursor: undefined, backend: 0, unique: 0, loops: 0 }

function isChildKey(key: string): boolean {
  return key.startsWith(CHILD_PREFIX)
}

export function storageFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const clearPrefix = (prefix: bigint, limit?: number, cursor?: string): Removal => {
    const key = memory.key(prefix)
    // A prefix of the children's prefix would delete their roots, too.
    if (isChildKey(key) || CHILD_PREFIX.startsWith(key)) return NOTHING_REMOVED
    return context.storage.main.clearPrefix(key, limit, cursor)
  }
  return {
    ext_storage_set_version_1(key: bigint, value: bigint) {
      const name = memory.key(key)
      const bytes = memory.copy(value)
      if (!isChildKey(name)) context.storage.main.set(name, bytes)
    },
    ext_storage_get_version_1(key: bigint) {
      return memory.giveOption(context.storage.main.get(memory.key(key)))
    },
    ext_storage_read_version_1(key: bigint, out: bigint, offset: number) {
      return readInto(memory, context.storage.main.get(memory.key(key)), out, offset)
    },
    ext_storage_clear_version_1(key: bigint) {
      const name = memory.key(key)
      if (!isChildKey(name)) context.storage.main.set(name, undefined)
    },
    ext_storage_exists_version_1(key: bigint) {
      return context.storage.main.has(memory.key(key)) ? 1 : 0
    },
    ext_storage_clear_prefix_version_1(prefix: bigint) {
      clearPrefix(prefix)
    },
    ext_storage_clear_prefix_version_2(prefix: bigint, limit: bigint) {
      return giveRemoval(memory, clearPrefix(prefix, readLimit(memory, limit)))
    },
    ext_storage_clear_prefix_version_3(prefix: bigint, limit: bigint, cursor: bigint) {
      return giveRemovalAndCursor(memory, clearPrefix(prefix, readLimit(memory, limit), readCursor(memory, cursor)))
    },
    /** Unlike the others it does not look at the key. */
    ext_storage_append_version_1(key: bigint, value: bigint) {
      context.storage.main.append(memory.key(key), memory.view(value))
    },
    ext_storage_root_version_1() {
      return memory.giveSpan(context.storage.root(0))
    },
    ext_storage_root_version_2(version: number) {
      return memory.giveSpan(context.storage.root(stateVersion(version)))
    },
    /** Changes tries are gone from every host; the answer is always none. */
    ext_storage_changes_root_version_1(parentHash: bigint) {
      memory.view(parentHash)
      return memory.giveOption(undefined)
    },
    ext_storage_next_key_version_1(key: bigint) {
      return giveNextKey(memory, context.storage.main, key)
    },
    ext_storage_start_transaction_version_1() {
      context.storage.journal.start()
    },
    ext_storage_rollback_transaction_version_1() {
      context.storage.journal.rollback()
    },
    ext_storage_commit_transaction_version_1() {
      context.storage.journal.commit()
    },
  }
}

/** Copies a value from `offset` on into the runtime's buffer, as much as fits; returns `Option<u32>` of what lay there. */
export function readInto(memory: GuestMemory, value: Uint8Array | undefined, out: bigint, offset: number): bigint {
  const target = memory.view(out)
  if (value === undefined) return memory.giveSpan(Uint8Array.of(0))
  const rest = value.subarray(Math.min(offset >>> 0, value.length))
  target.set(rest.subarray(0, target.length))
  return memory.giveSpan(new ScaleWriter(5).u8(1).u32(rest.length).finish())
}

/** `Option<u32>`. */
export function readLimit(memory: GuestMemory, limit: bigint): number | undefined {
  return memory.decode(limit, (reader) => reader.option((r) => r.u32()))
}

/** `Option<Vec<u8>>`: the key that an earlier removal ended at. */
export function readCursor(memory: GuestMemory, cursor: bigint): string | undefined {
  const key = memory.decode(cursor, (reader) => reader.option((r) => r.bytes()))
  return key === undefined ? undefined : toBinaryString(key)
}

/** `KillStorageResult`: 0 where nothing is left and 1 where something is, with the number of keys that were looked at. */
export function giveRemoval(memory: GuestMemory, { cursor, loops }: Removal): bigint {
  return memory.giveSpan(new ScaleWriter(5).u8(cursor === undefined ? 0 : 1).u32(loops).finish())
}

/** `MultiRemovalResults`: where to go on, and the three counts. */
export function giveRemovalAndCursor(memory: GuestMemory, { cursor, backend, unique, loops }: Removal): bigint {
  const writer = new ScaleWriter().option(cursor, (w, key) => w.bytes(fromBinaryString(key)))
  return memory.giveSpan(writer.u32(backend).u32(unique).u32(loops).finish())
}

export function giveNextKey(memory: GuestMemory, overlay: Overlay, key: bigint): bigint {
  const next = overlay.nextKey(memory.key(key))
  return memory.giveOption(next === undefined ? undefined : fromBinaryString(next))
}
