/** A kind of node that the product does not have: what the manager does for any kind is shown with it. */
import type { HostedNode, ManagedNode, NodeKind, NodeListener, Position, Progress } from '../../node-core/manager/kinds/kind.ts'
import { numberIn, type Failure, type TroubleFinding } from '../../node-core/manager/kinds/trouble.ts'
import { FakeNetwork } from './fake-network.ts'
import { FakeSurroundings } from './fake-surroundings.ts'

export class MadeUpNode implements ManagedNode {
  readonly kind = 'made-up'
  readonly chainName = 'Mesh of nobody'
  readonly dataPath = '/made-up'
  readonly network = new FakeNetwork()
  readonly peerActions = this.network
  readonly metrics = { text: async () => '', read: () => [] }
  readonly surroundings = new FakeSurroundings()
  readonly calls: string[] = []
  newest: Position = { number: 0, hash: '0x00' }
  /** Why it does not start. */
  startError: Error | undefined
  /** What it was built with. */
  readonly plan: unknown

  constructor(plan: unknown) {
    this.plan = plan
  }

  async start(): Promise<void> {
    this.calls.push('start')
    if (this.startError !== undefined) throw this.startError
  }

  async stop(): Promise<void> {
    this.calls.push('stop')
  }

  progress(): Progress {
    return { newest: this.newest, settled: { number: 0, hash: '0x00' }, catchingUp: { highest: 9, msLeft: 5_000 }, producing: true, intervalMs: 300_000 }
  }

  onFailure(): () => void {
    return () => undefined
  }
}

export class HostedMadeUp implements HostedNode {
  readonly node: MadeUpNode
  listener: NodeListener | undefined

  constructor(node: MadeUpNode) {
    this.node = node
  }

  networkIdentity(): string {
    return 'nobody'
  }

  isSoleAuthority(): boolean {
    return false
  }

  async follow(listener: NodeListener): ReturnType<HostedNode['follow']> {
    this.listener = listener
    return { blocks: { latest: () => [] }, dispose: () => (this.listener = undefined) }
  }

  status(): undefined {
    return undefined
  }

  /** It needs no peers, and is always unhappy about its router. */
  troubles(common: Parameters<HostedNode['troubles']>[0]): ReturnType<HostedNode['troubles']> {
    return [{ code: 'router', severity: 'attention', problem: 'made-up', message: 'No.', hint: 'Well.', actions: ['dismiss'] }, ...common.filter(({ code }) => code !== 'no-peers')]
  }
}

/** `prepare` changes each node before it starts; `hosted` is the newest. */
export class MadeUpKind implements NodeKind {
  hosted: HostedMadeUp | undefined
  readonly screens = ['keys', 'layers']
  readonly profiles = undefined
  readonly needsPerson = ['MADE_UP_PORT_TAKEN']
  readonly #prepare: (node: MadeUpNode) => void

  constructor(prepare: (node: MadeUpNode) => void) {
    this.#prepare = prepare
  }

  async plan(): Promise<undefined> {
    return undefined
  }

  async create(plan: unknown): Promise<HostedMadeUp> {
    const node = new MadeUpNode(plan)
    this.#prepare(node)
    this.hosted = new HostedMadeUp(node)
    return this.hosted
  }

  explain({ code, data }: Failure): TroubleFinding | undefined {
    return code === 'MADE_UP_PORT_TAKEN' ? { code: 'port-in-use', severity: 'trouble', purpose: 'rpc', port: numberIn(data, 'port'), actions: ['start'] } : undefined
  }

  async setAside(): Promise<undefined> {
    return undefined
  }
}
