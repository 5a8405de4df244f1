/**
 * A command's line to a node: clients of the service API's services, and the network that is meant. The protocol is Connect over HTTP/1.1, which leaves no
 * connection behind that would hold the process. A call that the node does not answer for a long time is given up.
 */
import { createClient, type Client, type Interceptor, type Transport } from '@connectrpc/connect'
import { createConnectTransport } from '@connectrpc/connect-node'
import type { DescService } from '@bufbuild/protobuf'
import { Node, NodeState, type InfoResponse, type NetworkStatus } from '../../services/proto/nodestead/v1/node_pb.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { PlaceValues } from './flags.ts'
import { wordOf } from './messages.ts'
import { findNode, type NodePlace } from './place.ts'
import { isLineBroken, toNodeError } from './refusals.ts'

/** Longer than anything that the node does in one call takes, but for hashing a file. */
export const CALL_MS = 10 * 60_000

export interface Caller {
  readonly values: PlaceValues
  readonly terminal: Terminal
}

export class NodeLine {
  readonly place: NodePlace
  readonly transport: Transport
  readonly #signal: AbortSignal

  private constructor(place: NodePlace, signal: AbortSignal) {
    this.place = place
    this.#signal = signal
    const authorize: Interceptor = (next) => (request) => {
      request.header.set('authorization', `Bearer ${place.token}`)
      return next(request)
    }
    const nodeOptions = place.socketPath === undefined ? { agent: false as const } : { agent: false as const, socketPath: place.socketPath }
    this.transport = createConnectTransport({ baseUrl: place.baseUrl, httpVersion: '1.1', useBinaryFormat: true, interceptors: [authorize], nodeOptions })
  }

  /** Throws as {@link findNode} does. */
  static async open(values: PlaceValues, signal: AbortSignal): Promise<NodeLine> {
    return new NodeLine(await findNode(values), signal)
  }

  client<Service extends DescService>(service: Service): Client<Service> {
    return createClient(service, this.transport)
  }

  /** For each call. */
  get options(): { readonly signal: AbortSignal; readonly timeoutMs: number } {
    return { signal: this.#signal, timeoutMs: CALL_MS }
  }

  info(): Promise<InfoResponse> {
    return this.client(Node).info({}, this.options)
  }

  async networks(): Promise<readonly NetworkStatus[]> {
    return (await this.client(Node).networks({}, this.options)).networks
  }

  /** The network that is meant: the named one, the only one, or the only one that `preferred` is true of. Throws OPTIONS_INVALID, which lists them. */
  async network(named: string | undefined, preferred: (status: NetworkStatus) => boolean = isRunning): Promise<NetworkStatus> {
    const networks = await this.networks()
    const listed = networks.map(({ network, state }) => `${network} (${stateWord(state)})`).join(', ')
    if (named !== undefined) {
      const found = networks.find(({ network }) => network === named) ?? only(networks.filter(({ name }) => name === named))
      if (found !== undefined) return found
      throw invalid(`This node has no network "${named}"${networks.length === 0 ? '' : `; it has ${listed}`}.`, 'network')
    }
    const found = only(networks) ?? only(networks.filter(preferred))
    if (found !== undefined) return found
    if (networks.length === 0) throw new CommandError('NODE_NOT_FOUND', 'No network is set up in this node.', { hint: 'Set one up in the app.' })
    throw invalid(`This node has several networks, and none is named by --network: ${listed}.`, 'network')
  }
}

export function isRunning({ state }: NetworkStatus): boolean {
  return state === NodeState.RUNNING
}

export function stateWord(state: NodeState): string {
  return wordOf(NodeState, state)
}

function only<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined
}

/** Runs `work` with a signal that Ctrl-C aborts; a second one ends the process at once, by the system. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController()
  const interrupt = (): void => stopping.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    return await work(stopping.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** `work` with a line to the node that is meant. Throws INTERRUPTED after Ctrl-C, NODE_NOT_FOUND, NODE_SILENT, and what the node refuses with. */
export async function withNode<T>({ values }: Caller, work: (line: NodeLine, signal: AbortSignal) => Promise<T>): Promise<T> {
  return untilInterrupted(async (signal) => {
    try {
      return await work(await NodeLine.open(values, signal), signal)
    } catch (error) {
      if (signal.aborted && isLineBroken(error)) throw new CommandError('INTERRUPTED', 'Interrupted.', { cause: error })
      throw toNodeError(error)
    }
  })
}
