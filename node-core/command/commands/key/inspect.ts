/** `key inspect`: what a phrase, a secret URI, a public key or an address stands for. */
import { defineCommand } from '../../definition/command.ts'
import { CommandError } from '../../definition/errors.ts'
import { KEY_FORM_FLAGS } from './flags.ts'

export const keyInspect = defineCommand({
  name: 'key inspect',
  summary: 'tell what a phrase, secret URI or address is',
  part: 'keys',
  description: 'Without a word it asks, or reads standard input, so that the secret stands in no list of processes.',
  words: [{ name: 'uri', optional: true, completes: 'file', help: 'a file, - for standard input, or the URI itself' }],
  flags: {
    public: { type: 'boolean', group: 'command', help: 'it is a public key or an address' },
    'expect-public': { type: 'string', value: 'key', group: 'command', help: 'fail unless it is the key of this public key' },
    ...KEY_FORM_FLAGS,
  },
  examples: [['key inspect phrase.txt --network kusama', 'The key of a phrase, with its address on Kusama.']],
  run: async ({ values, words, terminal }) => {
    const [{ addressNetwork, factsOfPublic, factsText, secretFacts }, { schemeOf }, { readSecretUri }] = await Promise.all([
      import('../../keys/key-facts.ts'), import('../../keys/key-flags.ts'), import('../../keys/secret-input.ts'),
    ])
    const [scheme, network] = [schemeOf(values.scheme), addressNetwork(values.network)]
    const [given] = words
    const isPublic = values.public === true
    const uri = isPublic && given !== undefined && given !== '-' ? given : await readSecretUri(given, terminal)
    const facts = isPublic || isAddress(uri) ? factsOfPublic(uri, network) : secretFacts(scheme, uri, network)
    const expected = values['expect-public']
    if (expected !== undefined && factsOfPublic(expected, network).publicKey !== facts.publicKey) throw new CommandError('DATA_INVALID', 'It is the key of another public key.', { hint: 'Compare phrase, path and --scheme.' })
    terminal.result(facts, factsText(facts, uri))
    return undefined
  },
})

/** Base58 of that length is no phrase, and no path. */
function isAddress(text: string): boolean {
  return /^[1-9A-HJ-NP-Za-km-z]{46,52}$/.test(text) || /^0x[0-9a-f]{66}$/i.test(text)
}
