/** Whose keys an authority signs with: a development account's, new ones, those of a phrase, or the ones that the folder has. */
import { systemClock } from '../../base/clock.ts'
import { describeError } from '../../base/errors.ts'
import { silentLogger } from '../../base/logger.ts'
import { chainDataPath } from '../../chain/spec/load.ts'
import { keyPairFromUri } from '../../crypto/keys/secret-uri.ts'
import { PhraseDrafts, type PhraseDraft } from '../../keystore/drafts.ts'
import { NetworkKeys } from '../../keystore/network-keys.ts'
import type { ScryptCost } from '../../keystore/seal.ts'
import type { ChosenNetwork, KeySource } from './answers.ts'
import { BACK, type Back, type Choice, type Questions } from './questions.ts'

type Source = 'alice' | 'bob' | 'new' | 'phrase' | 'folder' | 'later'

const ACCOUNTS: readonly Choice<Source>[] = [
  { label: 'Alice', detail: 'a development account: everybody has its keys', value: 'alice' },
  { label: 'Bob', detail: 'the same, for the second node', value: 'bob' },
]
const WORDS_IN_A_ROW = 4

export interface KeyPlace {
  readonly network: ChosenNetwork
  /** The base path. */
  readonly folder: string
  /** Of the passphrase; the usual one where it is left out. */
  readonly cost?: ScryptCost | undefined
}

/** The keys of the network; nothing is made by looking. */
export function keysIn({ network, folder, cost }: KeyPlace): NetworkKeys {
  return new NetworkKeys({ dataPath: chainDataPath(folder, network), logger: silentLogger, clock: systemClock }, cost === undefined ? {} : { cost })
}

export async function keysStep(questions: Questions, place: KeyPlace): Promise<KeySource | Back> {
  const { network } = place
  const present = keysIn(place)
  await present.open()
  const count = present.keystore.entries().length
  const choices: Choice<Source>[] = [
    ...(network.takesAccounts ? ACCOUNTS : []),
    ...(count === 0 ? [] : [{ label: 'Those of the folder', detail: `its keystore has ${count === 1 ? 'one key' : `${count} keys`}`, value: 'folder' as const }]),
    // A phrase that stays on the screen is no secret any more.
    ...(questions.terminal.canErase ? [{ label: 'New keys', detail: 'a phrase is made, and shown once', value: 'new' as const }] : []),
    { label: 'Keys of a phrase', detail: 'you type the phrase or secret URI, which is not shown', value: 'phrase' },
    ...(count === 0 ? [{ label: 'None yet', detail: 'insert them later: key insert, or the dashboard', value: 'later' as const }] : []),
  ]
  for (;;) {
    const source = await questions.choose('Keys', choices)
    if (source === BACK) return BACK
    const keys = await keysFrom(source, questions, network)
    if (keys !== BACK) return keys
  }
}

async function keysFrom(source: Source, questions: Questions, network: ChosenNetwork): Promise<KeySource | Back> {
  switch (source) {
    case 'alice':
    case 'bob':
      return { from: 'account', account: source }
    case 'folder':
    case 'later':
      return { from: source }
    case 'new': {
      const phrase = await newPhrase(questions)
      return phrase === BACK ? BACK : { from: 'phrase', uri: phrase, isNew: true }
    }
    case 'phrase': {
      const uri = await questions.secret('Phrase or secret URI', (text) => {
        try {
          for (const { scheme } of network.keys) keyPairFromUri(scheme, text.trim()).secret.erase()
          return { value: text.trim() }
        } catch (error) {
          return { problem: describeError(error) }
        }
      })
      return uri === BACK ? BACK : { from: 'phrase', uri, isNew: false }
    }
  }
}

/** Shown on a screen of its own until some of its words come back; neither stays on the terminal. */
async function newPhrase(questions: Questions): Promise<string | Back> {
  const drafts = new PhraseDrafts(systemClock)
  const draft = drafts.create()
  try {
    for (let problem = ''; ; ) {
      const seen = await questions.terminal.shortly(phraseText(draft, problem), () => questions.line('Enter when you have written it down, b to go back', '', () => ({ value: true })))
      if (seen === BACK) return BACK
      const told = await wordsOf(draft, questions)
      if (told === BACK) return BACK
      try {
        return drafts.check(draft.id, told)
      } catch (error) {
        problem = describeError(error)
      }
    }
  } finally {
    drafts.discard(draft.id)
  }
}

async function wordsOf(draft: PhraseDraft, questions: Questions): Promise<readonly string[] | Back> {
  return questions.terminal.shortly('Now from your note, to be sure that it is right:\n\n', async () => {
    const words: string[] = []
    for (const place of draft.asked) {
      const word = await questions.line(`Word ${place}`, '', (text) => ({ value: text }))
      if (word === BACK) return BACK
      words.push(word)
    }
    return words
  })
}

function phraseText({ words }: PhraseDraft, problem: string): string {
  const cells = words.map((word, at) => `${String(at + 1).padStart(4)} ${word.padEnd(10)}`)
  const rows = Array.from({ length: Math.ceil(cells.length / WORDS_IN_A_ROW) }, (_, row) => cells.slice(row * WORDS_IN_A_ROW, (row + 1) * WORDS_IN_A_ROW).join('').trimEnd())
  return `${problem === '' ? '' : `${problem}\n\n`}The phrase of the new keys. It is shown here, and then never again.

${rows.join('\n')}

Write it on paper, in this order. Whoever has the phrase has the keys;
without it, nobody can make them again.

`
}
