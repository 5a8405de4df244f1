/**
 * A specification as `build-spec` prints it, in the shape that the field's own tools read.
 *
 * Raw it holds the genesis state (`genesis.raw`), for nodes that are to start from it whatever runtime they know. Otherwise it is what a person can
 * read and change: the code and its configuration (`genesis.runtimeGenesis`), a named preset written out, because the file is read by
 * tools that know no names. A specification that has only a state, or only the root of one, has nothing else to print.
 */
import { faultless } from './resolve.ts'
import { withoutPreset } from './runtime-genesis/builder.ts'
import { isExactObject, printExact, type ExactObject, type ExactValue } from './runtime-genesis/exact-json.ts'
import { writeRuntimeGenesis } from './runtime-genesis/written.ts'
import type { ChainSpec, WrittenSpec } from './schema.ts'

const INDENT = 2

/** `source` is named in errors. Throws a {@link ChainSpecError} where the runtime does not know its preset. */
export function printSpec(spec: ChainSpec | WrittenSpec, source: string): string {
  const { genesis, ...rest } = spec
  // Nothing but JSON came in, and what is undefined leaves here.
  const fields = unsigned(JSON.parse(JSON.stringify(rest)) as ExactObject)
  return `${printExact({ ...fields, codeSubstitutes: fields['codeSubstitutes'] ?? {}, genesis: writtenGenesis(genesis, source) }, INDENT)}\n`
}

function writtenGenesis(genesis: WrittenSpec['genesis'], source: string): ExactObject {
  if ('stateRootHash' in genesis) return { stateRootHash: genesis.stateRootHash }
  if ('raw' in genesis) return { raw: { top: genesis.raw.top, childrenDefault: (genesis.raw.childrenDefault ?? {}) as ExactValue } }
  return { runtimeGenesis: writeRuntimeGenesis(faultless(source, () => withoutPreset(genesis.runtimeGenesis))) }
}

/** Another form is another text: whoever signed this one did not sign what is printed. */
function unsigned(fields: ExactObject): ExactObject {
  const { nodestead } = fields
  if (!isExactObject(nodestead)) return fields
  const { signature: _signature, by: _by, ...rest } = nodestead
  return { ...fields, nodestead: rest }
}
