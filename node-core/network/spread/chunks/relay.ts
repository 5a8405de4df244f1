/**
 * Chunk and relay: a large message reaches every node of a full mesh, and its source uploads it one and a half times instead of once for
 * each of them.
 *
 *   source ── shard i ──> recipient i ── the same shard ──> all other recipients
 *
 * The source makes n shards for n recipients, any k = n - floor(n / 3) of which give the message. Each recipient sends its own shard on as it
 * came, decodes once it holds k, and checks that the source did not lie (decoding.ts).
 *
 * What this stands against, with f = floor(n / 3) faulty recipients:
 * - *Silent relays.* n - f = k recipients relay, and that is enough.
 * - *Lying relays.* A shard that does not lead to the signed root, or a header that the source did not sign, is the fault of whoever handed it over.
 * - *A lying source.* All honest recipients refuse the message, and hold a proof (lie.ts). A source that serves only some: whoever got the message
 *   relays its own shard then, computed where it never came, so the others get one from each honest node that has the message.
 * - *Loss.* Who has heard nothing new for a while asks others for what is missing, two at a time, and then the source as well.
 * - *Floods.* Room, quotas and times are bounded (store.ts), and so is what is sent to whoever asks. Headers of strangers, of other
 *   networks, topics or times, and of messages that are known do not get as far as their signature.
 * What is not protected: that the content is secret from anybody, and that a message arrives of which more than f relays and the source keep back
 * the shards.
 *
 * A state machine: it is told what came (`onFrame`), what to send (`originate`) and that time passed (`onTime`, at the latest at `nextDue`),
 * and answers with actions. chunks.ts carries them out.
 */
import { equalBytes, toBinaryString } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { peerIdOf, publicKeyOf } from '../../../crypto/keys/peer-id.ts'
import type { PeerFault, Verdict } from '../../contracts.ts'
import { sha256 } from '../message-id.ts'
import { Seen } from '../seen.ts'
import type { Arrival, MessageId, OutgoingMessage } from '../spread.ts'
import { Assembly } from './assembly.ts'
import { divide } from './decoding.ts'
import { decodeFrame, encodeWant, pathAndShard, type ShardFrame, type WantFrame } from './frames.ts'
import { decodeHeader, idOf, isSigned, shardsNeeded, signHeader, type Sign, type SignedHeader, type Verify } from './header.ts'
import type { LieProof } from './lie.ts'
import { MessageStore, type StoreOptions } from './store.ts'

export const CHUNK_FAULTS = {
  /** A header that its source did not sign. */
  signature: { code: 'chunk-signature', cost: -200 },
  /** A shard that is not the source's. */
  falseShard: { code: 'chunk-false', cost: -300 },
  /** A message of another network or topic, or for others. */
  misplaced: { code: 'chunk-misplaced', cost: -100 },
  /** Signed what is no message; proven. */
  lied: { code: 'chunk-source-lied', cost: -1000, ban: true },
} as const satisfies Readonly<Record<string, PeerFault>>

export type RelayAction =
  | { readonly kind: 'send'; readonly peers: readonly string[]; readonly frame: Uint8Array }
  | { readonly kind: 'deliver'; readonly arrival: Arrival }
  | { readonly kind: 'lie'; readonly source: string; readonly fault: PeerFault; readonly proof: LieProof }

export interface RelayOutcome {
  /** About the peer of the frame. */
  readonly verdict: Verdict
  readonly actions: readonly RelayAction[]
}

export interface RelayDependencies {
  readonly clock: Clock
  /** Public key of this node. */
  readonly self: Uint8Array
  readonly network: string
  readonly topic: string
  readonly sign: Sign
  readonly verify: Verify
  /** Whether the message was delivered or sent before. */
  has(id: MessageId): boolean
  /** Whether messages of this peer are wanted, connected or not. */
  isMember(peer: string): boolean
}

export interface RelayOptions extends StoreOptions {
  readonly maxContentBytes: number
  /** How far a header's time may be from this node's, both ways. What was seen must be remembered twice as long. */
  readonly timeToleranceMs: number
  /** After so long without a new shard others are asked, and again each time. */
  readonly askAfterMs: number
  /** Rounds of asking in which the source is spared, and all of them. */
  readonly sparingRounds: number
  readonly rounds: number
}

/** Whom one round asks beside the source. */
const ASKED_PER_ROUND = 2
/** Headers that are remembered as lies, and for how long. */
const REFUSED = { entries: 1024, spanMs: 600_000 }

export type RelayCounters = Readonly<Record<'whole' | 'expired' | 'givenUp' | 'refused' | 'asked' | 'answered' | 'lies', number>>

