/** `ext_allocator_*` (Polkadot Host spec, section B.9 "Allocator"). */
import type { HostContext, HostFunctions } from './context.ts'

export function allocatorFunctions({ memory }: HostContext): HostFunctions {
  const { allocator } = memory
  return {
    ext_allocator_malloc_version_1: (size: number) => allocator.allocate(size >>> 0),
    ext_allocator_free_version_1: (address: number) => allocator.free(address >>> 0),
  }
}
