/** Nodes elsewhere that the app opens windows for: those that it remembers, and the dialog where one is entered. */
import { problemOf } from '../text/problem.ts'
import { faultOf, MAX_NAME, type RemoteFault } from '../text/remote.ts'
import type { ApiClient } from '../trpc/client.ts'
import type { RemoteBatch } from '../../node-core/api/app/remote.ts'
import type { RemoteNode } from '../../node-core/api/app/remote-types.ts'

export class Remote {
  /** The dialog is on the screen. */
  open = $state(false)
  address = $state('')
  token = $state('')
  name = $state('')
  readonly #client: ApiClient
  #batch = $state.raw<RemoteBatch>({ available: false, nodes: [], canKeepTokens: false, request: undefined })
  #fault = $state.raw<RemoteFault | undefined>()
  #connecting = $state(false)

  constructor(client: ApiClient) {
    this.#client = client
  }

  /** False in a browser, and in the window of a node elsewhere. */
  get available(): boolean {
    return this.#batch.available
  }

  get nodes(): readonly RemoteNode[] {
    return this.#batch.nodes
  }

  get canKeepTokens(): boolean {
    return this.#batch.canKeepTokens
  }

  get fault(): RemoteFault | undefined {
    return this.#fault
  }

  get connecting(): boolean {
    return this.#connecting
  }

  apply(batch: RemoteBatch): void {
    this.#batch = batch
    if (batch.request !== undefined) this.ask(batch.request.address)
  }

  /** Opens the dialog, for this node where it is one that is known. */
  ask(address = ''): void {
    this.#fill(this.nodes.find((node) => node.address === address), address)
    this.open = true
  }

  /** Whoever types does not read what was wrong before. */
  forgive(): void {
    this.#fault = undefined
  }

  async connect(): Promise<void> {
    this.#fault = undefined
    this.#connecting = true
    try {
      await this.#client.remote.connect.mutate({ address: this.address, token: this.token, name: this.name.slice(0, MAX_NAME) })
      this.open = false
      this.#fill(undefined, '')
    } catch (error) {
      this.#fault = faultOf(problemOf(error))
    } finally {
      this.#connecting = false
    }
  }

  /** Its window; or the dialog, where its token has to be entered first. */
  async show(node: RemoteNode): Promise<void> {
    if (!node.hasToken) return this.ask(node.address)
    try {
      await this.#client.remote.open.mutate({ address: node.address })
      this.open = false
    } catch (error) {
      this.ask(node.address)
      this.#fault = faultOf(problemOf(error))
    }
  }

  async forget({ address }: RemoteNode): Promise<void> {
    try {
      await this.#client.remote.forget.mutate({ address })
    } catch (error) {
      this.#fault = faultOf(problemOf(error))
    }
  }

  #fill(node: RemoteNode | undefined, address: string): void {
    this.#fault = undefined
    this.address = address === '' ? '' : `http://${address}`
    this.token = ''
    this.name = node === undefined || node.name === node.address ? '' : node.name
  }
}
