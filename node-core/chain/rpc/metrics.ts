/**
 * Metrics of JSON-RPC, under the names and labels of Substrate's nodes: calls by protocol and method, and how long they took in microseconds; sessions
 * of WebSocket, in seconds. Calls once more by the family of the method (what stands before the `_`), which is fewer series.
 */
import type { MetricDefinition, Sample } from '../../base/metric.ts'
import type { EndedCalls, MethodFigures } from './server/call-figures.ts'
import type { SessionCounts } from './server/session-figures.ts'
import { TIME_BOUNDS } from './server/time-classes.ts'

export interface MeasuredRpc {
  readonly connectionCount: number
  callFigures(): readonly MethodFigures[]
  sessionCounts(): SessionCounts
}

/** All that a client can bring about by calling every method, over both protocols, and too often. */
const MAX_SERIES = 1_000
const MAX_TIME_SERIES = MAX_SERIES * (TIME_BOUNDS.length + 1)

const BY_METHOD = ['protocol', 'method'] as const
/** Plain HTTP has none. */
const OF_SESSIONS = { protocol: 'ws' } as const
const BOUNDS = [...TIME_BOUNDS.map(String), '+Inf']

export function rpcMetrics(rpc: MeasuredRpc): readonly MetricDefinition[] {
  const ofEnded = (samples: (ended: EndedCalls, labels: Readonly<Record<string, string>>) => readonly Sample[]) => () => rpc.callFigures().flatMap((figures) => ended(figures).flatMap(([calls, labels]) => samples(calls, labels)))
  return [
    { name: 'nodestead_rpc_connections', help: 'Open WebSocket connections of JSON-RPC clients.', type: 'gauge', read: () => rpc.connectionCount },
    { name: 'substrate_rpc_sessions_opened', help: 'WebSocket connections of JSON-RPC clients that were opened.', type: 'counter', read: () => rpc.sessionCounts().opened },
    { name: 'substrate_rpc_sessions_closed', help: 'WebSocket connections of JSON-RPC clients that ended.', type: 'counter', read: () => rpc.sessionCounts().closed },
    {
      name: 'substrate_rpc_sessions_time_bucket', help: 'Time that WebSocket connections of JSON-RPC clients were open. How many ended within this many seconds.', type: 'counter', labels: ['protocol', 'le'], maxSeries: TIME_BOUNDS.length + 1,
      read: () => rpc.sessionCounts().byTime.map((value, index) => ({ labels: { ...OF_SESSIONS, le: BOUNDS[index] as string }, value })),
    },
    {
      name: 'substrate_rpc_sessions_time_sum', help: 'Time that WebSocket connections of JSON-RPC clients were open. Whole seconds of all that ended.', type: 'counter', labels: ['protocol'],
      read: () => [{ labels: OF_SESSIONS, value: rpc.sessionCounts().totalSeconds }],
    },
    {
      name: 'substrate_rpc_sessions_time_count', help: 'Time that WebSocket connections of JSON-RPC clients were open. How many ended.', type: 'counter', labels: ['protocol'],
      read: () => [{ labels: OF_SESSIONS, value: rpc.sessionCounts().closed }],
    },
    {
      name: 'substrate_rpc_calls_started', help: 'JSON-RPC calls that came in; those of a batch one by one.', type: 'counter', labels: BY_METHOD, maxSeries: MAX_SERIES,
      read: () => rpc.callFigures().map(({ protocol, method, started }) => ({ labels: { protocol, method }, value: started })),
    },
    {
      name: 'substrate_rpc_calls_finished', help: 'JSON-RPC calls that were answered; those of a batch one by one.', type: 'counter', labels: [...BY_METHOD, 'is_error', 'is_rate_limited'], maxSeries: MAX_SERIES,
      read: ofEnded(({ succeeded, failed }, labels) =>
        [{ labels: { ...labels, is_error: 'false' }, value: succeeded }, { labels: { ...labels, is_error: 'true' }, value: failed }].filter(({ value }) => value > 0)),
    },
    {
      name: 'substrate_rpc_calls_time_bucket', help: 'Time that JSON-RPC calls took. How many took no longer than this many microseconds.', type: 'counter', labels: [...BY_METHOD, 'is_rate_limited', 'le'], maxSeries: MAX_TIME_SERIES,
      read: ofEnded(({ byTime }, labels) => byTime.map((value, index) => ({ labels: { ...labels, le: BOUNDS[index] as string }, value }))),
    },
    {
      name: 'substrate_rpc_calls_time_sum', help: 'Time that JSON-RPC calls took. Microseconds of all of them.', type: 'counter', labels: [...BY_METHOD, 'is_rate_limited'], maxSeries: MAX_SERIES,
      read: ofEnded(({ totalMicros }, labels) => [{ labels, value: totalMicros }]),
    },
    {
      name: 'substrate_rpc_calls_time_count', help: 'Time that JSON-RPC calls took. How many there were.', type: 'counter', labels: [...BY_METHOD, 'is_rate_limited'], maxSeries: MAX_SERIES,
      read: ofEnded(({ succeeded, failed }, labels) => [{ labels, value: succeeded + failed }]),
    },
    {
      name: 'nodestead_rpc_calls_total',
      help: 'JSON-RPC calls that were answered, by the family of their method; unknown methods are one family.',
      type: 'counter',
      labels: ['family', 'outcome'],
      read: () => byFamily(rpc.callFigures()),
    },
  ]
}

/** Calls that ended, with their labels; none where there were none. */
function ended({ protocol, method, free, rateLimited }: MethodFigures): readonly (readonly [EndedCalls, Readonly<Record<string, string>>])[] {
  const both = [[free, 'false'], [rateLimited, 'true']] as const
  return both.filter(([{ succeeded, failed }]) => succeeded + failed > 0).map(([calls, limited]) => [calls, { protocol, method, is_rate_limited: limited }])
}

function byFamily(figures: readonly MethodFigures[]): readonly Sample[] {
  const families = new Map<string, { succeeded: number; failed: number }>()
  for (const { method, free, rateLimited } of figures) {
    const family = method.split('_', 1)[0] as string
    const sum = families.get(family) ?? { succeeded: 0, failed: 0 }
    families.set(family, { succeeded: sum.succeeded + free.succeeded + rateLimited.succeeded, failed: sum.failed + free.failed + rateLimited.failed })
  }
  return [...families].flatMap(([family, { succeeded, failed }]) => [
    { labels: { family, outcome: 'succeeded' }, value: succeeded },
    { labels: { family, outcome: 'failed' }, value: failed },
  ])
}