export class ChunkRelay {
  readonly #deps: RelayDependencies
  readonly #options: RelayOptions
  readonly #store: MessageStore
  readonly #refused: Seen
  readonly #counters = { whole: 0, expired: 0, givenUp: 0, refused: 0, asked: 0, answered: 0, lies: 0 }

  constructor(dependencies: RelayDependencies, options: RelayOptions) {
    this.#deps = dependencies
    this.#options = options
    this.#store = new MessageStore(options)
    this.#refused = new Seen(dependencies, REFUSED)
  }

  /**
   * `whole`: messages that were put together; `expired`: not in time; `givenUp`: for another's sake; `refused`: without room for them; `asked`
   * and `answered`: shards asked for and sent to who asked; `lies`: proven.
   */
  get counters(): RelayCounters {
    return this.#counters
  }

  get sizes(): MessageStore['sizes'] {
    return this.#store.sizes
  }

  /** Sends a message of this node. `recipients`: 3 to 63 public keys, each once. Throws a RangeError otherwise. */
  originate({ nonce, content }: OutgoingMessage, recipients: readonly Uint8Array[]): readonly RelayAction[] {
    const { self, network, topic, clock, sign } = this.#deps
    const k = shardsNeeded(recipients.length)
    const whole = divide(content, k, recipients.length)
    const fields = { network, topic, source: self, nonce, time: clock.now(), length: content.length, k, root: whole.tree.root, contentHash: sha256(content), recipients }
    const encoded = signHeader(fields, sign)
    const assembly = new Assembly(decodeHeader(encoded), encoded, peerIdOf(self), clock.now()).adopt(whole)
    assembly.relayed = true
    this.#store.keep(digestOf(encoded), assembly, clock.now())
    return recipients.map((key, place) => ({ kind: 'send', peers: [peerIdOf(key)], frame: assembly.frame(place) as Uint8Array }))
  }

  /** Throws a ChunkError where the bytes are no frame. */
  onFrame(peer: string, bytes: Uint8Array): RelayOutcome {
    const frame = decodeFrame(bytes)
    return frame.kind === 'want' ? this.#onWant(peer, frame) : this.#onShard(peer, frame, bytes)
  }

