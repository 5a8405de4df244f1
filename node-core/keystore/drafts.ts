/**
 * New phrases that are not keys yet: the words go out once, to the screen that asked, and become keys when the person has shown, by
 * telling some of them, that they are written down. A draft that nobody confirms is forgotten.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { generateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import type { Clock } from '../base/clock.ts'
import { KeystoreError } from './errors.ts'

/** Each is asked for three words, and may be wrong a few times. */
const ASKED = 3
const MAX_DRAFTS = 4
const LIFETIME_MS = 15 * 60_000
/** Twenty-four words. Phrases of twelve and more are read all the same (crypto/keys/keypairs.ts). */
const ENTROPY_BITS = 256

export interface PhraseDraft {
  readonly id: string
  readonly words: readonly string[]
  /** Positions, from 1 on, of the words that will be asked for. */
  readonly asked: readonly number[]
}

interface Kept {
  readonly phrase: string
  readonly asked: readonly number[]
  readonly cancel: () => void
}

export class PhraseDrafts {
  readonly #clock: Clock
  readonly #drafts = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  create(): PhraseDraft {
    const phrase = generateMnemonic(wordlist, ENTROPY_BITS)
    const words = phrase.split(' ')
    const asked = positions(words.length)
    const id = randomUUID()
    const oldest = this.#drafts.size >= MAX_DRAFTS ? [...this.#drafts.keys()][0] : undefined
    if (oldest !== undefined) this.discard(oldest)
    this.#drafts.set(id, { phrase, asked, cancel: this.#clock.schedule(LIFETIME_MS, () => this.discard(id)) })
    return { id, words, asked }
  }

  /** The phrase, where `answers` are the words asked for, in their order. Throws KEYSTORE_DRAFT_GONE or KEYSTORE_WRONG_WORDS. */
  check(id: string, answers: readonly string[]): string {
    const draft = this.#drafts.get(id)
    if (draft === undefined) throw new KeystoreError('KEYSTORE_DRAFT_GONE', 'This phrase was not confirmed in time and was discarded.', { hint: 'Start again with a new phrase.' })
    const words = draft.phrase.split(' ')
    const right = draft.asked.length === answers.length && draft.asked.every((position, index) => words[position - 1] === answers[index]?.trim().toLowerCase())
    if (!right) throw new KeystoreError('KEYSTORE_WRONG_WORDS', 'These are not the words at those places.', { hint: 'Check your note. The phrase can be shown again until it is confirmed.' })
    return draft.phrase
  }

  discard(id: string): void {
    this.#drafts.get(id)?.cancel()
    this.#drafts.delete(id)
  }
}

function positions(count: number): number[] {
  const chosen = new Set<number>()
  while (chosen.size < ASKED) chosen.add(randomInt(count) + 1)
  return [...chosen].sort((a, b) => a - b)
}
