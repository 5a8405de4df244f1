/**
 * `ext_wasm_tracing_*`: spans and events of a runtime that was built to be traced.
 *
 * Nobody listens in this node, and that is what it answers: no span is enabled, so a runtime does not describe any. One that
 * does not ask first gets the number of the disabled span, and leaves it to no effect. What a block comes to never depends on
 * these functions.
 */
import type { HostContext, HostFunctions } from './context.ts'

const DISABLED_SPAN = 0n

export function wasmTracingFunctions({ memory }: HostContext): HostFunctions {
  return {
    ext_wasm_tracing_enabled_version_1(metadata: bigint) {
      memory.view(metadata)
      return 0
    },
    ext_wasm_tracing_enter_span_version_1(attributes: bigint) {
      memory.view(attributes)
      return DISABLED_SPAN
    },
    ext_wasm_tracing_event_version_1(attributes: bigint) {
      memory.view(attributes)
    },
    ext_wasm_tracing_exit_version_1: () => undefined,
  }
}
