/** `ext_misc_*` (Polkadot Host spec, section B.8 "Miscellaneous"). Printing is logging on level debug. */
import { toHex } from '../../../base/bytes.ts'
import { RUNTIME_LOG_LEVELS, type HostContext, type HostFunctions } from './context.ts'

const DEBUG_LEVEL = RUNTIME_LOG_LEVELS.indexOf('debug')

export function miscFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const print = (line: string | undefined): void => {
    if (line !== undefined && context.call.maxLogLevel >= DEBUG_LEVEL) context.call.log(DEBUG_LEVEL, 'runtime', line)
  }
  return {
    ext_misc_print_num_version_1: (value: bigint) => print(BigInt.asUintN(64, value).toString()),
    /** What is not UTF-8 is not printed. */
    ext_misc_print_utf8_version_1: (data: bigint) => print(memory.text(data)),
    ext_misc_print_hex_version_1: (data: bigint) => print(toHex(memory.view(data))),
    /** `Option` of the encoded `RuntimeVersion` of the given code, which is called for it. */
    ext_misc_runtime_version_version_1: (code: bigint) => memory.giveOption(context.call.versionOf(memory.copy(code))),
  }
}
