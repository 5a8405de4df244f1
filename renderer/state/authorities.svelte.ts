/** The authorities of the network on screen. */
import { whileVisible } from './visibility.ts'
import type { AuthorityReport, DayRecord } from '../../node-core/api/network/authorities.ts'
import type { ApiClient } from '../trpc/client.ts'

export class AuthoritiesFeed {
  #report = $state.raw<AuthorityReport | undefined>()
  #days = $state.raw<readonly DayRecord[]>([])

  /** Undefined while it is not known, and where there are too many of them for a table. */
  get report(): AuthorityReport | undefined {
    return this.#report
  }

  /** The newest first. */
  get days(): readonly DayRecord[] {
    return this.#days
  }

  follow(client: ApiClient, network: string, onError: (error: unknown) => void): () => void {
    this.#report = undefined
    this.#days = []
    return whileVisible(() =>
      client.authorities.watch.subscribe({ network }, {
        onData: ({ report, days }) => {
          this.#report = report
          this.#days = days
        },
        onError,
      }),
    )
  }
}
