/**
 * Chunk and relay as a spreader: the state machine of relay.ts between a topic's links, the clock and the judge. That file has how it works
 * and what it stands against; decoding.ts, header.ts and frames.ts have the formats.
 *
 * It takes contents for 3 to 63 recipients with ed25519 peer ids, who should all be connected with each other. Who is not connected
 * with the source, or was not reached, still gets the message from the others.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { publicKeyOf } from '../../../crypto/keys/peer-id.ts'
import type { PeerJudge, Verdict } from '../../contracts.ts'
import { assertSpreadable, stoppedError, unfitError } from '../errors.ts'
import type { Links, OutgoingMessage, Sink, SpreadReport, Spreader } from '../spread.ts'
import { frameOverhead } from './frames.ts'
import { MAX_RECIPIENTS, MIN_RECIPIENTS, shardsNeeded, type Sign, type Verify } from './header.ts'
import type { LieProof } from './lie.ts'
import { ChunkRelay, type RelayAction, type RelayCounters, type RelayOptions } from './relay.ts'

const MIB = 1024 * 1024

export const CHUNK_DEFAULTS: RelayOptions = {
  maxContentBytes: 16 * MIB,
  timeToleranceMs: 120_000,
  askAfterMs: 1000,
  sparingRounds: 2,
  rounds: 10,
  open: 64,
  openBytes: 128 * MIB,
  openPerSource: 8,
  openBytesPerSource: 32 * MIB,
  openMs: 30_000,
  keptBytes: 64 * MIB,
  keptMs: 30_000,
}

export interface ChunksDependencies {
  readonly links: Links
  readonly sink: Sink
  readonly clock: Clock
  readonly judge: PeerJudge
  /** Names the network among all that there are; a message of another one is refused. */
  readonly network: string
  /** Signs with the key of `links.localPeer`. */
  readonly sign: Sign
  readonly verify: Verify
  /** Whether messages of this peer are wanted, connected or not: the members of a fixed topology. Those who are connected where nothing is said. */
  readonly isMember?: (peer: string) => boolean
  /** A source lied, and this proves it to anybody. */
  readonly onLie?: (source: string, proof: LieProof) => void
}

export class ChunksSpreader implements Spreader {
  readonly way = 'chunks'
  readonly selective = true
  readonly maxContentBytes: number
  readonly #deps: ChunksDependencies
  readonly #relay: ChunkRelay
  #stopListening: Disposer | undefined
  #timer: { readonly at: number; readonly cancel: Disposer } | undefined

  /** Throws a RangeError where this node's peer id is not of an ed25519 key. */
  constructor(dependencies: ChunksDependencies, options: Partial<RelayOptions> = {}) {
    const { links, sink, clock, network, sign, verify } = dependencies
    const self = publicKeyOf(links.localPeer)
    if (self === undefined) throw new RangeError('chunk and relay needs an ed25519 key')
    const all = { ...CHUNK_DEFAULTS, ...options }
    // The fewest recipients have the longest shards.
    this.maxContentBytes = Math.min(all.maxContentBytes, shardsNeeded(MIN_RECIPIENTS) * (links.maxFrameBytes - frameOverhead(MIN_RECIPIENTS)))
    this.#deps = dependencies
    const isMember = dependencies.isMember ?? ((peer: string) => links.peers().includes(peer))
    this.#relay = new ChunkRelay({ clock, self, network, topic: links.topic, sign, verify, has: (id) => sink.has(id), isMember }, { ...all, maxContentBytes: this.maxContentBytes })
  }

  get counters(): RelayCounters {
    return this.#relay.counters
  }

  get sizes(): ChunkRelay['sizes'] {
    return this.#relay.sizes
  }

  start(): void {
    this.#stopListening ??= this.#deps.links.listen({ onFrame: (peer, frame) => this.#onFrame(peer, frame), onOpen: () => {}, onClosed: () => {} })
  }

  /** Throws a SpreadError SPREAD_WAY_UNFIT where there are too few or too many recipients. */
  spread(message: OutgoingMessage, to: readonly string[]): SpreadReport {
    if (this.#stopListening === undefined) throw stoppedError()
    assertSpreadable(message.content.length, this.maxContentBytes)
    const keys = to.flatMap((peer) => publicKeyOf(peer) ?? [])
    if (keys.length < MIN_RECIPIENTS || keys.length > MAX_RECIPIENTS || message.content.length === 0) throw unfitError(this.way)
    const sent = this.#relay.originate(message, keys).flatMap((action) => (action.kind === 'send' ? this.#deps.links.send(action.peers, action.frame) : []))
    this.#schedule()
    return { sent, unsent: to.filter((peer) => !sent.includes(peer)) }
  }

  stop(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
    this.#timer?.cancel()
    this.#timer = undefined
    this.#relay.clear()
  }

  /** A whole message is waited for, so that an owner who is slow is sent no more meanwhile by the peer that completed it. */
  #onFrame(peer: string, frame: Uint8Array): Verdict | Promise<Verdict> {
    const { verdict, actions } = this.#relay.onFrame(peer, frame)
    const waiting = this.#carryOut(actions)
    this.#schedule()
    return waiting === undefined ? verdict : waiting.then(() => verdict)
  }

  /** A promise where the owner is asked; it never rejects. */
  #carryOut(actions: readonly RelayAction[]): Promise<void> | undefined {
    const { links, judge, onLie } = this.#deps
    let waiting: Promise<void> | undefined
    for (const action of actions) {
      switch (action.kind) {
        case 'send':
          links.send(action.peers, action.frame)
          break
        case 'deliver':
          waiting = this.#deliver(action.arrival)
          break
        case 'lie':
          judge.report(action.source, action.fault)
          onLie?.(action.source, action.proof)
          break
      }
    }
    return waiting
  }

  /** What the owner thinks of a message concerns its source, whoever handed over the last shard. */
  async #deliver(arrival: Parameters<Sink['deliver']>[0]): Promise<void> {
    const { sink, judge } = this.#deps
    const verdict = await sink.deliver(arrival)
    if (verdict.kind === 'reject') judge.report(arrival.source, verdict.fault)
    if (verdict.kind === 'accept' && verdict.reward !== undefined) judge.reward(arrival.source, verdict.reward)
  }

  /** One timer, for what is due first. What is due later than it was leaves the timer as it is. */
  #schedule(): void {
    const due = this.#relay.nextDue()
    if (due === undefined || (this.#timer !== undefined && this.#timer.at <= due)) return
    this.#timer?.cancel()
    const cancel = this.#deps.clock.schedule(due - this.#deps.clock.now(), () => {
      this.#timer = undefined
      void this.#carryOut(this.#relay.onTime())
      this.#schedule()
    })
    this.#timer = { at: due, cancel }
  }
}
