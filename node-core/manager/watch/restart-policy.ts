/**
 * When a node that failed is started again: after 2, 4, 8, … seconds, five times in ten minutes at the most. Then it
 * waits for a person, and so it does after a failure that only a person can mend. Pure: time comes in.
 */
import { isFolderError } from '../folders/folder-check.ts'

export const MOST_RESTARTS = 5
export const RESTART_WINDOW_MS = 10 * 60_000
const FIRST_DELAY_MS = 2_000

/** A port asked for by number, an address that is none, a full disk: to try again changes nothing. */
const FOR_A_PERSON: readonly string[] = ['NETWORK_PORT_IN_USE', 'METRICS_PORT_IN_USE', 'NETWORK_ADDRESS_INVALID', 'NETWORK_KIND_UNKNOWN', 'DISK_FULL']

/** A data folder that is not what it was waits for somebody, too. `ofKind` are the codes of the node's own kind. */
export function needsPerson(code: string, ofKind: readonly string[]): boolean {
  return FOR_A_PERSON.includes(code) || isFolderError(code) || ofKind.includes(code)
}

export class RestartPolicy {
  #restarts: number[] = []

  /** How often it was started again in the last ten minutes. */
  attempts(now: number): number {
    return this.#restarts.filter((at) => now - at < RESTART_WINDOW_MS).length
  }

  /** The node failed: milliseconds until it is started again, or undefined where it was often enough. */
  next(now: number): number | undefined {
    this.#restarts = this.#restarts.filter((at) => now - at < RESTART_WINDOW_MS)
    if (this.#restarts.length >= MOST_RESTARTS) return undefined
    this.#restarts.push(now)
    return FIRST_DELAY_MS * 2 ** (this.#restarts.length - 1)
  }

  /** A person started it. */
  reset(): void {
    this.#restarts = []
  }
}
