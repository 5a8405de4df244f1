/**
 * Sealed messages of this node, for peers who may be offline: kept, relayed, and delivered when they come.
 *
 * A message is sealed (envelope.ts), written to the outbox, and handed to its recipient if that can be reached. If not, it stays, and up to two peers whom the node
 * trusts with it (`relays`) are asked to keep a copy; they see who writes to whom, and no more. Whoever has a copy hands it over when the recipient
 * connects, again and again until it answers. So a message comes at least once over the wire, and the recipient's replay window lets it through to its service
 * once. One that nobody could deliver in seven days is lost, and its sender is told.
 *
 *   send      seal -> outbox (store.ts) -> carrier.ts -> recipient, or relays
 *   receive   stream (desk.ts) -> inbox.ts: open, replay window (seen-file.ts) -> service
 *   keep      stream (desk.ts) -> the store of others' messages -> carrier.ts -> recipient, when it connects
 *
 * On disk (`<data>/sealed`, its owner's only): `outbox/` and `kept/`, one envelope a file; `counters.json`; `seen.json` and `seen.log`. What is there is encrypted to
 * its recipient: not even its sender can read it again.
 */
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { Disposers, type Disposer } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import { Emitter, type EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import { RecentKeys } from '../../base/recent-keys.ts'
import type { Service } from '../../base/service.ts'
import { ownSubfolder } from '../../base/whole-file.ts'
import type { PeerJudge } from '../../network/contracts.ts'
import type { StreamDoor } from '../../network/streams.ts'
import { within } from '../within.ts'
import { Carrier, type FinalOutcome } from './carrier.ts'
import { Counters } from './counters.ts'
import { loadCounters, saveCounters } from './counter-file.ts'
import { Desk } from './desk.ts'
import { seal } from './envelope.ts'
import { SealedError } from './errors.ts'
import { Inbox, type SealedHandler, type ServeOptions } from './inbox.ts'
import { envelopeId } from './message-files.ts'
import type { NodeKey } from '../../network/node-key.ts'
import { ReplayWindow } from './replay-window.ts'
import { SeenFile } from './seen-file.ts'
import { Store } from './store.ts'
import type { ShelfEntry, ShelfLimits } from './shelf.ts'
import { SEALED_PROTOCOL } from './wire.ts'

const MIB = 1024 * 1024
/** For so long a message waits for its recipient, here and on relays. */
const MAX_AGE_MS = 7 * 24 * 3_600_000
const OUTBOX: ShelfLimits = { maxMessages: 4096, maxBytes: 64 * MIB, senderMessages: 4096, senderBytes: 64 * MIB, maxAgeMs: MAX_AGE_MS }
/** Of others, and of each of them. */
const KEPT: ShelfLimits = { maxMessages: 2048, maxBytes: 32 * MIB, senderMessages: 64, senderBytes: 2 * MIB, maxAgeMs: MAX_AGE_MS }
const MAX_SENDERS = 4096
const MAX_RECIPIENTS = 4096
/** Time to find and reach the recipient of a message that is being sent. */
const REACH_MS = 15_000
/** Who could not be reached is not searched for again so soon: what is sent to it meanwhile waits for it to come. */
const UNREACHED_MS = 60_000
const MAX_UNREACHED = 1024
/** How often what is too old is removed, and what waits is tried again. */
const SWEEP_MS = 10 * 60_000
/** Streams that one peer may have open to us. */
const PER_PEER = 2

export interface MailboxDependencies {
  readonly door: Pick<StreamDoor, 'serve' | 'open' | 'reach' | 'connections' | 'events'>
  readonly key: NodeKey
  readonly judge: Pick<PeerJudge, 'report'>
  readonly clock: Clock
  readonly logger: Logger
  /** Connected peers who may be asked to keep a message for a recipient, the best first. */
  readonly relays: (recipient: string) => readonly string[]
}

export interface MailboxOptions {
  readonly dataPath: string
  /** Whether this node keeps others' messages. */
  readonly keepsForOthers: boolean
  readonly kept?: Partial<ShelfLimits>
  readonly outbox?: Partial<ShelfLimits>
}

/** `delivered`: its service has had it; a program has acknowledged it. `waiting`: here, and on the relays named, until its recipient comes. `lost`: its recipient will not take it. */
export interface Receipt {
  readonly id: string
  readonly state: 'delivered' | 'waiting' | 'lost'
  /** Peer ids. */
  readonly relays: readonly string[]
}

export interface MailboxEvents {
  delivered: { readonly id: string; readonly recipient: string }
  /** `expired`: nobody could deliver it in time. Otherwise what its recipient answered. */
  lost: { readonly id: string; readonly recipient: string; readonly reason: 'expired' | 'late' | 'refused' }
}

export class Mailbox implements Service {
  readonly #deps: MailboxDependencies
  readonly #folder: string
  readonly #outbox: Store
  readonly #kept: Store
  readonly #counters: Counters
  readonly #seen: SeenFile
  readonly #inbox: Inbox
  readonly #desk: Desk
  readonly #carrier: Carrier
  readonly #events: Emitter<MailboxEvents>
  readonly #disposers = new Disposers()
  readonly #controller = new AbortController()
  /** What is being done, to be waited for at the end. */
  readonly #tasks = new Set<Promise<unknown>>()
  readonly #unreached = new RecentKeys(UNREACHED_MS, MAX_UNREACHED)
  #cancelSweep: Disposer | undefined
  #state: 'new' | 'running' | 'stopped' = 'new'

  constructor(dependencies: MailboxDependencies, options: MailboxOptions) {
    const { key, clock, logger } = dependencies
    this.#deps = dependencies
    this.#folder = join(options.dataPath, 'sealed')
    this.#outbox = new Store(join(this.#folder, 'outbox'), { ...OUTBOX, ...options.outbox })
    this.#kept = new Store(join(this.#folder, 'kept'), { ...KEPT, ...options.kept })
    this.#counters = new Counters({ now: () => clock.now(), save: (state) => saveCounters(this.#folder, state) }, { maxRecipients: MAX_RECIPIENTS })
    const window = new ReplayWindow({ maxSenders: MAX_SENDERS, maxAgeMs: MAX_AGE_MS })
    this.#seen = new SeenFile(window, this.#folder)
    this.#inbox = new Inbox({ key, clock, logger, window, record: (stamp) => this.#seen.append(stamp) })
    const keep = options.keepsForOthers ? (envelope: Uint8Array) => this.#keep(envelope) : undefined
    this.#desk = new Desk({ ...dependencies, inbox: this.#inbox, keep })
    this.#events = new Emitter<MailboxEvents>((error) => logger.error('a listener of sealed messages failed', { reason: errorMessage(error) }))
    this.#carrier = new Carrier({ ...dependencies, outbox: this.#outbox, kept: this.#kept, signal: this.#controller.signal, onSettled: (entry, outcome) => this.#onSettled(entry, outcome) })
  }

  get events(): EventSource<MailboxEvents> {
    return this.#events
  }

  /** What waits here: of this node, and of others; and what came, by what became of it. */
  get statistics(): { readonly outbox: Store['use']; readonly kept: Store['use']; readonly dropped: number; readonly came: Desk['outcomes'] } {
    return { outbox: this.#outbox.use, kept: this.#kept.use, dropped: this.#kept.dropped, came: this.#desk.outcomes }
  }

  /** Rejects with a SealedError NET_SEALED_STORAGE where what is on disk cannot be read: nothing is taken or sent then. */
  async start(): Promise<void> {
    await ownSubfolder(this.#folder)
    const counters = await loadCounters(this.#folder)
    if (counters !== undefined) this.#counters.restore(counters)
    await this.#seen.load()
    await this.#outbox.load()
    await this.#kept.load()
    this.#state = 'running'
    const { door } = this.#deps
    this.#disposers.add(door.serve(SEALED_PROTOCOL, { perPeer: PER_PEER, relayed: true }, (stream) => this.#track(this.#desk.attend(stream, this.#controller.signal))))
    this.#disposers.add(door.events.on('connected', ({ peer }) => this.#track(this.#carrier.handOver(peer))))
    await this.#expire()
    for (const peer of this.#recipients()) this.#track(this.#carrier.handOver(peer))
    this.#scheduleSweep()
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    const wasRunning = this.#state === 'running'
    this.#state = 'stopped'
    this.#cancelSweep?.()
    this.#controller.abort(closed())
    this.#disposers.dispose()
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks)
    await Promise.all([this.#inbox.close(), this.#outbox.close(), this.#kept.close()])
    await this.#seen.close()
    if (wasRunning) await this.#counters.close().catch((error: unknown) => this.#deps.logger.warn('the numbers of sealed messages were not given back', { reason: errorMessage(error) }))
  }

  /** Messages for a service of this node, from the start on. Throws a SealedError NET_SEALED_SERVICE where the name is none, or taken. */
  serve(service: string, handler: SealedHandler, options?: ServeOptions): Disposer {
    return this.#inbox.serve(service, handler, options)
  }

  /**
   * Resolves when the message was delivered, or waits. Rejects with a SealedError NET_SEALED_{KEY,SERVICE,TOO_LONG,FULL,STORAGE,CLOSED}; there is then nothing of it.
   * `payload`: at most 256 KiB.
   */
  async send(recipient: string, service: string, payload: Uint8Array): Promise<Receipt> {
    const { key, clock } = this.#deps
    if (this.#state !== 'running') throw closed()
    if (recipient === key.peerId) throw new SealedError('NET_SEALED_KEY', 'A sealed message is for another node: this is the peer id of this one.', { data: { peerId: recipient } })
    const task = async (): Promise<Receipt> => {
      const counter = await this.#counters.next(recipient)
      return this.#dispatch(seal(key, { recipient, service, counter, time: clock.now(), payload }), recipient)
    }
    const sending = task()
    this.#track(sending)
    return sending
  }

  async #dispatch(envelope: Uint8Array, recipient: string): Promise<Receipt> {
    const id = envelopeId(envelope)
    let state: Receipt['state'] = 'waiting'
    const off = [
      this.#events.on('delivered', (settled) => void (settled.id === id && (state = 'delivered'))),
      this.#events.on('lost', (settled) => void (settled.id === id && (state = 'lost'))),
    ]
    try {
      const entry = await this.#outbox.put(envelope, this.#deps.clock.now())
      await this.#reach(recipient)
      await this.#carrier.handOver(recipient)
      return { id, state, relays: this.#outbox.has(id) ? await this.#carrier.entrust(entry) : [] }
    } finally {
      for (const dispose of off) dispose()
    }
  }

  async #reach(peer: string): Promise<void> {
    const { door, clock, logger } = this.#deps
    if (door.connections(peer).length > 0 || this.#unreached.has(peer, clock.now())) return
    await within(clock, REACH_MS, this.#controller.signal, (signal) => door.reach(peer, [], { signal, relayed: true })).catch((error: unknown) => {
      this.#unreached.add(peer, clock.now())
      logger.debug('the recipient of a sealed message is not to be reached', { peer, reason: errorMessage(error) })
    })
  }

  /** For somebody else; handed over at once where that is connected. */
  async #keep(envelope: Uint8Array): Promise<void> {
    const { recipient } = await this.#kept.put(envelope, this.#deps.clock.now())
    this.#track(this.#carrier.handOver(recipient))
  }

  #onSettled({ id, recipient }: ShelfEntry, outcome: FinalOutcome): void {
    if (outcome === 'taken' || outcome === 'known') this.#events.emit('delivered', { id, recipient })
    else this.#events.emit('lost', { id, recipient, reason: outcome })
  }

  async #expire(): Promise<void> {
    const now = this.#deps.clock.now()
    for (const { id, recipient } of await this.#outbox.expire(now)) {
      this.#carrier.forget(id)
      this.#events.emit('lost', { id, recipient, reason: 'expired' })
    }
    await this.#kept.expire(now)
  }

  /** For whom something waits. */
  #recipients(): readonly string[] {
    return [...new Set([...this.#outbox.entries(), ...this.#kept.entries()].map(({ recipient }) => recipient))]
  }

  #scheduleSweep(): void {
    this.#cancelSweep = this.#deps.clock.schedule(SWEEP_MS, () => {
      this.#track(this.#sweep().catch((error: unknown) => this.#deps.logger.warn('sealed messages were not looked through', { reason: errorMessage(error) })))
      this.#scheduleSweep()
    })
  }

  async #sweep(): Promise<void> {
    await this.#expire()
    await Promise.all(this.#recipients().map((peer) => this.#carrier.handOver(peer)))
    for (const entry of this.#outbox.entries()) await this.#carrier.entrust(entry)
  }

  #track(task: Promise<unknown>): void {
    // Whoever asked for it hears of its failure.
    const settled: Promise<unknown> = task.catch(() => undefined).finally(() => this.#tasks.delete(settled))
    this.#tasks.add(settled)
  }
}

function closed(): SealedError {
  return new SealedError('NET_SEALED_CLOSED', 'Sealed messages are neither sent nor taken: the node is not running.')
}
