/**
 * The names under which a chain's protocols are negotiated (multistream-select; Polkadot Host spec, 4.8.1).
 *
 * A name begins with the genesis hash, so that nodes of different chains find nothing to talk about; chains that share a
 * genesis block and went apart later add their fork id behind it. Nodes from before 2022 know only an *older* name, which
 * begins with the chain specification's protocol id. A new stream is offered under the present name first, and under the
 * older one where the other side does not know that; streams are accepted under both.
 *
 * Protocol ids are not unique: every development chain without one is called `sup`. Whoever speaks an older name may
 * be an honest node of another chain, so a handshake that does not fit costs nothing there.
 */
export interface ChainIdentity {
  /** Of the genesis block, without `0x`. */
  readonly genesisHex: string
  readonly forkId?: string | null | undefined
  /** Where there is none, no older names are spoken. */
  readonly protocolId?: string | undefined
}

/** A protocol of the chain. */
export interface NamedProtocol {
  /** Behind the chain's prefix, e.g. `/sync/2`. */
  readonly protocol: string
  /** The whole older name, where it is not the protocol id's. */
  readonly olderName?: string | undefined
}

/** The protocol id of a chain whose specification has none, as everywhere in this family of networks. */
export const DEFAULT_PROTOCOL_ID = 'sup'

export class ProtocolNames {
  readonly #prefix: string
  readonly #olderPrefix: string | undefined

  constructor({ genesisHex, forkId, protocolId }: ChainIdentity) {
    this.#prefix = forkId === undefined || forkId === null ? `/${genesisHex}` : `/${genesisHex}/${forkId}`
    this.#olderPrefix = protocolId === undefined ? undefined : `/${protocolId}`
  }

  /** The present name. */
  present({ protocol }: NamedProtocol): string {
    return this.#prefix + protocol
  }

  /** Every name, the one to try first in front. */
  of(named: NamedProtocol): readonly string[] {
    const present = this.present(named)
    return this.#olderPrefix === undefined ? [present] : [present, named.olderName ?? this.#olderPrefix + named.protocol]
  }

  /** Says which chain it is, so that whoever uses it means this one. */
  isPresent(name: string): boolean {
    return name.startsWith(`${this.#prefix}/`)
  }

  /** What a name says without the chain: `/sync/2`; a name of another kind stays as it is. */
  withoutChain(name: string): string {
    const prefix = [this.#prefix, this.#olderPrefix].find((one) => one !== undefined && name.startsWith(`${one}/`))
    return prefix === undefined ? name : name.slice(prefix.length)
  }
}
