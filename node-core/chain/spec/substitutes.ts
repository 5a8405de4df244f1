/** The runtime code of a specification that stands in for that of the chain (see runtime/code/code-substitutes.ts). */
import { fromHex } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import type { CodeSubstitute } from '../runtime/code/code-substitutes.ts'
import { readCodeVersion } from '../runtime/code/code-version.ts'
import { ChainSpecError } from './errors.ts'
import type { ChainSpec } from './schema.ts'

/** Each is compiled once, to learn its version: some ten milliseconds. Throws a {@link ChainSpecError} where one is no runtime. */
export function readSubstitutes(spec: ChainSpec): CodeSubstitute[] {
  return Object.entries(spec.codeSubstitutes ?? {}).map(([block, text]) => {
    const code = fromHex(text)
    try {
      return { block: Number(block), specVersion: readCodeVersion(code).specVersion, code }
    } catch (error) {
      throw new ChainSpecError('CHAIN_SPEC_BAD_SUBSTITUTE', `The substitute runtime of ${spec.name} from block ${block} on (codeSubstitutes in the chain specification) is unusable: ${errorMessage(error)}.`, {
        hint: "Take the specification that the chain's people publish now.",
        cause: error,
      })
    }
  })
}
