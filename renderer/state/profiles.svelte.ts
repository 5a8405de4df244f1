/** What is set for each network, and how the move of its data goes. */
import type { ProfilesBatch } from '../../node-core/api/network/network-admin.ts'
import type { NetworkDetails } from '../../node-core/manager/networks/admin-types.ts'

export class Profiles {
  #batch = $state.raw<ProfilesBatch>({ profiles: [], damage: undefined, editable: false })

  get list(): readonly NetworkDetails[] {
    return this.#batch.profiles
  }

  /** False for a node from the command line, whose flags decide. */
  get editable(): boolean {
    return this.#batch.editable
  }

  /** The list was damaged at the start. */
  get damage(): ProfilesBatch['damage'] {
    return this.#batch.damage
  }

  of(network: string | undefined): NetworkDetails | undefined {
    return this.#batch.profiles.find(({ profile }) => profile.id === network)
  }

  apply(batch: ProfilesBatch): void {
    this.#batch = batch
  }
}
