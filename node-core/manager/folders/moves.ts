/** Moves of data folders: one at a time for each network, taken up again after a restart of the app. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Emitter } from '../../base/events.ts'
import { errorMessage, isNodeError, NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { AdminEvents, MoveStatus, NetworkAdminErrorCode } from '../networks/admin-types.ts'
import { removeOwned } from './data-folder.ts'
import { moveFolder, type MoveProgress } from './folder-move.ts'
import { MoveJournal, readJournal } from './move-journal.ts'
import { profilesOf, type NetworkProfile } from '../kinds/table.ts'

export interface MovesDependencies {
  readonly logger: Logger
  readonly events: Emitter<AdminEvents>
  /** Called when the new folder is complete: from then on it is the network's. */
  readonly onMoved: (network: string, folder: string) => Promise<void>
}

interface Move {
  status: MoveStatus
  readonly abort: AbortController
  done: Promise<void>
}

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 200

const NOTHING: MoveProgress = { stage: 'copying', files: 0, filesDone: 0, bytes: 0, bytesDone: 0 }

export class Moves {
  readonly #dependencies: MovesDependencies
  readonly #folder: string
  readonly #moves = new Map<string, Move>()
  #stopping = false

  /** `folder` keeps the journals. */
  constructor(dependencies: MovesDependencies, folder: string) {
    this.#dependencies = dependencies
    this.#folder = folder
  }

  status(network: string): MoveStatus | undefined {
    return this.#moves.get(network)?.status
  }

  isMoving(network: string): boolean {
    return this.status(network)?.state === 'moving'
  }

  /** The target of a move that was begun and is neither done nor taken back. */
  async pendingTarget(network: string): Promise<string | undefined> {
    return (await readJournal(this.#journalOf(network)))?.begin.to
  }

  /** Takes up what was under way when the app ended. `find` gives the profile of a network, where there still is one. */
  async resume(find: (network: string) => NetworkProfile | undefined): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names.filter((file) => file.endsWith('.jsonl'))) {
      const network = name.slice(0, -'.jsonl'.length)
      const record = await readJournal(this.#journalOf(network))
      const profile = find(network)
      if (record === undefined || profile === undefined) continue
      this.#dependencies.logger.info('an interrupted move continues', { network, to: record.begin.to })
      void this.begin({ ...profile, folder: record.begin.from }, record.begin.to)
    }
  }

  /** Starts it; how it goes is told by events. */
  async begin(profile: NetworkProfile, to: string): Promise<void> {
    const { id: network, folder: from } = profile
    const abort = new AbortController()
    const status: MoveStatus = { ...NOTHING, network, from, to, state: 'moving', problem: undefined }
    const move: Move = { status, abort, done: Promise.resolve() }
    this.#moves.set(network, move)
    this.#tell(move, {})
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    move.done = this.#run(move, profile, to)
  }

  /** Takes back what was done so far. Resolves when the data are as before. */
  async cancel(profile: NetworkProfile): Promise<void> {
    const move = this.#moves.get(profile.id)
    const journalPath = this.#journalOf(profile.id)
    if (move?.status.state === 'moving') {
      move.abort.abort()
      await move.done
      return
    }
    const record = await readJournal(journalPath)
    if (record === undefined) throw new NodeError<NetworkAdminErrorCode>('NETWORK_NOT_MOVING', 'No move is in progress.')
    if (!record.complete) await removeOwned(record.begin.to, record.begin.paths)
    await (await MoveJournal.open(journalPath)).remove()
    if (move !== undefined) this.#tell(move, { state: 'cancelled', problem: undefined })
  }

  /** For the end of the app: the moves stop where they are and go on at the next start. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all([...this.#moves.values()].map(({ abort, done }) => (abort.abort(), done)))
  }

  async #run(move: Move, profile: NetworkProfile, to: string): Promise<void> {
    const { logger, onMoved } = this.#dependencies
    const { id: network, folder: from } = profile
    let toldAt = 0
    try {
      await moveFolder({
        network,
        from,
        to,
        paths: profilesOf(profile).ownedPaths(profile),
        journalPath: this.#journalOf(network),
        signal: move.abort.signal,
        takeBack: () => !this.#stopping,
        onProgress: (progress) => {
          move.status = { ...move.status, ...progress }
          if (performance.now() - toldAt < PROGRESS_INTERVAL_MS) return
          toldAt = performance.now()
          this.#tell(move, {})
        },
        onComplete: () => onMoved(network, to),
      })
      logger.info('the data were moved', { network, from, to })
      this.#tell(move, { state: 'done' })
    } catch (error) {
      if (isNodeError(error) && error.code === 'MOVE_CANCELLED') return this.#tell(move, { state: 'cancelled' })
      logger.error('the data could not be moved', { network, to, reason: errorMessage(error) })
      const problem = { code: isNodeError(error) ? error.code : 'MOVE_FAILED', message: errorMessage(error), hint: isNodeError(error) ? error.hint : undefined }
      this.#tell(move, { state: 'failed', problem })
    }
  }

  #tell(move: Move, change: Partial<MoveStatus>): void {
    move.status = { ...move.status, ...change }
    this.#dependencies.events.emit('move', move.status)
  }

  #journalOf(network: string): string {
    return join(this.#folder, `${network}.jsonl`)
  }
}
