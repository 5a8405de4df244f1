/**
 * Everything the screens show, and the subscriptions that feed it while somebody can see them. One instance per window; `start`
 * opens the subscriptions and its clean-up ends them.
 */
import { Blocks, SHOWN_BLOCKS } from './blocks.svelte.ts'
import { Logs } from './logs.svelte.ts'
import { Networks } from './networks.svelte.ts'
import { Remote } from './remote.svelte.ts'
import { Sync } from './sync.svelte.ts'
import { Profiles } from './profiles.svelte.ts'
import { Ticker } from './ticker.svelte.ts'
import { Troubles } from './troubles.svelte.ts'
import { Updates } from './updates.svelte.ts'
import { whileVisible } from './visibility.ts'
import { statusSentence, type ConnectionState, type Sentence } from '../text/status-sentence.ts'
import { problemOf } from '../text/problem.ts'
import { failedSentence, tempered } from '../text/troubles.ts'
import type { BlocksBatch } from '../../node-core/api/network/blocks.ts'
import type { SyncBatch } from '../../node-core/api/network/sync.ts'
import type { ApiProblem, AppInfo } from '../../node-core/api/trpc.ts'
import type { Connection, ManagedName } from '../trpc/client.ts'
import type { NetworkSummary } from '../../node-core/manager/types.ts'

const LOG_TAIL = 500

/** Of a window that shows a node elsewhere (electron/remote/connection.ts), and of a token that the node does not accept. */
const TOLD_BY_SENTENCE = ['REMOTE_LOST', 'REMOTE_TOKEN_REFUSED', 'DASHBOARD_TOKEN_REFUSED']

/** Runs what somebody asked for; never rejects. */
export type Attempt = Dashboard['attempt']

