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

  /** On any network, whichever is on screen. */
  runOn(action: NodeAction, network: string): Promise<void> {
    return this.#dashboard.attempt(() => this.#client.node[action].mutate({ network }))
  }

  /** On several at once; the first that does not work is told. */
  runAll(action: NodeAction, networks: readonly { readonly id: string }[]): Promise<void> {
    return this.#dashboard.attempt(async () => {
      const outcomes = await Promise.allSettled(networks.map(({ id }) => this.#client.node[action].mutate({ network: id })))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    })
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
