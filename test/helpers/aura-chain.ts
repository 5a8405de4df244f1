/** Networks of the Aura variant of our own runtime. */
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { ownSpec } from './own-chain.ts'
import { auraRuntime } from './own-runtime.ts'

/** With these development accounts as its authorities, in the order of their turns. */
export function auraSpec(...names: readonly string[]): ChainSpec {
  const authorities = names.map((name) => {
    const account = encodeSs58(devAccount(`//${name}//stash`).sr25519.publicKey)
    const { sr25519, ed25519 } = devAccount(`//${name}`)
    return { account, keys: { grandpa: encodeSs58(ed25519.publicKey), aura: encodeSs58(sr25519.publicKey) } }
  })
  const patch = { authorities: { accounts: authorities.map(({ account }) => account) }, session: { keys: authorities.map(({ account, keys }) => [account, account, keys]) } }
  return ownSpec('development', patch, auraRuntime())
}
