/**
 * The guide of the first run: whether it is shown, where it is, and what was found out for it. It outlives a change of
 * language, which draws the window anew.
 */
import { untrack } from 'svelte'
import { Members } from './members.svelte.ts'
import { blocker, newGuide, ownKeyCount, readPort, reduce, specOf, type Answers, type Blocker, type Facts, type Guide, type GuideEvent } from './setup-guide.ts'
import type { FolderCheck } from '../../node-core/manager/folders/data-folder.ts'
import type { NetworkDetails } from '../../node-core/manager/networks/admin-types.ts'
import type { SpecSummary } from '../../node-core/manager/kinds/chain/networks.ts'
import type { ApiClient } from '../trpc/client.ts'

/** `first` cannot be closed, only gone through or skipped. */
export type SetupMode = 'closed' | 'first' | 'again'

const NOTHING_KNOWN: Facts = { requirements: [], spec: undefined, place: undefined, folder: undefined, port: undefined, drafts: [], lines: [], online: [], passphrase: false, ownKeys: 0, canLaunchAtLogin: false }

export class Setup {
  readonly #client: ApiClient
  /** Keys made on this computer before their network, and lines of others. */
  readonly members: Members
  /** Of the keys to join with; kept as long as the guide is open. */
  passphrase = $state('')
  #mode = $state<SetupMode>('closed')
  #available = $state(false)
  #guide = $state.raw<Guide>(newGuide())
  #facts = $state.raw<Facts>(NOTHING_KNOWN)
  /** What the chosen file says, all of it. */
  #spec = $state.raw<SpecSummary | undefined>()
  /** The development network, where there is one: it is used and not added again. */
  #present = $state.raw<NetworkDetails | undefined>()

  /** `needed`: the app said so with the page's address, so that nothing has to wait for an answer. */
  constructor(client: ApiClient, needed: boolean) {
    this.#client = client
    this.members = new Members(client)
    if (needed) this.#mode = 'first'
  }

  get mode(): SetupMode {
    return this.#mode
  }

  /** The guide can be shown: the desktop app has one. */
  get available(): boolean {
    return this.#available
  }

  get open(): boolean {
    return this.#mode === 'first' || this.#mode === 'again'
  }

  get guide(): Guide {
    return this.#guide
  }

  get answers(): Answers {
    return this.#guide.answers
  }

  get facts(): Facts {
    const { drafts, lines, online } = this.members
    return { ...this.#facts, drafts, lines, online, passphrase: this.passphrase !== '' }
  }

  get blocker(): Blocker | undefined {
    return blocker(this.#guide, this.facts)
  }

  /** Asks the app what the guide must know, and whether it is needed still: a page that is drawn anew has its old address. */
  async load(): Promise<void> {
    try {
      const state = await this.#client.setup.state.query()
      this.#available = state.available
      this.know({ place: state.folder, canLaunchAtLogin: state.canLaunchAtLogin })
      this.#mode = state.needed ? 'first' : 'closed'
      if (state.settled !== undefined && untrack(() => this.#guide).added === undefined) {
        this.send({ type: 'resumed', settled: state.settled })
        const { details } = state.settled
        this.know({ spec: specOf(details) })
        // What is wrong with keys that cannot be read, the step of the role tells.
        await this.#client.keys.state.query({ network: details.profile.id }).then((keys) => this.know({ ownKeys: ownKeyCount(keys) }), () => undefined)
      }
    } catch {
      // Why there is no answer, the state of the connection tells.
      this.#mode = 'closed'
    }
  }

  /** Begins the guide anew, with what is set now. */
  async again(launchAtLogin: boolean): Promise<void> {
    await this.load()
    if (!this.#available) return
    this.#guide = newGuide()
    this.send({ type: 'suggest', change: { launchAtLogin } })
    this.#facts = { ...this.#facts, spec: undefined, folder: undefined, port: undefined, ownKeys: 0 }
    this.#mode = 'again'
  }

  close(): void {
    this.#mode = 'closed'
    this.#guide = newGuide()
    this.#present = undefined
    this.passphrase = ''
  }

  send(event: GuideEvent): void {
    // Whoever answers in an effect does not follow what it answers.
    this.#guide = reduce(untrack(() => this.#guide), event)
  }

  answer(change: Partial<Answers>): void {
    this.send({ type: 'answer', change })
  }

  know(facts: Partial<Facts>): void {
    this.#facts = { ...untrack(() => this.#facts), ...facts }
  }

  get spec(): SpecSummary | undefined {
    return this.#spec
  }

  set spec(spec: SpecSummary | undefined) {
    this.#spec = spec
    this.know({ spec })
  }

  get folder(): FolderCheck | undefined {
    return this.#facts.folder
  }

  set folder(folder: FolderCheck | undefined) {
    this.know({ folder })
  }

  /** What there is of the development network. */
  set present(details: NetworkDetails | undefined) {
    if (untrack(() => this.#present) === undefined && details !== undefined) {
      const { network, autoStart } = details.profile.settings
      this.send({ type: 'suggest', change: { port: String(network.port), autoStart } })
    }
    this.#present = details
  }

  /** The network that exists already and that the guide sets; undefined where it is to be added. */
  get target(): string | undefined {
    return this.#guide.added ?? (this.answers.way === 'dev' ? this.#present?.profile.id : undefined)
  }

  /** Where the data of the network lie that exists already. */
  get targetFolder(): string | undefined {
    return this.answers.way === 'dev' ? this.#present?.profile.folder : undefined
  }

  async loadRequirements(): Promise<void> {
    this.know({ requirements: await this.#client.networks.requirements.query() })
  }

  /** Looks at the port. One that nobody chose gives way to one that is free. */
  async checkPort(): Promise<void> {
    const port = readPort(this.answers.port)
    this.know({ port: undefined })
    if (port === undefined) return
    const network = this.target
    const check = await this.#client.setup.checkPort.query({ port, ...(network === undefined ? {} : { network }) })
    if (readPort(this.answers.port) !== port) return
    if (check.suggestion !== undefined && !this.#guide.touched.has('port')) this.send({ type: 'suggest', change: { port: String(check.suggestion) } })
    else this.know({ port: check })
  }
}
