/**
 * How the sync of the network on screen goes: its status, and its course since the window opened. The course is thinned
 * out when it grows long, so that it covers all of the time with a bounded number of points.
 */
import { whileVisible } from './visibility.ts'
import type { SyncBatch, SyncDetailsBatch } from '../../node-core/api/network/sync.ts'
import type { JoiningStatus, JoinOutcome } from '../../node-core/chain/joining/types.ts'
import type { SyncEvent, SyncPeerDetails, SyncStatus } from '../../node-core/chain/sync/types.ts'
import type { ApiClient } from '../trpc/client.ts'
import { addPoint, EMPTY_COURSE, type SyncCourse } from '../text/sync-course.ts'

export class Sync {
  #status = $state.raw<SyncStatus | undefined>()
  #course = $state.raw<SyncCourse>(EMPTY_COURSE)
  #joining = $state.raw<JoiningStatus | undefined>()
  #joined = $state.raw<JoinOutcome | undefined>()

  /** Undefined while the node does not run. */
  get status(): SyncStatus | undefined {
    return this.#status
  }

  /** While the chain is joined, with what each peer gave. */
  get joining(): JoiningStatus | undefined {
    return this.#joining
  }

  /** How joining ended since the node started. */
  get joined(): JoinOutcome | undefined {
    return this.#joined
  }

  get course(): SyncCourse {
    return this.#course
  }

  /** Another network: nothing of the old one stays. */
  clear(): void {
    this.#status = undefined
    this.#joining = undefined
    this.#joined = undefined
    this.#course = EMPTY_COURSE
  }

  apply({ status, joining, joined }: SyncBatch, now: number): void {
    this.#status = status
    this.#joining = joining
    this.#joined = joined
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
