/** Network services on loopback, a topic handler that records what it hears, and waiting for a condition. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../node-core/base/logger.ts'
import type { AnswerBudget, RequestHandler, TopicHandler, TopicName, TopicSpec, Verdict } from '../../node-core/network/contracts.ts'
import { NetworkService } from '../../node-core/network/network-service.ts'
import type { NetworkOptions } from '../../node-core/network/options.ts'
import type { Namespace } from '../../node-core/network/protocol-names.ts'

/** Of the tests' network: names look like those of a chain. */
export const PREFIX = `/${'5a'.repeat(32)}`

/** More than any test takes. */
export const AMPLE: AnswerBudget = { bytesPerSecond: 2 ** 30, burstBytes: 2 ** 32, shares: { subscriber: 4, site: 8 } }

export class RecordingTopic implements TopicHandler {
  readonly spec: TopicSpec
  readonly messages: { readonly peer: string; readonly message: Uint8Array }[] = []
  readonly opened: string[] = []
  readonly closed: string[] = []
  greeting: Uint8Array = Uint8Array.of(1, 2, 3)
  judgeHandshake: (peer: string, handshake: Uint8Array) => Verdict = () => ({ kind: 'accept' })
  judge: (peer: string, message: Uint8Array) => Verdict | Promise<Verdict> = () => ({ kind: 'accept' })

  constructor(name: TopicName = 'block-announces', spec: Partial<TopicSpec> = {}) {
    this.spec = {
      name,
      protocol: `/${name}/1`,
      maxHandshakeBytes: 64,
      maxMessageBytes: 64 * 1024,
      rate: { perSecond: 10_000, burst: 10_000 },
      queueLength: 16,
      ...spec,
    }
  }

  handshake(): Uint8Array {
    return this.greeting
  }

  onHandshake(peer: string, handshake: Uint8Array): Verdict {
    return this.judgeHandshake(peer, handshake)
  }

  onOpen(peer: string): void {
    this.opened.push(peer)
  }

  onClosed(peer: string): void {
    this.closed.push(peer)
  }

  onMessage(peer: string, message: Uint8Array): Verdict | Promise<Verdict> {
    this.messages.push({ peer, message })
    return this.judge(peer, message)
  }
}

export interface TestPeer {
  readonly network: NetworkService
  readonly id: string
  readonly address: string
  readonly logs: readonly LogRecord[]
  readonly dataPath: string
}

/** Starts services, and stops them all in {@link TestNetwork.stop}. */
export class TestNetwork {
  readonly #peers: NetworkService[] = []
  readonly #folders: string[] = []

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-network-'))
    this.#folders.push(folder)
    return folder
  }

  async start(
    topics: readonly TopicHandler[],
    {
      requests = [],
      clock = systemClock,
      namespace = { prefix: PREFIX },
      ...options
    }: Partial<NetworkOptions> & { readonly requests?: readonly RequestHandler[]; readonly clock?: Clock; readonly namespace?: Namespace } = {},
  ): Promise<TestPeer> {
    const logs: LogRecord[] = []
    const dataPath = options.dataPath ?? (await this.folder())
    const network = new NetworkService(
      { logger: createLogger([(record) => logs.push(record)], { default: 'debug' }, 'network'), namespace: () => namespace, clock },
      { port: 0, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], ...options, dataPath },
    )
    for (const topic of topics) network.topics.register(topic)
    for (const handler of requests) network.requests.register(handler)
    await network.start()
    this.#peers.push(network)
    return { network, id: network.state.localPeerId, address: network.state.listenAddresses()[0] ?? '', logs, dataPath }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.stop()))
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }
}

/** Looks until it is so. */
export async function eventually(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} did not come true`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** TCP ports of loopback that are free now: for nodes who must know each other's before the first one listens. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const found = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return found
}
