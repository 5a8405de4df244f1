/**
 * Sealed messages for this node: opened, judged, noted on disk, and handed to the service that they are for, each once.
 *
 * In this order: the envelope (envelope.ts), so that only what its sender signed for us goes on; the service, so that what nobody takes here yet may come
 * again later; the replay window; its record on disk; the service. From the window on a message counts as taken, whatever its service
 * makes of it: a service that fails has had it.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import { requireService } from './content.ts'
import { openEnvelope, type SealedMessage } from './envelope.ts'
import { SealedError } from './errors.ts'
import type { NodeKey } from '../../network/node-key.ts'
import type { Admission, ReplayWindow, Stamp } from './replay-window.ts'

/** What a service gets. The one who sent it has signed it; `kept`: it was stored on its way, and is as old as it says. */
export interface ReceivedMessage extends Pick<SealedMessage, 'sender' | 'service' | 'time' | 'payload'> {
  readonly kept: boolean
}

/** The answer to the one who brought the message waits for a promise. */
export type SealedHandler = (message: ReceivedMessage) => void | Promise<void>

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
  readonly #handlers = new Map<string, SealedHandler>()
  readonly #queue = new SerialQueue(MAX_WAITING)

  constructor(dependencies: InboxDependencies) {
    this.#deps = dependencies
  }

  /** One handler a service. Throws a SealedError NET_SEALED_SERVICE where the name is none, or taken. */
  serve(service: string, handler: SealedHandler): Disposer {
    requireService(service)
    if (this.#handlers.has(service)) {
      throw new SealedError('NET_SEALED_SERVICE', `The service "${service}" takes sealed messages already.`, { hint: 'End the one that does, or choose another name.' })
    }
    this.#handlers.set(service, handler)
    return () => {
      if (this.#handlers.get(service) === handler) this.#handlers.delete(service)
    }
  }

  /**
   * Resolves when the service has had it. Rejects with a SealedError of {@link openEnvelope}, or NET_SEALED_{NO_SERVICE,REPLAYED,TIME,CROWDED,STORAGE,FULL}; the service
   * has then not seen it, or had seen it before.
   */
  async take(envelope: Uint8Array, kept: boolean): Promise<void> {
    if (this.#queue.refusal !== undefined) throw new SealedError('NET_SEALED_FULL', 'Too many sealed messages are waiting to be opened.', { hint: 'It is sent again later.' })
    const { message, handler } = await this.#queue.run(() => this.#admit(envelope, kept))
    try {
      await handler({ sender: message.sender, service: message.service, time: message.time, payload: message.payload, kept })
    } catch (error) {
      this.#deps.logger.warn('a service failed on a sealed message', { service: message.service, reason: errorMessage(error) })
    }
  }

  /** Takes no more, and waits for what it has. */
  async close(): Promise<void> {
    await this.#queue.close()
  }

  async #admit(envelope: Uint8Array, kept: boolean): Promise<{ readonly message: SealedMessage; readonly handler: SealedHandler }> {
    const { key, clock, window, record } = this.#deps
    const message = openEnvelope(key, envelope)
    const judged = window.judge(message, clock.now(), kept)
    if (judged !== 'fresh') throw refusal(judged, message)
    const handler = this.#handlers.get(message.service)
    if (handler === undefined) {
      throw new SealedError('NET_SEALED_NO_SERVICE', `Nothing here takes sealed messages for the service "${message.service}".`, { data: { service: message.service }, hint: 'Start the program that does: the message comes again.' })
    }
    await record(message)
    window.take(message)
    return { message, handler }
  }
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
