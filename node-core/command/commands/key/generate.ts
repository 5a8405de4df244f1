/** `key generate`: a new key, printed with its phrase. Nothing of it is kept. */
import { defineCommand } from '../../definition/command.ts'
import { invalid } from '../../definition/errors.ts'
import { KEY_FORM_FLAGS } from './flags.ts'

const WORDS: Readonly<Record<string, number>> = { 12: 128, 15: 160, 18: 192, 21: 224, 24: 256 }

export const keyGenerate = defineCommand({
  name: 'key generate',
  summary: 'make a key and print it, with its phrase',
  part: 'keys',
  description: 'The phrase is the key: whoever reads it has it. Nothing of it is kept here.',
  flags: {
    words: { type: 'string', short: 'w', value: 'n', group: 'command', fallback: '12', choices: Object.keys(WORDS), help: 'words of the phrase: 12, 15, 18, 21, 24' },
    ...KEY_FORM_FLAGS,
  },
  examples: [['key generate --scheme ed25519 --words 24', 'A key of ed25519 with a phrase of 24 words.']],
  run: async ({ values, terminal }) => {
    const [{ generateMnemonic }, { wordlist }, { addressNetwork, factsText, secretFacts }, { schemeOf }] = await Promise.all([
      import('@scure/bip39'), import('@scure/bip39/wordlists/english.js'), import('../../keys/key-facts.ts'), import('../../keys/key-flags.ts'),
    ])
    const bits = WORDS[values.words ?? '12']
    if (bits === undefined) throw invalid(`--words takes ${Object.keys(WORDS).join(', ')}, not "${values.words ?? ''}".`, 'words')
    const [scheme, network] = [schemeOf(values.scheme), addressNetwork(values.network)]
    const facts = secretFacts(scheme, generateMnemonic(wordlist, bits), network)
    terminal.result(facts, factsText(facts, ''))
    return undefined
  },
})
