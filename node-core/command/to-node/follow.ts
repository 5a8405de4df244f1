/**
 * Streams of a node that are followed until Ctrl-C. Each message names a place (its cursor). Where the node ends a stream because this side read too slowly, it is
 * opened again at that place; where the node stops or is started again, it is waited for, and the stream goes on in the same place, or anew where the node knows
 * it no longer. What cannot be had any more is said, on standard error.
 */
import type { Clock } from '../../base/clock.ts'
import { isNodeError } from '../../base/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { NodeLine, untilInterrupted, type Caller } from './line.ts'
import { infoOf, isLineBroken, toNodeError } from './refusals.ts'

const TRY_EVERY_MS = 1_000
/** Nothing to follow at present: it is there again when the node or its network is. */
const PASSING = ['NODE_NOT_FOUND', 'NODE_SILENT', 'API_NODE_NOT_RUNNING', 'API_NODE_JOINING', 'SERVICE_TOPIC_CLOSED', 'NET_TOPIC_UNKNOWN']

export interface Followed<Event> {
  /** `isAgain` where there was a stream before, and no place in it that the node knows. */
  readonly open: (line: NodeLine, options: { readonly cursor: string; readonly signal: AbortSignal; readonly isAgain: boolean }) => Promise<AsyncIterable<Event>>
  /** True ends it. */
  readonly take: (event: Event) => boolean | undefined
}

/** Resolves with true where `take` ended it, with false after Ctrl-C. Throws what stands in the way of the first stream. */
export async function follow<Event extends { readonly cursor: string }>({ values, terminal }: Caller, { open, take }: Followed<Event>): Promise<boolean> {
  return untilInterrupted(async (signal) => {
    let [cursor, isAgain, wasThere, isWaiting] = ['', false, false, false]
    for (;;) {
      try {
        const line = await NodeLine.open(values, signal)
        wasThere = true
        for await (const event of await open(line, { cursor, signal, isAgain })) {
          if (isWaiting) terminal.note('The node is back.')
          isWaiting = false
          cursor = event.cursor
          if (take(event) === true) return true
          await terminal.taken()
        }
      } catch (error) {
        if (signal.aborted) return false
        const info = infoOf(error)
        if (info?.code === 'SERVICE_CLIENT_TOO_SLOW') {
          cursor = info.cursor === '' ? cursor : info.cursor
          continue
        }
        if (info?.code === 'SERVICE_CURSOR_EXPIRED' && cursor !== '') {
          terminal.note('What came meanwhile may not be complete: the node does not keep it, or was started again.')
          ;[cursor, isAgain] = ['', true]
          continue
        }
        const told = toNodeError(error)
        const isPassing = isLineBroken(error) ? wasThere : (isWaiting || cursor !== '' || isAgain) && isNodeError(told) && PASSING.includes(told.code)
        if (!isPassing) throw told
      }
      if (signal.aborted) return false
      if (!isWaiting) terminal.note('The node ended the stream; waiting for it.')
      isWaiting = true
      await pause(terminal, signal)
    }
  })
}

/** Until it is time to try again, or Ctrl-C. */
async function pause({ clock }: { readonly clock: Clock } & Pick<Terminal, 'note'>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.schedule(TRY_EVERY_MS, resolve)
    signal.addEventListener('abort', () => {
      cancel()
      resolve()
    }, { once: true })
  })
}
