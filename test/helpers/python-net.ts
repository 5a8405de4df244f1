/** The net of a node by the binding in Python, as the cases of its surface want it. A method that the surface has and this has not does not compile. */
import type { Disposer } from '../../node-core/base/disposers.ts'
import type { ChannelError } from '../../node-core/net/channels/errors.ts'
import type { Outcome } from '../../node-core/net/channels/multicast.ts'
import type { Provider } from '../../node-core/net/discovery/discovery.ts'
import type { NetResources } from '../../node-core/net/resources/net-resources.ts'
import type { NetEvent } from '../../node-core/net/surface.ts'
import { CLIENT, type PythonDriver, type Remote } from './python-driver.ts'
import { PythonResources } from './python-resources.ts'
import type { TestedChannel, TestedClient, TestedGroup } from './surface-cases.ts'

type Of<K extends keyof TestedClient> = TestedClient[K] extends (...args: infer A) => unknown ? A : never
type Answer<T, K extends keyof T> = T[K] extends (...args: never) => infer R ? Awaited<R> : Awaited<T[K]>

export class PythonNet implements TestedClient {
  readonly resources: NetResources
  readonly #driver: PythonDriver
  readonly #client: Remote

  static async connect(driver: PythonDriver, path: string, token: string): Promise<PythonNet> {
    return new PythonNet(driver, await driver.call(CLIENT, 'connect', [path], { token }))
  }

  private constructor(driver: PythonDriver, client: Remote) {
    this.#driver = driver
    this.#client = client
    this.resources = new PythonResources(driver, client['resources'] as Remote)
  }

  get peerId(): string {
    return this.#client['peerId'] as string
  }

  get scopes(): readonly string[] {
    return this.#client['scopes'] as readonly string[]
  }

  configure({ relayed }: Of<'configure'>[0]): void {
    void this.#call('configure', [], { relayed }).catch(() => undefined)
  }

  listen(service: string, { maxMessageBytes, onChannel }: Of<'listen'>[1], options: Of<'listen'>[2] = {}): Promise<Disposer> {
    return this.#lasting('listen', [service, (channel: Remote) => onChannel(new PythonChannel(this.#driver, channel))], { maxMessageBytes, ...options })
  }

  async dial(address: string, { signal, ...options }: Of<'dial'>[1] = {}): Promise<TestedChannel> {
    return new PythonChannel(this.#driver, await this.#driver.call(this.#client, 'dial', [address], { ...options }, signal))
  }

  async group(address: string, options: Of<'group'>[1]): Promise<TestedGroup> {
    return new PythonGroup(this.#driver, await this.#call('group', [address], { ...options }))
  }

  unicast(address: string, payload: Uint8Array, { signal, ...options }: Of<'unicast'>[2] = {}): Promise<Answer<TestedClient, 'unicast'>> {
    return this.#driver.call(this.#client, 'unicast', [address, payload], { ...options }, signal)
  }

  declare({ rate, ...limits }: Of<'declare'>[0]): Promise<Disposer> {
    return this.#lasting('declare', [{ $make: 'TopicLimits', rate: { $make: 'Rate', ...rate }, ...limits }])
  }

  subscribe(...[topic, service, handler]: Of<'subscribe'>): Promise<Disposer> {
    return this.#lasting('subscribe', [topic, service, handler])
  }

  broadcast(topic: string, payload: Uint8Array, { to = 'everybody', ...options }: Of<'broadcast'>[2] = {}): Promise<Answer<TestedClient, 'broadcast'>> {
    const audience = to === 'everybody' ? to : 'only' in to ? { $make: 'Only', peers: to.only } : { $make: 'Except', peers: to.except }
    return this.#call('broadcast', [topic, payload], { to: audience, ...options })
  }

  receive(...[service, handler]: Of<'receive'>): Promise<Disposer> {
    return this.#lasting('receive', [service, handler])
  }

  async *find(service: string, { limit }: Of<'find'>[1] = {}): AsyncGenerator<Provider, void, undefined> {
    const search = await this.#call<Remote>('find', [service], { limit })
    try {
      yield* this.#driver.items<Provider>(search)
    } finally {
      await this.#driver.call(search, 'aclose')
    }
  }

  events(handler: Of<'events'>[0]): Promise<Disposer> {
    return this.#lasting('events', [({ lost, ...event }: NetEvent & { readonly lost: number }) => handler(event, lost)])
  }

  metrics(): Promise<Answer<TestedClient, 'metrics'>> {
    return this.#call('metrics')
  }

  close(): Promise<void> {
    return this.#call('close')
  }

  #call<T>(method: string, args: readonly unknown[] = [], kwargs: Readonly<Record<string, unknown>> = {}): Promise<T> {
    return this.#driver.call<T>(this.#client, method, args, kwargs)
  }

  async #lasting(method: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>> = {}): Promise<Disposer> {
    const lasting = await this.#call<Remote>(method, args, kwargs)
    return () => void this.#driver.call(lasting, 'close').catch(() => undefined)
  }
}

