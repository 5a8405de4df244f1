/** A network of one authority, Alice, which others may join: it is not one computer's own. */
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { ownSpec } from './own-spec.ts'

export function networkOfOne({ slotMs = 6000 }: { readonly slotMs?: number } = {}): ChainSpec {
  const { sr25519, ed25519 } = devAccount('//Alice')
  const account = encodeSs58(sr25519.publicKey)
  const keys = { babe: account, grandpa: encodeSs58(ed25519.publicKey) }
  return ownSpec({ chainType: 'Local', patch: { settings: { slotDuration: slotMs }, authorities: { accounts: [account] }, session: { keys: [[account, account, keys]] } } })
}