export class Dashboard {
  readonly networks = new Networks()
  readonly profiles = new Profiles()
  readonly blocks = new Blocks()
  readonly logs = new Logs()
  readonly sync = new Sync()
  readonly ticker = new Ticker()
  readonly troubles = new Troubles()
  readonly updates = new Updates()
  readonly remote: Remote
  readonly #connection: Connection
  #state = $state.raw<ConnectionState>({ kind: 'connecting' })
  #managed = $state.raw<ManagedName | undefined>()
  #app = $state.raw<AppInfo | undefined>()
  #problem = $state.raw<ApiProblem | undefined>()
  /** A network file or an invitation that was opened with the app. */
  offered = $state.raw<string | undefined>()
  /** Why the node on screen does not run: it has a card, and need not be said twice. */
  readonly #failure = $derived(
    this.networks.selected?.status.state === 'failed' ? this.troubles.of(this.networks.selected.id).find(({ severity }) => severity === 'trouble') : undefined,
  )
  readonly #sentence = $derived(
    this.#failure !== undefined && this.#state.kind === 'open'
      ? failedSentence(this.#failure, this.ticker.now)
      : tempered(statusSentence(this.#state, this.networks.selected, this.ticker.now), this.troubles.of(this.networks.selected?.id)),
  )

  constructor(connection: Connection) {
    this.#connection = connection
    this.remote = new Remote(connection.client)
  }

  get connectionState(): ConnectionState {
    return this.#state
  }

  /** The node elsewhere that this window shows; undefined for this computer's own. */
  get managed(): ManagedName | undefined {
    return this.#managed
  }

  get app(): AppInfo | undefined {
    return this.#app
  }

  get sentence(): ReturnType<typeof statusSentence> {
    return this.#sentence
  }

  /** How any network is, in the same words as the one on screen. */
  standing(network: NetworkSummary): Sentence {
    const troubles = this.troubles.of(network.id)
    const failure = network.status.state === 'failed' ? troubles.find(({ severity }) => severity === 'trouble') : undefined
    if (failure !== undefined && this.#state.kind === 'open') return failedSentence(failure, this.ticker.now)
    return tempered(statusSentence(this.#state, network, this.ticker.now), troubles)
  }

  /** What went wrong last, until it is dismissed. */
  get problem(): ApiProblem | undefined {
    const isTold = this.#failure !== undefined && this.#problem?.code === this.networks.selected?.status.failure?.code
    return isTold ? undefined : this.#problem
  }

  /** Of what goes on without being asked for. That there is no connection the sentence says, and not each that misses it. */
  report(error: unknown): void {
    const problem = problemOf(error)
    if (!TOLD_BY_SENTENCE.includes(problem.code)) this.#tell(problem)
  }

  #tell(problem: ApiProblem): void {
    this.#problem = problem
    this.#forgetTold()
  }

  dismissProblem(): void {
    this.#problem = undefined
  }

  /** What somebody asked for: what went wrong before is over, what goes wrong now is told. */
  readonly attempt = async (task: () => Promise<unknown>): Promise<void> => {
    this.dismissProblem()
    try {
      await task()
    } catch (error) {
      this.#tell(problemOf(error))
    }
  }

  start(): () => void {
    const { client, watch } = this.#connection
    watch((state, node) => {
      this.#state = state
      this.#managed = node
    })
    const onError = (error: unknown): void => {
      if (this.#state.kind === 'open') this.report(error)
    }
    client.app.info.query().then((app) => {
      this.#app = app
    }, onError)
    // The log alone is heard to the end: what was missed of it would not be told again.
    const logs = client.logs.watch.subscribe({ tail: LOG_TAIL }, { onData: (batch) => this.logs.apply(batch), onError })
    const ends = [
      whileVisible(() => client.networks.watch.subscribe(undefined, { onData: (batch) => this.#hear(() => this.networks.apply(batch)), onError })),
      whileVisible(() => client.networks.profiles.subscribe(undefined, { onData: (batch) => this.profiles.apply(batch), onError })),
      whileVisible(() => client.troubles.watch.subscribe(undefined, { onData: (batch) => this.#hear(() => this.troubles.apply(batch)), onError })),
      whileVisible(() => client.updates.watch.subscribe(undefined, { onData: (state) => this.updates.apply(state), onError })),
      whileVisible(() => client.remote.watch.subscribe(undefined, { onData: (batch) => this.remote.apply(batch), onError })),
      this.#hearOffers(client, onError),
      () => logs.unsubscribe(),
      this.logs.showWhileVisible(),
      this.ticker.start(),
    ]
    return () => {
      for (const end of ends) end()
    }
  }

  /** Whether the window is seen or not: it is being brought to the front. */
  #hearOffers(client: Connection['client'], onError: (error: unknown) => void): () => void {
    const subscription = client.networks.offered.subscribe(undefined, {
      onData: ({ source }) => {
        if (source === undefined) return
        this.offered = source
        client.networks.takeOffer.mutate().catch(onError)
      },
      onError,
    })
    return () => subscription.unsubscribe()
  }

  #hear(apply: () => void): void {
    apply()
    this.#forgetTold()
  }

  /** What the card says is not said once more when the card has gone. */
  #forgetTold(): void {
    if (this.#problem !== undefined && this.problem === undefined) this.#problem = undefined
  }

  /** Follows the blocks of one network; the returned function ends that. */
  followBlocks(network: string): () => void {
    this.blocks.clear()
    const handlers = { onData: (batch: BlocksBatch) => this.blocks.apply(batch), onError: (error: unknown) => this.report(error) }
    return whileVisible(() => this.#connection.client.blocks.watch.subscribe({ network, count: SHOWN_BLOCKS }, handlers))
  }

  /** Follows the sync of one network; the returned function ends that. */
  followSync(network: string): () => void {
    this.sync.clear()
    const handlers = { onData: (batch: SyncBatch) => this.sync.apply(batch, Date.now()), onError: (error: unknown) => this.report(error) }
    return whileVisible(() => this.#connection.client.sync.watch.subscribe({ network }, handlers))
  }
}
