/** Keys that were made on this computer before their network, what the lines of other members say, and whose nodes answer. */
import { hasMemberLines } from '../text/private-network.ts'
import { problemOf } from '../text/problem.ts'
import type { MemberLine, MembersBatch } from '../../node-core/api/network/members.ts'
import type { PresenceBatch } from '../../node-core/api/network/presence.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'
import type { SpecSummary } from '../../node-core/manager/kinds/chain/networks.ts'
import type { ApiClient } from '../trpc/client.ts'

export type DraftKeys = MembersBatch['drafts'][number]
type VaultRefusal = MembersBatch['vaultRefusal']

const READ_AFTER_MS = 200

export class Members {
  readonly #client: ApiClient
  #drafts = $state.raw<readonly DraftKeys[]>([])
  #vaultRefusal = $state.raw<VaultRefusal>()
  #lines = $state.raw<readonly MemberLine[]>([])
  #problem = $state.raw<ApiProblem | undefined>()
  #presence = $state.raw<PresenceBatch | undefined>()
  /** Drafts were told of. */
  #known = $state(false)

  constructor(client: ApiClient) {
    this.#client = client
  }

  get drafts(): readonly DraftKeys[] {
    return this.#drafts
  }

  get known(): boolean {
    return this.#known
  }

  get vaultRefusal(): VaultRefusal {
    return this.#vaultRefusal
  }

  /** What was pasted last, line by line. */
  get lines(): readonly MemberLine[] {
    return this.#lines
  }

  get problem(): ApiProblem | undefined {
    return this.#problem
  }

  /** Peer ids of members of the network that is looked at, as far as their nodes answered. */
  get online(): readonly string[] {
    return this.#presence?.online ?? []
  }

  /** Some may still answer; undefined where nobody is asked. */
  get asking(): boolean | undefined {
    return this.#presence?.asking
  }

  /** Has the nodes of a network's members asked whether they are there; the returned function calls it off. */
  ask({ genesisHash, forkId, addresses, members }: SpecSummary): () => void {
    const peerIds = members.flatMap(({ peerId }) => peerId ?? [])
    this.#presence = undefined
    if (peerIds.length === 0) return () => undefined
    const question = { genesisHash, addresses: [...addresses], peerIds, ...(forkId === undefined ? {} : { forkId }) }
    const subscription = this.#client.networks.presence.subscribe(question, {
      onData: (batch) => (this.#presence = batch),
      // Whoever cannot ask has reached nobody.
      onError: () => (this.#presence = { asking: false, online: this.#presence?.online ?? [] }),
    })
    return () => {
      subscription.unsubscribe()
      this.#presence = undefined
    }
  }

  /** Where no drafts are kept (a node of the command line), there are none. */
  follow(): () => void {
    const subscription = this.#client.members.watch.subscribe(undefined, {
      onData: ({ drafts, vaultRefusal }) => {
        this.#drafts = drafts
        this.#vaultRefusal = vaultRefusal
        this.#known = true
      },
      onError: (error) => {
        this.#problem = problemOf(error)
        this.#known = true
      },
    })
    return () => subscription.unsubscribe()
  }

  /** Has the node read what is typed; the returned function calls it off. */
  read(text: string): () => void {
    if (!hasMemberLines(text)) {
      this.#lines = []
      return () => undefined
    }
    let current = true
    const timer = setTimeout(() => {
      this.#client.members.read.query({ text }).then(
        (lines) => {
          if (current) this.#lines = lines
        },
        (error: unknown) => {
          if (current) this.#problem = problemOf(error)
        },
      )
    }, READ_AFTER_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }
}
