/** What the gateway counts. */
import { byLabel, oneOf, type MetricDefinition } from '../base/metric.ts'
import type { NodeState } from './node-watch.ts'

export const OUTCOMES = ['answered', 'refused', 'failed'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** By the way they came. */
export class RequestCounts {
  readonly #counts: Record<'json-rpc' | 'websocket' | 'service' | 'other', Record<Outcome, number>> = {
    'json-rpc': { answered: 0, refused: 0, failed: 0 }, websocket: { answered: 0, refused: 0, failed: 0 }, service: { answered: 0, refused: 0, failed: 0 }, other: { answered: 0, refused: 0, failed: 0 },
  }

  /** `status` of HTTP, or the code of a JSON-RPC error. */
  count(by: keyof typeof this.counts, status: number): void {
    const outcome = status >= 500 || status === -32_603 ? 'failed' : status >= 400 || status < 0 ? 'refused' : 'answered'
    this.#counts[by][outcome]++
  }

  get counts(): Readonly<Record<'json-rpc' | 'websocket' | 'service' | 'other', Readonly<Record<Outcome, number>>>> {
    return this.#counts
  }
}

export interface GatewayFigures {
  readonly requests: RequestCounts
  readonly connections: () => number
  readonly webSockets: () => number
  readonly turnedAway: () => number
  readonly nodeState: () => NodeState
}

export function gatewayMetrics({ requests, connections, webSockets, turnedAway, nodeState }: GatewayFigures): readonly MetricDefinition[] {
  return [
    {
      name: 'nodestead_gateway_requests_total', help: 'Requests of clients, by the way they came and how they ended.', type: 'counter', labels: ['by', 'outcome'],
      read: () => Object.entries(requests.counts).flatMap(([by, counts]) => byLabel('outcome', counts).map(({ labels, value }) => ({ labels: { by, ...labels }, value }))),
    },
    { name: 'nodestead_gateway_connections', help: 'Connections of clients.', type: 'gauge', read: connections },
    { name: 'nodestead_gateway_web_sockets', help: 'WebSockets of clients.', type: 'gauge', read: webSockets },
    { name: 'nodestead_gateway_turned_away_total', help: 'Requests beyond a rate or a quota.', type: 'counter', read: turnedAway },
    { name: 'nodestead_gateway_node', help: 'How the node behind the gateway is.', type: 'gauge', labels: ['state'], read: () => oneOf('state', ['unknown', 'unreachable', 'syncing', 'lonely', 'ready'], nodeState()) },
  ]
}
