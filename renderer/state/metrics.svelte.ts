/** The figures of the network on screen: their history, what goes over the network now, and the room on disk. */
import { whileVisible } from './visibility.ts'
import { applyPoint } from '../text/history-table.ts'
import type { ApiClient } from '../trpc/client.ts'
import type { HistoryBatch } from '../../node-core/api/network/metrics.ts'
import type { TrafficBatch } from '../../node-core/api/network/network-state.ts'
import type { HistoryTable, SpanId } from '../../node-core/metrics/history/history-series.ts'
import type { NetworkDisk } from '../../node-core/manager/types.ts'

type Report = (error: unknown) => void

const DISK_INTERVAL_MS = 10_000

export class HistoryFeed {
  #table = $state.raw<HistoryTable | undefined>()

  /** Undefined until it was read. */
  get table(): HistoryTable | undefined {
    return this.#table
  }

  /** Follows one span of one network while the window is visible; the returned function ends that. */
  follow(client: ApiClient, network: string, span: SpanId, onError: Report): () => void {
    this.#table = undefined
    const onData = ({ table, points }: HistoryBatch): void => {
      const start = table ?? this.#table
      this.#table = start && points.reduce(applyPoint, start)
    }
    return whileVisible(() => client.metrics.watch.subscribe({ network, span }, { onData, onError }))
  }
}

export class TrafficFeed {
  #now = $state.raw<TrafficBatch | undefined>()

  get now(): TrafficBatch | undefined {
    return this.#now
  }

  follow(client: ApiClient, network: string, onError: Report): () => void {
    this.#now = undefined
    return whileVisible(() => client.traffic.watch.subscribe({ network }, { onData: (batch) => (this.#now = batch), onError }))
  }
}

export class DiskFeed {
  #use = $state.raw<NetworkDisk | undefined>()

  get use(): NetworkDisk | undefined {
    return this.#use
  }

  /** Asks now and every ten seconds while somebody looks. */
  follow(client: ApiClient, network: string, onError: Report): () => void {
    this.#use = undefined
    let ended = false
    const ask = (): void => {
      if (document.hidden) return
      client.metrics.disk.query({ network }).then((use) => {
        if (!ended) this.#use = use
      }, onError)
    }
    ask()
    const timer = setInterval(ask, DISK_INTERVAL_MS)
    return () => {
      ended = true
      clearInterval(timer)
    }
  }
}
