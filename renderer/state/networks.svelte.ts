/** The networks and which of them is on screen. */
import { applyNetworks } from '../text/network-list.ts'
import { managedNode } from '../trpc/client.ts'
import type { NetworksBatch } from '../../node-core/api/network/networks.ts'
import type { NetworkSummary } from '../../node-core/manager/types.ts'

// Windows of the app share this store; what was chosen of another node's networks is none of this computer's.
const SELECTED_KEY = managedNode() !== undefined ? 'nodestead.managed.network' : 'nodestead.network'

export class Networks {
  #list = $state.raw<readonly NetworkSummary[]>([])
  #selectedId = $state<string | undefined>(localStorage.getItem(SELECTED_KEY) ?? undefined)
  // What runs comes before what was chosen in another session but does not exist any more.
  readonly #selected = $derived(
    this.#list.find(({ id }) => id === this.#selectedId) ?? this.#list.find(({ status }) => status.state === 'running') ?? this.#list[0],
  )

  get list(): readonly NetworkSummary[] {
    return this.#list
  }

  get selected(): NetworkSummary | undefined {
    return this.#selected
  }

  select(id: string): void {
    this.#selectedId = id
    localStorage.setItem(SELECTED_KEY, id)
  }

  apply(batch: NetworksBatch): void {
    this.#list = applyNetworks(this.#list, batch)
  }
}
