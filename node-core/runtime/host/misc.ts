/** `ext_misc_*` (Polkadot Host spec, section B.8 "Miscellaneous"). Printing is logging on level debug. */
import { toHex } from '../../base/bytes.ts'
import type { HostContext, HostFunctions } from './context.ts'

const DEBUG_LEVEL = 4

export function miscFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const print = (text: () => string): void => {
    if (context.call.maxLogLevel >= DEBUG_LEVEL) context.call.log(DEBUG_LEVEL, 'runtime', text())
  }
  return {
    ext_misc_print_num_version_1: (value: bigint) => print(() => BigInt.asUintN(64, value).toString()),
    ext_misc_print_utf8_version_1: (data: bigint) => print(() => memory.text(data)),
    ext_misc_print_hex_version_1: (data: bigint) => print(() => toHex(memory.view(data))),
    /** `Option` of the encoded `RuntimeVersion` of the given code, which is called for it. */
    ext_misc_runtime_version_version_1: (code: bigint) => memory.giveOption(context.call.versionOf(memory.copy(code))),
  }
}
