/** A JSON-RPC client over a real loopback socket, for tests. */
import WebSocket from 'ws'
import { RpcService } from '../../../../node-core/chain/rpc/rpc-service.ts'
import type { RpcOptions } from '../../../../node-core/chain/rpc/options.ts'
import { fakeNode, type FakeNode } from './fakes.ts'

export interface Answer {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

interface Notification {
  readonly method: string
  readonly params: { readonly subscription: string; readonly result: unknown }
}

export class Client {
  readonly socket: WebSocket
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #pending = new Map<number, (answer: Answer) => void>()
  readonly #notifications: Notification[] = []
  #waiting: (() => void) | undefined
  #nextId = 1

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })))
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Answer & Notification
      if (message.id === undefined) this.#notifications.push(message)
      else this.#pending.get(Number(message.id))?.(message)
      this.#waiting?.()
    })
  }

  static open(port: number, headers: Record<string, string> = {}): Promise<Client> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers })
    return new Promise((resolve, reject) => {
      const client = new Client(socket)
      socket.once('open', () => resolve(client))
      socket.once('error', reject)
    })
  }

  request(method: string, ...params: unknown[]): Promise<Answer> {
    const id = this.#nextId++
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    return new Promise((resolve) => this.#pending.set(id, resolve))
  }

  /** The result; throws the error. */
  async call<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
    const { result, error } = await this.request(method, ...params)
    if (error !== undefined) throw new Error(`${error.code}: ${error.message}: ${String(error.data)}`)
    return result as T
  }

  /** The next notification, in order of arrival; waits for it. */
  async next<T = Record<string, unknown>>(): Promise<T> {
    while (this.#notifications.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve))
    return (this.#notifications.shift() as Notification).params.result as T
  }

  get pendingNotifications(): number {
    return this.#notifications.length
  }

  async close(): Promise<void> {
    this.socket.close()
    await this.closed
  }
}

export interface Running {
  readonly node: FakeNode
  readonly service: RpcService
  readonly port: number
  post(body: string, headers?: Record<string, string>): Promise<Response>
  call(method: string, ...params: unknown[]): Promise<Answer>
}

export async function startService(options: Partial<RpcOptions> = {}, node: FakeNode = fakeNode()): Promise<Running> {
  const service = new RpcService(node, { port: 0, ...options })
  await service.start()
  const port = service.port as number
  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  return {
    node,
    service,
    port,
    post,
    call: async (method, ...params) => (await (await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))).json()) as Answer,
  }
}

/** Waits until `condition` holds, turn by turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 20_000) throw new Error('it never came true')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
