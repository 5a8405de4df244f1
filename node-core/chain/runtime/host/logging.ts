/**
 * `ext_logging_*` and `ext_panic_handler_*` (Polkadot Host spec, section B.10 "Logging").
 *
 * A runtime counts the levels of its lines from 0 ("error"), the host those that it lets pass from 1, because its 0 is "off".
 * A runtime says why it panics in a line of level error just before it traps (or through the panic handler, where it was
 * built so). That line is kept whatever the log level is: it becomes the message of the error.
 */
import { HostFunctionError } from '../errors.ts'
import { RUNTIME_LOG_LEVELS, type HostContext, type HostFunctions } from './context.ts'

const ERROR_LEVEL = RUNTIME_LOG_LEVELS.indexOf('error')

export function loggingFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  return {
    ext_logging_log_version_1(level: number, target: bigint, message: bigint) {
      const { call } = context
      const index = (level & 0xff) + ERROR_LEVEL
      if (index >= RUNTIME_LOG_LEVELS.length) throw new HostFunctionError(`${level} is not a log level`)
      const from = memory.string(target)
      const passes = index <= call.maxLogLevel
      if (index > ERROR_LEVEL && !passes) return
      const text = memory.text(message)
      if (text === undefined) return
      if (index === ERROR_LEVEL) call.lastError = text
      if (passes) call.log(index, from, text)
    },
    ext_logging_max_level_version_1: () => context.call.maxLogLevel,
    ext_panic_handler_abort_on_panic_version_1(message: bigint) {
      context.call.lastError = memory.string(message)
      throw new HostFunctionError('the runtime panicked')
    },
  }
}
