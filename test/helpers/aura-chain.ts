/** Networks of the Aura variant of our own runtime. */
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { toHex } from '../../node-core/base/bytes.ts'
import type { ExactObject } from '../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { auraRuntime } from './own-runtime.ts'
import { ownSpec } from './own-spec.ts'

/** What makes these development accounts the authorities, in the order of their turns. */
export function auraPatch(...names: readonly string[]): ExactObject {
  const authorities = names.map((name) => {
    const account = encodeSs58(devAccount(`//${name}//stash`).sr25519.publicKey)
    const { sr25519, ed25519 } = devAccount(`//${name}`)
    return { account, keys: { grandpa: encodeSs58(ed25519.publicKey), aura: encodeSs58(sr25519.publicKey) } }
  })
  return { authorities: { accounts: authorities.map(({ account }) => account) }, session: { keys: authorities.map(({ account, keys }) => [account, account, keys]) } }
}

export function auraSpec(...names: readonly string[]): ChainSpec {
  return ownSpec({ patch: auraPatch(...names), code: toHex(auraRuntime()) })
}
