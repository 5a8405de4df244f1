/** Whether somebody is still there behind a local socket whose other end will send nothing more. */
import type { Socket } from 'node:net'
import { EMPTY } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'

const PROBE_MS = 1_000

/**
 * Closes a Unix socket whose other end is closed, and not only ended for writing. Nothing can be learnt of a TCP connection in this way; a pipe of
 * Windows has no half ends, so that its end is the end of all.
 */
export function probeHalfClosed(socket: Socket, clock: Clock, platform: NodeJS.Platform = process.platform): Disposer {
  let cancel: Disposer | undefined
  const probe = (): void => {
    if (socket.destroyed) return
    if (platform === 'win32') return void socket.destroySoon()
    // What still waits is an answer to the question.
    if (socket.writable && socket.writableLength === 0) socket.write(EMPTY)
    cancel = clock.schedule(PROBE_MS, probe)
  }
  if (socket.readableEnded) probe()
  else socket.once('end', probe)
  return () => {
    socket.off('end', probe)
    cancel?.()
  }
}
