/** Whose key it is: a development account, where the network is one of those, or an address. */
import { fromHex, toHex, type Hash, type Hex } from '../../base/bytes.ts'
import { DEV_ACCOUNTS, devAccount } from '../../crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../crypto/keys/ss58.ts'
import type { Account } from './types.ts'

export interface NamingOptions {
  /** Of the network's addresses. */
  readonly addressPrefix: number
  /** A public network: whoever uses a development account's key there is not that account. */
  readonly isPublic: boolean
}

export class Names {
  readonly #options: NamingOptions
  #known: ReadonlyMap<Hex, string> | undefined

  constructor(options: NamingOptions) {
    this.#options = options
  }

  account(publicKey: Uint8Array): Account {
    const key = toHex(publicKey)
    return { address: encodeSs58(publicKey, this.#options.addressPrefix), publicKey: key, name: this.#nameOf(key) }
  }

  /** A name or an address. */
  label(key: Hash): string {
    return this.#nameOf(key) ?? encodeSs58(fromHex(key), this.#options.addressPrefix)
  }

  #nameOf(key: Hex): string | undefined {
    if (this.#options.isPublic) return undefined
    this.#known ??= developmentNames()
    return this.#known.get(key)
  }
}

function developmentNames(): ReadonlyMap<Hex, string> {
  const names = new Map<Hex, string>()
  for (const name of DEV_ACCOUNTS) {
    const account = devAccount(`//${name}`)
    names.set(toHex(account.sr25519.publicKey), name)
    names.set(toHex(account.ed25519.publicKey), name)
    names.set(toHex(devAccount(`//${name}//stash`).sr25519.publicKey), `${name} (stash)`)
  }
  return names
}
