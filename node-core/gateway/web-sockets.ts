/**
 * WebSockets of clients, from the request that asks for one to its end. The node is connected first: a client whose WebSocket is open has a node behind it. One
 * that gives no sign of life is hung up on.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../base/clock.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import { CLOSE, keepAlive, watchArrival, webSocketClass } from '../json-rpc/web-socket.ts'
import { networkOf } from './access/addresses.ts'
import type { Visitor } from './access/door.ts'
import { GatewayError, unreachable } from './errors.ts'
import { Bridge, type Answered } from './json-rpc/bridge.ts'
import type { Judging } from './json-rpc/judged.ts'
import type { GatewayLimits } from './options.ts'

const HANDSHAKE_MS = 5_000

export interface WebSocketsDeps {
  readonly rpcUrl: string
  readonly limits: GatewayLimits
  readonly clock: Clock
  /** What is held for all clients. */
  readonly budget: MemoryBudget
  readonly judging: (visitor: Visitor) => Judging
  readonly answered: (visitor: Visitor, answered: Answered) => void
  readonly nodeFailed: () => void
}

export class WebSockets {
  readonly #deps: WebSocketsDeps
  readonly #server: WebSocketServer
  readonly #bridges = new Map<Bridge, WebSocket>()
  readonly #byNetwork = new Map<string, number>()
  #waitingForEnd: (() => void)[] = []
  #count = 0

  constructor(deps: WebSocketsDeps) {
    this.#deps = deps
    const { messageBytes } = deps.limits
    this.#server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: messageBytes, perMessageDeflate: false, WebSocket: webSocketClass(messageBytes) })
  }

  /** Open ones, and those whose node is being connected. */
  get count(): number {
    return this.#count
  }

  /** Resolves when the client has its WebSocket. Throws GATEWAY_TOO_MANY_CONNECTIONS, GATEWAY_NODE_UNREACHABLE. */
  async accept(request: IncomingMessage, socket: Duplex, head: Buffer, visitor: Visitor): Promise<void> {
    const leave = this.#enter(visitor.address)
    socket.once('close', leave)
    const node = await this.#connect(visitor.address)
    if (socket.destroyed) return node.terminate()
    this.#server.handleUpgrade(request, socket, head, (client) => this.#open(client, request.socket, node, visitor))
  }

  /** Resolves when all have ended: when what is under way is answered. */
  drain(): Promise<void> {
    for (const bridge of [...this.#bridges.keys()]) bridge.drain()
    return this.#bridges.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waitingForEnd.push(resolve))
  }

  /** At once. */
  close(): void {
    for (const bridge of [...this.#bridges.keys()]) bridge.close(CLOSE.goingAway, 'the gateway stops')
  }

  #enter(address: string): () => void {
    const { webSockets, webSocketsPerAddress } = this.#deps.limits
    const network = networkOf(address)
    const own = this.#byNetwork.get(network) ?? 0
    if (this.#count >= webSockets) throw new GatewayError('GATEWAY_TOO_MANY_CONNECTIONS', 'This gateway has as many WebSockets open as it may.', { hint: 'Try again in a while.' })
    if (own >= webSocketsPerAddress) throw new GatewayError('GATEWAY_TOO_MANY_CONNECTIONS', `An address may have ${webSocketsPerAddress} WebSockets open here.`, { hint: 'Close those that are not used.' })
    this.#byNetwork.set(network, own + 1)
    this.#count++
    return () => {
      this.#count--
      const left = (this.#byNetwork.get(network) ?? 1) - 1
      if (left === 0) this.#byNetwork.delete(network)
      else this.#byNetwork.set(network, left)
    }
  }

  #connect(address: string): Promise<WebSocket> {
    const { rpcUrl, limits, nodeFailed } = this.#deps
    return new Promise((resolve, reject) => {
      const node = new WebSocket(rpcUrl.replace(/^http/, 'ws'), { perMessageDeflate: false, maxPayload: limits.answerBytes, handshakeTimeout: HANDSHAKE_MS, headers: { 'x-forwarded-for': address } })
      const onError = (): void => {
        nodeFailed()
        reject(unreachable())
      }
      // One that takes no more connections is there all the same.
      node.once('unexpected-response', (asked) => {
        node.off('error', onError)
        node.on('error', () => undefined)
        asked.destroy()
        reject(new GatewayError('GATEWAY_NODE_UNREACHABLE', 'The node behind this gateway takes no more connections now.', { hint: 'Try again in a while.' }))
      })
      node.on('error', onError)
      node.once('open', () => {
        node.off('error', onError)
        resolve(node)
      })
    })
  }

  #open(client: WebSocket, socket: Socket, node: WebSocket, visitor: Visitor): void {
    const { clock, limits, budget, judging, answered, nodeFailed } = this.#deps
    const bridge = new Bridge({ client, node, clock, budget, limits, judging: judging(visitor), answered: (about) => answered(visitor, about), nodeLost: nodeFailed })
    this.#bridges.set(bridge, client)
    watchArrival(client, socket, { came: (bytes) => bridge.arrived(bytes), whole: (bytes) => bridge.arrived(-bytes) })
    const stopPinging = keepAlive(client, clock)
    const onRevoked = (): void => bridge.close(CLOSE.policyViolation, 'the key was revoked')
    visitor.key?.revoked.addEventListener('abort', onRevoked)
    client.once('close', () => {
      stopPinging()
      visitor.key?.revoked.removeEventListener('abort', onRevoked)
      this.#bridges.delete(bridge)
      if (this.#bridges.size > 0) return
      for (const resolve of this.#waitingForEnd.splice(0)) resolve()
    })
  }
}
