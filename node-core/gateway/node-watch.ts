/**
 * Whether the node behind the gateway is of use: reached, not behind, and with peers where it should have some. It is asked every few seconds, and at once where a
 * connection to it has failed. With that comes its list of methods, of which `rpc_methods` shows what the gateway serves.
 */
import { request } from 'node:http'
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'

export const ASK_EVERY_MS = 5_000
const TIMEOUT_MS = 5_000
const MAX_ANSWER = 1024 * 1024

const healthSchema = z.object({ peers: z.number(), isSyncing: z.boolean(), shouldHavePeers: z.boolean() })
const methodsSchema = z.object({ result: z.object({ methods: z.array(z.string()) }) })

export type NodeState = 'unknown' | 'unreachable' | 'syncing' | 'lonely' | 'ready'

export class NodeWatch {
  readonly #rpcUrl: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #reached: (() => void) | undefined
  #state: NodeState = 'unknown'
  #methods: readonly string[] = []
  #cancel: Disposer | undefined
  #asking: Promise<void> | undefined
  #stopped = false

  /** `reached` is told each time that the node answers after it did not. */
  constructor(rpcUrl: string, clock: Clock, logger: Logger, reached?: () => void) {
    this.#reached = reached
    this.#rpcUrl = rpcUrl
    this.#clock = clock
    this.#logger = logger
  }

  get state(): NodeState {
    return this.#state
  }

  /** Those that the node has said it has. */
  get methods(): readonly string[] {
    return this.#methods
  }

  /** Resolves when it was asked once. */
  async start(): Promise<void> {
    await this.#ask()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /** A connection to the node could not be made, or has ended. */
  failed(): void {
    if (this.#stopped) return
    this.#turn('unreachable')
    void this.#ask()
  }

  #ask(): Promise<void> {
    this.#cancel?.()
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = undefined
      if (!this.#stopped) this.#cancel = this.#clock.schedule(ASK_EVERY_MS, () => void this.#ask())
    })
    return this.#asking
  }

  async #askOnce(): Promise<void> {
    try {
      const { isSyncing, peers, shouldHavePeers } = healthSchema.parse(JSON.parse(await this.#get('GET', '/health')))
      // A node that joins its chain has fewer methods than it will have.
      this.#methods = methodsSchema.parse(JSON.parse(await this.#get('POST', '/', '{"jsonrpc":"2.0","id":1,"method":"rpc_methods"}'))).result.methods
      this.#turn(isSyncing ? 'syncing' : peers === 0 && shouldHavePeers ? 'lonely' : 'ready')
    } catch (error) {
      this.#logger.debug('the node cannot be asked', { reason: errorMessage(error) })
      this.#turn('unreachable')
    }
  }

  #turn(state: NodeState): void {
    if (state === this.#state) return
    this.#logger[state === 'unreachable' ? 'warn' : 'info']('the node behind the gateway', { was: this.#state, is: state })
    const wasReached = this.#state !== 'unknown' && this.#state !== 'unreachable'
    this.#state = state
    if (!wasReached && state !== 'unreachable') this.#reached?.()
  }

  #get(method: string, path: string, body?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request(new URL(path, this.#rpcUrl), { method, timeout: TIMEOUT_MS, agent: false, headers: { 'content-type': 'application/json', 'x-forwarded-for': '0.0.0.0' } }, (response) => {
        const parts: Buffer[] = []
        let size = 0
        response.on('data', (part: Buffer) => {
          size += part.length
          if (size > MAX_ANSWER) asked.destroy(new Error('the answer is too long'))
          else parts.push(part)
        })
        response.on('error', reject)
        response.on('end', () => (response.statusCode === 200 ? resolve(Buffer.concat(parts).toString('utf8')) : reject(new Error(`it answered ${response.statusCode ?? 0}`))))
      })
      asked.on('timeout', () => asked.destroy(new Error('it does not answer')))
      asked.on('error', reject)
      asked.end(body)
    })
  }
}
