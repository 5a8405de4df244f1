/** The upgrade of the runtime of the network on screen, and which of its cards were put aside. */
import { whileVisible } from './visibility.ts'
import type { UpgradeDetails, UpgradeState } from '../../node-core/api/network/upgrade.ts'
import type { ApiClient } from '../trpc/client.ts'

const DISMISSED_KEY = 'nodestead.upgrades-put-aside'
/** Networks of which it is remembered. */
const MAX_REMEMBERED = 64

type Report = (error: unknown) => void

export class UpgradeFeed {
  #state = $state.raw<UpgradeState | undefined>()
  #details = $state.raw<UpgradeDetails | undefined>()
  #dismissed = $state.raw<Readonly<Record<string, string>>>(readDismissed())

  get state(): UpgradeState | undefined {
    return this.#state
  }

  /** What changes; undefined until it was asked for and answered. */
  get details(): UpgradeDetails | undefined {
    return this.#details
  }

  follow(client: ApiClient, network: string, onError: Report): () => void {
    this.#state = undefined
    this.#details = undefined
    return whileVisible(() => client.upgrade.watch.subscribe({ network }, { onData: ({ state }) => (this.#state = state), onError }))
  }

  /** The returned function drops the answer. */
  askDetails(client: ApiClient, network: string, onError: Report): () => void {
    let ended = false
    client.upgrade.details.query({ network }).then((details) => {
      if (!ended) this.#details = details
    }, (error: unknown) => {
      if (!ended) onError(error)
    })
    return () => (ended = true)
  }

  isDismissed(network: string, what: string | undefined): boolean {
    return what !== undefined && this.#dismissed[network] === what
  }

  dismiss(network: string, what: string): void {
    const others = Object.entries(this.#dismissed).filter(([id]) => id !== network)
    this.#dismissed = Object.fromEntries([...others, [network, what] as const].slice(-MAX_REMEMBERED))
    localStorage.setItem(DISMISSED_KEY, JSON.stringify(this.#dismissed))
  }
}

function readDismissed(): Readonly<Record<string, string>> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(DISMISSED_KEY) ?? '{}')
    const entries = Object.entries(typeof kept === 'object' && kept !== null ? kept : {}) as [string, unknown][]
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return {}
  }
}
