/**
 * Takes out of a text what is nobody else's business before it is given away: recovery phrases, keys, passphrases, tokens,
 * whose computer it is, and where peers are. What is left tells a helper as much as before: the same address has the same
 * number everywhere, and a hash keeps its two ends.
 */
import { homedir, hostname, userInfo } from 'node:os'
import { isIPv4, isIPv6 } from 'node:net'
import { wordlist } from '@scure/bip39/wordlists/english.js'

export interface Person {
  readonly home: string
  readonly user: string
  readonly host: string
}

const WORDS: ReadonlySet<string> = new Set(wordlist)
/** Words of the list in a row that are no sentence any more; phrases have twelve and more. */
const PHRASE_WORDS = 8
/** Names under which secrets go, at the end of a key: `nodeKey`, `node-key`, `rpc_password`. */
const SECRET_NAME = /(pass(word|phrase|wd)?|secret(uri)?|suri|seed|mnemonic|phrase|token|authori[sz]ation|cookie|private-?_?key|node-?_?key|key-?_?file-?_?content)$/i
const SECRET_PAIR =
  /\b([\w-]*(?:pass(?:word|phrase|wd)?|secret(?:uri)?|suri|seed|mnemonic|phrase|token|authori[sz]ation|cookie|private[-_ ]?key|node[-_ ]?key))(\\*["']?\s*[:=]\s*|\s+is\s+)(\\+"(?:[^"\\]|\\(?!"))*\\+"|"(?:[^"\\]|\\.)*"|'[^']*'|(?:bearer\s+|basic\s+)?[^\s,;&"'\\]+)/gi
/** Four numbers with points between, and no version: V8 calls itself 14.6.202.11-electron.0. */
const IPV4 = /(?<![\w.]|\bv8[":=\s]{0,4})\d{1,3}(?:\.\d{1,3}){3}(?!\d|[\w.]*\w\.|-(?:electron|node)\.)/gi
const REMOVED = '<removed>'
/** Names that say nothing of anybody, or occur in every text. */
const COMMON_USERS: ReadonlySet<string> = new Set(['root', 'node', 'user', 'admin', 'nodestead', 'home', 'test', 'data'])

export class Redactor {
  readonly #person: Person
  readonly #addresses = new Map<string, string>()

  constructor(person: Person = thisPerson()) {
    this.#person = person
  }

  text(text: string): string {
    return this.#places(this.#people(keys(pairs(phrases(text)))))
  }

  /** Plain data as JSON, with the values under secret names left out. */
  json(value: unknown): string {
    const safe = JSON.stringify(
      value,
      (name, inner: unknown) => {
        if (SECRET_NAME.test(name) && inner !== undefined && inner !== null && typeof inner !== 'boolean') return REMOVED
        return typeof inner === 'bigint' ? inner.toString() : inner
      },
      2,
    )
    return this.text(safe ?? 'null')
  }

  #people(text: string): string {
    const { home, user, host } = this.#person
    let safe = text
    if (home.length > 1) safe = safe.replaceAll(home, '~').replaceAll(JSON.stringify(home).slice(1, -1), '~')
    safe = safe.replace(/((?:\/home|\/Users|[A-Za-z]:\\+Users|[A-Za-z]:\/Users)[\\/]+)[^\\/\s"',;:]+/g, '$1<user>')
    for (const [name, mark] of [[user, '<user>'], [host, '<host>']] as const) {
      if (name.length >= 3 && !COMMON_USERS.has(name.toLowerCase())) safe = safe.replace(new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'gi'), mark)
    }
    return safe
  }

  #places(text: string): string {
    return text
      .replace(/(\/dns(?:addr|4|6)?\/)([^/\s"',]+)/g, (_, kind: string, name: string) => `${kind}${this.#numbered(name.toLowerCase(), 'dns')}`)
      .replace(IPV4, (found) => (isIPv4(found) && !found.startsWith('127.') && found !== '0.0.0.0' ? this.#numbered(found, 'ip4') : found))
      .replace(/(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:%\w+)?(?![\w:])/gi, (found) => (isIPv6(found) && found !== '::1' && found !== '::' ? this.#numbered(found.toLowerCase(), 'ip6') : found))
  }

  #numbered(value: string, kind: string): string {
    const known = this.#addresses.get(value)
    if (known !== undefined) return known
    const name = `<${kind}-${this.#addresses.size + 1}>`
    this.#addresses.set(value, name)
    return name
  }
}

export function thisPerson(): Person {
  return { home: homedir(), user: userInfo().username, host: hostname() }
}

/** Runs of words of the BIP-39 list, whatever stands between them. */
function phrases(text: string): string {
  return text.replace(/[a-z]+(?:(?:\\[nrt]|[\s,"'[\]\\])+[a-z]+){7,}/gi, (run) => {
    // Behind a backslash stands the name of a blank, within JSON.
    const words = [...run.matchAll(/(?<!\\)[a-z]+/gi)]
    let safe = ''
    let kept = 0
    for (let i = 0; i < words.length; ) {
      let end = i
      while (end < words.length && WORDS.has((words[end] as RegExpMatchArray)[0].toLowerCase())) end++
      if (end - i >= PHRASE_WORDS) {
        const [first, last] = [words[i], words[end - 1]] as [RegExpExecArray, RegExpExecArray]
        safe += `${run.slice(kept, first.index)}<phrase removed>`
        kept = last.index + last[0].length
      }
      i = Math.max(end, i + 1)
    }
    return safe + run.slice(kept)
  })
}

function pairs(text: string): string {
  return text.replace(SECRET_PAIR, (_, name: string, between: string, value: string) => `${name}${between}${/^\\*["']/.test(value) ? `"${REMOVED}"` : REMOVED}`)
}

/** A seed of 32 bytes and a hash look alike: of both only the ends stay. */
function keys(text: string): string {
  return text
    .replace(/(0x)?[0-9a-f]{48,}/gi, (found) => `${found.slice(0, 6)}…${found.slice(-4)}`)
    .replace(/\/\/\/[^\s"'/]+/g, `///${REMOVED}`)
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REMOVED)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