class PythonChannel implements TestedChannel {
  readonly id: string
  readonly peer: string
  readonly service: string
  readonly metadata: Uint8Array
  readonly maxMessageBytes: number
  readonly #driver: PythonDriver
  readonly #channel: Remote

  constructor(driver: PythonDriver, channel: Remote) {
    const { id, peer, service, metadata, maxMessageBytes } = channel as unknown as Pick<TestedChannel, 'id' | 'peer' | 'service' | 'metadata' | 'maxMessageBytes'>
    this.id = id
    this.peer = peer
    this.service = service
    this.metadata = metadata
    this.maxMessageBytes = maxMessageBytes
    this.#driver = driver
    this.#channel = channel
  }

  get state(): Promise<Answer<TestedChannel, 'state'>> {
    return this.#driver.call(this.#channel, 'state')
  }

  get metrics(): Promise<Answer<TestedChannel, 'metrics'>> {
    return this.#driver.call(this.#channel, 'metrics')
  }

  get closed(): Promise<ChannelError | undefined> {
    return this.#driver.call(this.#channel, 'closed')
  }

  send(message: Uint8Array, options: Parameters<TestedChannel['send']>[1] = {}): Promise<void> {
    return this.#driver.call(this.#channel, 'send', [message], { ...options })
  }

  async onMessage(handler: Parameters<TestedChannel['onMessage']>[0]): Promise<Disposer> {
    return detacher(this.#driver, await this.#driver.call(this.#channel, 'on_message', [handler]))
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#driver.items(this.#channel)
  }

  end(): Promise<void> {
    return this.#driver.call(this.#channel, 'end')
  }

  close(): Promise<void> {
    return this.#driver.call(this.#channel, 'close')
  }

  reset(): void {
    void this.#driver.call(this.#channel, 'reset').catch(() => undefined)
  }
}

class PythonGroup implements TestedGroup {
  readonly name: string
  readonly #driver: PythonDriver
  readonly #group: Remote

  constructor(driver: PythonDriver, group: Remote) {
    this.name = group['name'] as string
    this.#driver = driver
    this.#group = group
  }

  get state(): Promise<Answer<TestedGroup, 'state'>> {
    return this.#driver.call(this.#group, 'state')
  }

  get metrics(): Promise<Answer<TestedGroup, 'metrics'>> {
    return this.#driver.call(this.#group, 'metrics')
  }

  add(peer: string): Promise<void> {
    return this.#driver.call(this.#group, 'add', [peer])
  }

  remove(peer: string): Promise<void> {
    return this.#driver.call(this.#group, 'remove', [peer])
  }

  async send(message: Uint8Array): Promise<Answer<TestedGroup, 'send'>> {
    return this.#sending(await this.#driver.call(this.#group, 'send', [message]))
  }

  async unicast(peer: string, message: Uint8Array): Promise<Answer<TestedGroup, 'unicast'>> {
    return this.#sending(await this.#driver.call(this.#group, 'unicast', [peer, message]))
  }

  async onMessage(handler: Parameters<TestedGroup['onMessage']>[0]): Promise<Disposer> {
    const onItem = ({ payload, peer }: { readonly payload: Uint8Array; readonly peer: string }): unknown => handler(payload, peer)
    return detacher(this.#driver, await this.#driver.call(this.#group, 'on_message', [onItem]))
  }

  close(): Promise<void> {
    return this.#driver.call(this.#group, 'close')
  }

  #sending(sending: Remote): Answer<TestedGroup, 'send'> {
    const deliveries = (sending['peers'] as readonly string[]).map((peer) => ({ peer, outcome: this.#driver.call<Outcome>(sending, 'outcome', [peer]) }))
    return { deliveries, room: this.#driver.call(sending, 'room') }
  }
}

function detacher(driver: PythonDriver, detach: Remote): Disposer {
  return () => void driver.call(detach, 'call').catch(() => undefined)
}
