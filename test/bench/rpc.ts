/**
 * What JSON-RPC over WebSocket serves: requests a second and the 99th percentile of an answer's delay, one request at a time and 64 at once,
 * against a bare `ws` server that answers with as many bytes. Node, echo and client are processes of their own; the client only counts, so
 * it is not what is measured. Rounds alternate, and the medians are told.
 */
import { BenchChild } from './child.ts'
import type { Report } from './report.ts'
import type { Asked, FromRpcAsker, ToRpcAsker } from './rpc-asker.ts'
import type { FromRpcServer, ToRpcServer } from './rpc-node.ts'

/** For reads. A call of the runtime is one where the same was asked before: answers are kept. */
const GOAL = 0.5
const ROUNDS = 5
const ROUND_MS = 1_000
/** Before any are counted. */
const WARM_ANSWERS = 20_000

/** System.Account of //Alice on the development network. */
const ACCOUNT = '0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'
const NONCE = { method: 'state_call', params: ['AccountNonceApi_account_nonce', '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'] } as const
const QUESTIONS = [
  { name: 'state_getStorage', method: 'state_getStorage', params: [ACCOUNT], distinct: false, goal: ` (goal >= ${GOAL})` },
  { name: 'chain_getBlock', method: 'chain_getBlock', params: [], distinct: false, goal: ` (goal >= ${GOAL})` },
  { name: 'state_call, the same again', ...NONCE, distinct: false, goal: ` (goal >= ${GOAL})` },
  { name: 'state_call, each another account', ...NONCE, distinct: true, goal: '' },
] as const

interface Served extends Asked {
  /** Of the server, for an answer. */
  readonly serverMicros: number
}

class Server {
  readonly #child: BenchChild<ToRpcServer, FromRpcServer>
  #port = 0

  constructor(mode: 'ours' | 'echo') {
    this.#child = new BenchChild('rpc-node.ts', [mode])
  }

  async ready(): Promise<this> {
    this.#port = (await this.#child.next('port')).port
    return this
  }

  async serve(asker: BenchChild<ToRpcAsker, FromRpcAsker>, question: Omit<ToRpcAsker, 'port'>): Promise<Served> {
    const before = (await this.#child.ask({ processor: true }, 'processorMicros')).processorMicros
    const { asked } = await asker.ask({ ...question, port: this.#port }, 'asked')
    const after = (await this.#child.ask({ processor: true }, 'processorMicros')).processorMicros
    return { ...asked, serverMicros: (after - before) / asked.answers }
  }

  stop(): void {
    this.#child.stop()
  }
}

export async function benchRpc(report: Report): Promise<void> {
  const asker = new BenchChild<ToRpcAsker, FromRpcAsker>('rpc-asker.ts', [])
  const [ours, echo] = [new Server('ours'), new Server('echo')]
  try {
    await Promise.all([asker.next('ready'), ours.ready(), echo.ready()])
    for (const { name, method, params, distinct, goal } of QUESTIONS) {
      for (const atOnce of [1, 64]) {
        const question = { method, params, distinct, atOnce, forMs: ROUND_MS, path: '/' }
        const bytes = await warmUp(ours, asker, question)
        await warmUp(echo, asker, { ...question, path: `/${bytes}` })
        const rounds: [Served, Served][] = []
        for (let round = 0; round < ROUNDS; round++) rounds.push([await ours.serve(asker, question), await echo.serve(asker, { ...question, path: `/${bytes}` })])
        const [mine, bare] = [rounds.map(([served]) => served), rounds.map(([, served]) => served)]
        const ratio = median(rounds.map(([served, counterpart]) => served.perSecond / counterpart.perSecond))
        const processor = median(rounds.map(([served, counterpart]) => counterpart.serverMicros / served.serverMicros))
        report(`${name}, ${atOnce} at once, of a bare echo${goal}`, ratio, `${bytes} bytes: ${told(mine)} against ${told(bare)}; by processor time ${processor.toFixed(2)}`)
      }
    }
  } finally {
    asker.stop()
    ours.stop()
    echo.stop()
  }
}

/** Until the code of both sides is compiled as it will be. Resolves with the size of an answer. */
async function warmUp(server: Server, asker: BenchChild<ToRpcAsker, FromRpcAsker>, question: Omit<ToRpcAsker, 'port'>): Promise<number> {
  for (let answers = 0, round = 0; ; round++) {
    const served = await server.serve(asker, question)
    answers += served.answers
    if (answers > WARM_ANSWERS || round > ROUNDS) return served.bytes
  }
}

function told(served: readonly Served[]): string {
  const of = (pick: (one: Served) => number): number => median(served.map(pick))
  const micros = (value: number): string => `${value.toFixed(0)} µs`
  return `${of((one) => one.perSecond).toFixed(0)}/s, p99 ${of((one) => one.p99Ms).toFixed(1)} ms, processor ${micros(of((one) => one.serverMicros))} (client ${micros(of((one) => one.askerMicros))})`
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
