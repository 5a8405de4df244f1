/**
 * Watches over the data folder of one network: looks at it before a start (folder-check.ts), looks whether it is still there while the
 * node runs, and remembers what was seen, in the folder and outside of it.
 *
 * Heights go down to what is on disk for certain. What is final was synced before it was told; the newest block is remembered half a
 * minute late while the node runs, and with some blocks less, because a power cut may take the last ones. After a proper stop it counts
 * as it is.
 */
import { stat } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { storedPeerId } from '../../network/host/identity.ts'
import type { HostedNode, NodeKind, SeenHeights } from '../kinds/kind.ts'
import { checkDataFolder, folderError, hasKeystore } from './folder-check.ts'
import type { FolderMemory } from './folder-memory.ts'
import { newInstanceId, readMarker, writeMarker, type SeenData } from './seen-data.ts'

export interface FolderGuardDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly kind: Pick<NodeKind, 'hasDatabase'>
  /** Left out where nothing is kept outside of data folders. */
  readonly memory?: FolderMemory | undefined
  /** The folder of the running node is not what it was. */
  readonly onFault: (error: NodeError) => void
}

export interface GuardedFolder {
  readonly network: string
  readonly dataPath: string
}

/** How often a running node's folder is looked at. */
const LOOK_INTERVAL_MS = 5_000
/** Looks between two notes. */
const LOOKS_PER_NOTE = 6
/** Looks by which a node knows who makes the blocks. */
const FIRST_LOOKS = 2
/** Blocks that a power cut or a last change of forks may take back after they were noted. */
const UNSYNCED_BLOCKS = 8

interface Following {
  readonly hosted: HostedNode
  /** Device and number of the folder; undefined where it could not be marked: then nobody looks after it. */
  place: string | undefined
  readonly base: Omit<SeenData, 'newest' | 'settled' | 'clean' | 'soleAuthority'>
  looks: number
  /** As it was known last: it takes the node a while to find out. */
  sole: boolean
  /** As seen at the last note; written with the next. */
  sample: Pick<SeenData, 'newest' | 'settled'> | undefined
}

export class FolderGuard {
  readonly #deps: FolderGuardDependencies
  readonly #folder: GuardedFolder
  #following: Following | undefined
  #cancelLook: Disposer | undefined
  /** Where nothing is remembered outside, what the marker said last. */
  #own: SeenData | undefined

  constructor(dependencies: FolderGuardDependencies, folder: GuardedFolder) {
    this.#deps = dependencies
    this.#folder = folder
  }

  /** What was seen last; undefined where these data were never seen. */
  get seen(): SeenData | undefined {
    return this.#deps.memory === undefined ? this.#own : this.#deps.memory.get(this.#folder.network)
  }

