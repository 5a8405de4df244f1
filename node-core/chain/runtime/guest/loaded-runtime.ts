/** Compiled code with an idle instance of it, ready for the next call. */
import { EMPTY } from '../../../base/bytes.ts'
import { versionFromSections, type CompiledCode } from '../code/code.ts'
import type { CallContext } from '../host/context.ts'
import { RuntimeInstance } from './instance.ts'

export class LoadedRuntime {
  readonly code: CompiledCode
  /** Ready for a call. */
  #idle: RuntimeInstance | undefined
  /** Finished one, and is not put back yet. */
  #used: RuntimeInstance | undefined
  #version: Uint8Array | undefined

  constructor(code: CompiledCode) {
    this.code = code
  }

  /** Calls an entry in an instance that shows no trace of earlier calls. */
  call(method: string, args: Uint8Array, context: CallContext): Uint8Array {
    this.settle()
    // A runtime may, through a host function, end up in here again while it runs: then there is no idle one.
    const instance = this.#idle ?? new RuntimeInstance(this.code)
    this.#idle = undefined
    const result = instance.call(method, args, context)
    this.#used = instance
    return result
  }

  /** Puts the instance of the last call back: done when nobody waits for it, else before the next call. */
  settle(): void {
    if (this.#used?.reset() === true) this.#idle = this.#used
    this.#used = undefined
  }

  /**
   * The encoded `RuntimeVersion` (spec, section C.4.1). Newer runtimes have it in the binary; others are asked. Throws
   * RUNTIME_INVALID_CODE, or what the call fails with.
   */
  version(context: () => CallContext): Uint8Array {
    this.#version ??= versionFromSections(this.code.module) ?? this.call('Core_version', EMPTY, context())
    return this.#version
  }
}
