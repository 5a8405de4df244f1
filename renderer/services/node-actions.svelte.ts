/** What a person can do to a node. An action that failed is reported; while one is under way its buttons rest. */
import type { ApiClient } from '../trpc/client.ts'
import type { Dashboard } from '../state/dashboard.svelte.ts'
import type { NodeState } from '../../node-core/manager/types.ts'

export type NodeAction = 'start' | 'stop' | 'restart'

export class NodeActions {
  readonly #client: ApiClient
  readonly #dashboard: Dashboard
  #running = $state<NodeAction | undefined>()

  constructor(client: ApiClient, dashboard: Dashboard) {
    this.#client = client
    this.#dashboard = dashboard
  }

  /** The action under way. */
  get running(): NodeAction | undefined {
    return this.#running
  }

  async run(action: NodeAction): Promise<void> {
    const network = this.#dashboard.networks.selected?.id
    if (network === undefined) return
    this.#running = action
    await this.#dashboard.attempt(() => this.#client.node[action].mutate({ network }))
    this.#running = undefined
  }
}

/** The actions that make sense in a state, the first being the obvious one. */
export function actionsFor(state: NodeState): readonly NodeAction[] {
  switch (state) {
    case 'stopped':
    case 'failed':
      return ['start']
    case 'running':
      return ['stop', 'restart']
    case 'starting':
      return ['stop']
    case 'stopping':
      return []
  }
}
