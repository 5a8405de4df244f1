/** The glossaries of renderer/i18n/glossary, as the words that a language does not use. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../terminal.ts'

export interface Avoided {
  /** As the glossary has it: `Knoten*`. */
  readonly word: string
  /** What is said instead. */
  readonly instead: string
  readonly pattern: RegExp
}

/** The right-hand column of a language's table. */
export function avoidedWords(language: string): readonly Avoided[] {
  const text = readFileSync(join(ROOT, 'renderer/i18n/glossary', `${language}.md`), 'utf8')
  return text.split('\n').flatMap((line) => {
    const [, , instead, words] = line.split('|').map((cell) => cell.trim())
    if (instead === undefined || words === undefined || !line.startsWith('| ') || /^-+$/.test(instead)) return []
    return words.split(',').flatMap((word) => (word.trim() === '' || /^(not|nicht|no)$/.test(word.trim()) ? [] : [{ word: word.trim(), instead, pattern: patternOf(word.trim()) }]))
  })
}

/** Whole words, whatever their case; a word that is part of another by a hyphen is another word. */
function patternOf(word: string): RegExp {
  const letters = word.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', String.raw`[\p{L}-]*`)
  return new RegExp(String.raw`(?<![\p{L}\p{N}_/.-])${letters}(?![\p{L}\p{N}_/-])`, 'iu')
}
