/** The IP link of a node, where the user opened one: made, changed and closed, with its rule kept each time before anything is said to have changed. */
import type { PeerStream } from '../../../network/streams.ts'
import { IpLink, type IpLinkDependencies, type IpLinkState } from './ip-link.ts'
import type { IpRule } from './rule.ts'

export interface IpLinksDependencies extends IpLinkDependencies {
  /** Keeps the rule, or that there is none. Rejects NET_LINK_INVALID, and where it cannot be written. */
  readonly save: (rule: IpRule | undefined) => Promise<void>
}

export class IpLinks {
  readonly #deps: IpLinksDependencies
  #link: IpLink | undefined

  constructor(dependencies: IpLinksDependencies) {
    this.#deps = dependencies
  }

  /** Undefined where there is none. */
  get state(): IpLinkState | undefined {
    return this.#link?.state
  }

  /** With the rule that was kept. A device that is not there is looked for until it is. */
  async start(rule: IpRule): Promise<void> {
    this.#link = new IpLink(this.#deps, rule)
    await this.#link.openWhenThere()
  }

  /** Idempotent; never rejects. The rule stays. */
  async stop(): Promise<void> {
    const link = this.#link
    this.#link = undefined
    await link?.close()
  }

  /** Rejects NET_LINK_INVALID and NET_LINK_TUN_*; all is then as it was. Peers whose addresses stay keep their streams. */
  async open(rule: IpRule): Promise<void> {
    const before = this.#link
    if (before !== undefined && before.state.device === rule.device) {
      await this.#deps.save(rule)
      before.setPeers(rule.peers)
      return
    }
    const link = new IpLink(this.#deps, rule)
    await link.open()
    try {
      await this.#deps.save(rule)
    } catch (error) {
      await link.close()
      throw error
    }
    this.#link = link
    await before?.close()
  }

  /** Its streams are reset, and the device is free for others. */
  async close(): Promise<void> {
    if (this.#link === undefined) return
    await this.#deps.save(undefined)
    await this.stop()
  }

  /** Whether a peer may send here, by this way. */
  finds(peer: string, path: PeerStream['path']): 'open' | 'not-opened' | 'relayed' {
    return this.#link?.finds(peer, path) ?? 'not-opened'
  }

  /** Takes the packets of a peer that may send. Resolves when its stream has ended; never rejects. */
  async take(stream: PeerStream): Promise<void> {
    await this.#link?.take(stream)
  }
}
