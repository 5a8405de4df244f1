/** `ext_default_child_storage_*` (Polkadot Host spec, section B.3 "Child Storage"). */
import type { Removal } from '../storage/overlay.ts'
import { stateVersion, type HostContext, type HostFunctions } from './context.ts'
import { giveNextKey, giveRemoval, giveRemovalAndCursor, readCursor, readInto, readLimit } from './storage.ts'

/** A child that is killed is cleared from its first key on. */
const ALL = ''

export function childStorageFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const overlay = (child: bigint) => context.storage.child(memory.key(child))
  const clear = (child: bigint, prefix: string, limit?: number, cursor?: string): Removal => overlay(child).clearPrefix(prefix, limit, cursor)
  return {
    ext_default_child_storage_set_version_1(child: bigint, key: bigint, value: bigint) {
      overlay(child).set(memory.key(key), memory.copy(value))
    },
    ext_default_child_storage_get_version_1(child: bigint, key: bigint) {
      return memory.giveOption(overlay(child).get(memory.key(key)))
    },
    ext_default_child_storage_read_version_1(child: bigint, key: bigint, out: bigint, offset: number) {
      return readInto(memory, overlay(child).get(memory.key(key)), out, offset)
    },
    ext_default_child_storage_clear_version_1(child: bigint, key: bigint) {
      overlay(child).set(memory.key(key), undefined)
    },
    ext_default_child_storage_exists_version_1(child: bigint, key: bigint) {
      return overlay(child).has(memory.key(key)) ? 1 : 0
    },
    ext_default_child_storage_storage_kill_version_1(child: bigint) {
      clear(child, ALL)
    },
    /** Returns whether nothing is left. */
    ext_default_child_storage_storage_kill_version_2(child: bigint, limit: bigint) {
      return clear(child, ALL, readLimit(memory, limit)).cursor === undefined ? 1 : 0
    },
    ext_default_child_storage_storage_kill_version_3(child: bigint, limit: bigint) {
      return giveRemoval(memory, clear(child, ALL, readLimit(memory, limit)))
    },
    ext_default_child_storage_storage_kill_version_4(child: bigint, limit: bigint, cursor: bigint) {
      return giveRemovalAndCursor(memory, clear(child, ALL, readLimit(memory, limit), readCursor(memory, cursor)))
    },
    ext_default_child_storage_clear_prefix_version_1(child: bigint, prefix: bigint) {
      clear(child, memory.key(prefix))
    },
    ext_default_child_storage_clear_prefix_version_2(child: bigint, prefix: bigint, limit: bigint) {
      return giveRemoval(memory, clear(child, memory.key(prefix), readLimit(memory, limit)))
    },
    ext_default_child_storage_clear_prefix_version_3(child: bigint, prefix: bigint, limit: bigint, cursor: bigint) {
      return giveRemovalAndCursor(memory, clear(child, memory.key(prefix), readLimit(memory, limit), readCursor(memory, cursor)))
    },
    ext_default_child_storage_root_version_1(child: bigint) {
      return memory.giveSpan(context.storage.childRoot(memory.key(child), 0))
    },
    ext_default_child_storage_root_version_2(child: bigint, version: number) {
      return memory.giveSpan(context.storage.childRoot(memory.key(child), stateVersion(version)))
    },
    ext_default_child_storage_next_key_version_1(child: bigint, key: bigint) {
      return giveNextKey(memory, overlay(child), key)
    },
  }
}
