/** What is wrong with each network. */
import type { TroublesBatch } from '../../node-core/api/network/troubles.ts'
import type { Trouble } from '../../node-core/manager/watch/troubles.ts'

export class Troubles {
  #byNetwork = $state.raw<Readonly<Record<string, readonly Trouble[]>>>({})

  /** The worst first. */
  of(network: string | undefined): readonly Trouble[] {
    return network === undefined ? [] : (this.#byNetwork[network] ?? [])
  }

  apply({ networks }: TroublesBatch): void {
    this.#byNetwork = { ...this.#byNetwork, ...Object.fromEntries(networks.map(({ network, troubles }) => [network, troubles])) }
  }
}
