/** The networks that ship with the app. Their specifications lie in one folder as `<id>.json`. */
import type { Hash } from '../../base/bytes.ts'

export interface KnownNetwork {
  readonly id: string
  /** The `id` in its specification, which names the folder of its data. */
  readonly specId: string
  readonly displayName: string
  /** What `--chain` accepts for it. */
  readonly names: readonly string[]
  /** Where the network exists outside of this computer, its genesis hash: proof that the file is the right one. */
  readonly genesisHash?: Hash
  /** Its validators back and check blocks of parachains (see relay.ts). */
  readonly isRelay?: true
  /** The name in its specification, where another network had its `id` before. */
  readonly specName?: string
}

export const KNOWN_NETWORKS: readonly KnownNetwork[] = [
  { id: 'dev', specId: 'nodestead_dev', displayName: 'Local development', names: ['dev', 'development', 'nodestead_dev'] },
  { id: 'local', specId: 'nodestead_local', displayName: 'Local network', names: ['local', 'local_testnet', 'nodestead_local'] },
  {
    id: 'polkadot',
    specId: 'polkadot',
    displayName: 'Polkadot',
    names: ['polkadot'],
    genesisHash: '0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3',
    isRelay: true,
  },
  {
    id: 'kusama',
    specId: 'ksmcc3',
    displayName: 'Kusama',
    names: ['kusama', 'ksmcc3'],
    genesisHash: '0xb0a8d493285c2df73290dfb7e61f870f17b41801197a149ca93654499ea3dafe',
    isRelay: true,
  },
  {
    id: 'westend',
    specId: 'westend2',
    displayName: 'Westend',
    names: ['westend', 'westend2'],
    genesisHash: '0xe143f23803ac50e8f6f8e62695d1ce9e4e1d68aa36c1cd2cfd15340213f3423e',
    isRelay: true,
  },
  {
    // It began anew in 2026; the one of before was "Paseo Testnet".
    id: 'paseo',
    specId: 'paseo',
    specName: 'Paseo',
    displayName: 'Paseo',
    names: ['paseo'],
    genesisHash: '0x374057be67b355151f271ff70c3db98308c62c8adc48dc6724b6a009a1a014fd',
    isRelay: true,
  },
]

/** The network that ships with the app under the identifier, and the name, of this specification. */
export function knownNetworkOf({ id, name }: { readonly id: string; readonly name: string }): KnownNetwork | undefined {
  return KNOWN_NETWORKS.find(({ names, specName }) => names.includes(id) && (specName === undefined || specName === name))
}
