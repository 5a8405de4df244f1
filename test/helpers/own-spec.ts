/** Networks on the runtime that ships with the app, as a test wants them: a preset, and what it changes of it. */
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { ownRuntime } from './own-runtime.ts'
import { buildRawGenesis } from '../../node-core/chain/spec/runtime-genesis/builder.ts'
import type { ExactObject } from '../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { toHex, type Hex } from '../../node-core/base/bytes.ts'

export interface OwnSpecOptions {
  readonly preset?: 'development' | 'local_testnet'
  /** Over the preset: `{ settings: { epochLength: 10 } }`. */
  readonly patch?: ExactObject
  readonly id?: string
  readonly chainType?: ChainSpec['chainType']
  /** Other code than the shipped one. */
  readonly code?: Hex
}

export function ownSpec({ preset = 'development', patch = {}, id = 'nodestead_test', chainType = 'Development', code = toHex(ownRuntime()) }: OwnSpecOptions = {}): ChainSpec {
  return {
    name: 'Test',
    id,
    chainType,
    bootNodes: [],
    protocolId: id,
    properties: { ss58Format: 42, tokenDecimals: 12, tokenSymbol: 'UNIT' },
    codeSubstitutes: {},
    genesis: { raw: buildRawGenesis({ code, how: { kind: 'namedPreset', name: preset, patch } }) },
  }
}
