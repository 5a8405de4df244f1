/**
 * A state in a file, in the form of Substrate's `export-state`: the chain's specification, with that state as its raw genesis.
 *
 * Tools of the field read it as a chain of its own that begins with this state. What makes it the state of a block again stands besides, in
 * the member that is ours: `nodestead.state`, with the hash of the chain's genesis block and the block itself, in SCALE as
 * `export-blocks --binary` writes it.
 */
import { z } from 'zod'
import { fromHex, toHex, type Hash, type Hex } from '../../base/bytes.ts'
import { ADDITION_VERSION } from '../../chain/spec/addition.ts'
import { isExactObject, printExact, type ExactObject } from '../../chain/spec/runtime-genesis/exact-json.ts'
import type { ChainSpec } from '../../chain/spec/schema.ts'
import { decodeAll } from '../../scale/reader.ts'
import { encodeSignedBlock, readSignedBlock, type SignedBlock } from './signed-block.ts'

export interface StateOfBlock {
  readonly genesisHash: Hash
  readonly block: SignedBlock
}

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/).transform((text) => text as Hex)
const partSchema = z.object({ state: z.object({ genesisHash: hex.refine((text) => text.length === 66), block: hex }) })

/** Everything but the genesis, as text that an object goes on with: `{ "name": …,`. Who signed the specification did not sign this. */
export function stateFileHead(spec: ChainSpec, { genesisHash, block }: StateOfBlock): string {
  const { genesis: _genesis, nodestead, ...rest } = spec
  const fields = JSON.parse(JSON.stringify({ ...rest, nodestead: nodestead ?? {} })) as ExactObject
  const { signature: _signature, by: _by, choices: _choices, mark: _mark, runtime: _runtime, ...addition } = isExactObject(fields['nodestead']) ? fields['nodestead'] : {}
  const text = printExact({ ...fields, codeSubstitutes: fields['codeSubstitutes'] ?? {}, nodestead: { ...addition, version: ADDITION_VERSION, state: { genesisHash, block: toHex(encodeSignedBlock(block)) } } }, 2)
  return `${text.slice(0, text.lastIndexOf('\n}'))},\n`
}

/** Undefined where the file says nothing of a block: another program wrote it. Throws a ScaleError. */
export function stateOfBlock({ nodestead }: Pick<ChainSpec, 'nodestead'>): StateOfBlock | undefined {
  const { data } = partSchema.safeParse(nodestead)
  if (data === undefined) return undefined
  return { genesisHash: data.state.genesisHash, block: decodeAll(fromHex(data.state.block), 'the block of the state', readSignedBlock) }
}
