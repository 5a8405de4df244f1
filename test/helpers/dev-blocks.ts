/** Blocks of the development network, built slot after slot by a runner without consensus: the runtime checks no seals. */
import { EMPTY, concatBytes, type Hash } from '../../node-core/base/bytes.ts'
import { parachainsInherent, timestampInherent } from '../../node-core/chain/core/production/inherents.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import { decodeBabeConfiguration } from '../../node-core/chain/core/engines/babe/runtime-api.ts'
import { BlockConstruction } from '../../node-core/chain/runtime/builder.ts'
import { encodeInherentData } from '../../node-core/chain/runtime/threads/executor.ts'
import type { Runner } from '../../node-core/chain/runtime/runner.ts'
import type { ApplyOutcome } from '../../node-core/chain/runtime/types.ts'
import { encodeBody, type Extrinsic } from '../../node-core/chain/scale/block.ts'
import { decodeHeader, encodeHeader, type Header } from '../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import type { StateChanges } from '../../node-core/chain/state/types.ts'

export interface BuiltBlock {
  readonly header: Header
  readonly body: readonly Extrinsic[]
  readonly outcomes: readonly ApplyOutcome[]
  readonly changes: StateChanges
}

const SECONDARY_PLAIN = 2
const FIRST_SLOT = 280_000_000
const ZERO: Hash = `0x${'00'.repeat(32)}`

export function buildDevBlock(runner: Runner, parent: Header, extrinsics: readonly Extrinsic[]): BuiltBlock {
  const slot = FIRST_SLOT + parent.number
  const header: Header = {
    parentHash: blake2Hash(encodeHeader(parent)),
    number: parent.number + 1,
    stateRoot: ZERO,
    extrinsicsRoot: ZERO,
    digest: [{ type: 'preRuntime', engine: 'BABE', data: new ScaleWriter().u8(SECONDARY_PLAIN).u32(0).u64(slot).finish() }],
  }
  const { slotDuration } = decodeBabeConfiguration(runner.call(parent.stateRoot, 'BabeApi_configuration', EMPTY))
  const construction = new BlockConstruction(runner, runner.execution(parent.stateRoot, undefined))
  const babeSlot = ['babeslot', new ScaleWriter(8).u64(slot).finish()] as const
  const inherentData = encodeInherentData([timestampInherent(slot * slotDuration), babeSlot, parachainsInherent(parent)])
  const inherents = construction.begin(encodeHeader(header), inherentData)
  const outcomes = extrinsics.map((extrinsic) => construction.apply(extrinsic))
  const included = extrinsics.filter((_, i) => outcomes[i]?.kind === 'included')
  const { header: finished, changes } = construction.finish()
  return { header: decodeHeader(finished), body: [...inherents, ...included], outcomes, changes }
}

/** Header and body as `Core_execute_block` takes them. */
export function encodeBlock(header: Header, body: readonly Extrinsic[]): Uint8Array {
  return concatBytes(encodeHeader(header), encodeBody(body))
}
