/**
 * The names under which protocols are negotiated (multistream-select).
 *
 * A *namespace* stands in front of every name, so that nodes of different networks find nothing to talk about. Which one it
 * is, the kind of node says: of a chain it is made of the genesis hash. Where software of old knows other names, the namespace
 * has an *older* prefix beside the present one: a new stream is offered under the present name first and under the older one
 * where the other side does not know that; streams are accepted under both.
 *
 * Only the present prefix is one network's alone. Whoever speaks an older name may be an honest node of another network, so a
 * handshake that does not fit costs nothing there, and such a peer does not come into the routing table.
 */
export interface Namespace {
  /** Begins with a slash and ends without one; no other network has it. */
  readonly prefix: string
  /** Of the same form, and perhaps of several networks. Where there is none, no older names are spoken. */
  readonly olderPrefix?: string | undefined
}

/** A protocol of the network. */
export interface NamedProtocol {
  /** Behind the namespace, e.g. `/sync/2`. */
  readonly protocol: string
  /** The whole older name, where it does not begin with the older prefix. */
  readonly olderName?: string | undefined
}

export class ProtocolNames {
  readonly #prefix: string
  readonly #olderPrefix: string | undefined

  constructor({ prefix, olderPrefix }: Namespace) {
    this.#prefix = prefix
    this.#olderPrefix = olderPrefix
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

  /** Says which network it is, so that whoever uses it means this one. */
  isPresent(name: string): boolean {
    return name.startsWith(`${this.#prefix}/`)
  }

  /** What a name says without the namespace: `/sync/2`; a name of another kind stays as it is. */
  withoutPrefix(name: string): string {
    const prefix = [this.#prefix, this.#olderPrefix].find((one) => one !== undefined && name.startsWith(`${one}/`))
    return prefix === undefined ? name : name.slice(prefix.length)
  }
}
