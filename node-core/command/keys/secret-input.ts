/**
 * Where a secret comes from: a file, standard input (`-`, or where nothing is named and input is piped), a person who is asked, or, last of
 * all, the command line, which other users of the computer can read.
 */
import { readFile, stat } from 'node:fs/promises'
import { CommandError } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

const MAX_BYTES = 4096

/** The secret URI, without line breaks around it. `given` is the path of a file, `-`, or the URI itself. Throws DECLINED or DATA_INVALID. */
export async function readSecretUri(given: string | undefined, terminal: Terminal): Promise<string> {
  if (given === '-' || (given === undefined && !terminal.isInteractive)) return filled(await terminal.readInput(MAX_BYTES))
  if (given === undefined) return filled(await terminal.askSecret('Secret phrase or URI:'))
  const file = await stat(given).catch(() => undefined)
  if (file?.isFile() === true) {
    if (file.size > MAX_BYTES) throw new CommandError('DATA_INVALID', `The file ${given} is too long for a secret URI.`, { hint: 'Name a file that holds nothing else.' })
    return filled(await readFile(given, 'utf8'))
  }
  // What begins so is on the public development phrase.
  if (!given.startsWith('//') && !/^0x[0-9a-f]{66}$/i.test(given)) terminal.note('A secret on the command line can be read by other users: name a file, or - for standard input.')
  return filled(given)
}

function filled(text: string): string {
  const uri = text.trim()
  if (uri === '') throw new CommandError('DATA_INVALID', 'The secret URI is empty.', { hint: 'Give a phrase, a path such as //Alice, or both.' })
  return uri
}
