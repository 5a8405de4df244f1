/** The keys of the network on screen, and what can be done with them. Secrets pass through and are kept nowhere here. */
import { problemOf } from '../text/problem.ts'
import type { KeysState } from '../../node-core/api/network/keys.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'
import type { ApiClient } from '../trpc/client.ts'

export class Keys {
  readonly #client: ApiClient
  #state = $state.raw<KeysState | undefined>()
  #problem = $state.raw<ApiProblem | undefined>()
  #busy = $state(false)

  constructor(client: ApiClient) {
    this.#client = client
  }

  get state(): KeysState | undefined {
    return this.#state
  }

  /** Why the last action failed. */
  get problem(): ApiProblem | undefined {
    return this.#problem
  }

  get busy(): boolean {
    return this.#busy
  }

  dismissProblem(): void {
    this.#problem = undefined
  }

  follow(network: string): () => void {
    this.#state = undefined
    this.#problem = undefined
    const subscription = this.#client.keys.watch.subscribe(
      { network },
      {
        onData: (state) => {
          this.#state = state
        },
        onError: (error) => {
          this.#problem = problemOf(error)
        },
      },
    )
    return () => subscription.unsubscribe()
  }

  /** Whether it worked; what an action answers is how things are then. */
  async act(action: (client: ApiClient['keys']) => Promise<KeysState>): Promise<boolean> {
    const state = await this.ask(action)
    if (state !== undefined) this.#state = state
    return state !== undefined
  }

  /** The answer; undefined where it failed, which `problem` tells. */
  async ask<T>(action: (client: ApiClient['keys']) => Promise<T>): Promise<T | undefined> {
    this.#busy = true
    this.#problem = undefined
    try {
      return await action(this.#client.keys)
    } catch (error) {
      this.#problem = problemOf(error)
      return undefined
    } finally {
      this.#busy = false
    }
  }
}
