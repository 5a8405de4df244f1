/**
 * What is looked at before the parser, which takes any word behind a flag for its value: a flag that was meant as such must not become the
 * value of another. A flag of several values takes all words up to the next flag, or, written as `--log=debug`, this one value alone. And a
 * switch may be turned off that a file or the environment turns on: `--validator=false`.
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
    if (at === end) {
      words.push(...argv.slice(end))
      break
    }
    const [, name = '', value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? []
    const flag = Object.hasOwn(flags, name) ? flags[name] : flagOfShort(word, flags)
    if (flag?.type === 'boolean' && value !== undefined) {
      if (value !== 'false' && value !== 'true') throw invalid(`--${name} takes no value.`)
      if (value === 'false') off.add(name)
      else words.push(`--${name}`)
      continue
    }
    words.push(word)
    const next = argv[at + 1]
    if (flag?.type !== 'string' || value !== undefined || next === undefined) continue
    if (looksLikeFlag(next) && next !== '--') {
      const long = name === '' ? longOf(word, flags) : name
      throw invalid(`--${long} needs a value, and ${next} looks like a flag. If it is the value, write --${long}=${next}`)
    }
    for (let first = true; flag.multiple === true && at + 1 < argv.length && !looksLikeFlag(argv[at + 1] as string); first = false) {
      words.push(...(first ? [] : [word]), argv[++at] as string)
    }
  }
  return { words, off }
}

/** A lone `-` is a value: standard input. */
function looksLikeFlag(word: string): boolean {
  return word.length > 1 && word.startsWith('-')
}

function longOf(word: string, flags: FlagTable): string {
  return Object.entries(flags).find(([, { short }]) => word === `-${short}`)?.[0] ?? word
}

function flagOfShort(word: string, flags: FlagTable): Flag | undefined {
  return word.length === 2 && word.startsWith('-') ? flags[longOf(word, flags)] : undefined
}
