/**
 * Nodes elsewhere that the app remembers: address and name in its settings, the token sealed by the system's keyring. Where there is no
 * keyring the token is not kept, and is asked for each time.
 */
import { z } from 'zod'
import type { RemoteTarget } from './address.ts'
import type { RemoteNode } from '../../node-core/api/app/remote-types.ts'
import type { PassphraseVault } from '../../node-core/keystore/vault.ts'

export const MAX_REMEMBERED = 32

export const rememberedSchema = z
  .array(
    z.object({
      address: z.string().regex(/^(127\.0\.0\.1|\[::1\]):\d{1,5}$/),
      name: z.string().min(1).max(64),
      /** Sealed, in base64. */
      token: z.string().max(4096).optional(),
    }),
  )
  .max(MAX_REMEMBERED)

export type RememberedNode = z.output<typeof rememberedSchema>[number]

export interface RememberedPlace {
  get(): { readonly remoteNodes: readonly RememberedNode[] }
  update(change: { readonly remoteNodes: RememberedNode[] }): void
}

export class RememberedNodes {
  readonly #place: RememberedPlace
  readonly #vault: PassphraseVault

  constructor(place: RememberedPlace, vault: PassphraseVault) {
    this.#place = place
    this.#vault = vault
  }

  canKeepTokens(): boolean {
    return this.#vault.refusal() === undefined
  }

  list(): readonly RemoteNode[] {
    return this.#place.get().remoteNodes.map(({ address, name, token }) => ({ address, name, hasToken: token !== undefined }))
  }

  nameOf(address: string): string {
    return this.#find(address)?.name ?? address
  }

  /** Undefined where the token is not kept, or the keyring does not open it any more. */
  tokenOf(address: string): string | undefined {
    const sealed = this.#find(address)?.token
    return sealed === undefined || !this.canKeepTokens() ? undefined : this.#vault.open(Uint8Array.from(Buffer.from(sealed, 'base64')))
  }

  /** The newest comes first; the oldest goes where there are too many. */
  remember({ address, token }: RemoteTarget, name: string): void {
    const sealed = this.canKeepTokens() ? { token: Buffer.from(this.#vault.seal(token)).toString('base64') } : {}
    this.#put([{ address, name, ...sealed }, ...this.#others(address)].slice(0, MAX_REMEMBERED))
  }

  forget(address: string): void {
    this.#put(this.#others(address))
  }

  #put(remoteNodes: RememberedNode[]): void {
    this.#place.update({ remoteNodes })
  }

  #find(address: string): RememberedNode | undefined {
    return this.#place.get().remoteNodes.find((node) => node.address === address)
  }

  #others(address: string): RememberedNode[] {
    return this.#place.get().remoteNodes.filter((node) => node.address !== address)
  }
}
