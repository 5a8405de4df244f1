/**
 * What is looked at before the parser, which takes any word behind a flag for its value: a flag that was meant as such must not become the
 * value of another. And a switch may be turned off that a file or the environment turns on: `--validator=false`.
 */
import { invalid } from '../definition/errors.ts'
import type { Flag, FlagTable } from '../definition/flag.ts'

export interface CheckedWords {
  readonly words: readonly string[]
  /** Switches that are off. */
  readonly off: ReadonlySet<string>
}

/** Throws OPTIONS_INVALID. */
export function checkWords(argv: readonly string[], flags: FlagTable): CheckedWords {
  const words: string[] = []
  const off = new Set<string>()
  const end = argv.indexOf('--')
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string
    const [, name = '', value] = (end < 0 || at < end ? /^--([a-z-]+)(?:=(.*))?$/s.exec(word) : null) ?? []
    const flag = Object.hasOwn(flags, name) ? flags[name] : flagOfShort(word, flags)
    if (flag?.type === 'boolean' && value !== undefined) {
      if (value !== 'false' && value !== 'true') throw invalid(`--${name} takes no value.`)
      if (value === 'false') off.add(name)
      else words.push(`--${name}`)
      continue
    }
    // The parser would end a list at the first value that is written so.
    if (flag?.multiple === true && value !== undefined) {
      words.push(`--${name}`, value)
      continue
    }
    words.push(word)
    const next = argv[at + 1]
    if (flag?.type === 'string' && value === undefined && next !== undefined && next.length > 1 && next.startsWith('-') && next !== '--') {
      const long = name === '' ? longOf(word, flags) : name
      throw invalid(`--${long} needs a value, and ${next} looks like a flag. If it is the value, write --${long}=${next}`)
    }
  }
  return { words, off }
}

function longOf(word: string, flags: FlagTable): string {
  return Object.entries(flags).find(([, { short }]) => word === `-${short}`)?.[0] ?? word
}

function flagOfShort(word: string, flags: FlagTable): Flag | undefined {
  return word.length === 2 && word.startsWith('-') ? flags[longOf(word, flags)] : undefined
}