  /** Asks for what is missing, and forgets what is past its time. */
  onTime(): readonly RelayAction[] {
    const now = this.#deps.clock.now()
    this.#counters.expired += this.#store.expire(now)
    const actions: RelayAction[] = []
    for (const [digest, assembly] of this.#store.open) if (this.#nextAsking(assembly) <= now) actions.push(this.#ask(digest, assembly))
    return actions
  }

  /** When {@link onTime} has something to do; undefined where nothing is held. */
  nextDue(): number | undefined {
    const expiry = this.#store.nextExpiry()
    return expiry === undefined ? undefined : Math.min(expiry, ...[...this.#store.open.values()].map((assembly) => this.#nextAsking(assembly)))
  }

  clear(): void {
    this.#store.clear()
  }

  #onShard(peer: string, frame: ShardFrame, bytes: Uint8Array): RelayOutcome {
    const digest = digestOf(frame.header)
    if (this.#refused.has(digest)) return ignored('refused')
    const known = this.#store.get(digest)
    if (known?.isWhole === true) return ignored('duplicate')
    const now = this.#deps.clock.now()
    let assembly = known
    if (assembly === undefined) {
      const header = decodeHeader(frame.header)
      const source = peerIdOf(header.source)
      const refusal = this.#refusal(header, source, frame)
      if (refusal !== undefined) return { verdict: refusal, actions: [] }
      assembly = new Assembly(header, frame.header.slice(), source, now)
    }
    const { path, shard } = pathAndShard(frame, assembly.header)
    const added = assembly.add(frame.place, path, shard, now)
    if (added === 'known') return ignored('duplicate')
    if (added === 'false') return rejected(CHUNK_FAULTS.falseShard)
    if (known === undefined && !this.#admit(digest, assembly)) return ignored('no-room')
    const actions: RelayAction[] = []
    if (frame.place === this.#placeOf(assembly.header) && !assembly.relayed) {
      assembly.relayed = true
      actions.push({ kind: 'send', peers: this.#others(assembly.header), frame: bytes })
    }
    if (added === 'enough') actions.push(...this.#finish(digest, assembly, peer))
    return { verdict: { kind: 'accept' }, actions }
  }

  /** Why a header that is new is not gone into; the signature comes last, as it costs most. */
  #refusal(header: SignedHeader, source: string, frame: ShardFrame): Verdict | undefined {
    const { network, topic, clock, verify } = this.#deps
    if (header.network !== network || header.topic !== topic || this.#placeOf(header) < 0) return { kind: 'reject', fault: CHUNK_FAULTS.misplaced }
    if (header.length > this.#options.maxContentBytes) return { kind: 'ignore', reason: 'too-large' }
    if (Math.abs(header.time - clock.now()) > this.#options.timeToleranceMs) return { kind: 'ignore', reason: 'out-of-time' }
    if (!this.#deps.isMember(source)) return { kind: 'ignore', reason: 'unknown-source' }
    if (this.#deps.has(idOf(header))) return { kind: 'ignore', reason: 'duplicate' }
    pathAndShard(frame, header)
    return isSigned(header, frame.header, verify) ? undefined : { kind: 'reject', fault: CHUNK_FAULTS.signature }
  }

  #admit(digest: string, assembly: Assembly): boolean {
    const givenUp = this.#store.admit(digest, assembly)
    this.#counters.givenUp += givenUp ?? 0
    this.#counters.refused += Number(givenUp === undefined)
    return givenUp !== undefined
  }

  #finish(digest: string, assembly: Assembly, from: string): RelayAction[] {
    const result = assembly.finish()
    const { id, source, header } = assembly
    if ('lie' in result) {
      this.#store.drop(digest)
      this.#refused.add(digest)
      this.#counters.lies++
      return [{ kind: 'lie', source, fault: CHUNK_FAULTS.lied, proof: result.lie }]
    }
    this.#store.keep(digest, assembly, this.#deps.clock.now())
    this.#counters.whole++
    const actions: RelayAction[] = [{ kind: 'deliver', arrival: { id, content: result.content, source, from, way: 'chunks' } }]
    if (!assembly.relayed) {
      assembly.relayed = true
      actions.push({ kind: 'send', peers: this.#others(header), frame: assembly.frame(this.#placeOf(header)) as Uint8Array })
    }
    return actions
  }

  #onWant(peer: string, { digest, count, places }: WantFrame): RelayOutcome {
    const assembly = this.#store.get(toBinaryString(digest))
    if (assembly === undefined) return ignored('unknown-message')
    const { header, answered } = assembly
    const asker = publicKeyOf(peer)
    if (asker === undefined || !header.recipients.some((key) => equalBytes(key, asker))) return rejected(CHUNK_FAULTS.misplaced)
    const already = answered.get(peer) ?? 0
    // Those from this node's own place on come first: two who are asked at once send different ones.
    const own = Math.max(0, this.#placeOf(header))
    const here = [...places.filter((place) => place >= own), ...places.filter((place) => place < own)].filter((place) => place < assembly.n && assembly.has(place))
    const chosen = here.slice(0, Math.max(0, Math.min(count, header.k, 2 * header.k - already)))
    if (chosen.length === 0) return ignored('nothing-to-send')
    answered.set(peer, already + chosen.length)
    this.#counters.answered += chosen.length
    return { verdict: { kind: 'accept' }, actions: chosen.map((place) => ({ kind: 'send', peers: [peer], frame: assembly.frame(place) as Uint8Array })) }
  }

  /** When others are asked next; never where they were asked often enough. */
  #nextAsking({ rounds, progressAt, askedAt }: Assembly): number {
    return rounds >= this.#options.rounds ? Number.POSITIVE_INFINITY : Math.max(progressAt, askedAt) + this.#options.askAfterMs
  }

  #ask(digest: string, assembly: Assembly): RelayAction {
    const { header, lacking, rounds, source } = assembly
    const others = this.#others(header)
    const own = this.#placeOf(header)
    const chosen = Array.from({ length: ASKED_PER_ROUND }, (_, i) => others[(own + rounds * ASKED_PER_ROUND + i) % others.length] as string)
    assembly.rounds++
    assembly.askedAt = this.#deps.clock.now()
    const peers = rounds < this.#options.sparingRounds ? chosen : [...chosen, source]
    this.#counters.asked += lacking * peers.length
    return { kind: 'send', peers, frame: encodeWant({ digest: Buffer.from(digest, 'latin1'), count: lacking, places: assembly.missing() }) }
  }

  /** The place of this node among the recipients; -1 where it is none. */
  #placeOf({ recipients }: SignedHeader): number {
    return recipients.findIndex((key) => equalBytes(key, this.#deps.self))
  }

  /** Peer ids of the other recipients, in order. */
  #others({ recipients }: SignedHeader): readonly string[] {
    return recipients.filter((key) => !equalBytes(key, this.#deps.self)).map(peerIdOf)
  }
}

function digestOf(header: Uint8Array): string {
  return toBinaryString(sha256(header))
}

function ignored(reason: string): RelayOutcome {
  return { verdict: { kind: 'ignore', reason }, actions: [] }
}

function rejected(fault: PeerFault): RelayOutcome {
  return { verdict: { kind: 'reject', fault }, actions: [] }
}