  /** Before each start: what the data must have reached. Throws a NodeError with a FolderErrorCode. */
  async beforeStart(): Promise<SeenHeights | undefined> {
    const { dataPath } = this.#folder
    const marker = await readMarker(dataPath)
    if (this.#deps.memory === undefined) this.#own = marker
    const { seen } = this
    await checkDataFolder({ dataPath, hasDatabase: await this.#hasDatabase(), seen: seen ?? marker })
    return atLeast(seen, marker)
  }

  /** The node runs: its folder is marked, and looked after from now on. */
  async started(hosted: HostedNode): Promise<void> {
    const { dataPath } = this.#folder
    const marker = await readMarker(dataPath)
    const peerId = await storedPeerId(dataPath)
    const base = {
      version: 1,
      network: hosted.networkIdentity(),
      instance: marker?.instance ?? this.seen?.instance ?? newInstanceId(),
      peerId: peerId === hosted.node.network.localPeerId ? peerId : undefined,
      keys: await hasKeystore(dataPath),
      database: await this.#hasDatabase(),
    } as const
    const following: Following = { hosted, place: undefined, base, looks: 0, sole: hosted.isSoleAuthority(), sample: undefined }
    this.#following = following
    const marked = await this.#note(following, heightsOf(hosted), false)
    if (!marked || this.#following !== following) return
    following.place = await this.#place()
    this.#lookLater()
  }

  /** Why the folder of the running node is not what it was; undefined while all is well. */
  async look(): Promise<NodeError | undefined> {
    const following = this.#following
    if (following?.place === undefined) return undefined
    const { dataPath } = this.#folder
    const [place, marker, hasDatabase] = await Promise.all([this.#place(), readMarker(dataPath), this.#hasDatabase()])
    const isSame = place === following.place && marker?.instance === following.base.instance
    if (isSame && (!following.base.database || hasDatabase)) return undefined
    try {
      await checkDataFolder({ dataPath, hasDatabase, seen: { ...following.base, soleAuthority: following.sole, ...heightsOf(following.hosted), clean: false } })
    } catch (error) {
      if (error instanceof NodeError) return error
    }
    if (place !== following.place) return folderError('DATA_FOLDER_REPLACED', dataPath)
    // Only the marker is lost: it is written anew with the next note.
    return undefined
  }

  /** The node is about to stop: nobody looks any more. Gives what {@link stopped} is to be told. */
  leave(): (() => Promise<void>) | undefined {
    this.#cancelLook?.()
    this.#cancelLook = undefined
    const following = this.#following
    this.#following = undefined
    if (following?.place === undefined) return undefined
    const heights = heightsOf(following.hosted)
    return async () => {
      const [place, marker] = await Promise.all([this.#place(), readMarker(this.#folder.dataPath)])
      // Nothing is made where the folder is not what it was.
      if (place === following.place && marker?.instance === following.base.instance) await this.#note(following, heights, true)
    }
  }

  /** These data are what is wanted, whatever was seen before: as they are (`all`), or but for their heights. */
  async accept(what: 'all' | 'heights'): Promise<void> {
    const { memory } = this.#deps
    const { network, dataPath } = this.#folder
    const marker = await readMarker(dataPath)
    const changed = (seen: SeenData): SeenData => ({ ...seen, newest: undefined, settled: undefined, database: false, ...(what === 'all' ? { peerId: undefined, keys: false } : {}) })
    if (marker !== undefined) await writeMarker(dataPath, changed(marker))
    if (what === 'all') memory?.forget(network)
    else if (memory?.get(network) !== undefined) memory.set(network, changed(memory.get(network) as SeenData))
    this.#own = undefined
  }

  #lookLater(): void {
    this.#cancelLook = this.#deps.clock.schedule(LOOK_INTERVAL_MS, () => {
      const following = this.#following
      if (following === undefined) return
      this.#lookNow(following).catch((error: unknown) => {
        this.#deps.logger.warn('the data folder could not be checked; the check will be repeated', { reason: errorMessage(error) })
        if (this.#following === following) this.#lookLater()
      })
    })
  }

  async #lookNow(following: Following): Promise<void> {
    const error = await this.look()
    if (this.#following !== following) return
    if (error !== undefined) return this.#deps.onFault(error)
    following.looks++
    const isNote = following.looks % LOOKS_PER_NOTE === 0
    if (isNote || following.looks <= FIRST_LOOKS) following.sole = following.hosted.isSoleAuthority()
    if (isNote) {
      const sample = heightsOf(following.hosted)
      if (following.sample !== undefined) await this.#note(following, following.sample, false)
      following.sample = sample
    }
    if (this.#following === following) this.#lookLater()
  }

  /** False where the folder does not take it. */
  async #note({ base, sole }: Following, heights: Pick<SeenData, 'newest' | 'settled'>, clean: boolean): Promise<boolean> {
    const { dataPath, network } = this.#folder
    const seen: SeenData = { ...base, keys: await hasKeystore(dataPath), soleAuthority: sole, ...heights, clean }
    try {
      await writeMarker(dataPath, seen)
    } catch (error) {
      this.#deps.logger.warn('the data folder could not be marked', { path: dataPath, reason: errorMessage(error) })
      return false
    }
    this.#own = seen
    this.#deps.memory?.set(network, seen)
    return true
  }

  async #hasDatabase(): Promise<boolean> {
    return (await this.#deps.kind.hasDatabase?.(this.#folder.dataPath)) ?? false
  }

  async #place(): Promise<string | undefined> {
    return stat(this.#folder.dataPath, { bigint: true }).then(
      ({ dev, ino }) => `${dev}:${ino}`,
      () => undefined,
    )
  }
}

function heightsOf({ node }: HostedNode): Pick<SeenData, 'newest' | 'settled'> {
  const { newest, settled } = node.progress()
  return { newest: { number: newest.number, hash: newest.hash }, settled: { number: settled.number, hash: settled.hash } }
}

/** Of two that saw the same data, what both vouch for: a copy of earlier has less. */
function atLeast(...all: readonly (SeenData | undefined)[]): SeenHeights | undefined {
  const known = all.filter((seen) => seen !== undefined)
  if (known.length === 0) return undefined
  const newest = Math.max(0, ...known.map((seen) => (seen.newest?.number ?? 0) - (seen.clean ? 0 : UNSYNCED_BLOCKS)))
  const settled = Math.max(0, ...known.map((seen) => seen.settled?.number ?? 0))
  return { newest, settled }
}
