/**
 * The table of authorities: who they are (owners.ts), whether they are there, and what their blocks and votes say (recent-blocks.ts).
 *
 * "There" is what this node sees. An authority counts as here where its node is connected or where a block or a vote of it was heard a
 * moment ago, whoever passed it on; as away where its node, by its known id, is not connected and nothing was heard for that long; and
 * until then nothing is said. It is looked at anew with each new best block, and from time to time.
 */
import { fromHex, toHex, type Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import type { EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import { encodeSs58 } from '../../crypto/keys/ss58.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'
import type { Voters, SeenVote } from '../core/engines/engine.ts'
import { ownersOf, QUEUED_KEYS, type Owner, type OwnersOptions } from './owners.ts'
import { RecentBlocksReader, type RecentBlocks, type RecentBlocksDependencies } from './recent-blocks.ts'
import type { AuthoritiesView, AuthorityReport, AuthorityRow, Presence } from './types.ts'

export interface AuthorityWatchDependencies {
  readonly blocks: Pick<BlockStateReader, 'best' | 'finalized' | 'header'>
  readonly storage: Pick<StorageReader, 'has' | 'get'>
  readonly consensus: RecentBlocksDependencies['consensus'] & {
    readonly events: EventSource<{ vote: SeenVote }>
    readonly slotDurationMs: number
    /** Who makes blocks, by a state. */
    authors(stateRoot: Hash): Promise<readonly Hash[]>
    /** Undefined where nothing becomes final by votes. */
    voters(): Voters | undefined
  }
  readonly timeOf: RecentBlocksDependencies['timeOf']
  /** Whether this node has the key. */
  readonly isOwn: (key: Hash) => boolean
  readonly peers: () => readonly string[]
  readonly localPeerId: () => string
  readonly clock: Clock
  readonly logger: Logger
}

/** A table of more rows is no table. */
export const MOST_AUTHORITIES = 100
/** Whoever was heard of so recently is there, or within so many rounds of everybody's slots where that is longer. */
const HEARD_MS = 60_000
const HEARD_TURNS = 4
/** A connection takes its time after the start. */
const CONNECTING_MS = 20_000
const REFRESH_MS = 2_000

export class AuthorityWatch implements Service, AuthoritiesView {
  readonly #deps: AuthorityWatchDependencies
  readonly #options: OwnersOptions
  readonly #recent: RecentBlocksReader
  /** The last vote of each voter of the present set, and of the one before until the next begins. */
  readonly #votes = new Map<Hash, { readonly round: number; readonly at: number }>()
  #setId = 0
  readonly #subscriptions = new Disposers()
  #isOver = true
  #startedAt = 0
  #report: AuthorityReport | undefined
  #seen: { readonly best: Hash; readonly at: number } | undefined
  #refreshing: Promise<void> | undefined

  constructor(dependencies: AuthorityWatchDependencies, options: OwnersOptions) {
    this.#deps = dependencies
    this.#options = options
    this.#recent = new RecentBlocksReader(dependencies)
  }

  async start(): Promise<void> {
    const { consensus, clock } = this.#deps
    this.#isOver = false
    this.#startedAt = clock.now()
    this.#subscriptions.add(consensus.events.on('vote', (vote) => this.#onVote(vote)))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    this.#subscriptions.dispose()
    await this.#refreshing
  }

  report(): AuthorityReport | undefined {
    const { blocks, clock, logger } = this.#deps
    const best = blocks.best().hash
    const isFresh = this.#seen !== undefined && this.#seen.best === best && clock.now() - this.#seen.at < REFRESH_MS
    if (!this.#isOver && !isFresh && this.#refreshing === undefined) {
      this.#refreshing = this.refresh()
        .catch((error: unknown) => logger.debug('who the authorities are could not be read', { reason: errorMessage(error) }))
        .finally(() => (this.#refreshing = undefined))
    }
    return this.#report
  }

  async refresh(): Promise<void> {
    const { blocks, consensus, storage, clock } = this.#deps
    const best = blocks.best()
    const root = blocks.header(best.hash)?.stateRoot
    this.#seen = { best: best.hash, at: clock.now() }
    if (root === undefined) return
    const authors = await consensus.authors(root)
    if (authors.length === 0 || authors.length > MOST_AUTHORITIES) {
      this.#report = undefined
      return
    }
    const recent = await this.#recent.read(() => this.#isOver)
    const owners = ownersOf(this.#options, storage.has(root) ? storage.get(root, QUEUED_KEYS) : undefined)
    const voters = consensus.voters()
    const connected = new Set(this.#deps.peers())
    const rows = [...new Set(authors)].map((key) => this.#row(key, { owners, recent, voters, connected, authors: authors.length }))
    this.#report = {
      rows,
      blocks: recent.blocks,
      finality: voters && { total: voters.authorities.reduce((sum, { weight }) => sum + weight, 0), threshold: voters.threshold, behind: best.number - blocks.finalized().number },
    }
  }

  /** With a new set whoever votes no more is forgotten: over the years a node hears of many. */
  #onVote({ authority, setId, round }: SeenVote): void {
    const { consensus, clock } = this.#deps
    if (setId > this.#setId) {
      this.#setId = setId
      const voters = new Set(consensus.voters()?.authorities.map(({ key }) => key))
      for (const key of this.#votes.keys()) if (!voters.has(key)) this.#votes.delete(key)
    }
    this.#votes.set(authority, { round, at: clock.now() })
  }

  #row(key: Hash, { owners, recent, voters, connected, authors }: { owners: readonly Owner[]; recent: RecentBlocks; voters: Voters | undefined; connected: ReadonlySet<string>; authors: number }): AuthorityRow {
    const own = owners.filter(({ keys }) => keys.includes(key))
    const name = own.find((owner) => owner.name !== undefined)?.name
    const account = own.find((owner) => owner.account !== undefined)?.account
    const peerId = own.find((owner) => owner.peerId !== undefined)?.peerId
    const keys = new Set([key, ...own.flatMap((owner) => owner.keys)])
    const vote = voters?.authorities.find((voter) => keys.has(voter.key))
    const lastBlock = recent.last.get(key)
    const lastVote = vote && this.#votes.get(vote.key)
    return {
      key,
      address: account ?? encodeSs58(fromHex(key), this.#options.addressPrefix),
      name,
      presence: this.#presence(key, { peerId, connected, authors, heardAt: Math.max(lastBlock?.time ?? 0, lastVote?.at ?? 0) }),
      lastBlock,
      lastVote,
      missed: recent.missed === undefined ? undefined : (recent.missed.get(key) ?? 0),
      weight: vote?.weight,
    }
  }

  #presence(key: Hash, { peerId, connected, authors, heardAt }: { peerId: string | undefined; connected: ReadonlySet<string>; authors: number; heardAt: number }): Presence {
    const { clock, consensus, isOwn, localPeerId } = this.#deps
    if (isOwn(key)) return 'self'
    const now = clock.now()
    const moment = Math.max(HEARD_MS, HEARD_TURNS * authors * consensus.slotDurationMs)
    if ((peerId !== undefined && connected.has(peerId)) || now - heardAt < moment) return 'here'
    // Of whom the id is known, the connection is missed sooner than a block; this node's own id says nothing where the key is not here.
    const patience = peerId !== undefined && peerId !== localPeerId() ? CONNECTING_MS : moment
    return now - this.#startedAt < patience ? 'unknown' : 'away'
  }
}

/** Hash of bytes for those who hold keys as bytes. */
export function holds(keys: readonly Uint8Array[]): (key: Hash) => boolean {
  const held = new Set(keys.map(toHex))
  return (key) => held.has(key)
}
