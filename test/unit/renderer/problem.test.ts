/** Errors of the node in the language in use: every code that a window can show has its words, and the node's own stay at hand. */
import { readFileSync, globSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterEach, describe, expect, it } from 'vitest'
import { avoidedWords } from '../../../build/texts/glossary.ts'
import { ROOT } from '../../../build/terminal.ts'
import { ERROR_TEXTS } from '../../../renderer/i18n/errors.ts'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { problemOf, translated } from '../../../renderer/text/problem.ts'

afterEach(() => void useLanguage('en'))

/** Where errors come from that reach a window: all that the API calls, and why a node does not start. */
const SOURCES = [
  'node-core/api', 'node-core/manager', 'node-core/keystore', 'node-core/chain/upgrades', 'node-core/chain/extrinsics', 'node-core/chain/spec', 'node-core/network/peers', 'node-core/network/host',
  'node-core/network/spread', 'node-core/network/topology', 'node-core/net/topics', 'node-core/net/resources', 'node-core/net/ipc/{programs,programs-file,scopes,listener,place}.ts', 'node-core/net/routing/addresses.ts', 'node-core/net/link',
  'node-core/gateway', 'node-core/web/tls-files.ts',
]
/** What these codes stand for has words elsewhere, or nobody in a window ever sees it. */
const ELSEWHERE = [
  // Words of their own: m.peers.callFaults, m.remote.errors.
  /^NETWORK_DIAL_/, /^REMOTE_(?!NOT_HERE)/,
  // The command line alone.
  /^DASHBOARD_(?!TOKEN_REFUSED)/, /^API_ASSETS_MISSING$/,
  // Between nodes.
  /^NETWORK_NO_RECORDS$/, /^(CHUNK|TREE|RESOURCE_WIRE|PUNCH)_/, /^SPREAD_(FRAME_SHORT|WAY_UNKNOWN)$/, /^NET_(ENVELOPE|RECEIPT)_INVALID$/,
  // Words of their own: m.link.refusals.
  /^NET_LINK_(NOT_OPENED|TARGET_REFUSED|TARGET_UNREACHABLE|BUSY|RELAYED|PEER_UNREACHABLE|NOT_SPOKEN|NO_ANSWER|MALFORMED)$/,
  // Answers to clients of the gateway.
  /^GATEWAY_(KEY_MISSING|KEY_REFUSED|RATE_LIMITED|QUOTA_USED|FOREIGN_ORIGIN|FOREIGN_HOST|NO_SUCH_METHOD|TOO_LARGE|TOO_MANY_CONNECTIONS|NODE_UNREACHABLE|STOPPING|BAD_REQUEST|HEADERS_TOO_LARGE|REQUEST_TIMED_OUT|TYPE_REFUSED|VERB_REFUSED)$/,
  // Services and programs, which declare topics and have tokens.
  /^NET_(TOPIC_INVALID|TOPIC_DIFFERS|TOPICS_TOO_MANY|NO_PLAIN_LINKS|SERVICE_TAKEN|TOKEN_UNKNOWN|SCOPE_MISSING)$/,
]

/** Codes that are given to an error, or that a type says errors may have. */
function codesIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const isCode = (text: string): boolean => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text)
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText().endsWith('Error')) {
      const [first] = node.arguments ?? []
      if (first !== undefined && ts.isStringLiteral(first) && isCode(first.text)) found.push(first.text)
    } else if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('ErrorCode')) {
      node.type.forEachChild(function literals(inner) {
        if (ts.isStringLiteral(inner) && isCode(inner.text)) found.push(inner.text)
        inner.forEachChild(literals)
      })
    }
    node.forEachChild(visit)
  }
  visit(source)
  return found
}

const codes = [...new Set(SOURCES.flatMap((folder) => globSync(join(ROOT, folder, folder.endsWith('.ts') ? '' : '**/*.ts')).flatMap(codesIn)))].filter((code) => !ELSEWHERE.some((pattern) => pattern.test(code))).sort()

describe.each(['de', 'es'] as const)('%s', (language) => {
  it('has words for every code that reaches a window', () => {
    expect(codes.length).toBeGreaterThan(80)
    expect(codes.filter((code) => ERROR_TEXTS[language][code] === undefined)).toEqual([])
  })

  it('uses the words of its glossary, and the same values as the other language', () => {
    const holes = (texts: object): string[] => JSON.stringify(texts).match(/\{\w+\}/g) ?? []
    const avoided = avoidedWords(language)
    for (const [code, text] of Object.entries(ERROR_TEXTS[language])) {
      const said = `${text.message} ${text.hint ?? ''}`
      expect(avoided.filter(({ pattern }) => pattern.test(said)).map(({ word }) => `${code}: ${word}`)).toEqual([])
      expect(holes(text)).toEqual(holes(ERROR_TEXTS[language === 'de' ? 'es' : 'de'][code] ?? {}))
    }
  })
})

describe('a problem', () => {
  const error = { data: { problem: { code: 'RPC_PORT_IN_USE', message: 'Port 9944 is in use.', hint: 'Choose another.', data: { port: 9944 } } } }

  it('is said in the language in use, with its values, and keeps what the node said', () => {
    expect(problemOf(error)).toEqual({ code: 'RPC_PORT_IN_USE', message: 'Port 9944 is in use.', hint: 'Choose another.', data: { port: 9944 } })
    useLanguage('de')
    expect(problemOf(error)).toMatchObject({ code: 'RPC_PORT_IN_USE', message: 'Der RPC-Port 9944 ist belegt.', original: 'Port 9944 is in use. Choose another.' })
  })

  it('is said in English where the language has no words for it, or the values are missing', () => {
    useLanguage('es')
    for (const problem of [{ code: 'SOMETHING_NEW', message: 'It broke.', hint: undefined }, { code: 'RPC_PORT_IN_USE', message: 'A port is in use.', hint: undefined }]) expect(translated(problem)).toEqual(problem)
  })

  it('of a folder says why it cannot be used', () => {
    useLanguage('de')
    const folder = { code: 'FOLDER_NOT_USABLE', message: 'x', hint: 'y' }
    expect(translated({ ...folder, data: { problem: 'not-empty', path: '/data' } }).message).toBe('/data ist nicht nutzbar. Dieser Ordner ist nicht leer. Wählen Sie einen leeren.')
    expect(translated({ ...folder, data: { problem: 'full', path: '/data' } }).message).toBe('In /data ist nicht genug Platz.')
  })
})
