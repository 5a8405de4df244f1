/** A lane whose thread is a puppet, and whose clock is turned by hand. */
import { expect } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger, type Logger } from '../../../../node-core/base/logger.ts'
import type { WorkerThread } from '../../../../node-core/chain/runtime/threads/lane-worker.ts'
import { Lane } from '../../../../node-core/chain/runtime/threads/lane.ts'
import type { Request, WorkerMessage } from '../../../../node-core/chain/runtime/threads/protocol.ts'

export const ROOT = `0x${'00'.repeat(32)}` as const

export class PuppetThread implements WorkerThread {
  readonly requests: Request[] = []
  /** Each brings requests of one turn. */
  messages = 0
  /** Buffers that changed hands with each message. */
  readonly transferred: number[] = []
  terminated = false
  readonly #listeners = new Map<string, ((value: never) => void)[]>()

  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void {
    this.messages++
    this.transferred.push(transfer.length)
    this.requests.push(...(message as Request[]))
  }

  on(event: string, listener: (value: never) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
  }

  terminate(): Promise<number> {
    this.terminated = true
    return Promise.resolve(1)
  }

  say(message: WorkerMessage): void {
    this.#emit('message', [message])
  }

  die(error: Error): void {
    this.#emit('error', error)
    this.exit(1)
  }

  /** As a thread that came to its own end. */
  exit(code: number): void {
    this.#emit('exit', code)
  }

  /** Answers the request that runs. */
  answer(result: Uint8Array): void {
    this.say({ kind: 'result', id: this.requests.at(-1)!.id, result, workMs: 0 })
  }

  #emit(event: string, value: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value as never)
  }
}

interface Options {
  readonly maxQueue?: number
  readonly ahead?: number
  readonly idleMs?: number
}

export function setUp({ maxQueue = 10, ahead = 0, idleMs }: Options = {}): { lane: Lane; threads: PuppetThread[]; clock: FakeClock; complaints: string[] } {
  const threads: PuppetThread[] = []
  const clock = new FakeClock()
  const complaints: string[] = []
  const complain = (message: string) => void complaints.push(message)
  const logger: Logger = { ...silentLogger, error: complain, warn: complain }
  const createWorker = (): WorkerThread => {
    const thread = new PuppetThread()
    threads.push(thread)
    return thread
  }
  const lane = new Lane(
    { createWorker, clock, logger },
    { name: 'test', maxQueue, ahead, startTimeoutMs: 1000, stopTimeoutMs: 500, ...(idleMs === undefined ? {} : { idleMs }) },
  )
  return { lane, threads, clock, complaints }
}

export async function started(options: Options = {}): Promise<ReturnType<typeof setUp>> {
  const all = setUp(options)
  const start = all.lane.start()
  all.threads[0]!.say({ kind: 'ready' })
  await start
  return all
}

export const call = (lane: Lane, method: string, timeoutMs = 100, generation?: number) =>
  lane.request('call', { stateRoot: ROOT, method, args: new Uint8Array(1) }, timeoutMs, generation).then(({ result }) => result)
export const code = (expected: string) => expect.objectContaining({ code: expected }) as Error
export const methods = (thread: PuppetThread): string[] => thread.requests.map(({ name, params }) => ('method' in params ? params.method : name))
