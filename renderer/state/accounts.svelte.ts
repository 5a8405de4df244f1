/** The accounts of the network on screen that its node can sign for, and what was sent from them. */
import { whileVisible } from './visibility.ts'
import type { AccountsBatch, AccountsState } from '../../node-core/api/network/accounts.ts'
import type { ApiClient } from '../trpc/client.ts'

export class AccountsFeed {
  #state = $state.raw<AccountsState | undefined>()

  /** Undefined while the node does not run, and on public networks. */
  get state(): AccountsState | undefined {
    return this.#state
  }

  /** The returned function ends it. */
  follow(client: ApiClient, network: string, onError: (error: unknown) => void): () => void {
    this.#state = undefined
    return whileVisible(() => client.accounts.watch.subscribe({ network }, { onData: ({ state }: AccountsBatch) => (this.#state = state), onError }))
  }
}
