/**
 * Requests of the service API by gRPC against a bare Connect server that answers the same message: single and 64 at once, unary and streamed, in turns of one run. Servers are
 * processes of their own; the client is Connect's, and the same for both. Between them lie the checks of visitor, token and scope, the rules of the .proto file and the method.
 */
import { createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { Node } from '../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { BenchChild } from './child.ts'
import type { Report } from './report.ts'

export interface ToServicesNode {
  /** Sends so many log lines to those who watch. */
  readonly lines: number
}
export type FromServicesNode = { readonly address: string; readonly token: string } | { readonly told: number }

const ROUNDS = 5
const CALLS = 1_500
const LINES = 5_000

interface Side {
  readonly child: BenchChild<ToServicesNode, FromServicesNode>
  readonly node: ReturnType<typeof createClient<typeof Node>>
}

/** `ratio`: ours in the bare server's requests a second. */
export async function benchServices(report: Report): Promise<void> {
  const [ours, bare] = [await side('ours'), await side('bare')]
  try {
    for (const atOnce of [1, 64]) {
      const figures = await inTurns(ours, bare, ({ node }) => unary(node, atOnce))
      report(`unary, ${atOnce} at once, in requests/s of a bare Connect server`, figures.ratio, figures.detail('requests/s'))
    }
    for (const atOnce of [1, 64]) {
      const figures = await inTurns(ours, bare, (one) => streamed(one, atOnce))
      report(`stream of lines, ${atOnce} at once, in messages/s of a bare one`, figures.ratio, figures.detail('messages/s'))
    }
  } finally {
    ours.child.stop()
    bare.child.stop()
  }
}

async function side(mode: 'ours' | 'bare'): Promise<Side> {
  const child = new BenchChild<ToServicesNode, FromServicesNode>('services-node.ts', [mode])
  const { address, token } = await child.next('address')
  const transport = createGrpcTransport({
    baseUrl: address,
    interceptors: [(next) => (request) => {
      request.header.set('authorization', `Bearer ${token}`)
      return next(request)
    }],
  })
  return { child, node: createClient(Node, transport) }
}

interface Measured {
  readonly perSecond: number
  readonly p99: number
}

async function inTurns(ours: Side, bare: Side, measure: (of: Side) => Promise<Measured>): Promise<{ ratio: number; detail: (unit: string) => string }> {
  const all: { ours: Measured[]; bare: Measured[] } = { ours: [], bare: [] }
  await measure(ours)
  await measure(bare)
  for (let round = 0; round < ROUNDS; round++) {
    all.ours.push(await measure(ours))
    all.bare.push(await measure(bare))
  }
  const [a, b] = [middle(all.ours), middle(all.bare)]
  const words = ({ perSecond, p99 }: Measured, unit: string): string => `${Math.round(perSecond)} ${unit}${p99 > 0 ? ` (p99 ${p99.toFixed(1)} ms)` : ''}`
  return { ratio: a.perSecond / b.perSecond, detail: (unit) => `${words(a, unit)} against ${words(b, unit)}` }
}

function middle(rounds: readonly Measured[]): Measured {
  return rounds.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(rounds.length / 2)] as Measured
}

async function unary(node: Side['node'], atOnce: number): Promise<Measured> {
  const times: number[] = []
  let left = CALLS
  const start = performance.now()
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left-- > 0) {
      const begin = performance.now()
      await node.networks({})
      times.push(performance.now() - begin)
    }
  }))
  const seconds = (performance.now() - start) / 1000
  return { perSecond: times.length / seconds, p99: times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0 }
}

/** Lines until each of so many streams has had its share. */
async function streamed({ node, child }: Side, atOnce: number): Promise<Measured> {
  const each = Math.round(LINES / atOnce)
  const end = new AbortController()
  const streams = Array.from({ length: atOnce }, () => node.watchLogs({}, { signal: end.signal })[Symbol.asyncIterator]())
  // A stream that has begun tells of the first line; then all are measured.
  const first = streams.map((stream) => stream.next())
  const begun = Promise.all(first)
  let isBegun = false
  void begun.then(() => (isBegun = true))
  while (!isBegun) await child.ask({ lines: 1 }, 'told')
  const start = performance.now()
  const reading = Promise.all(streams.map(async (stream) => {
    for (let read = 0; read < each; read++) await stream.next()
  }))
  for (let sent = 0; sent < each; sent += 50) await child.ask({ lines: Math.min(50, each - sent) }, 'told')
  await reading
  const seconds = (performance.now() - start) / 1000
  end.abort()
  return { perSecond: (each * atOnce) / seconds, p99: 0 }
}
