/**
 * How the sync of the network on screen goes: its status, and its course since the window opened. The course is thinned
 * out when it grows long, so that it covers all of the time with a bounded number of points.
 */
import { whileVisible } from './visibility.ts'
import type { SyncBatch, SyncDetailsBatch } from '../../node-core/api/network/sync.ts'
import type { SyncEvent, SyncPeerDetails, SyncStatus } from '../../node-core/chain/sync/types.ts'
import type { ApiClient } from '../trpc/client.ts'
import { addPoint, EMPTY_COURSE, type SyncCourse } from '../text/sync-course.ts'

export class Sync {
  #status = $state.raw<SyncStatus | undefined>()
  #course = $state.raw<SyncCourse>(EMPTY_COURSE)

  /** Undefined while the node does not run. */
  get status(): SyncStatus | undefined {
    return this.#status
  }

  get course(): SyncCourse {
    return this.#course
  }

  /** Another network: nothing of the old one stays. */
  clear(): void {
    this.#status = undefined
    this.#course = EMPTY_COURSE
  }

  apply({ status }: SyncBatch, now: number): void {
    this.#status = status
    this.#course = addPoint(this.#course, now, status)
  }
}

/** Who serves blocks and what happened: listened to while the sync screen is looked at. */
export class SyncDetails {
  #peers = $state.raw<readonly SyncPeerDetails[]>([])
  #events = $state.raw<readonly SyncEvent[]>([])

  get peers(): readonly SyncPeerDetails[] {
    return this.#peers
  }

  /** Newest first. */
  get events(): readonly SyncEvent[] {
    return this.#events
  }

  /** Listens while the window is visible; the returned function ends that. */
  follow(client: ApiClient, network: string, onError: (error: unknown) => void): () => void {
    const onData = ({ peers, events }: SyncDetailsBatch): void => {
      this.#peers = peers
      this.#events = [...events].reverse()
    }
    return whileVisible(() => client.sync.details.subscribe({ network }, { onData, onError }))
  }
}
