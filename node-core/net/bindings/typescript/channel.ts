/** A channel of the node, used over the socket. Its messages are asked for when somebody reads; until then they wait in the node and hold their sender. */
import type { Disposer } from '../../../base/disposers.ts'
import { ChannelError } from '../../channels/errors.ts'
import type { ChannelMetrics, ChannelState, MessageHandler, SendOptions } from '../../channels/types.ts'
import { Channels, type Channel as ChannelInfo, type ChannelState as StateInfo } from '../../ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { encodeSend } from '../../ipc/session/common-frames.ts'
import { CLASSES, PATHS } from '../../ipc/words.ts'
import type { NetChannel } from '../../surface.ts'
import type { Connection } from './connection.ts'
import { channelMetricsOf } from './figures.ts'
import { Reading } from './reading.ts'

/** Messages on their way from the node. */
const CREDIT = 16

export class SocketChannel implements NetChannel {
  readonly id: string
  readonly peer: string
  readonly service: string
  readonly metadata: Uint8Array
  readonly maxMessageBytes: number
  readonly #connection: Connection
  readonly #reading = new Reading<Uint8Array>('channel')
  #isReceiving = false
  #closed: Promise<ChannelError | undefined> | undefined

  constructor(connection: Connection, { state, metadata, maxMessageBytes }: ChannelInfo) {
    this.#connection = connection
    this.id = state?.channel ?? ''
    this.peer = state?.peer ?? ''
    this.service = state?.service ?? ''
    this.metadata = metadata
    this.maxMessageBytes = maxMessageBytes
  }

  get state(): Promise<ChannelState> {
    return this.#connection.call(Channels.method.state, { channel: this.id }).then(stateOf)
  }

  get metrics(): Promise<ChannelMetrics> {
    return this.#connection.call(Channels.method.metrics, { channel: this.id }).then(channelMetricsOf)
  }

  get closed(): Promise<ChannelError | undefined> {
    this.#closed ??= this.#connection.call(Channels.method.closed, { channel: this.id }).then(
      () => undefined,
      (error: Error) => (error instanceof ChannelError ? error : new ChannelError('CHANNEL_LOST', 'The connection with the node was lost.', { cause: error })),
    )
    return this.#closed
  }

  async send(message: Uint8Array, { confirm = false }: SendOptions = {}): Promise<void> {
    await this.#connection.callEncoded(Channels.method.send, encodeSend(this.id, message, confirm))
  }

  onMessage(handler: MessageHandler): Disposer {
    const stop = this.#reading.handle(handler, () => this.reset())
    this.#receive()
    return stop
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#receive()
    return this.#reading.items()
  }

  async end(): Promise<void> {
    await this.#connection.call(Channels.method.end, { channel: this.id })
  }

  async close(): Promise<void> {
    await this.#connection.call(Channels.method.close, { channel: this.id })
  }

  reset(): void {
    // Where the connection is lost, the node has broken it off.
    this.#connection.call(Channels.method.reset, { channel: this.id }).catch(() => undefined)
  }

  #receive(): void {
    if (this.#isReceiving) return
    this.#isReceiving = true
    const { done } = this.#connection.open(Channels.method.receive, { channel: this.id }, { credit: CREDIT, onItem: ({ data }) => this.#reading.put(data) })
    done.then(() => this.#reading.end(undefined), (error: Error) => this.#reading.end(error))
  }
}

function stateOf({ channel, peer, service, class: urgency, inbound, open, phase, found, path }: StateInfo): ChannelState {
  return {
    id: channel,
    peer,
    service,
    class: CLASSES.word(urgency) ?? 'normal',
    direction: inbound ? 'inbound' : 'outbound',
    open,
    phase: phase as ChannelState['phase'],
    found,
    path: PATHS.word(path),
  }
}
