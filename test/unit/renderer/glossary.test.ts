/** The words of each language: those that its glossary rules out are in none of its texts, and all texts are in one document. */
import { describe, expect, it } from 'vitest'
import { appTexts, LANGUAGES } from '../../../build/texts/catalogs.ts'
import { avoidedWords } from '../../../build/texts/glossary.ts'
import { samplesFor } from '../../../build/texts/samples.ts'
import { document } from '../../../build/texts/texts.ts'

const texts = appTexts()

describe.each(LANGUAGES)('%s', (language) => {
  it('says each thing with the word of its glossary', () => {
    const avoided = avoidedWords(language)
    expect(avoided.length).toBeGreaterThan(30)
    const found = texts.flatMap(({ path, texts }) =>
      texts[language].flatMap((text) => avoided.flatMap(({ word, instead, pattern }) => (pattern.test(text) ? [`${path}: “${word}” (say ${instead}): ${text}`] : []))),
    )
    expect(found).toEqual([])
  })

  it('makes a text of every message, with the values that are given to it', () => {
    const broken = texts.flatMap(({ path, texts }) => texts[language].filter((text) => /undefined|NaN|\[object/.test(text)).map((text) => `${path}: ${text}`))
    expect(broken).toEqual([])
  })
})

it('a glossary rules out whole words, and their endings where it says so', () => {
  const hits = (language: string, text: string): string[] => avoidedWords(language).flatMap(({ word, pattern }) => (pattern.test(text) ? [word] : []))
  expect(hits('de', 'Der Knoten läuft auf diesem Rechner.')).toEqual(['Knoten*', 'Rechner'])
  expect(hits('de', 'Knotens')).toEqual(['Knoten*'])
  expect(hits('de', 'Der Node nutzt die Rechnerei.')).toEqual([])
  expect(hits('es', 'Parado: este equipo no tiene cartera.')).toEqual(['parado', 'equipo', 'cartera'])
  expect(hits('en', 'It was put aside.')).toEqual(['put aside'])
})

it('the document has every message in every language, and no markup of theirs', () => {
  const html = document([{ path: 'a/b', texts: { en: ['<one>', 'two'], de: ['eins'], es: ['uno'] } }])
  expect(html).toContain('<td>b</td><td lang="en"><p>&lt;one&gt;</p><p>two</p></td><td lang="de"><p>eins</p></td><td lang="es"><p>uno</p></td>')
  expect(texts.length).toBeGreaterThan(900)
})

it('values are told by name and type', () => {
  expect(samplesFor('peers', 'number')).toEqual([1, 3])
  expect(samplesFor('name', 'string')).toEqual(['Local'])
  expect(samplesFor('commit', 'string | undefined')).toEqual(['3f9a1c2', undefined])
  expect(samplesFor('kind', "'a' | 'b'")).toEqual(['a', 'b'])
  expect(samplesFor('x', 'Unheard')).toEqual([])
})
