/**
 * Every text of the app in its three languages, by the path to it: those of the window (renderer/i18n), and those of menus, tray
 * and notifications (electron/i18n). Messages that are functions are read with sample values (samples.ts); what they take is found
 * in the types of the English catalog.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { samplesFor } from './samples.ts'
import { ROOT } from '../terminal.ts'
import { BROWSER_WORDS } from '../../electron/i18n/browser.ts'
import { REMOTE_WORDS } from '../../electron/i18n/remote.ts'
import { de as deWords } from '../../electron/i18n/de.ts'
import { en as enWords } from '../../electron/i18n/en.ts'
import { es as esWords } from '../../electron/i18n/es.ts'
import { de } from '../../renderer/i18n/de/index.ts'
import { en } from '../../renderer/i18n/en/index.ts'
import { es } from '../../renderer/i18n/es/index.ts'
import { ERROR_TEXTS } from '../../renderer/i18n/errors.ts'
import { useLanguage } from '../../renderer/i18n/language.ts'
import type { LanguageId } from '../../renderer/i18n/locale.ts'

export const LANGUAGES = ['en', 'de', 'es'] as const

const CATALOGS: Readonly<Record<LanguageId, unknown>> = {
  en: { ...en, electron: enWords, browser: BROWSER_WORDS['en'], nodesElsewhere: REMOTE_WORDS['en'] },
  de: { ...de, electron: deWords, browser: BROWSER_WORDS['de'], nodesElsewhere: REMOTE_WORDS['de'] },
  es: { ...es, electron: esWords, browser: BROWSER_WORDS['es'], nodesElsewhere: REMOTE_WORDS['es'] },
}

export interface AppText {
  /** `status/stoppedAt` */
  readonly path: string
  /** What the language makes of it: one text, or one for each set of sample values. */
  readonly texts: Readonly<Record<LanguageId, readonly string[]>>
}

/** All of them, in the order of the English catalog. Throws where a language lacks one, or nobody says what a message could be given. */
export function appTexts(): readonly AppText[] {
  const parameters = englishParameters()
  const found: AppText[] = []
  const walk = (values: Readonly<Record<LanguageId, unknown>>, path: string): void => {
    if (typeof values.en === 'string') found.push({ path, texts: byLanguage((language) => [String(values[language])]) })
    else if (typeof values.en === 'function') found.push({ path, texts: byLanguage((language) => rendered(language, values[language] as Message, parameters.get(path) ?? [], path)) })
    else if (typeof values.en === 'object' && values.en !== null) {
      for (const key of Object.keys(values.en)) walk(byLanguage((language) => (values[language] as Record<string, unknown>)[key]), path === '' ? key : `${path}/${key}`)
    }
  }
  walk(CATALOGS, '')
  useLanguage('en')
  return [...found, ...errorTexts()]
}

/** Errors of the node, which English shows in the node's own words. */
function errorTexts(): AppText[] {
  const said = (language: 'de' | 'es', code: string): readonly string[] => {
    const { message, hint } = ERROR_TEXTS[language][code] ?? { message: '' }
    return hint === undefined ? [message] : [message, hint]
  }
  return Object.keys(ERROR_TEXTS.de).map((code) => ({ path: `errors/${code}`, texts: { en: [`(${code})`], de: said('de', code), es: said('es', code) } }))
}

type Message = (...values: unknown[]) => unknown

interface Parameter {
  readonly name: string
  readonly type: string
}

function rendered(language: LanguageId, message: Message, parameters: readonly Parameter[], path: string): string[] {
  useLanguage(language)
  const values = parameters.map(({ name, type }) => {
    const samples = samplesFor(name, type)
    if (samples.length === 0) throw new Error(`${path} takes ${name}: ${type}, and build/texts/samples.ts has nothing of that type.`)
    return samples
  })
  return [...new Set(combinations(values).map((given) => String(message(...given))))]
}

/** Each value of each list with the first of the others, and all of their last together: enough to see every form, and not too many. */
function combinations(lists: readonly (readonly unknown[])[]): unknown[][] {
  const first = lists.map(([one]) => one)
  const changed = lists.flatMap((list, i) => list.slice(1).map((value) => first.with(i, value)))
  return [first, ...changed, lists.map((list) => list.at(-1))]
}

function byLanguage<T>(make: (language: LanguageId) => T): Readonly<Record<LanguageId, T>> {
  return { en: make('en'), de: make('de'), es: make('es') }
}

/** What the messages of English take, by their paths. */
function englishParameters(): ReadonlyMap<string, readonly Parameter[]> {
  const found = new Map<string, readonly Parameter[]>()
  const folder = join(ROOT, 'renderer/i18n/en')
  for (const file of readdirSync(folder)) if (file !== 'index.ts') readParameters(join(folder, file), undefined, found)
  readParameters(join(ROOT, 'electron/i18n/en.ts'), 'electron', found)
  for (const [path, parameters] of Object.entries(BROWSER_PARAMETERS)) found.set(path, parameters)
  return found
}

const BROWSER_PARAMETERS: Readonly<Record<string, readonly Parameter[]>> = {
  'browser/detail': [{ name: 'url', type: 'string' }],
  'browser/notOpenedHint': [{ name: 'url', type: 'string' }],
}

function readParameters(file: string, under: string | undefined, found: Map<string, readonly Parameter[]>): void {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Expression, path: string): void => {
    const inner = bare(node)
    if (ts.isArrowFunction(inner)) {
      found.set(path, inner.parameters.map(({ name, type }) => ({ name: name.getText(), type: type?.getText() ?? 'unknown' })))
    } else if (ts.isObjectLiteralExpression(inner)) {
      for (const property of inner.properties) {
        if (ts.isPropertyAssignment(property)) visit(property.initializer, `${path}/${ts.isComputedPropertyName(property.name) ? property.name.getText() : property.name.text}`)
      }
    }
  }
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue
    for (const { name, initializer } of statement.declarationList.declarations) if (initializer !== undefined) visit(initializer, under ?? name.getText())
  }
}

function bare(node: ts.Expression): ts.Expression {
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node) ? bare(node.expression) : node
}
