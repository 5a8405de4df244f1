/** Keys that were made on this computer before their network, and what the lines of other members say. */
import { hasMemberLines } from '../text/private-network.ts'
import { problemOf } from '../text/problem.ts'
import type { MemberLine, MembersBatch } from '../../node-core/api/network/members.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'
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
