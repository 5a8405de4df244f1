/** A gateway in this process, on a loopback port, before a stand-in for a node that answers JSON-RPC and remembers what it was asked. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket, WebSocketServer } from 'ws'
import { FakeClock } from '../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../node-core/base/logger.ts'
import { Keys, type KeyLimits } from '../../node-core/gateway/access/keys.ts'
import { KeysFile } from '../../node-core/gateway/access/keys-file.ts'
import { Gateway } from '../../node-core/gateway/gateway.ts'
import { GATEWAY_LIMITS, type GatewayLimits, type GatewayOptions } from '../../node-core/gateway/options.ts'

export const START_MS = Date.UTC(2026, 0, 15, 12)

export interface RpcAnswer {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Readonly<Record<string, unknown>> }
}

interface Asked {
  readonly method: string
  readonly id?: unknown
}

/** Answers each request with its method's name; `state_call` never, and `system_health` as a node does. */
export class StandInNode {
  readonly #server: Server
  readonly #webSockets = new WebSocketServer({ noServer: true })
  readonly open = new Set<WebSocket>()
  readonly asked: Asked[] = []
  readonly headers: IncomingHttpHeaders[] = []
  /** Of requests by `POST` that get no answer by themselves. */
  readonly waiting: ServerResponse[] = []
  health = { peers: 3, isSyncing: false, shouldHavePeers: true }
  /** It has just closed a connection when the second request comes over it. */
  closesIdle = false
  readonly #used = new WeakSet<object>()

  constructor() {
    this.#server = createServer((request, response) => {
      if (request.url === '/health') {
        response.end(JSON.stringify(this.health))
        return
      }
      if (this.closesIdle && this.#used.has(request.socket)) return void request.socket.destroy()
      this.#used.add(request.socket)
      this.headers.push(request.headers)
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const answer = this.#answer(Buffer.concat(parts).toString())
        if (answer === undefined) this.waiting.push(response)
        else response.setHeader('content-type', 'application/json').end(answer)
      })
    })
    this.#server.on('upgrade', (request, socket, head) => {
      this.headers.push(request.headers)
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.open.add(webSocket)
        webSocket.on('close', () => this.open.delete(webSocket))
        webSocket.on('message', (data) => {
          const answer = this.#answer((data as Buffer).toString())
          if (answer !== undefined) webSocket.send(answer)
        })
      })
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  start(port = 0): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    for (const webSocket of this.open) webSocket.terminate()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #answer(text: string): string | undefined {
    const message = JSON.parse(text) as Asked | readonly Asked[]
    const requests = Array.isArray(message) ? (message as readonly Asked[]) : [message as Asked]
    this.asked.push(...requests.filter(({ method }) => method !== 'rpc_methods'))
    const answers = requests.filter(({ id, method }) => id !== undefined && method !== 'state_call').map(({ id, method }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(method === 'rpc_methods' ? { methods: ['rpc_methods', 'system_chain', 'author_rotateKeys'] } : method)}}`)
    return answers.length === 0 ? undefined : Array.isArray(message) ? `[${answers.join(',')}]` : answers[0]
  }
}

export interface LabOptions extends Partial<Omit<GatewayOptions, 'limits'>> {
  readonly limits?: Partial<GatewayLimits>
}

export class GatewayLab {
  readonly clock = new FakeClock(START_MS)
  readonly node = new StandInNode()
  readonly logs: LogRecord[] = []
  readonly keys: Keys
  readonly folder: string
  gateway!: Gateway

  static async start(options: LabOptions = {}): Promise<GatewayLab> {
    const lab = new GatewayLab(await mkdtemp(join(tmpdir(), 'nodestead-gateway-')))
    await lab.node.start()
    await lab.startGateway(options)
    return lab
  }

  private constructor(folder: string) {
    this.folder = folder
    this.keys = new Keys(new KeysFile(this.keysFile), this.clock)
  }

  get keysFile(): string {
    return join(this.folder, 'gateway-keys.json')
  }

  get requestLog(): string {
    return join(this.folder, 'requests.log')
  }

  /** Beside what there is in the folder. */
  async startGateway({ limits, ...options }: LabOptions = {}): Promise<void> {
    const logger = createLogger([(record) => this.logs.push(record)])
    this.gateway = new Gateway(
      { logger, clock: this.clock },
      {
        host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined, trustedProxies: [], origins: [], upstream: { rpcUrl: this.node.url, service: undefined }, keysFile: this.keysFile, folder: this.folder,
        requestLog: this.requestLog, loggedAddresses: 'full', anonymousPerMinute: 0, addressPerMinute: 10_000, allowed: [], denied: [], ...options, limits: { ...GATEWAY_LIMITS, ...limits },
      },
    )
    await this.gateway.start()
  }

  async stop(): Promise<void> {
    await this.gateway.stop()
    await this.node.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  async key(name = 'wallet', limits: KeyLimits = {}): Promise<string> {
    const { key } = await this.keys.add(name, limits)
    // The gateway looks at the file once a second.
    this.clock.advance(1_001)
    return key
  }

  /** By `POST`; a text goes as it is. */
  async post(body: unknown, { key, path = '', headers = {} }: { readonly key?: string; readonly path?: string; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<{ readonly status: number; readonly text: string; readonly json: RpcAnswer & readonly RpcAnswer[]; readonly headers: Headers }> {
    const response = await fetch(`${this.gateway.address}${path}`, {
      method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
    })
    const text = await response.text()
    return { status: response.status, text, json: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {}) as RpcAnswer & readonly RpcAnswer[], headers: response.headers }
  }

  async webSocket(path = '', headers: Readonly<Record<string, string>> = {}): Promise<GatewayClient> {
    return GatewayClient.open(`${this.gateway.address.replace('http', 'ws')}${path}`, headers)
  }
}

export const call = (method: string, id: unknown = 1) => ({ jsonrpc: '2.0', id, method })

/** A client by WebSocket: what it was sent, in order. */
export class GatewayClient {
  readonly socket: WebSocket
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #texts: string[] = []
  #waiting: (() => void)[] = []

  static open(url: string, headers: Readonly<Record<string, string>> = {}, options: { readonly ca?: string } = {}): Promise<GatewayClient> {
    const socket = new WebSocket(url, { headers, ...options })
    return new Promise((resolve, reject) => {
      socket.once('unexpected-response', (_, response) => reject(new Error(`status ${response.statusCode ?? 0}`)))
      socket.once('error', reject)
      const client = new GatewayClient(socket)
      socket.once('open', () => resolve(client))
    })
  }

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })))
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      this.#texts.push((data as Buffer).toString())
      for (const resolve of this.#waiting.splice(0)) resolve()
    })
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The next message, as it came. */
  async next(): Promise<string> {
    while (this.#texts.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.#texts.shift() as string
  }

  async nextJson(): Promise<RpcAnswer & readonly RpcAnswer[] & { readonly method?: string; readonly params?: { readonly subscription: string; readonly result: unknown } }> {
    return JSON.parse(await this.next()) as never
  }
}
