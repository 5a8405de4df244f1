/** Languages: each complete, numbers and spans in their own form, and the computer's choice followed. */
import { afterEach, describe, expect, test } from 'vitest'
import { de } from '../../../renderer/i18n/de/index.ts'
import { en } from '../../../renderer/i18n/en/index.ts'
import { es } from '../../../renderer/i18n/es/index.ts'
import { LANGUAGES, m, useLanguage } from '../../../renderer/i18n/language.ts'
import { formatAge, formatBytes, formatDuration, formatNumber } from '../../../renderer/text/format.ts'

afterEach(() => useLanguage('en'))

/** Every message with the path to it; functions as what they make of plain arguments. */
function flatten(value: unknown, path = ''): [path: string, kind: string, text: string][] {
  if (typeof value === 'function') return [[path, 'function', value.toString()]]
  if (typeof value === 'string') return [[path, 'string', value]]
  return Object.entries(value as object).flatMap(([key, inner]) => flatten(inner, `${path}/${key}`))
}

/** Names are the same in every language. */
const NAMES = ['GNU General Public License']

describe.each([['de', de], ['es', es]] as const)('%s', (_, catalog) => {
  test('has every message of the English catalog, none of them empty', () => {
    const shape = (of: unknown): string[] => flatten(of).map(([path, kind]) => `${path} ${kind}`).sort()
    expect(shape(catalog)).toEqual(shape(en))
    expect(flatten(catalog).filter(([, , text]) => text.trim() === '')).toEqual([])
  })

  test('is translated: long sentences are nowhere the English ones', () => {
    const english = new Map(flatten(en).map(([path, , text]) => [path, text]))
    const same = flatten(catalog).filter(([path, kind, text]) => kind === 'string' && text.split(' ').length > 3 && english.get(path) === text && !NAMES.includes(text))
    expect(same).toEqual([])
  })
})

test('numbers and spans follow the language', () => {
  expect([formatNumber(48120), formatBytes(1_234_000_000), formatDuration(3_725_000), formatAge(0, 65_000)]).toEqual(['48,120', '1.2 GB', '1 h 2 min', '1 min ago'])
  useLanguage('de')
  expect([formatNumber(48120), formatBytes(1_234_000_000), formatDuration(3_725_000), formatAge(0, 65_000)]).toEqual(['48.120', '1,2 GB', '1 Std. 2 Min.', 'vor 1 Min.'])
  useLanguage('es')
  expect([formatNumber(4812), formatAge(0, 65_000)]).toEqual(['4.812', 'hace 1 min'])
})

test("the computer's languages are followed as far as there is one of ours", () => {
  expect(useLanguage('system', ['fr-FR', 'de-AT', 'en'])).toBe('de')
  expect(m.frame.titles.overview).toBe('Übersicht')
  expect(useLanguage('system', ['fr'])).toBe('en')
  expect(useLanguage('es', ['de'])).toBe('es')
  expect(LANGUAGES.map(({ id }) => id)).toEqual(['en', 'de', 'es'])
})
