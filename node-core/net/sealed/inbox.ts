/**
 * Sealed messages for this node: opened, judged, noted on disk, and handed to the service that they are for, each once.
 *
 * In this order: the envelope (envelope.ts), so that only what its sender signed for us goes on; the service, so that what nobody takes here yet may come
 * again later; the replay window; its record on disk; the service. From the window on a message counts as taken, whatever its service
 * makes of it: a service that fails has had it. For one that acknowledges (a program, which may be gone with it) the service comes before the window and the record.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import { requireService } from './content.ts'
import { openEnvelope, type SealedMessage } from './envelope.ts'
import { SealedError } from './errors.ts'
import { InHand } from './in-hand.ts'
import type { NodeKey } from '../../network/node-key.ts'
import type { Admission, ReplayWindow, Stamp } from './replay-window.ts'

/** What a service gets. The one who sent it has signed it; `kept`: it was stored on its way, and is as old as it says. */
export interface ReceivedMessage extends Pick<SealedMessage, 'sender' | 'service' | 'time' | 'payload'> {
  readonly kept: boolean
}

/** The answer to the one who brought the message waits for a promise, for a bounded time (in-hand.ts) where the service acknowledges. */
export type SealedHandler = (message: ReceivedMessage) => void | Promise<void>

export interface ServeOptions {
  /** A message is taken when the handler resolves; where it rejects, the message comes again. */
  readonly acknowledges?: boolean
}

interface Served {
  readonly handler: SealedHandler
  /** Of a service that acknowledges. */
  readonly inHand: InHand | undefined
}

export interface InboxDependencies {
  readonly key: NodeKey
  readonly clock: Clock
  readonly logger: Logger
  readonly window: Pick<ReplayWindow, 'judge' | 'take'>
  /** Resolves when it is on the disk. */
  readonly record: (stamp: Stamp) => Promise<void>
}

/** Messages that wait to be opened; with more, whoever brings one is to come again. */
const MAX_WAITING = 256

export class Inbox {
  readonly #deps: InboxDependencies
  readonly #services = new Map<string, Served>()
  readonly #queue = new SerialQueue(MAX_WAITING)

  constructor(dependencies: InboxDependencies) {
    this.#deps = dependencies
  }

  /** One handler a service. Throws a SealedError NET_SEALED_SERVICE where the name is none, or taken. */
  serve(service: string, handler: SealedHandler, { acknowledges = false }: ServeOptions = {}): Disposer {
    requireService(service)
    if (this.#services.has(service)) {
      throw new SealedError('NET_SEALED_SERVICE', `The service "${service}" takes sealed messages already.`, { hint: 'End the one that does, or choose another name.' })
    }
    const served: Served = { handler, inHand: acknowledges ? new InHand(this.#deps.clock) : undefined }
    this.#services.set(service, served)
    return () => {
      if (this.#services.get(service) === served) this.#services.delete(service)
    }
  }

  /**
   * Resolves when the service has had it, or has acknowledged it where it does that. Rejects with a SealedError of {@link openEnvelope}, or NET_SEALED_{NO_SERVICE,REPLAYED,TIME,CROWDED,STORAGE,FULL}; the service
   * has then not seen it, or had seen it before.
   */
  async take(envelope: Uint8Array, kept: boolean): Promise<void> {
    if (this.#queue.refusal !== undefined) throw new SealedError('NET_SEALED_FULL', 'Too many sealed messages are waiting to be opened.', { hint: 'It is sent again later.' })
    const { message, served } = await this.#queue.run(() => this.#admit(envelope, kept))
    const { sender, service, time, payload } = message
    const handle = async (): Promise<void> => served.handler({ sender, service, time, payload, kept })
    if (served.inHand !== undefined) {
      const outcome = await served.inHand.hand(message, handle, () => this.#queue.run(() => this.#note(message)))
      if (outcome !== 'taken') throw unacknowledged(service, outcome === 'late' ? 'it has not acknowledged the message in time' : 'it ended without acknowledging the message')
      return
    }
    try {
      await handle()
    } catch (error) {
      this.#deps.logger.warn('a service failed on a sealed message', { service: message.service, reason: errorMessage(error) })
    }
  }

  /** Takes no more, and waits for what it has. */
  async close(): Promise<void> {
    await this.#queue.close()
  }

  async #admit(envelope: Uint8Array, kept: boolean): Promise<{ readonly message: SealedMessage; readonly served: Served }> {
    const { key, clock, window } = this.#deps
    const message = openEnvelope(key, envelope)
    const judged = window.judge(message, clock.now(), kept)
    if (judged !== 'fresh') throw refusal(judged, message)
    const served = this.#services.get(message.service)
    if (served === undefined) {
      throw new SealedError('NET_SEALED_NO_SERVICE', `Nothing here takes sealed messages for the service "${message.service}".`, { data: { service: message.service }, hint: 'Start the program that does: the message comes again.' })
    }
    if (served.inHand === undefined) {
      await this.#note(message)
      return { message, served }
    }
    const refused = served.inHand.refusal(message)
    if (refused !== undefined) throw unacknowledged(message.service, refused)
    return { message, served }
  }

  async #note(message: SealedMessage): Promise<void> {
    await this.#deps.record(message)
    this.#deps.window.take(message)
  }
}

function unacknowledged(service: string, why: string): SealedError {
  return new SealedError('NET_SEALED_NO_SERVICE', `The service "${service}" has not taken a sealed message: ${why}.`, { data: { service }, hint: 'It comes again later.' })
}

function refusal(judged: Exclude<Admission, 'fresh'>, { sender }: SealedMessage): SealedError {
  const data = { sender }
  switch (judged) {
    case 'replayed':
      return new SealedError('NET_SEALED_REPLAYED', `A sealed message from ${sender} came before, and was not taken again.`, { data })
    case 'late':
      return new SealedError('NET_SEALED_TIME', `A sealed message from ${sender} is too old: whether it came before cannot be told any more.`, { data, hint: 'Have it sent anew. Where it was sent just now, one of the two clocks is wrong.' })
    case 'early':
      return new SealedError('NET_SEALED_TIME', `A sealed message from ${sender} is from the future.`, { data, hint: 'Set the clock of this computer, or have the sender set its own: one of them is wrong by more than two minutes.' })
    case 'crowded':
      return new SealedError('NET_SEALED_CROWDED', `A sealed message from ${sender} was not taken: too many others send, and whether it came before cannot be told.`, { data, hint: 'Have it sent anew.' })
  }
}
