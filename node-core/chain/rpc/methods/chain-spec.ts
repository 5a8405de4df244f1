/** `chainSpec_v1_*`: what the chain specification says (JSON-RPC interface specification). */
import { defineCall, type Method } from '../method.ts'
import type { ChainInfo } from '../types.ts'

export function chainSpecMethods(chain: ChainInfo): Method[] {
  return [
    defineCall({ name: 'chainSpec_v1_chainName', params: {}, handle: () => chain.name }),
    defineCall({ name: 'chainSpec_v1_genesisHash', params: {}, handle: () => chain.genesisHash }),
    defineCall({ name: 'chainSpec_v1_properties', params: {}, handle: () => chain.properties }),
  ]
}
