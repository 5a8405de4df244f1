/** What is wrong with each network. */
import type { TroublesBatch } from '../../node-core/api/troubles.ts'
import type { Trouble } from '../../node-core/manager/troubles.ts'

export class Troubles {
  #byNetwork = $state.raw<ReadonlyMap<string, readonly Trouble[]>>(new Map())

  /** The worst first. */
  of(network: string | undefined): readonly Trouble[] {
    return network === undefined ? [] : (this.#byNetwork.get(network) ?? [])
  }

  apply({ networks }: TroublesBatch): void {
    const next = new Map(this.#byNetwork)
    for (const { network, troubles } of networks) next.set(network, troubles)
    this.#byNetwork = next
  }
}
