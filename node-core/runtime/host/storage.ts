/** `ext_storage_*` (Polkadot Host spec, section B.2 "Storage"). */
import { fromBinaryString } from '../../base/bytes.ts'
import { decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { GuestMemory } from '../guest-memory.ts'
import type { Overlay, Removal } from '../storage/overlay.ts'
import { stateVersion, type HostContext, type HostFunctions } from './context.ts'

const CHILD_PREFIX = ':child_storage:'

/** Entries of child tries are the host's: the main storage functions pass over them. */
function isChildKey(key: string): boolean {
  return key.startsWith(CHILD_PREFIX)
}

export function storageFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const clearPrefix = (prefix: bigint, limit: number | undefined): Removal => {
    const key = memory.key(prefix)
    // A prefix of the children's prefix would delete their roots, too.
    if (isChildKey(key) || CHILD_PREFIX.startsWith(key)) return { complete: true, count: 0 }
    return context.storage.main.clearPrefix(key, limit)
  }
  return {
    ext_storage_set_version_1(key: bigint, value: bigint) {
      const name = memory.key(key)
      if (!isChildKey(name)) context.storage.main.set(name, memory.copy(value))
    },
    ext_storage_get_version_1(key: bigint) {
      const name = memory.key(key)
      return memory.giveOption(isChildKey(name) ? undefined : context.storage.main.get(name))
    },
    ext_storage_read_version_1(key: bigint, out: bigint, offset: number) {
      const name = memory.key(key)
      return readInto(memory, isChildKey(name) ? undefined : context.storage.main.get(name), out, offset)
    },
    ext_storage_clear_version_1(key: bigint) {
      const name = memory.key(key)
      if (!isChildKey(name)) context.storage.main.set(name, undefined)
    },
    ext_storage_exists_version_1(key: bigint) {
      const name = memory.key(key)
      return !isChildKey(name) && context.storage.main.has(name) ? 1 : 0
    },
    ext_storage_clear_prefix_version_1(prefix: bigint) {
      clearPrefix(prefix, undefined)
    },
    ext_storage_clear_prefix_version_2(prefix: bigint, limit: bigint) {
      return giveRemoval(memory, clearPrefix(prefix, readLimit(memory, limit)))
    },
    ext_storage_append_version_1(key: bigint, value: bigint) {
      const name = memory.key(key)
      if (!isChildKey(name)) context.storage.main.append(name, memory.view(value))
    },
    ext_storage_root_version_1() {
      return memory.giveSpan(context.storage.root(0))
    },
    ext_storage_root_version_2(version: number) {
      return memory.giveSpan(context.storage.root(stateVersion(version)))
    },
    /** Changes tries are gone from every host; the answer is always none. */
    ext_storage_changes_root_version_1() {
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
  if (value === undefined) return memory.giveSpan(Uint8Array.of(0))
  const rest = value.subarray(Math.min(offset >>> 0, value.length))
  const target = memory.view(out)
  target.set(rest.subarray(0, target.length))
  return memory.giveSpan(new ScaleWriter(5).u8(1).u32(rest.length).finish())
}

/** `Option<u32>`. */
export function readLimit(memory: GuestMemory, limit: bigint): number | undefined {
  return decodeAll(memory.copy(limit), 'the limit', (reader) => reader.option((r) => r.u32()))
}

/** 0 where nothing is left and 1 where something is, with the number of keys that were removed. */
export function giveRemoval(memory: GuestMemory, removal: Removal): bigint {
  return memory.giveSpan(new ScaleWriter(5).u8(removal.complete ? 0 : 1).u32(removal.count).finish())
}

export function giveNextKey(memory: GuestMemory, overlay: Overlay, key: bigint): bigint {
  const next = overlay.nextKey(memory.key(key))
  return memory.giveOption(next === undefined ? undefined : fromBinaryString(next))
}
