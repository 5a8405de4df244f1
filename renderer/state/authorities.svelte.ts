/** The authorities of the network on screen. */
import { whileVisible } from './visibility.ts'
import type { AuthorityReport } from '../../node-core/api/network/authorities.ts'
import type { ApiClient } from '../trpc/client.ts'

export class AuthoritiesFeed {
  #report = $state.raw<AuthorityReport | undefined>()

  /** Undefined while it is not known, and where there are too many of them for a table. */
  get report(): AuthorityReport | undefined {
    return this.#report
  }

  follow(client: ApiClient, network: string, onError: (error: unknown) => void): () => void {
    this.#report = undefined
    return whileVisible(() => client.authorities.watch.subscribe({ network }, { onData: ({ report }) => (this.#report = report), onError }))
  }
}
