/** What several of these commands take. */
import type { FlagTable } from '../../definition/flag.ts'

export const KEY_FORM_FLAGS = {
  scheme: { type: 'string', value: 'name', group: 'command', fallback: 'sr25519', choices: ['sr25519', 'ed25519', 'ecdsa'], help: 'kind of key: sr25519, ed25519, ecdsa' },
  network: { type: 'string', short: 'n', value: 'name|n', group: 'command', fallback: 'substrate', choices: ['polkadot', 'kusama', 'substrate'], help: 'network of the address, by name or SS58 prefix' },
} as const satisfies FlagTable
