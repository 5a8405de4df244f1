/**
 * What the wire carries, counted where libp2p reads and writes it.
 *
 * libp2p offers every connection and every stream to its `metrics` component once, and this one puts a counter in front
 * of the two functions through which the bytes go. A *connection* is counted as the socket sees it, encryption and
 * multiplexing included: that is bandwidth, of the node and of each peer. A *stream* is counted as its protocol sees it.
 * Nothing listens to events: a listener of ours would make libp2p hand out data that nobody has asked for yet.
 */
import type { Connection, Metrics, MultiaddrConnection, Stream } from '@libp2p/interface'
import type { Bandwidth, ProtocolTraffic } from '../types.ts'
import type { Throttle } from './throttle.ts'

/** Whose bytes are counted; see peers/registry.ts. */
export interface ByteCounts {
  bytesIn: number
  bytesOut: number
}

/** Protocols that are counted separately. Only those that this node speaks are ever negotiated, which are fewer. */
const MAX_PROTOCOLS = 32

interface Sized {
  readonly byteLength: number
}

/** The two functions that every connection and stream of libp2p has: where bytes come from, and where they go to. */
interface Countable {
  onData(data: Sized): void
  sendData(data: Sized): { readonly sentBytes: number }
}

export class Traffic {
  readonly #total: ByteCounts = { bytesIn: 0, bytesOut: 0 }
  readonly #protocols = new Map<string, ByteCounts>()
  /** By what a connection and the socket below it share: the record of their times. */
  readonly #connections = new WeakMap<object, Counted>()
  readonly #throttle: Pick<Throttle, 'attach'> | undefined

  constructor(throttle?: Pick<Throttle, 'attach'>) {
    this.#throttle = throttle
  }

  /** Of every connection together, since the start. */
  bandwidth(): Bandwidth {
    return { ...this.#total }
  }

  /** By protocol, those that carried something. */
  protocols(): readonly ProtocolTraffic[] {
    return [...this.#protocols.entries()].map(([protocol, counts]) => ({ protocol, ...counts }))
  }

  /** From here on the connection's bytes are this peer's, and so are those that it took to find out who it is. */
  attribute(connection: Pick<Connection, 'timeline'>, peer: ByteCounts): void {
    const counted = this.#connections.get(connection.timeline)
    if (counted === undefined || counted.peer === peer) return
    counted.peer = peer
    peer.bytesIn += counted.bytesIn
    peer.bytesOut += counted.bytesOut
  }

  /** For libp2p's `metrics` option. `labelOf` says under what a protocol's name is counted. */
  component(labelOf = (protocol: string) => protocol): Metrics {
    return {
      ...NOTHING,
      trackMultiaddrConnection: (connection) => this.#trackConnection(connection),
      trackProtocolStream: (stream) => this.#trackStream(stream, labelOf(stream.protocol)),
    }
  }

  #trackConnection(connection: MultiaddrConnection): void {
    const counted: Counted = { bytesIn: 0, bytesOut: 0, peer: undefined }
    this.#connections.set(connection.timeline, counted)
    // Below the counter: what is held back has not been sent.
    this.#throttle?.attach(connection)
    // A relayed connection runs inside the one to the relay: there its bytes are counted already.
    const total = connection.remoteAddr.getComponents().some(({ name }) => name === 'p2p-circuit') ? undefined : this.#total
    count(connection, (direction, bytes) => {
      counted[direction] += bytes
      if (counted.peer !== undefined) counted.peer[direction] += bytes
      if (total !== undefined) total[direction] += bytes
    })
  }

  #trackStream(stream: Stream, name: string): void {
    const label = this.#protocols.has(name) || this.#protocols.size < MAX_PROTOCOLS ? name : 'other'
    let counts = this.#protocols.get(label)
    if (counts === undefined) this.#protocols.set(label, (counts = { bytesIn: 0, bytesOut: 0 }))
    const sums = counts
    count(stream, (direction, bytes) => (sums[direction] += bytes))
  }
}

interface Counted extends ByteCounts {
  peer: ByteCounts | undefined
}

function count(stream: object, add: (direction: keyof ByteCounts, bytes: number) => void): void {
  if (!isCountable(stream)) return
  const onData = stream.onData.bind(stream)
  const sendData = stream.sendData.bind(stream)
  stream.onData = (data) => {
    add('bytesIn', data.byteLength)
    onData(data)
  }
  stream.sendData = (data) => {
    const result = sendData(data)
    add('bytesOut', result.sentBytes)
    return result
  }
}

function isCountable(stream: object): stream is Countable {
  return 'onData' in stream && typeof stream.onData === 'function' && 'sendData' in stream && typeof stream.sendData === 'function'
}

const nothing = (): void => undefined
const noTimer = () => nothing
const UNUSED = {
  update: nothing,
  increment: nothing,
  decrement: nothing,
  observe: nothing,
  reset: nothing,
  timer: noTimer,
}

/** libp2p's own figures are not kept: this node measures its own parts. */
const NOTHING: Omit<Metrics, 'trackMultiaddrConnection' | 'trackProtocolStream'> = {
  registerMetric: () => UNUSED,
  registerMetricGroup: () => UNUSED,
  registerCounter: () => UNUSED,
  registerCounterGroup: () => UNUSED,
  registerHistogram: () => UNUSED,
  registerHistogramGroup: () => UNUSED,
  registerSummary: () => UNUSED,
  registerSummaryGroup: () => UNUSED,
  traceFunction: <F>(_name: string, traced: F): F => traced,
  createTrace: nothing,
}
