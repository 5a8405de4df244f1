/** The node's events as RPC hears them: a listener here that fails is logged, and never becomes the announcer's problem. */
import { errorMessage } from '../../base/errors.ts'
import type { EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'

export function guardedEvents<Events extends object>(source: EventSource<Events>, logger: Logger): EventSource<Events> {
  return {
    on: (name, listener) =>
      source.on(name, (payload) => {
        try {
          listener(payload)
        } catch (error) {
          logger.error(`a subscriber to ${String(name)} failed`, { reason: errorMessage(error) })
        }
      }),
  }
}
