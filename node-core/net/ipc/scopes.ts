/**
 * Scopes: what a program may use, as short texts that a person can read and a file can hold. `dht` is all of a kind; `topics:news/*` is those of the kind
 * whose name fits a pattern, in which `*` stands for any characters. Nothing is allowed that no scope names. Pure.
 *
 * Files have no names but paths: `resources` is a folder of the program's own, `resources:/home/me/shared` that folder besides, with all that is below it, and
 * `resources:*` every file that the node's user can read and write (methods/program-folders.ts says what is left out).
 */
import { isAbsolute } from 'node:path'
import { IpcError } from './errors.ts'

/** With what each is good for. `named` are those whose things have names, which a pattern narrows; `folders` those that may name folders. */
export const SCOPES = {
  /** Connect to peers, open streams and handle them; the name is the protocol. */
  streams: { named: true },
  /** The list of peers, their worth, and ending connections. */
  peers: { named: false },
  /** Find peers and providers, keep and find values. */
  dht: { named: false },
  topics: { named: true },
  channels: { named: true },
  groups: { named: true },
  sealed: { named: true },
  /** Share files, and fetch files by their roots, within the program's folders. */
  resources: { named: 'folders' },
  discovery: { named: true },
  metrics: { named: false },
  events: { named: false },
} as const

export type ScopeKind = keyof typeof SCOPES

export const MAX_SCOPES = 64
const MAX_PATTERN = 128
const MAX_FOLDER = 512
/** In place of a folder: all of them. */
export const ALL_FOLDERS = '*'
/** Every scope there is, at its widest. */
export const WIDEST_SCOPES: readonly string[] = [...Object.keys(SCOPES), `resources:${ALL_FOLDERS}`]

interface Scope {
  readonly kind: ScopeKind
  /** Undefined for all of the kind. */
  readonly pattern: string | undefined
}

/** Throws NET_SCOPE_INVALID. */
export function parseScope(text: string): Scope {
  const at = text.indexOf(':')
  const kind = at < 0 ? text : text.slice(0, at)
  const pattern = at < 0 ? undefined : text.slice(at + 1)
  if (!Object.hasOwn(SCOPES, kind)) throw invalid(text, `the kinds are ${Object.keys(SCOPES).join(', ')}`)
  if (pattern !== undefined) {
    const { named } = SCOPES[kind as ScopeKind]
    if (named === false) throw invalid(text, `${kind} takes no pattern`)
    if (named === 'folders') return { kind: kind as ScopeKind, pattern: folderOf(text, pattern) }
    if (pattern === '' || pattern.length > MAX_PATTERN) throw invalid(text, `a pattern has 1 to ${MAX_PATTERN} characters`)
  }
  return { kind: kind as ScopeKind, pattern }
}

function folderOf(text: string, folder: string): string {
  if (folder === ALL_FOLDERS) return folder
  if (!isAbsolute(folder) || folder.length > MAX_FOLDER || /[*\0]/.test(folder)) throw invalid(text, `resources takes an absolute path of a folder, of ${MAX_FOLDER} characters at most, or ${ALL_FOLDERS}`)
  return folder
}

function invalid(text: string, why: string): IpcError {
  return new IpcError('NET_SCOPE_INVALID', `${JSON.stringify(text.slice(0, 64))} is no scope: ${why}.`, { data: { scope: text.slice(0, 64) } })
}

/** A program's scopes, read once and asked often. */
export class ScopeSet {
  readonly #patterns = new Map<ScopeKind, string[]>()
  readonly #whole = new Set<ScopeKind>()

  /** Throws NET_SCOPE_INVALID. */
  constructor(scopes: readonly string[]) {
    for (const { kind, pattern } of scopes.map(parseScope)) {
      if (pattern === undefined) this.#whole.add(kind)
      else this.#patterns.set(kind, [...(this.#patterns.get(kind) ?? []), pattern])
    }
  }

  /** Something of the kind may be used, if not all of it. */
  has(kind: ScopeKind): boolean {
    return this.#whole.has(kind) || this.#patterns.has(kind)
  }

  allows(kind: ScopeKind, name: string): boolean {
    return this.#whole.has(kind) || (this.#patterns.get(kind)?.some((pattern) => fits(pattern, name)) ?? false)
  }

  /** The folders that scopes of `resources` name, in their order. */
  get folders(): readonly string[] {
    return this.#patterns.get('resources') ?? []
  }

  /** Throws NET_SCOPE_MISSING unless one of the kinds may be used. */
  require(...kinds: readonly ScopeKind[]): void {
    if (!kinds.some((kind) => this.has(kind))) throw missing(kinds[0] as string)
  }

  /** Throws NET_SCOPE_MISSING unless this one of the kind may be used. */
  requireNamed(kind: ScopeKind, name: string): void {
    if (!this.allows(kind, name)) throw missing(`${kind}:${name.slice(0, MAX_PATTERN)}`)
  }
}

function missing(scope: string): IpcError {
  return new IpcError('NET_SCOPE_MISSING', `The program may not use ${scope}.`, { hint: 'Give it the scope in the settings under local programs.', data: { scope } })
}

/** `*` stands for any characters. Linear for one star and never worse than the product of the lengths: a pattern cannot be made to hang. */
export function fits(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === name
  const last = rest.pop() as string
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - at >= last.length && name.endsWith(last)
}
