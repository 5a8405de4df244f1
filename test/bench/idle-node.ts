/** A development node in a process of its own, as a person starts it, asked about itself over its own interfaces. */
import { CliProcess } from '../helpers/cli.ts'

const FLAGS = ['--dev', '--tmp', '--no-mdns', '--port', '0', '--rpc-port', '0', '--prometheus-port', '0']

/** What the node says of its process. */
export interface ProcessFigures {
  readonly megabytes: number
  readonly cpuSeconds: number
  /** Of the main thread, in its last full minute. */
  readonly delayP99Ms: number
  readonly delayMaxMs: number
}

export class IdleNode {
  /** From the start of the process to the first answer. */
  readonly answeredAfterMs: number
  readonly #startedAt: number
  readonly #process: CliProcess
  readonly #rpc: string
  readonly #metrics: string

  private constructor(running: CliProcess, startedAt: number, rpc: string, metrics: string) {
    this.#process = running
    this.#startedAt = startedAt
    this.#rpc = rpc
    this.#metrics = metrics
    this.answeredAfterMs = performance.now() - startedAt
  }

  static async start(script: string): Promise<IdleNode> {
    const startedAt = performance.now()
    const running = new CliProcess(FLAGS, { script })
    const [, rpc = ''] = await running.waitFor(/JSON-RPC is served address=ws:(\S+)/)
    await call(`http:${rpc}`, 'system_health')
    const answeredAt = performance.now()
    const [, metrics = ''] = await running.waitFor(/metrics are served address=(\S+)/)
    return new IdleNode(running, startedAt + performance.now() - answeredAt, `http:${rpc}`, metrics)
  }

  call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return call(this.#rpc, method, params)
  }

  /** From the start of the process. */
  async firstBlockAfterMs(): Promise<number> {
    await this.#process.waitFor(/authored a block number=1 /)
    return performance.now() - this.#startedAt
  }

  async figures(): Promise<ProcessFigures> {
    const text = await (await fetch(this.#metrics)).text()
    const value = (series: RegExp): number => Number(series.exec(text)?.[1] ?? Number.NaN)
    return {
      megabytes: value(/^process_resident_memory_bytes{.*} (\S+)$/m) / 1e6,
      cpuSeconds: value(/^process_cpu_seconds_total{.*} (\S+)$/m),
      delayP99Ms: value(/^nodestead_event_loop_delay_seconds{.*quantile="0.99".*} (\S+)$/m) * 1000,
      delayMaxMs: value(/^nodestead_event_loop_delay_seconds{.*quantile="1".*} (\S+)$/m) * 1000,
    }
  }

  async stop(): Promise<void> {
    await this.#process.interrupt()
  }
}

async function call(address: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = (await (await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).json()) as { result?: unknown; error?: unknown }
  if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`)
  return answer.result
}
