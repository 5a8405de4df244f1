/**
 * The way of messages to the voter: in their order, with the signatures checked in the crypto thread, many at a time.
 *
 * In a set of 1,000 a round has 2,000 votes, each of which costs the better part of a tenth of a millisecond to check: one by one on
 * the main thread, that would be all that the thread has time for. So what arrives while a batch is being checked makes up the next
 * one. A batch is handed over whole, and the voter draws its conclusions once for all of it.
 *
 * What needs no check (the voter looks at everything that is cheap first) waits only for what came before it. Each message has a promise,
 * by which the reader of its peer knows how much is in hand: a peer that sends faster than signatures can be checked waits in its own
 * stream. A bad signature is not asked about again. Where the crypto thread fails, the voter checks for itself.
 */
import type { BatchVerifier } from '../../../../../crypto/ed25519/ed25519-batch.ts'
import type { GrandpaMessage, RoundRef, SignedVote } from '../messages.ts'
import { checkOf, isSigned, type VerifySignature } from '../proofs/signatures.ts'

export interface Heard {
  readonly message: GrandpaMessage
  readonly peer: string
}

interface Waiting extends Heard {
  /** Whose signatures are to be checked. */
  readonly votes: readonly SignedVote[]
  readonly settle: () => void
}

/** Signatures of one task of the crypto thread: about ten milliseconds, for which a block's seal may have to wait there. */
const BATCH = 256
/** Messages that may wait, over all peers; more are lost, as gossip may be. */
const MAX_WAITING = 16_384

export class Inbox {
  readonly #verifier: BatchVerifier
  readonly #verify: VerifySignature
  readonly #deliver: (heard: readonly Heard[]) => void
  readonly #verdicts = new Map<SignedVote, boolean>()
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #closed = false

  /** `deliver` must not throw. `verify` is for what the verifier could not check. */
  constructor(verifier: BatchVerifier, verify: VerifySignature, deliver: (heard: readonly Heard[]) => void) {
    this.#verifier = verifier
    this.#verify = verify
    this.#deliver = deliver
  }

  /** The verdict on a vote that is being delivered, for the round and set of its message. */
  readonly isSigned = (vote: SignedVote, position: RoundRef): boolean => this.#verdicts.get(vote) ?? isSigned(vote, position, this.#verify)

  /** Takes a message of which `votes` are to be checked. The promise, where there is one, resolves when it was delivered or is lost. */
  receive(message: GrandpaMessage, peer: string, votes: readonly SignedVote[]): void | Promise<void> {
    if (this.#closed || this.#waiting.length >= MAX_WAITING) return
    if (votes.length === 0 && this.#running === undefined) return this.#deliver([{ message, peer }])
    const { promise, resolve: settle } = Promise.withResolvers<void>()
    this.#waiting.push({ message, peer, votes, settle })
    this.#running ??= Promise.resolve().then(() => this.#run())
    return promise
  }

  /** Resolves when all that came is delivered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Delivers nothing more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.idle()
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch()
      await this.#check(batch)
      if (!this.#closed) this.#deliver(batch)
      this.#verdicts.clear()
      for (const { settle } of batch) settle()
    }
    this.#running = undefined
  }

  /** As many messages as fill a task, one at least. */
  #takeBatch(): Waiting[] {
    let signatures = 0
    const end = this.#waiting.findIndex(({ votes }, i) => (signatures += votes.length) > BATCH && i > 0)
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
  }

  async #check(batch: readonly Waiting[]): Promise<void> {
    const asked = batch.flatMap(({ message, votes }) => votes.map((vote) => ({ vote, check: checkOf(vote, message) })))
    for (let from = 0; from < asked.length && !this.#closed; from += BATCH) {
      const part = asked.slice(from, from + BATCH)
      const verdicts = await this.#verifier.verifyEd25519(part.map(({ check }) => check)).catch((): readonly boolean[] => [])
      for (const [i, verdict] of verdicts.entries()) {
        const entry = part[i]
        if (entry !== undefined) this.#verdicts.set(entry.vote, verdict)
      }
    }
  }
}
