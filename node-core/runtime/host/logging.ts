/**
 * `ext_logging_*` and `ext_panic_handler_*` (Polkadot Host spec, section B.10 "Logging").
 *
 * A runtime says why it panics in a line of level error just before it traps (or through the panic handler, where it was
 * built so). That line is kept whatever the log level is: it becomes the message of the error.
 */
import { HostFunctionError } from '../errors.ts'
import type { HostContext, HostFunctions } from './context.ts'

const ERROR_LEVEL = 1

export function loggingFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  return {
    ext_logging_log_version_1(level: number, target: bigint, message: bigint) {
      const { call } = context
      if (level > ERROR_LEVEL && level > call.maxLogLevel) return
      const text = memory.text(message)
      if (level <= ERROR_LEVEL) call.lastError = text
      if (level <= call.maxLogLevel) call.log(Math.max(level, ERROR_LEVEL), memory.text(target), text)
    },
    ext_logging_max_level_version_1: () => context.call.maxLogLevel,
    ext_panic_handler_abort_on_panic_version_1(message: bigint) {
      context.call.lastError = memory.text(message)
      throw new HostFunctionError('the runtime panicked')
    },
  }
}
