/**
 * What each peer was asked within the last minute. The network refuses to send the same question twice (network/requests/repeat-guard.ts);
 * here the syncer keeps the same rule beforehand, so that it chooses another peer, another question, or to wait.
 */
import { RecentKeys } from '../../../base/recent-keys.ts'
import { REPEAT_MS } from '../../../network/requests/repeat-guard.ts'
import type { Question } from '../types.ts'

const MAX_REMEMBERED = 32_768

export class Asked {
  readonly #asked = new RecentKeys(REPEAT_MS, MAX_REMEMBERED)

  has(peer: string, question: Question, now: number): boolean {
    return this.#asked.has(keyOf(peer, question), now)
  }

  /** False, and nothing noted, where the peer was asked this already. */
  add(peer: string, question: Question, now: number): boolean {
    return this.#asked.add(keyOf(peer, question), now)
  }
}

function keyOf(peer: string, { from, direction, maxBlocks, body, justifications }: Question): string {
  return `${peer} ${from} ${direction} ${maxBlocks} ${body} ${justifications}`
}
