/** Specifications that have their genesis state, told apart from those that have its root alone (see genesis.ts). */
import { ChainSpecError } from './errors.ts'
import type { ChainSpec, SpecWithState } from './schema.ts'

export function hasState(spec: ChainSpec): spec is SpecWithState {
  return 'raw' in spec.genesis
}

/** Throws CHAIN_SPEC_NO_STATE where the specification has the root of its genesis state alone. */
export function withState(spec: ChainSpec): SpecWithState {
  if (hasState(spec)) return spec
  throw new ChainSpecError('CHAIN_SPEC_NO_STATE', `The chain specification of ${spec.name} has no genesis state; the node joins the network by warp sync.`, {
    hint: 'Use the full chain specification where the genesis state is needed: build-spec --raw exports it.',
  })
}
