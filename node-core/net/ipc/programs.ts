/**
 * Which programs of this computer may use the network, and for what.
 *
 * The user adds a program by a name and its scopes (scopes.ts). Its token is made then and shown that one time; the node keeps a hash. A token has 256 random bits, so
 * that a plain SHA-256 is enough: there is nothing to guess. A client of the libp2p daemon knows no tokens; for one of those the user may switch on a socket
 * of the program's own, whose file only this user's processes can open, and who connects there is the program.
 *
 * What this protects against: programs in sandboxes and of other users, which cannot open the socket; and mistakes of a program that does more than it was
 * added for. What it cannot: a program that runs as this user outside of a sandbox can read what the user can read.
 */
import { createHash, randomBytes } from 'node:crypto'
import { Emitter, type EventSource } from '../../base/events.ts'
import type { Clock } from '../../base/clock.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import { IpcError } from './errors.ts'
import { COMMON_SOCKET } from './place.ts'
import type { ProgramsFile, StoredProgram } from './programs-file.ts'
import { MAX_SCOPES, ScopeSet } from './scopes.ts'

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/
const MAX_PROGRAMS = 256
/** That wait for the disk. */
const MAX_CHANGES = 64

/** As people are shown it. */
export interface ProgramInfo {
  readonly name: string
  readonly scopes: readonly string[]
  readonly ownSocket: boolean
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

/** Whose requests are being answered, and what it may use. */
export interface Program {
  readonly name: string
  readonly scopes: readonly string[]
  readonly may: ScopeSet
}

export interface ProgramsEvents {
  added: ProgramInfo
  changed: ProgramInfo
  /** Its token is worth nothing from here on. */
  revoked: ProgramInfo
}

export interface ProgramsDependencies {
  readonly clock: Clock
  readonly file: ProgramsFile
}

export class Programs {
  readonly events: EventSource<ProgramsEvents>
  readonly #emitter = new Emitter<ProgramsEvents>()
  readonly #deps: ProgramsDependencies
  readonly #changes = new SerialQueue(MAX_CHANGES)
  #byName = new Map<string, StoredProgram>()

  constructor(dependencies: ProgramsDependencies) {
    this.#deps = dependencies
    this.events = this.#emitter
  }

  /** Throws as {@link ProgramsFile.read} does; nobody is let in then. */
  async load(): Promise<void> {
    const stored = await this.#deps.file.read()
    for (const { name, scopes } of stored) checked(name, scopes)
    this.#byName = new Map(stored.map((program) => [program.name, program]))
  }

  list(): readonly ProgramInfo[] {
    return [...this.#byName.values()].map(info)
  }

  /** The token is in the answer and nowhere else. Throws NET_PROGRAM_{NAME_INVALID,EXISTS}, NET_SCOPE_INVALID, NET_TOO_MANY_PROGRAMS. */
  async add(name: string, scopes: readonly string[], { ownSocket = false }: { readonly ownSocket?: boolean } = {}): Promise<{ readonly program: ProgramInfo; readonly token: string }> {
    checked(name, scopes)
    return this.#changes.run(async () => {
      if (this.#byName.has(name)) throw new IpcError('NET_PROGRAM_EXISTS', `There is a program called ${name} already.`, { data: { name } })
      if (this.#byName.size >= MAX_PROGRAMS) throw new IpcError('NET_TOO_MANY_PROGRAMS', `There are ${MAX_PROGRAMS} programs already.`, { hint: 'Revoke one that is no longer used.' })
      const token = randomBytes(32).toString('base64url')
      const stored: StoredProgram = { name, tokenHash: hashOf(token), scopes: [...new Set(scopes)], ownSocket, created: this.#deps.clock.now() }
      await this.#save(new Map(this.#byName).set(name, stored))
      this.#emitter.emit('added', info(stored))
      return { program: info(stored), token }
    })
  }

  /** Applies to connections made from here on: those that stand are ended. Throws NET_PROGRAM_UNKNOWN, NET_SCOPE_INVALID. */
  async change(name: string, { scopes, ownSocket }: { readonly scopes?: readonly string[]; readonly ownSocket?: boolean }): Promise<ProgramInfo> {
    if (scopes !== undefined) checked(name, scopes)
    return this.#changes.run(async () => {
      const old = this.#known(name)
      const stored: StoredProgram = { ...old, scopes: scopes === undefined ? old.scopes : [...new Set(scopes)], ownSocket: ownSocket ?? old.ownSocket }
      await this.#save(new Map(this.#byName).set(name, stored))
      this.#emitter.emit('changed', info(stored))
      return info(stored)
    })
  }

  /** Throws NET_PROGRAM_UNKNOWN. */
  async revoke(name: string): Promise<void> {
    await this.#changes.run(async () => {
      const old = this.#known(name)
      const rest = new Map(this.#byName)
      rest.delete(name)
      await this.#save(rest)
      this.#emitter.emit('revoked', info(old))
    })
  }

  /** Whose token it is. Throws NET_TOKEN_UNKNOWN. */
  byToken(token: string): Program {
    const hash = hashOf(token)
    const found = [...this.#byName.values()].find(({ tokenHash }) => tokenHash === hash)
    if (found === undefined) throw new IpcError('NET_TOKEN_UNKNOWN', 'The token is of no program that may use this node.', { hint: 'Add the program in the settings under local programs, and give it the new token.' })
    return programOf(found)
  }

  /** Who connects on the program's own socket. Throws NET_PROGRAM_UNKNOWN. */
  byOwnSocket(name: string): Program {
    const found = this.#known(name)
    if (!found.ownSocket) throw unknown(name)
    return programOf(found)
  }

  #known(name: string): StoredProgram {
    const found = this.#byName.get(name)
    if (found === undefined) throw unknown(name)
    return found
  }

  /** What is not on the disk does not count. */
  async #save(programs: Map<string, StoredProgram>): Promise<void> {
    await this.#deps.file.write([...programs.values()])
    this.#byName = programs
  }
}

/** Throws where the name, which is also a file's, or a scope is none. */
function checked(name: string, scopes: readonly string[]): void {
  if (!NAME.test(name) || name === COMMON_SOCKET) {
    throw new IpcError('NET_PROGRAM_NAME_INVALID', `A program's name has 1 to 32 lower-case letters, digits, - and _, begins with a letter or digit, and is not ${COMMON_SOCKET}.`, { data: { name: name.slice(0, 64) } })
  }
  if (scopes.length > MAX_SCOPES) throw new IpcError('NET_SCOPE_INVALID', `A program has ${MAX_SCOPES} scopes at most.`)
  new ScopeSet(scopes)
}

function unknown(name: string): IpcError {
  return new IpcError('NET_PROGRAM_UNKNOWN', `There is no program called ${name.slice(0, 64)}.`, { data: { name: name.slice(0, 64) } })
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function info({ name, scopes, ownSocket, created }: StoredProgram): ProgramInfo {
  return { name, scopes, ownSocket, created }
}

function programOf({ name, scopes }: StoredProgram): Program {
  return { name, scopes, may: new ScopeSet(scopes) }
}
