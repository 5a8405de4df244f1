/** Flags of every command that asks a running node: which node, and which of its networks. */
import type { FlagTable } from '../definition/flag.ts'
import { CHAIN_FLAGS } from '../flags.ts'

/** Of commands about the program as a whole. */
export const NODE_PLACE_FLAGS = {
  'base-path': { ...CHAIN_FLAGS['base-path'], group: 'node', help: 'the data folder of the node', fallback: "run's own, else the app's" },
  node: { type: 'string', value: 'address', group: 'node', lineOnly: true, help: 'a node elsewhere: its service API, https://host:port',
    detail: 'With http:// only on this computer, or at the near end of a tunnel: the token would be readable on the way.' },
  'token-file': { type: 'string', value: 'file', group: 'node', completes: 'file', help: 'with --node: a file with a token for it' },
} as const satisfies FlagTable

export const NETWORK_FLAG = {
  network: { type: 'string', short: 'n', value: 'id', group: 'node', help: 'which network, where the node has several' },
} as const satisfies FlagTable

export const TO_NODE_FLAGS = { ...NETWORK_FLAG, ...NODE_PLACE_FLAGS } as const satisfies FlagTable

export const FOLLOW_HELP = 'Ctrl-C ends it, with exit code 0.'

export interface PlaceValues {
  readonly 'base-path'?: string
  readonly node?: string
  readonly 'token-file'?: string
  readonly network?: string
}
